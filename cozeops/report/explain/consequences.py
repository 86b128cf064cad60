"""What a field's traits mean for the one who writes it: when it is sent, compared, refused. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from cozeops.declare.calls import Call
from cozeops.declare.fields import UNREADABLE, Is
from cozeops.declare.kind import Kind
from cozeops.declare.rows import Row, rows_of
from cozeops.manifests.wording import either
from cozeops.report.explain.declared import Field, is_read

_SAID = {
    Is.TEXT: "Long text: line ends do not count, and a plan shows it as a unified diff.",
    Is.UNORDERED: "The order of the entries means nothing.",
    Is.SECRET: "Secret: ${env:NAME} here, a keyed digest in a state; never shown or logged.",
    Is.GENERATED: "Coze makes it, and it cannot be set: a difference is a warning (COZE132).",
    Is.FIXED: "Set when the object is created and never changed: a difference blocks apply (COZE104).",
    Is.NEEDED_TO_CREATE: "Optional for an object that exists; a new one cannot be made without it.",
}
_NOT_READ = (
    "Coze never tells its value, so an edit by hand stays unseen. Without a state a plan cannot compare it "
    "at all: it is sent along when something else of the object is written; --rewrite ADDRESS sends it again."
)


def consequences(field: Field) -> Iterator[str]:
    """Sentences about the field."""
    row = field.row
    if row is None:
        if (whole := field.nearest_row) is not None and len(whole.path) < len(field.path) - 1:
            yield f"A part of {whole.label}, which is compared and written as a whole."
        return
    yield from (words for trait, words in _SAID.items() if trait in row.traits)
    if not is_read(row):
        yield _NOT_READ
    elif (row.absent is UNREADABLE or row.hidden) and row.in_body:
        yield "Not every reply of Coze tells it; where none does, it is sent and not compared."
    if row.upload:
        yield "The file is uploaded when the field is sent."
    if row.in_body and Is.GENERATED not in row.traits:
        yield from _when_sent(row)
    yield from _collected(row)
    if row.publication:
        yield (
            "An edit reaches users only when it is published: a plan shows `publish` beside `update`, and "
            "`unpublish` for a channel that left the list."
        )


def _when_sent(row: Row) -> Iterator[str]:
    if not row.wire.on_update:
        yield "Only a new object takes it."
    elif not row.wire.on_create:
        yield "Not a part of creating: set by the update that follows."


def _collected(row: Row) -> Iterator[str]:
    about = row.collection
    if about is None:
        return
    if about.remove is None:
        yield "The list is the whole truth, but Coze has no way to remove an entry."
    elif about.listed:
        yield "The list is the whole truth: what is live and not listed is removed (COZE105 blocks first)."
    if about.remove and about.remove.replacing:
        yield f"A changed entry is a blocking finding (COZE106): {about.remove.replacing}."
    if about.content:
        yield f"The {about.content.name} of an entry cannot be read back: an entry is known by its name."


def places(field: Field) -> Iterator[str]:
    """Where the field stands on the wire, and the calls that it has of its own."""
    row = field.row
    if row is None:
        return
    if row.in_body:
        if Is.GENERATED not in row.traits:
            yield f"written as {'.'.join(row.write)}"
        yield from (f"read as {'.'.join(way)}" for way in row.reads)
    if row.setter:
        yield _call("set by", row.setter.call)
    if about := row.collection:
        yield from (_call("listed by", listed.page.call) for listed in (about.listed,) if listed)
        yield _call("added by", about.add.call)
        yield from (_call("changed by", change.call) for change in (about.change,) if change)
        yield from (_call("removed by", remove.call) for remove in (about.remove,) if remove)
    if row.publication:
        yield _call("published by", row.publication.publish)
        yield _call("unpublished by", row.publication.unpublish)


def _call(words: str, call: Call) -> str:
    return f"{words} {call.method} {call.path} ({call.operation})"


def capabilities(kind: Kind) -> Iterator[str]:
    """What the API can do with the kind, and what it cannot."""
    if not kind.lives:
        yield f"It is nothing on Coze: {kind.serves}."
        return
    calls = {"create": kind.create, "update": kind.update, "delete": kind.delete}
    able = [verb for verb, call in calls.items() if call]
    unable = [verb for verb, call in calls.items() if not call]
    rows = rows_of(kind)
    if any(row.publication for row in rows):
        able += ["publish", "unpublish"]
    yield f"cozeops can: {', '.join(able) or 'refer to it'}."
    if unable:
        yield f"The API has no call to {either(unable)} it."
    if kind.uncreatable:
        yield f"To have one, {kind.uncreatable}."
    beside = [row.label for row in rows if row.collection or row.setter]
    if beside:
        yield f"Managed with calls of their own: {', '.join(beside)}."


def identity(kind: Kind) -> Iterator[str]:
    """How an object on Coze is found."""
    if not kind.lives:
        return
    if kind.scope:
        yield f"metadata.{kind.home} names the {kind.scope} that it lives in."
    if kind.keyed:
        fixed = [row.label for row in rows_of(kind) if Is.FIXED in row.traits]
        yield f"It has no name: what it is about tells it from all others ({', '.join(fixed)})."
    elif kind.listing:
        yield "It is found by spec.id, else by its name, which must then be the only one."
    else:
        yield "It is found by spec.id."
