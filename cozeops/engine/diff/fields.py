"""What differs between the desired and the live side of one resource, field by field. Pure.

DeepDiff explains differences inside maps; it is reached only where `==` already said no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cozeops.declare.codec import Fields, convert_leaves, seen
from cozeops.declare.fields import UNREADABLE, Is
from cozeops.declare.kind import Kind
from cozeops.declare.rows import Row, row_at
from cozeops.engine.model.plan import FieldChange
from cozeops.frozen import frozen
from cozeops.values import MISSING, Json, Unknown, scalars, to_json

WRITE_ONLY = "write-only"
LATER = "known after apply"


@frozen
class FieldDiff:
    """The fields of the body that differ, and those that nobody can compare."""

    differ: tuple[Row, ...]
    uncompared: tuple[Row, ...]


def diff_fields(kind: Kind, desired: Fields, live: Fields) -> FieldDiff:
    """Compare the declared fields of the body. Both sides are in normal form."""
    differ, uncompared = [], []
    for path, wanted in desired.items():
        row = row_at(kind, path)
        if not row.in_body:
            continue
        value, told = seen(row, live.get(path, MISSING), wanted)
        if not row.reads or value is UNREADABLE:
            uncompared.append(row)
        elif value != wanted and not (value is MISSING and _is_empty(wanted)):
            differ.append(row)
        elif not told:
            uncompared.append(row)
    return FieldDiff(tuple(differ), tuple(uncompared))


def _is_empty(value: Any) -> bool:
    return value in ("", [], {})


def field_changes(row: Row, before: Any, after: Any, names: Mapping[str, str]) -> list[FieldChange]:
    """A difference as people read it: maps are opened, ids of the project's own objects named."""
    if Is.SECRET in row.traits:
        return [FieldChange(row.label, None, None, note="secret")]
    note = LATER if any(isinstance(leaf, Unknown) for leaf in scalars(after)) else ""
    before, after = (_named(value, names) for value in (before, after))
    if isinstance(before, dict) and isinstance(after, dict) and before and after:
        return [
            FieldChange(f"{row.label}.{path}", old, new, note=note)
            for path, old, new in explain(before, after)
        ]
    return [FieldChange(row.label, before, after, note=note)]


def _named(value: Any, names: Mapping[str, str]) -> Any:
    def name(leaf: Any) -> Any:
        if isinstance(leaf, Unknown):
            return str(leaf.address)
        return names.get(leaf, leaf) if isinstance(leaf, str) else leaf

    return None if value is MISSING or value is UNREADABLE else to_json(convert_leaves(value, name))


def explain(before: Json, after: Json) -> list[tuple[str, Any, Any]]:
    """The paths at which two maps differ, with both values (None where there is none)."""
    from deepdiff import DeepDiff  # 140 ms to import: only a run that has something to explain pays

    # At 0.33, the default, maps with few common keys would be reported as one replacement.
    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    found: dict[str, tuple[str, Any, Any]] = {}
    for levels in tree.values():
        for level in levels:
            path = _up_to_list(level.path(output_format="list"))
            label = ".".join(path)
            found[label] = (label, _at(before, path), _at(after, path))
    return [found[label] for label in sorted(found)]


def _up_to_list(path: Sequence[str | int]) -> list[str]:
    """Lists are whole values: a path ends where a list begins."""
    steps = []
    for step in path:
        if isinstance(step, int):
            break
        steps.append(step)
    return steps


def _at(value: Any, path: Iterable[str]) -> Any:
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return None
        value = value[step]
    return value
