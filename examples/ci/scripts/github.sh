#!/bin/sh
# What the composite action runs: COZEOPS_COMMAND is validate, plan, verify, apply or drift.
set -eu
here=$(dirname "$0")

case ${COZEOPS_COMMAND:?} in
  validate)
    exec cozeops -C "${COZEOPS_DIR:-.}" validate --format github
    ;;
  plan)
    COZEOPS_FORMAT=github sh "$here/plan.sh"
    if [ -n "${PULL_REQUEST:-}" ]; then sh "$here/comment.sh"; fi
    ;;
  verify)
    exec sh "$here/verify.sh"
    ;;
  apply)
    exec sh "$here/apply.sh"
    ;;
  drift)
    exec sh "$here/drift-issue.sh"
    ;;
  *)
    printf 'error: there is no command %s\n' "$COZEOPS_COMMAND" >&2
    exit 3
    ;;
esac
