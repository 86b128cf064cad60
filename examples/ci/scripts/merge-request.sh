#!/bin/sh
# Turns drift into a merge request on GitLab, with the diff in its text: opened, brought up to date, and closed
# when there is nothing to pull any more. Needs curl and jq.
#
#   COZEOPS_DIR, COZEOPS_ENV, COZEOPS_OUT   as in pull.sh
#   GITLAB_TOKEN    a project access token with api and write_repository: a job token opens no merge request
#   CI_...          as GitLab sets them
set -eu

out=${COZEOPS_OUT:-${RUNNER_TEMP:-/tmp}/cozeops-out}

# api METHOD PATH ANSWER [BODY]: one request; the token goes through standard input.
api() {
  printf 'header = "PRIVATE-TOKEN: %s"\n' "${GITLAB_TOKEN:?}" |
    curl --config - --silent --show-error --fail-with-body --max-time 60 \
      --request "$1" --output "$3" ${4:+--header 'Content-Type: application/json' --data-binary "@$4"} \
      "${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}/$2"
}

# Git gets the token from its environment: arguments can be read by every process of the machine.
GIT_CONFIG_COUNT=1
GIT_CONFIG_KEY_0="http.${CI_SERVER_URL:?}/.extraHeader"
GIT_CONFIG_VALUE_0="Authorization: Basic $(printf 'oauth2:%s' "${GITLAB_TOKEN:?}" | base64 | tr -d '\n')"
PUSH_URL=${PUSH_URL:-$CI_SERVER_URL/${CI_PROJECT_PATH:?}.git}
export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 PUSH_URL

sh "$(dirname "$0")/pull.sh"
branch=$(sed -n 's/^branch=//p' "$out/pull.env")

api GET "merge_requests?state=opened&source_branch=$(jq -rn --arg branch "$branch" '$branch | @uri')" \
  "$out/requests.json"
number=$(jq -r 'first(.[].iid) // empty' "$out/requests.json")

if ! grep -q '^pushed=true$' "$out/pull.env"; then
  if [ -n "$number" ]; then
    jq -n '{state_event: "close"}' >"$out/request.json"
    api PUT "merge_requests/$number" "$out/answer.json" "$out/request.json"
    printf 'Nothing to pull any more: closed merge request %s.\n' "$number" >&2
  fi
  exit 0
fi

{
  printf 'Somebody changed this on Coze. Merged, it stays; closed, the next apply puts it back.\n\n'
  # Four spaces make it code: no name in it is a link or a mention.
  head -c 500000 "$out/pull.txt" | sed 's/^/    /'
  if [ -n "${CI_PIPELINE_URL:-}" ]; then printf '\n\nMade by %s\n' "$CI_PIPELINE_URL"; fi
} >"$out/pull.md"
jq -n --arg title "Pull what was changed on Coze: $(jq -r '"\(.project)/\(.env)"' "$out/valid.json")${COZEOPS_SHARD:+ ($COZEOPS_SHARD)}" \
  --arg source "$branch" --arg target "${CI_DEFAULT_BRANCH:?}" --rawfile text "$out/pull.md" \
  '{title: $title, source_branch: $source, target_branch: $target, description: $text,
    remove_source_branch: true}' >"$out/request.json"

if [ -n "$number" ]; then
  jq '{title, description}' "$out/request.json" >"$out/update.json"
  api PUT "merge_requests/$number" "$out/answer.json" "$out/update.json"
  printf 'Updated merge request %s.\n' "$number" >&2
else
  api POST merge_requests "$out/answer.json" "$out/request.json"
  printf 'Opened a merge request.\n' >&2
fi
