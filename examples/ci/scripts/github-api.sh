# Requests to the GitHub API, for the scripts beside it: `. github-api.sh`. Needs curl and jq.
#
#   GITHUB_TOKEN       what may comment or open issues
#   GITHUB_REPOSITORY  owner/name
#   GITHUB_API_URL     default https://api.github.com
#   BOT                who that token writes as (default github-actions[bot])
# shellcheck shell=sh

BOT=${BOT:-github-actions[bot]}

# api METHOD PATH ANSWER [BODY]: one request; the files are JSON. Fails when GitHub does.
# The token goes through standard input: arguments can be read by every process of the machine.
api() {
  # A read may be repeated. A write may not: its reply could be what was lost, and there would be two.
  retry=0
  if [ "$1" = GET ]; then retry=3; fi
  printf 'header = "Authorization: Bearer %s"\n' "${GITHUB_TOKEN:?}" |
    curl --config - --silent --show-error --fail-with-body --max-time 60 --retry "$retry" \
      --request "$1" --output "$3" \
      --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
      ${4:+--header 'Content-Type: application/json' --data-binary "@$4"} \
      "${GITHUB_API_URL:-https://api.github.com}/repos/${GITHUB_REPOSITORY:?}/$2"
}

# all PATH ANSWER: every page of a list as one array. PATH has a query already.
all() {
  page=1
  : >"$2.pages"
  while :; do
    api GET "$1&per_page=100&page=$page" "$2"
    cat "$2" >>"$2.pages"
    if [ "$(jq length "$2")" -lt 100 ]; then break; fi
    page=$((page + 1))
  done
  jq -s add "$2.pages" >"$2"
  rm "$2.pages"
}

# demand NAME VALUE PATTERN-OF-WHAT-IS-WRONG: stops where a value cannot be part of a path.
demand() {
  # shellcheck disable=SC2254
  case $2 in
    '' | $3)
      printf 'error: %s is %s\n' "$1" "${2:-missing}" >&2
      exit 3
      ;;
  esac
}
