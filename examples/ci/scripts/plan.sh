#!/bin/sh
# Plans once, and writes that one plan in every form that a pipeline shows.
#
# Ends with 0 when there is a plan, whether it changes something or not; else with the code of cozeops.
#
#   COZEOPS_DIR     the project's folder (default .)
#   COZEOPS_ENV     its environment; cozeops reads it
#   COZEOPS_OUT     where the files go
set -eu

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
mkdir -p "$out"

code=0
cozeops -C "${COZEOPS_DIR:-.}" plan --detailed-exitcode \
  --also "json=$out/plan.json" --also "markdown=$out/plan.md" --also "html=$out/plan.html" \
  --also "junit=$out/junit.xml" --also "sarif=$out/plan.sarif" --also "gitlab=$out/gitlab.json" \
  --also "github=$out/annotations.txt" ||
  code=$?

case $code in
  0) changes=false ;;
  2) changes=true ;;
  *) exit "$code" ;;
esac
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
