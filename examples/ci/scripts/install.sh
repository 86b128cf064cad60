#!/bin/sh
# Installs cozeops from a folder, into an environment of its own, and puts it on the PATH of later steps.
#
# The folder is a checkout of cozeops at a commit that you chose: nothing decides its version but that
# commit. PIP_CONSTRAINT=FILE fixes the versions of what it needs, too.
#
#   COZEOPS_SOURCE  the folder
#   RUNNER_TEMP     where the environment goes (default /tmp)
#   GITHUB_PATH     the file that later steps take their PATH from; without it the folder is printed
set -eu

source=$(cd "${COZEOPS_SOURCE:?}" && pwd)
venv=${RUNNER_TEMP:-/tmp}/cozeops-venv

python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "${source}[check,fast,jwt,s3]"

if [ -n "${GITHUB_PATH:-}" ]; then
  printf '%s\n' "$venv/bin" >>"$GITHUB_PATH"
else
  printf '%s\n' "$venv/bin"
fi
