"""One live object that no manifest names beside one that would be created: it may be the same thing. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.resource import Resource
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Snapshot
from cozeops.engine.model.plan import Change, Finding

_WIDTHS = ("<wide>", "<narrow>")
_UNSEEN = frozenset({"Cc", "Cf"})
"""Categories of characters that nobody sees: control characters, zero-width blanks, byte order marks."""


def looks_like(name: str) -> str:
    """A name without what eyes do not tell apart: encoding, width, blanks, capitals."""
    shown = "".join(_narrow(one) for one in unicodedata.normalize("NFC", name))
    return " ".join(unicodedata.normalize("NFC", shown).casefold().split())


@cache
def _narrow(character: str) -> str:
    width, _, rest = unicodedata.decomposition(character).partition(" ")
    if width in _WIDTHS:
        return "".join(chr(int(code, 16)) for code in rest.split())
    unseen = unicodedata.category(character) in _UNSEEN and not character.isspace()
    return "" if unseen else character


def doubles(
    changes: Iterable[Change], resources: Mapping[Address, Resource], snapshot: Snapshot
) -> Iterator[Finding]:
    """Planned creates that may be what somebody else made already."""
    creates: dict[tuple[str, str], list[Resource]] = {}
    for change in changes:
        if change.steps and change.id is None:
            resource = resources[change.address]
            place = (resource.kind.name, snapshot.home_id(resource) or "")
            creates.setdefault(place, []).append(resource)
    for place, made in creates.items():
        strangers = snapshot.strangers.get(place, ())
        twins = {one.address: list(_twins(one, strangers)) for one in made}
        yield from (found for each in twins.values() for found in each)
        if len(made) == 1 and len(strangers) == 1 and not twins[made[0].address]:
            id, name = strangers[0]
            message = f"Coze has a {place[0]} {name!r} ({id}) that no manifest names: renamed?"
            yield finding(Code.MAYBE_RENAMED, made[0].address, message, _take(id))


def _twins(resource: Resource, strangers: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    looks = looks_like(resource.name)
    for id, name in strangers:
        if looks_like(name) == looks:
            message = (
                f"it would be called {_quoted(resource.name, name)}, and Coze has a "
                f"{resource.kind.name} {_quoted(name, resource.name)} ({id}): the same?"
            )
            yield finding(Code.TWIN, resource.address, message, _take(id))


def _quoted(name: str, other: str) -> str:
    """A name in quotes; with its encoding, where it prints as the other does."""
    alike = unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)
    return ascii(name) if alike else repr(name)


def _take(id: str) -> str:
    return f'if it is the same, write `id: "{id}"` under spec'
