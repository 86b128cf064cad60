"""What fields are for: the strings below them in the source, read when somebody asks.

Pydantic would read them for every run; only help, schemas and a few messages show them.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel


def description_of(model: type[BaseModel], name: str) -> str:
    """What a field is for; empty where nobody wrote it."""
    info = model.model_fields[name]
    if info.description:
        return info.description
    owners = (one for one in model.__mro__ if name in _descriptions(one))
    return next((_descriptions(owner)[name] for owner in owners), "")


@cache
def _descriptions(owner: type) -> dict[str, str]:
    """Of the fields that a class declares itself."""
    if not issubclass(owner, BaseModel) or owner is BaseModel:
        return {}
    classes = (one for one in _classes(owner.__module__) if one.name == owner.__name__)
    return dict(pair for found in classes for pair in _described(found))


@cache
def _classes(module: str) -> tuple[ast.ClassDef, ...]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def _described(found: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(found.body, found.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
