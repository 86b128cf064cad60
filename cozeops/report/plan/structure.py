"""Lists and maps compared by what they hold: items that come, go and change. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cozeops.frozen import frozen

# The keys by which an item of a list is the same item with other fields.
_IDENTITIES = (
    ("id",),
    ("key",),
    ("plugin", "tool"),
    ("connector",),
    ("user",),
    ("name",),
    ("file",),
    ("url",),
)


@frozen
class Item:
    """One difference inside a value: `sign` is `+`, `-` or `~`; `path` may be empty."""

    sign: str
    path: str
    before: Any = None
    after: Any = None


def differences(before: Any, after: Any, path: str = "") -> Iterator[Item]:
    """What differs between two values, down to the items of lists and the keys of maps."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _maps(before, after, path)
    elif _is_list(before) and _is_list(after):
        yield from _lists(before, after, path)
    elif _is_list(after) and before is None:
        yield from (Item("+", path, None, item) for item in after)
    elif _is_list(before) and after is None:
        yield from (Item("-", path, item, None) for item in before)
    else:
        yield Item("+" if before is None else "-" if after is None else "~", path, before, after)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _maps(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[Item]:
    for key in (*before, *(key for key in after if key not in before)):
        yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))


def _lists(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Item]:
    gone, come = _only_in(before, after), _only_in(after, before)
    if not gone and not come:
        yield Item("~", f"{path} order".strip(), list(before), list(after))
    twins: dict[str, list[Any]] = {}
    for item in come:
        twins.setdefault(_identity(item), []).append(item)
    paired: list[int] = []
    for item in gone:
        name = _identity(item)
        if name and twins.get(name):
            twin = twins[name].pop(0)
            paired.append(id(twin))
            yield from differences(item, twin, f"{path}[{name}]")
        else:
            yield Item("-", path, item, None)
    yield from (Item("+", path, None, item) for item in come if id(item) not in paired)


def _only_in(these: Sequence[Any], those: Sequence[Any]) -> list[Any]:
    """Items of `these` that `those` do not have, with their number and in their order."""
    left = Counter(_text(item) for item in those)
    found = []
    for item in these:
        key = _text(item)
        if left[key]:
            left[key] -= 1
        else:
            found.append(item)
    return found


def _text(item: Any) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False, default=repr)


def _identity(item: Any) -> str:
    """What makes an item the same item with other fields; empty for one that has nothing of the kind."""
    if not isinstance(item, Mapping):
        return ""
    keys = next((keys for keys in _IDENTITIES if all(key in item for key in keys)), ())
    return "/".join(str(item[key]) for key in keys)
