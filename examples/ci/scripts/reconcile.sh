#!/bin/sh
# One round without a CI server: takes what is on the branch, then looks for drift or applies it.
#
# What is on the branch was reviewed before it came there. Blocking findings stop it all the same (exit 5):
# nobody is here to acknowledge them.
#
#   MODE        drift or apply
#   GIT_URL     the repository
#   GIT_BRANCH  default main
#   WORK        an empty folder (default /work)
#   COZEOPS_DIR the project's folder in the repository (default .)
set -eu

repository=${WORK:-/work}/repository
git clone --quiet --depth 1 --branch "${GIT_BRANCH:-main}" -- "${GIT_URL:?}" "$repository"
cd "$repository"

case ${MODE:?} in
  drift) exec cozeops -C "${COZEOPS_DIR:-.}" drift ;;
  apply) exec cozeops -C "${COZEOPS_DIR:-.}" apply --yes --lock-timeout 300 ;;
  *)
    printf 'error: MODE is drift or apply, not %s\n' "$MODE" >&2
    exit 3
    ;;
esac
