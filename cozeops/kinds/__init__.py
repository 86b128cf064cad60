"""WHAT exists: one file per kind, almost only data.

A kind is found by being here: a module without a leading underscore that exports `KIND`. Adding one is
adding a file.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from cozeops.lazily import exports

if TYPE_CHECKING:
    from cozeops.kinds._declare import Kind
    from cozeops.kinds._resource import Lifecycle, Resource, published_by, references, references_at
    from cozeops.kinds._rows import rows_of

__all__ = [
    "Kind",
    "Lifecycle",
    "Resource",
    "kind_names",
    "kinds",
    "published_by",
    "references",
    "references_at",
    "rows_of",
]

__getattr__ = exports(
    __name__,
    {
        "Kind": "_declare",
        "Lifecycle": "_resource",
        "Resource": "_resource",
        "published_by": "_resource",
        "references": "_resource",
        "references_at": "_resource",
        "rows_of": "_rows",
    },
)


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name, in alphabetical order."""
    return {name: import_module(f"{__name__}.{module}").KIND for name, module in sorted(_modules().items())}


def kind_names() -> tuple[str, ...]:
    """Their names alone, without importing a declaration."""
    return tuple(sorted(_modules()))


def _modules() -> dict[str, str]:
    """The name of each kind with its module: KnowledgeBase is in `knowledge_base`."""
    found = (found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))
    return {"".join(word.capitalize() for word in name.split("_")): name for name in found}
