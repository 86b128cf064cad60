#!/bin/sh
# What the composite action runs: COZEOPS_COMMAND is validate, plan, verify, apply, drift or pull.
set -eu
here=$(dirname "$0")
out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
mkdir -p "$out"
rm -f "$out/annotations.txt"

# guarded COMMAND...: what it prints is only text. Prompts and names are other people's words, and GitHub
# takes a line that begins with `::` for a command. Both streams become one, or the second would come late.
guarded() {
  word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$word"
  ended=0
  "$@" 2>&1 || ended=$?
  printf '::%s::\n' "$word"
  return "$ended"
}

validate() {
  cozeops -C "${COZEOPS_DIR:-.}" validate --format github >"$out/annotations.txt"
}

plan() {
  planned=0
  sh "$here/plan.sh" || planned=$?
  case $planned in
    0 | 5) ;; # with 5 there is a plan, too, and a finding that blocks it
    *) return "$planned" ;;
  esac
  if [ -n "${PULL_REQUEST:-}" ]; then sh "$here/comment.sh" || return; fi
  return "$planned"
}

code=0
case ${COZEOPS_COMMAND:?} in
  validate) guarded validate || code=$? ;;
  plan) guarded plan || code=$? ;;
  verify) guarded sh "$here/verify.sh" || code=$? ;;
  apply) guarded sh "$here/apply.sh" || code=$? ;;
  drift) guarded sh "$here/drift-issue.sh" || code=$? ;;
  pull) guarded sh "$here/pull-request.sh" || code=$? ;;
  *)
    printf 'error: there is no such command\n' >&2
    exit 3
    ;;
esac
if [ -f "$out/annotations.txt" ]; then cat "$out/annotations.txt"; fi
exit "$code"
