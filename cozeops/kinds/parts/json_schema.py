"""JSON Schema, for answers that are JSON. The only home of the library; it may be missing.

Nothing is ever fetched: a `$ref` leads to a place inside the same schema, or nowhere.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cozeops.errors import UsageError

_MOST = 5


def flaw_of(schema: Any) -> str:
    """What is wrong with a schema; empty where nothing is, or where the library is missing."""
    try:
        library = import_module("jsonschema")
    except ImportError:
        return "" if isinstance(schema, dict | bool) else "it is neither a map nor true or false"
    try:
        library.Draft202012Validator.check_schema(schema)
    except library.SchemaError as error:
        return f"{error.json_path}: {error.message}"
    return ""


def demand_library() -> None:
    """Raise UsageError where the library is missing: before anybody is talked to."""
    try:
        import_module("jsonschema")
    except ImportError:
        hint = "pip install 'cozeops[check]'"
        raise UsageError("json_schema needs the library jsonschema", hint=hint) from None


def misfits(schema: Any, value: Any) -> list[str]:
    """Where a value does not fit a schema, the first few."""
    validator_of = import_module("jsonschema").Draft202012Validator
    unresolvable = import_module("referencing.exceptions").Unresolvable
    validator = validator_of(schema, registry=import_module("referencing").Registry())
    try:
        errors = sorted(validator.iter_errors(value), key=lambda error: str(error.json_path))
    except unresolvable as error:
        return [f"the schema refers to what it does not have: {error}"]
    return [f"{error.json_path}: {error.message}" for error in errors[:_MOST]]
