#!/bin/sh
# Looks for drift, and keeps one issue about it: opened, brought up to date, closed when it is gone. There is
# one for each project, environment and shard.
#
# Ends with 0 when it could look and say so: the issue is the message. Else with the code of cozeops, and the
# issue stays as it is.
#
#   COZEOPS_DIR, COZEOPS_ENV, COZEOPS_OUT   as in plan.sh
#   GITHUB_RUN_URL  where the issue says it comes from
#   GITHUB_...      see github-api.sh
set -eu
. "$(dirname "$0")/github-api.sh"

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
mkdir -p "$out"

code=0
cozeops -C "${COZEOPS_DIR:-.}" validate --format json >"$out/valid.json" || code=$?
if [ "$code" -ne 0 ]; then
  cat "$out/valid.json"
  exit "$code"
fi
whose=$(jq -r --arg shard "${COZEOPS_SHARD:-}" \
  '[.project, .env, ($shard | select(. != ""))] | map(@uri) | join(":")' "$out/valid.json")
marker="<!-- cozeops:drift:$whose -->"

cozeops -C "${COZEOPS_DIR:-.}" drift >"$out/drift.txt" || code=$?
cat "$out/drift.txt"
case $code in
  0 | 10) ;;
  *) exit "$code" ;;
esac

all "issues?state=open" "$out/issues.json"
number=$(jq -r --arg marker "$marker" --arg bot "$BOT" \
  'first(.[] | select(.user.login == $bot and (has("pull_request") | not)
    and (.body // "" | startswith($marker))) | .number) // empty' \
  "$out/issues.json")

if [ "$code" -eq 0 ]; then
  if [ -n "$number" ]; then
    jq -n '{state: "closed", state_reason: "completed"}' >"$out/issue.json"
    api PATCH "issues/$number" "$out/answer.json" "$out/issue.json"
    printf 'No drift any more: closed issue %s.\n' "$number" >&2
  fi
  exit 0
fi

{
  printf '%s\nThe live side is not what was applied:\n\n' "$marker"
  # GitHub takes 65,536 characters. Four spaces make it code: no name in it is a link or a mention.
  head -c 50000 "$out/drift.txt" | sed 's/^/    /'
  printf '\n\nApplying puts it back; to keep what is live, commit what cozeops pull writes.\n'
  if [ -n "${GITHUB_RUN_URL:-}" ]; then printf '\nFound by %s\n' "$GITHUB_RUN_URL"; fi
} >"$out/issue.md"
jq -n --arg title "cozeops: drift in $(jq -r '"\(.project)/\(.env)"' "$out/valid.json")${COZEOPS_SHARD:+ ($COZEOPS_SHARD)}" --rawfile body "$out/issue.md" \
  '{title: $title, body: $body}' >"$out/issue.json"

if [ -n "$number" ]; then
  api PATCH "issues/$number" "$out/answer.json" "$out/issue.json"
  printf 'Updated issue %s.\n' "$number" >&2
else
  api POST issues "$out/answer.json" "$out/issue.json"
  printf 'Opened an issue.\n' >&2
fi
