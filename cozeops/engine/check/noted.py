"""Which conversations a run began and has not removed, so that a later one can remove them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from cozeops.engine.model.live import Remote
from cozeops.errors import NotFoundError
from cozeops.kinds.parts.talk import END, LISTED, RETRIEVE
from cozeops.values import Json

MARK = "cozeops"
"""The key of `meta_data` that says which run made a conversation."""
_PAGES = 20
_SIZE = 50


class Notes(Protocol):
    """Kept on disk; safe to use from many threads."""

    def beginning(self, bot: str) -> str:
        """A conversation is about to be made: the mark that it must bear."""

    def began(self, mark: str, id: str) -> None:
        """It was made, and this is its id."""

    def refused(self, mark: str) -> None:
        """It was not made."""

    def ended(self, mark: str) -> None:
        """It was removed."""


class NoNotes:
    """Nothing is noted."""

    def beginning(self, bot: str) -> str:  # noqa: ARG002
        """No mark."""
        return ""

    def began(self, mark: str, id: str) -> None:
        """Note nothing."""

    def refused(self, mark: str) -> None:
        """Note nothing."""

    def ended(self, mark: str) -> None:
        """Note nothing."""


def remove_marked(remote: Remote, bot: str, mark: str, id: str) -> list[str]:
    """Remove what bears this mark, and nothing else; the ids. `id` is empty where the reply was lost.

    Raises ApiError.
    """
    found = list(_with_id(remote, mark, id) if id else _of_bot(remote, bot, mark))
    for one in found:
        remote.send(END, {"conversation_id": one})
    return found


def _with_id(remote: Remote, mark: str, id: str) -> Iterator[str]:
    try:
        payload = remote.send(RETRIEVE, {"conversation_id": id}).payload
    except NotFoundError:
        return
    if _mark(payload) == mark:
        yield id


def _of_bot(remote: Remote, bot: str, mark: str) -> Iterator[str]:
    for number in range(1, _PAGES + 1):
        try:
            payload = remote.send(LISTED, {"bot_id": bot, "page_num": number, "page_size": _SIZE}).payload
        except NotFoundError:  # the bot is gone, and they with it
            return
        listed = payload.get("conversations") if isinstance(payload, dict) else None
        rows = listed if isinstance(listed, list) else []
        yield from (str(row["id"]) for row in rows if _mark(row) == mark and row.get("id"))
        if not rows or not payload.get("has_more"):
            return


def _mark(payload: Json) -> str:
    data = payload.get("meta_data") if isinstance(payload, dict) else None
    return str(data.get(MARK) or "") if isinstance(data, dict) else ""
