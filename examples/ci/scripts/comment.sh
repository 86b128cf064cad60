#!/bin/sh
# Puts the plan under the pull request: one comment per project, environment and shard, edited by every push.
#
# Its last line binds the digest to the commit: verify.sh reads it, and no prompt can stand there.
#
#   COZEOPS_OUT     what plan.sh wrote
#   PULL_REQUEST    its number
#   HEAD_SHA        the commit that was planned
#   GITHUB_...      see github-api.sh
set -eu
. "$(dirname "$0")/github-api.sh"

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
demand PULL_REQUEST "${PULL_REQUEST:-}" '*[!0-9]*'
demand HEAD_SHA "${HEAD_SHA:-}" '*[!0-9a-f]*'

marker=$(head -n 1 "$out/plan.md")
whose=${marker#"<!-- cozeops:plan:"}
whose=${whose%" -->"}
digest=$(jq -r .digest "$out/plan.json")
{
  cat "$out/plan.md"
  printf '\n<sub>Planned for commit %s</sub>\n\n' "$HEAD_SHA"
  printf '<!-- cozeops:verify %s %s %s -->' "$whose" "$HEAD_SHA" "$digest"
} >"$out/comment.md"
jq -n --rawfile body "$out/comment.md" '{body: $body}' >"$out/comment.json"

# Others can write the marker, too: only our own comment is edited.
all "issues/$PULL_REQUEST/comments?sort=created" "$out/comments.json"
id=$(jq -r --arg marker "$marker" --arg bot "$BOT" \
  'first(.[] | select(.user.login == $bot and (.body // "" | startswith($marker))) | .id) // empty' \
  "$out/comments.json")

if [ -n "$id" ]; then
  api PATCH "issues/comments/$id" "$out/answer.json" "$out/comment.json"
  printf 'Edited comment %s.\n' "$id" >&2
else
  api POST "issues/$PULL_REQUEST/comments" "$out/answer.json" "$out/comment.json"
  printf 'Commented.\n' >&2
fi
