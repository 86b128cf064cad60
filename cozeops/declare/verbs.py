"""What a planned operation does: the role that a kind declares its call in."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from cozeops.declare.calls import UPLOAD, Call
from cozeops.declare.kind import Kind
from cozeops.declare.rows import rows_of


class Verb(StrEnum):
    """What a step does to an object, or to what lives beside it."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    COPY = "copy"
    AWAIT = "await"
    """Ask again for a copy that is under way."""
    UPLOAD = "upload"
    SET = "set"
    """A field with a call of its own."""
    ADD = "add"
    CHANGE = "change"
    """An item, in place."""
    REMOVE = "remove"
    UNSUBSCRIBE = "unsubscribe"
    """An item that is a subscription goes: nothing is lost with it, and it does not count as removed."""
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    UNKNOWN = "unknown"
    """The kind declares no such operation: a plan file of another version."""


COPYING = frozenset({Verb.COPY, Verb.AWAIT})
"""The verbs of the steps that make a copy."""
REMOVALS = frozenset({Verb.REMOVE, Verb.UNSUBSCRIBE})
"""The verbs of the steps that take items away."""
TAKES = frozenset({Verb.DELETE, Verb.REMOVE, Verb.UNPUBLISH})
"""The verbs after which something is gone that was there."""


def verb_of(kind: Kind, operation: str, *, creating: bool) -> Verb:
    """The verb of an operation in a change that creates the object, or in another (one call may do both)."""
    verbs = _VERBS.get(kind.name) or _VERBS.setdefault(kind.name, dict(_verbs(kind)))
    verb = verbs.get(operation, Verb.UNKNOWN)
    return Verb.UPDATE if verb is Verb.CREATE and not creating else verb


def removal(call: Call) -> Verb:
    """The verb of a call that takes items away."""
    return Verb.UNSUBSCRIBE if call.operation.startswith("unsubscribe") else Verb.REMOVE


def _verbs(kind: Kind) -> Iterator[tuple[str, Verb]]:
    """What comes later counts, so that a call that also creates is known as one that creates."""
    yield UPLOAD.call.operation, Verb.UPLOAD
    for row in rows_of(kind):
        if row.setter:
            yield row.setter.call.operation, Verb.SET
        if row.publication:
            yield row.publication.publish.operation, Verb.PUBLISH
            yield row.publication.unpublish.operation, Verb.UNPUBLISH
        if row.collection:
            yield row.collection.add.call.operation, Verb.ADD
            if row.collection.change:
                yield row.collection.change.call.operation, Verb.CHANGE
            if row.collection.remove:
                yield row.collection.remove.call.operation, removal(row.collection.remove.call)
    if kind.copy:
        yield kind.copy.begin.operation, Verb.COPY
        yield kind.copy.progress.operation, Verb.AWAIT
    for call, verb in ((kind.delete, Verb.DELETE), (kind.update, Verb.UPDATE), (kind.create, Verb.CREATE)):
        if call:
            yield call.operation, verb


_VERBS: dict[str, dict[str, Verb]] = {}
