#!/bin/sh
# Plans once, and writes that one plan in every form that a pipeline shows.
#
# Ends with 0 when there is a plan, whether it changes something or not, and with 5 when a finding blocks it:
# everything is written all the same. Else with the code of cozeops.
#
#   COZEOPS_FAIL_ON block (default), warn or never: which findings end it with 5
#   COZEOPS_ACK     blocking findings that somebody accepts: whether they are all, apply will say, so they do
#                   not end it with 5
#   COZEOPS_PRUNE   true: also what left the manifests is removed
#   COZEOPS_DIR     the project's folder (default .)
#   COZEOPS_ENV     its environment, and COZEOPS_SHARD a part of it; cozeops reads them
#   COZEOPS_OUT     where the files go
set -eu

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
mkdir -p "$out"

rm -f "$out/plan.json"

set -- --detailed-exitcode
least=${COZEOPS_FAIL_ON:-block}
if [ "$least" = block ] && [ -n "${COZEOPS_ACK:-}" ]; then least=never; fi
if [ "$least" != never ]; then set -- "$@" --fail-on "$least"; fi
if [ "${COZEOPS_PRUNE:-}" = true ]; then set -- "$@" --prune; fi

code=0
cozeops -C "${COZEOPS_DIR:-.}" plan "$@" \
  --also "json=$out/plan.json" --also "markdown=$out/plan.md" --also "html=$out/plan.html" \
  --also "junit=$out/junit.xml" --also "sarif=$out/plan.sarif" --also "gitlab=$out/gitlab.json" \
  --also "github=$out/annotations.txt" ||
  code=$?

case $code in
  0 | 2 | 5) if [ ! -s "$out/plan.json" ]; then exit "$code"; fi ;;
  *) exit "$code" ;;
esac
# Nothing is to be done only where nothing changes and nothing blocks: apply is not skipped for the rest.
changes=true
if [ "$code" -eq 0 ] && jq -e 'all(.findings[]; .severity != "block")' "$out/plan.json" >/dev/null; then
  changes=false
fi
digest=$(jq -r .digest "$out/plan.json")

# For a later job: GitLab reads this as variables.
printf 'COZEOPS_CHANGES=%s\nCOZEOPS_DIGEST=%s\n' "$changes" "$digest" >"$out/plan.env"
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'changes=%s\ndigest=%s\nexit-code=%s\nplan-path=%s\n' "$changes" "$digest" "$code" "$out" \
    >>"$GITHUB_OUTPUT"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"
fi
if [ "$code" -eq 5 ]; then exit 5; fi
