"""WHAT exists: one file per kind, almost only data.

A kind is found by being here: a module that exports `KIND`. Adding one is adding a file. `parts` holds what
several kinds share.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cozeops.declare.kind import Kind


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its name, in alphabetical order. A declaration is imported when it is looked at."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    return _Declared({"".join(word.capitalize() for word in name.split("_")): name for name in names})


class _Declared(Mapping[str, "Kind"]):
    """Kinds by their names, from the name of each one's module: KnowledgeBase is in `knowledge_base`."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = dict(sorted(modules.items()))
        self._found: dict[str, Kind] = {}

    def __getitem__(self, name: str) -> Kind:
        if name not in self._found:
            self._found[name] = import_module(f"{__name__}.{self._modules[name]}").KIND
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules
