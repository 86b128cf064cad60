#!/bin/sh
# Installs cozeops from a folder, into an environment of its own, and puts it on the PATH of later steps.
#
# The folder is a checkout of cozeops at a commit that you chose: nothing decides its version but that
# commit. COZEOPS_REQUIREMENTS fixes what it needs, too: each package at one version with its hashes, as this
# makes it (hatchling builds cozeops itself):
#
#   echo hatchling | uv pip compile --generate-hashes --extra check --extra fast \
#     --extra jwt --extra s3 pyproject.toml - -o requirements.txt
#
#   COZEOPS_SOURCE  the folder
#   COZEOPS_REQUIREMENTS  a file of pinned requirements; pip installs nothing that is not in it (optional)
#   RUNNER_TEMP     where the environment goes (default /tmp)
#   GITHUB_PATH     the file that later steps take their PATH from; without it the folder is printed
set -eu

source=$(cd "${COZEOPS_SOURCE:?}" && pwd)
venv=${RUNNER_TEMP:-/tmp}/cozeops-venv

python3 -m venv "$venv"
if [ -n "${COZEOPS_REQUIREMENTS:-}" ]; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$COZEOPS_REQUIREMENTS"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$source"
else
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${source}[check,fast,jwt,s3]"
fi

if [ -n "${GITHUB_PATH:-}" ]; then
  printf '%s\n' "$venv/bin" >>"$GITHUB_PATH"
else
  printf '%s\n' "$venv/bin"
fi
