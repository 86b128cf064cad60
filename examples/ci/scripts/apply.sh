#!/bin/sh
# Applies what was reviewed, and nothing else: it plans again, and goes on only if the digest is the same.
#
#   COZEOPS_DIGEST  the digest of the reviewed plan
#   COZEOPS_ACK     blocking findings that the review accepts: codes with spaces between them
#   COZEOPS_DIR, COZEOPS_ENV, COZEOPS_OUT   as in plan.sh
set -euf

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
mkdir -p "$out"
set -- --digest "${COZEOPS_DIGEST:?}"
for code in ${COZEOPS_ACK:-}; do
  set -- "$@" --ack "$code"
done

code=0
cozeops -C "${COZEOPS_DIR:-.}" apply "$@" --report "$out/run.json" --events "$out/events.ndjson" \
  >"$out/apply.txt" || code=$?
cat "$out/apply.txt"

if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  # Four spaces make it code: no name in it is a link or a mention. GitHub takes 1 MiB of a step.
  { printf '### cozeops apply: exit code %s\n\n' "$code" && head -c 500000 "$out/apply.txt" | sed 's/^/    /'; } \
    >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
