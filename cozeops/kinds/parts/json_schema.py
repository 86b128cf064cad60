"""JSON Schema, for answers that are JSON. The only home of the library; it may be missing.

Nothing is ever fetched: a `$ref` leads to a place inside the same schema, or nowhere. Expressions are matched
by RE2 alone, never by Python's engine, which the library would use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from cozeops.errors import UsageError
from cozeops.kinds.parts.patterns import BadPatternError, flaw_of_pattern, is_found

_MOST = 5


def flaw_of(schema: Any) -> str:
    """What is wrong with a schema; empty where nothing is, or where the library is missing."""
    try:
        library = import_module("jsonschema")
    except ImportError:
        return "" if isinstance(schema, dict | bool) else "it is neither a map nor true or false"
    try:
        library.Draft202012Validator.check_schema(schema, format_checker=_formats())
    except library.SchemaError as error:
        return f"{error.json_path}: {error.cause or error.message}"
    return _unjudged(schema)


def demand_library() -> None:
    """Raise UsageError where the library is missing: before anybody is talked to."""
    try:
        import_module("jsonschema")
    except ImportError:
        hint = "pip install 'cozeops[check]'"
        raise UsageError("json_schema needs the library jsonschema", hint=hint) from None


def misfits(schema: Any, value: Any) -> list[str]:
    """Where a value does not fit a schema, the first few."""
    unresolvable = import_module("referencing.exceptions").Unresolvable
    if unjudged := _unjudged(schema):
        return [unjudged]
    validator = _validator()(schema, registry=import_module("referencing").Registry())
    try:
        errors = sorted(validator.iter_errors(value), key=lambda error: str(error.json_path))
    except unresolvable as error:
        return [f"the schema refers to what it does not have: {error}"]
    except BadPatternError as error:
        return [f"the schema has a bad expression: {error}"]
    return [f"{error.json_path}: {error.message}" for error in errors[:_MOST]]


def _unjudged(schema: Any) -> str:
    """Why a schema cannot be judged: the library itself matches these two together, with Python's engine."""
    both = {"unevaluatedProperties", "patternProperties"}
    return (
        "unevaluatedProperties beside patternProperties is not supported: write additionalProperties"
        if both <= set(_keys(schema))
        else ""
    )


def _keys(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from one
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()


@cache
def _formats() -> Any:
    """The formats that a schema itself is looked at for: its expressions, and nothing else."""
    checker = import_module("jsonschema").FormatChecker(formats=())

    @checker.checks("regex", raises=BadPatternError)  # type: ignore[untyped-decorator]
    def is_expression(given: object) -> bool:
        if isinstance(given, str) and (flaw := flaw_of_pattern(given)):
            raise BadPatternError(f"{given!r} is no regular expression: {flaw}")
        return True

    return checker


@cache
def _validator() -> Any:
    """Draft 2020-12, with every keyword that matches an expression done here.

    It stays itself below a `$schema`: the library would go on with a class of its own there.
    """
    library = import_module("jsonschema")
    base = library.Draft202012Validator
    made = library.validators.extend(
        base,
        {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
        },
    )

    def evolve(self: Any, **changes: Any) -> Any:
        kept = {"schema": self.schema, "format_checker": self.format_checker}
        inner = {"registry": self._registry, "_resolver": self._resolver}
        return made(**kept | inner | changes)

    made.evolve = evolve
    return made


def _error(message: str) -> Any:
    return import_module("jsonschema").ValidationError(message)


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[Any]:
    if validator.is_type(instance, "string") and not is_found(pattern, instance):
        yield _error(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, wanted: Mapping[str, Any], instance: Any, _: Any) -> Iterator[Any]:
    if validator.is_type(instance, "object"):
        for pattern, below in wanted.items():
            for key, value in instance.items():
                if is_found(pattern, key):
                    yield from validator.descend(value, below, path=key, schema_path=pattern)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extra = [key for key in instance if key not in known and not _any(patterns, key)]
    if validator.is_type(wanted, "object"):
        for key in extra:
            yield from validator.descend(instance[key], wanted, path=key)
    elif not wanted and extra:
        listed = ", ".join(map(repr, sorted(extra)))
        yield _error(f"additional properties are not allowed: {listed}")


def _any(patterns: Iterable[str], key: str) -> bool:
    return any(is_found(pattern, key) for pattern in patterns)
