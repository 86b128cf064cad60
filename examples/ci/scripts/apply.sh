#!/bin/sh
# Applies what was reviewed, and nothing else: it plans again, and goes on only if the digest is the same.
#
#   COZEOPS_DIGEST  the digest of the reviewed plan
#   COZEOPS_ACK     blocking findings that the review accepts: codes with spaces between them
#   COZEOPS_PRUNE   true: the reviewed plan was made with it, and removes what left the manifests
#   COZEOPS_CHECK   before or after: only what passes its Checks is published; what drafts say is then written
#                   beside what users get, as Markdown and as JUnit
#   COZEOPS_DIR, COZEOPS_ENV, COZEOPS_OUT   as in plan.sh
set -euf

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
mkdir -p "$out"
set -- --digest "${COZEOPS_DIGEST:?}"
for code in ${COZEOPS_ACK:-}; do
  set -- "$@" --ack "$code"
done

if [ "${COZEOPS_PRUNE:-}" = true ]; then set -- "$@" --prune; fi
if [ -n "${COZEOPS_CHECK:-}" ]; then set -- "$@" "--check=$COZEOPS_CHECK"; fi

code=0
cozeops -C "${COZEOPS_DIR:-.}" apply "$@" --report "$out/run.json" --events "$out/events.ndjson" \
  >"$out/apply.txt" || code=$?
cat "$out/apply.txt"

if [ -n "${COZEOPS_CHECK:-}" ]; then
  # It says what is there now. Whether the step failed, apply has said.
  checked=0
  cozeops -C "${COZEOPS_DIR:-.}" check --compare published \
    --also "markdown=$out/check.md" --also "junit=$out/check.xml" || checked=$?
  printf 'cozeops check: exit code %s\n' "$checked"
fi

if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  # Four spaces make it code: no name in it is a link or a mention. GitHub takes 1 MiB of a step.
  { printf '### cozeops apply: exit code %s\n\n' "$code" && head -c 500000 "$out/apply.txt" | sed 's/^/    /'; } \
    >>"$GITHUB_STEP_SUMMARY"
  if [ -f "$out/check.md" ]; then cat "$out/check.md" >>"$GITHUB_STEP_SUMMARY"; fi
fi
exit "$code"
