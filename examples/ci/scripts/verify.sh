#!/bin/sh
# In the merge queue: is the plan still the one that was reviewed? Ends with 0, or with 6 where it is not.
#
# What was reviewed is the digest in the comment about the pull request's last commit.
#
#   MERGE_GROUP_REF  refs/heads/gh-readonly-queue/BRANCH/pr-NUMBER-COMMIT
#   COZEOPS_DIR, COZEOPS_ENV, COZEOPS_OUT   as in plan.sh
#   GITHUB_...       see github-api.sh
set -eu
. "$(dirname "$0")/github-api.sh"

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
mkdir -p "$out"
ref=${MERGE_GROUP_REF:-}
number=${ref##*/pr-}
number=${number%%-*}
demand "the pull request in MERGE_GROUP_REF" "$number" '*[!0-9]*'

code=0
cozeops -C "${COZEOPS_DIR:-.}" plan --also "json=$out/plan.json" --also "markdown=$out/plan.md" || code=$?
if [ "$code" -ne 0 ]; then exit "$code"; fi
now=$(jq -r .digest "$out/plan.json")
marker=$(head -n 1 "$out/plan.md")
whose=${marker#"<!-- cozeops:plan:"}
whose=${whose%" -->"}

api GET "pulls/$number" "$out/pull.json"
head=$(jq -r .head.sha "$out/pull.json")
all "issues/$number/comments?sort=created" "$out/comments.json"
digest=$(jq -r --arg begin "<!-- cozeops:verify $whose $head " --arg bot "$BOT" \
  '[.[] | select(.user.login == $bot) | .body // "" | split("\n") | last
    | select(startswith($begin)) | ltrimstr($begin) | split(" ")[0]] | last // empty' \
  "$out/comments.json")

case $digest in
  sha256:*) ;;
  *)
    printf 'error: no comment has a plan of commit %s of pull request %s\n' "$head" "$number" >&2
    printf 'hint: run its plan again, review it, and queue it again\n' >&2
    exit 6
    ;;
esac
if [ "$now" != "$digest" ]; then
  printf 'error: the plan is %s, not %s\n' "$now" "$digest" >&2
  printf 'hint: review the plan again\n' >&2
  exit 6
fi
