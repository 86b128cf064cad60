"""WHAT exists: one file per kind, almost only data.

A kind is found by being here: a module without a leading underscore that exports `KIND`. Adding one is
adding a file.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from cozeops.kinds._declare import Kind
from cozeops.kinds._resource import Lifecycle, Resource, references, references_at
from cozeops.kinds._rows import rows_of

__all__ = ["Kind", "Lifecycle", "Resource", "kinds", "references", "references_at", "rows_of"]


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name, in alphabetical order."""
    modules = [found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_")]
    found = [import_module(f"{__name__}.{name}").KIND for name in modules]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.name)}
