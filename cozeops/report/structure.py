"""Lists and maps compared by what they hold: items that come, go and change. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cozeops.values import canonical

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


@dataclass(frozen=True, slots=True)
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
    for item in gone:
        twin = next((other for other in come if _same(item, other)), None)
        if twin is None:
            yield Item("-", path, item, None)
        else:
            come.remove(twin)
            yield from differences(item, twin, f"{path}[{_identity(item)}]")
    yield from (Item("+", path, None, item) for item in come)


def _only_in(these: Sequence[Any], those: Sequence[Any]) -> list[Any]:
    """Items of `these` that `those` do not have, with their number and in their order."""
    left = Counter(canonical(item) for item in those)
    found = []
    for item in these:
        key = canonical(item)
        if left[key]:
            left[key] -= 1
        else:
            found.append(item)
    return found


def _same(one: Any, other: Any) -> bool:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    keys = next((keys for keys in _IDENTITIES if all(key in one for key in keys)), ())
    return bool(keys) and all(key in other and one[key] == other[key] for key in keys)


def _identity(item: Mapping[str, Any]) -> str:
    keys = next(keys for keys in _IDENTITIES if all(key in item for key in keys))
    return "/".join(str(item[key]) for key in keys)
