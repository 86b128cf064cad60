#!/bin/sh
# Turns drift into a pull request on GitHub, with the diff in its text: opened, brought up to date, and closed
# when there is nothing to pull any more.
#
#   COZEOPS_DIR, COZEOPS_ENV, COZEOPS_OUT, PUSH_URL   as in pull.sh
#   BASE_BRANCH     where it leads (default main)
#   GITHUB_RUN_URL  where its text says it comes from
#   GITHUB_...      see github-api.sh; the token pushes, too: contents and pull-requests, both write
set -eu
. "$(dirname "$0")/github-api.sh"

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
sh "$(dirname "$0")/pull.sh"
branch=$(sed -n 's/^branch=//p' "$out/pull.env")

all "pulls?state=open&head=${GITHUB_REPOSITORY%%/*}:$branch" "$out/pulls.json"
number=$(jq -r --arg branch "$branch" 'first(.[] | select(.head.ref == $branch) | .number) // empty' \
  "$out/pulls.json")

if ! grep -q '^pushed=true$' "$out/pull.env"; then
  if [ -n "$number" ]; then
    jq -n '{state: "closed"}' >"$out/pull.json"
    api PATCH "pulls/$number" "$out/answer.json" "$out/pull.json"
    printf 'Nothing to pull any more: closed pull request %s.\n' "$number" >&2
  fi
  exit 0
fi

{
  printf 'Somebody changed this on Coze. Merged, it stays; closed, the next apply puts it back.\n\n'
  # GitHub takes 65,536 characters. Four spaces make it code: no name in it is a link or a mention.
  head -c 50000 "$out/pull.txt" | sed 's/^/    /'
  if [ -n "${GITHUB_RUN_URL:-}" ]; then printf '\n\nMade by %s\n' "$GITHUB_RUN_URL"; fi
} >"$out/pull.md"
jq -n --arg title "Pull what was changed on Coze: $(jq -r '"\(.project)/\(.env)"' "$out/valid.json")${COZEOPS_SHARD:+ ($COZEOPS_SHARD)}" \
  --arg head "$branch" --arg base "${BASE_BRANCH:-main}" --rawfile body "$out/pull.md" \
  '{title: $title, head: $head, base: $base, body: $body}' >"$out/pull.json"

if [ -n "$number" ]; then
  jq 'del(.head)' "$out/pull.json" >"$out/update.json"
  api PATCH "pulls/$number" "$out/answer.json" "$out/update.json"
  printf 'Updated pull request %s.\n' "$number" >&2
else
  api POST pulls "$out/answer.json" "$out/pull.json"
  printf 'Opened a pull request.\n' >&2
fi
