"""Secret fields: never in a file, always a variable, and out of sight as soon as they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any

from cozeops.codes import Code
from cozeops.declare.fields import Is
from cozeops.declare.kind import Kind
from cozeops.declare.rows import Row, secret_rows
from cozeops.manifests.resolve.interpolate import Offline, Scope, fill
from cozeops.manifests.resolve.manifest import Manifest
from cozeops.manifests.wording import label, quoted
from cozeops.manifests.yaml.document import BROKEN, Path
from cozeops.manifests.yaml.source import Problems, Refused
from cozeops.values import MISSING, Json, Secret, dig, scalars

_VARIABLE = re.compile(r"\$\{\s*env:([^{}\s]+)\s*\}")
HIDDEN = "(secret)"
PREFIX = "COZEOPS_SECRET_"
"""What the name of a secret field's variable begins with."""
NAMES = "COZEOPS_SECRET_VARS"
"""The variable of the shell that lists others, with commas between them."""


def secret_paths(kind: Kind) -> Iterator[tuple[tuple[str, ...], Row]]:
    """The secret fields of a kind, with their paths in a manifest."""
    return ((("spec", *row.path), row) for row in secret_rows(kind))


def with_secrets(manifest: Manifest, scope: Scope, problems: Problems) -> Manifest:
    """The manifest with its secrets taken out of the process; a value that is written is a problem.

    What is only compared may be without its variable: it is empty then, and not compared.
    """
    for path, row in secret_paths(manifest.kind):
        written = dig(manifest.data, path)
        if written is MISSING or written is BROKEN:
            continue
        try:
            value = _value(written, path, replace(scope, secret=True), needed=Is.GENERATED not in row.traits)
            manifest = _with(manifest, path, Secret(value))
        except Refused as refused:
            problems.refuse(refused, manifest.place(path))
            if refused.code is Code.SECRET:
                problems.hide(*(str(one) for one in scalars(written)), manifest.scalar(path) or "")
            layers = (*manifest.layers[:-1], replace(manifest.layers[-1], whole=False))
            manifest = replace(_with(manifest, path, BROKEN), layers=layers)
    return manifest


def without_secrets(kind: Kind, data: Json) -> Json:
    """The same with a word in the place of each secret that is written."""
    for path, _ in secret_paths(kind):
        if dig(data, path) not in (MISSING, BROKEN):
            data = _put(data, path, HIDDEN)
    return data


def _value(written: Any, path: Path, scope: Scope, *, needed: bool) -> str:
    found = _VARIABLE.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        hint = "write ${env:NAME}, and change the secret if it was a real one"
        raise Refused(Code.SECRET, f"{label(path)} does not belong in a file", hint)
    _demand_meant(found.group(1), scope)
    if not needed:
        return scope.environ.get(found.group(1), "")
    value = str(fill(written.strip(), scope))
    if not value and not isinstance(scope.environ, Offline):
        raise Refused(Code.INTERPOLATION, f"the environment variable {found.group(1)} is empty", "set it")
    return value


def _demand_meant(name: str, scope: Scope) -> None:
    """The owner of the shell says which variables manifests may take: they could name any secret."""
    listed = {one.strip() for one in scope.environ.get(NAMES, "").split(",")}
    if not name.startswith(PREFIX) and name not in listed:
        message = f"{quoted(name)} is not for a secret field"
        hint = f"use a name that begins with {PREFIX}, or list it in the variable {NAMES} of the shell"
        raise Refused(Code.INTERPOLATION, message, hint)


def _with(manifest: Manifest, path: Path, value: Any) -> Manifest:
    return replace(manifest, data=_put(manifest.data, path, value))


def _put(data: Json, path: Path, value: Any) -> Json:
    """`data` with another value at `path`; what is on the way is copied."""
    made = copy(data)
    here = made
    for step in path[:-1]:
        below = copy(here[str(step)])
        here[str(step)] = below
        here = below
    here[str(path[-1])] = value
    return made
