"""From the `state` block of a project to a backend.

The state goes only where the shell or the project's own Git configuration says that it may go: a
manifest can choose among those places, not add one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cozeops.address import is_name
from cozeops.errors import UsageError
from cozeops.state.backend import Backend
from cozeops.state.local import DEFAULT_FOLDER, LocalBackend

_AWS = ".amazonaws.com"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "local": ("path",),
    "git": ("branch", "remote"),
    "s3": ("bucket", "key", "endpoint", "region"),
}
"""Backend -> the fields that its block may have besides `backend`."""


def open_backend(
    settings: Mapping[str, Any] | None, *, root: Path, environment: str, environ: Mapping[str, str]
) -> Backend | None:
    """The place for the state of an environment, None where the project keeps none.

    Sends nothing yet. Raises UsageError for what is not known and for places that nobody trusts.
    """
    if settings is None:
        return None
    if not is_name(environment):
        raise UsageError(f"{environment!r} cannot be the name of an environment with a state")
    backend = settings.get("backend", "")
    if backend not in _FIELDS:
        raise UsageError(f"state: there is no backend {backend!r}", hint=_suggest(backend, _FIELDS))
    given = {name: value for name, value in settings.items() if name != "backend"}
    for name, value in given.items():
        if name not in _FIELDS[backend]:
            raise UsageError(
                f"state: the backend {backend} has no field {name!r}", hint=_suggest(name, _FIELDS[backend])
            )
        if not isinstance(value, str) or not value or not value.isprintable():
            raise UsageError(f"state.{name} must be a text of one line that is not empty")
    return LocalBackend(root, environment, folder=given.get("path", DEFAULT_FOLDER))


def _suggest(word: Any, choices: Mapping[str, Any] | tuple[str, ...]) -> str:
    known = sorted(choices)
    near = get_close_matches(str(word), known, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"there is: {', '.join(known)}"
