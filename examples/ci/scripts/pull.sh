#!/bin/sh
# Writes what was changed on Coze into the manifests, and pushes that as one commit on a branch of its own.
# There is one for each project, environment and shard; it is pushed again only when it says something else.
#
# Ends with 0 when it could look. Writes $out/pull.txt (what was written where, the diff, and what was left)
# and $out/pull.env: `branch`, and `pushed`, which is true where there is a commit to propose.
#
#   COZEOPS_DIR, COZEOPS_ENV, COZEOPS_OUT   as in plan.sh
#   PUSH_URL        where the branch is pushed to (default origin)
set -eu

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}
remote=${PUSH_URL:-origin}
mkdir -p "$out"
rm -f "$out/pull.env"

code=0
cozeops -C "${COZEOPS_DIR:-.}" validate --format json >"$out/valid.json" || code=$?
if [ "$code" -ne 0 ]; then
  cat "$out/valid.json"
  exit "$code"
fi
# What a name may hold is more than what a branch may be called.
branch=cozeops/pull/$(jq -r --arg shard "${COZEOPS_SHARD:-}" \
  '[.project, .env, ($shard | select(. != ""))] | map(@uri | gsub("[^A-Za-z0-9_-]"; "-")) | join("/")' \
  "$out/valid.json")

cozeops -C "${COZEOPS_DIR:-.}" pull --diff >"$out/pull.txt" || code=$?
cat "$out/pull.txt"
case $code in
  0 | 10) ;; # with 10 something is left: the text says what, and why
  *) exit "$code" ;;
esac

git add --update -- "${COZEOPS_DIR:-.}"
if git diff --cached --quiet; then
  printf 'branch=%s\npushed=false\n' "$branch" >"$out/pull.env"
  exit 0
fi
git -c user.name=cozeops -c user.email=cozeops@localhost -c commit.gpgsign=false \
  commit --quiet --no-verify -m "Pull what was changed on Coze"
# A commit that says the same of the same is left as it is: who reviewed it need not do so again.
if ! git fetch --quiet --depth 2 "$remote" "+refs/heads/$branch:refs/cozeops/pull" 2>/dev/null ||
  [ "$(git rev-parse 'refs/cozeops/pull^{tree}')" != "$(git rev-parse 'HEAD^{tree}')" ]; then
  git push --quiet --force "$remote" "HEAD:refs/heads/$branch"
fi
printf 'branch=%s\npushed=true\n' "$branch" >"$out/pull.env"
