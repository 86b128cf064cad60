"""How people name resources: an address, a pattern, a name that is the only one, all of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.errors import UsageError

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource

_WILD = frozenset("*?[")
_WORKSPACE = "Workspace"


def named(texts: Sequence[str], resources: Iterable[Resource]) -> list[Address]:
    """The addresses that are meant, each once, in the order of the texts.

    `Bot/chef` is an address, `Bot/客服*` and `*-dev` are patterns (of the address where they have a slash,
    else of the name), `chef` is a name that one resource has, `Workspace/kitchen/` all that lives in it.
    Raises UsageError for what means nothing, or more than one thing.
    """
    known = {resource.address: resource.scope for resource in resources}
    return list(dict.fromkeys(address for text in texts for address in _meant(text, known)))


def _meant(text: str, known: Mapping[Address, Address | None]) -> Iterator[Address]:
    if text.startswith(f"{_WORKSPACE}/") and text.endswith("/"):
        home = next((address for address in known if str(address) == text[:-1]), None)
        if home is None:
            raise _unknown(text[:-1], known)
        yield from (address for address, scope in known.items() if home in (address, scope))
    elif _WILD & set(text):
        matching = [address for address in known if fnmatchcase(_part(address, text), text)]
        if not matching:
            raise _unknown(text, known)
        yield from matching
    else:
        matching = [address for address in known if _part(address, text) == text]
        if not matching:
            raise _unknown(text, known)
        if len(matching) > 1:
            listed = ", ".join(map(str, sorted(matching)))
            raise UsageError(f"{text} may be {listed}", hint="write the kind in front of it")
        yield from matching


def _part(address: Address, text: str) -> str:
    """What of an address a text is about."""
    return str(address) if "/" in text else address.name


def _unknown(text: str, known: Iterable[Address]) -> UsageError:
    from cozeops.manifests.wording import quoted, suggestion

    choices = sorted(known)
    same = [one for one in choices if str(one).partition("/")[0] == text.partition("/")[0]]
    shown = [_part(one, text) for one in same or choices]
    return UsageError(f"{quoted(text)} is not in the project", hint=suggestion(text, set(shown), "there is"))
