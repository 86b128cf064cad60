"""Going back: what users had is published again, and the draft gets its new text back.

Everything that it takes is put together before its first write and noted in the journal, so that the next
apply can finish it after a kill: done twice it comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cozeops.declare.calls import Path
from cozeops.declare.codec import complete, decode, encode, exact, reset_by
from cozeops.declare.fields import UNREADABLE
from cozeops.declare.kind import Kind
from cozeops.declare.publication import uses_in
from cozeops.declare.resource import Resource, never_on
from cozeops.declare.rows import Published, Row, concerns, publication_of, rows_of
from cozeops.declare.verbs import Verb
from cozeops.engine.model.live import Remote
from cozeops.engine.model.plan import Change
from cozeops.engine.model.recorder import Ledger
from cozeops.engine.observe.lookup import parts_of
from cozeops.engine.prior.state import channel_params
from cozeops.engine.run.context import ApplyContext, ChangeInProgress
from cozeops.engine.run.owed import Owed, Revert
from cozeops.engine.run.previous import Previous
from cozeops.errors import ApiError, CozeopsError, DeniedError
from cozeops.kinds import kinds
from cozeops.state.model import Record
from cozeops.values import MISSING, Json, dig, digest

NO_WAY = "what was published before cannot be read, so nobody can go back to it"


def demand_publication(kind: Kind) -> Published:
    """How objects of a kind are published. Raises CozeopsError for a kind that is not."""
    published = publication_of(kind)
    if published is None:
        raise CozeopsError(f"a {kind.name} is not published")
    return published


def previous_of(making: ChangeInProgress) -> Previous:
    """What users have now, just before something else is published."""
    never = {making.run.snapshot.id_of(ref, making.scope() or "") for ref in never_on(making.resource)}
    shown = making.live.channels if making.live else {}
    # Nobody goes back to where it must never be; nor does the API publish everywhere that it can leave.
    channels = tuple(one for one in shown if one not in never)
    if not channels:
        return Previous()
    kind = making.resource.kind
    about = demand_publication(kind).calls
    try:
        copy = making.run.remote.send(about.published, {kind.id: making.task().id}).payload
    except DeniedError:
        raise
    except ApiError:
        copy = None
    return Previous(copy if isinstance(copy, dict) else None, channels)


def way_back(
    run: ApplyContext, change: Change, resource: Resource, previous: Previous, now: Record | None
) -> Revert:
    """Everything that going back takes, put together before it is published; `now`: what is known of it then.

    Raises CozeopsError where what users had cannot be read.
    """
    kind = resource.kind
    live = run.snapshot.live[resource.address]
    published = demand_publication(kind)
    wanted = [id for step in change.steps if step.verb is Verb.PUBLISH for id in step.ids]
    leave = [one for one in wanted if one not in previous.channels]
    if not previous.channels:
        touched = [row.path for row in rows_of(kind) if row.in_body and row.reads]
        return Revert(leave=leave, touched=_lists(touched), new=part(touched, live.fields))
    if previous.copy is None:
        raise CozeopsError(NO_WAY)
    before = run.memory.of(resource) if run.memory else None
    known, sent = _known(kind, before), _known(kind, now)
    old = {**exact(kind, previous.copy), **known}
    copy = decode(kind, previous.copy)
    touched = list(_touched(kind, change, copy, live.fields, known))
    return Revert(
        back=_labelled(kind, complete(kind, touched, known, old)),
        forward=_labelled(kind, complete(kind, touched, sent, exact(kind, draft(run.remote, kind, live.id)))),
        uses=_uses(published.row, resource, previous.channels, before, run),
        leave=leave,
        lost=_lost(kind, change, touched, reset_by(kind, touched, known, old)),
        touched=_lists(touched),
        old=part(touched, copy),
        new=part(touched, live.fields),
    )


def go_back(remote: Remote, owed: Owed) -> None:
    """Make the way back, from its first step: done twice it comes to the same. Raises ApiError."""
    kind, way = kinds()[owed.address.kind], owed.way
    about, bound = demand_publication(kind).calls, _tool_ids(remote)
    assert kind.update is not None
    assert way is not None
    if way.back:
        remote.send(kind.update, {kind.id: owed.id, **_body(kind, bound(fields_of(kind, way.back)))})
    if way.uses:
        remote.send(about.publish, {kind.id: owed.id, **about.encode(way.uses)})
    for channel in way.leave:
        remote.send(about.unpublish, {kind.id: owed.id, about.leaving: channel})
    if way.forward:
        remote.send(kind.update, {kind.id: owed.id, **_body(kind, bound(fields_of(kind, way.forward)))})


def take_back(ledger: Ledger, remote: Remote, owed: Owed) -> None:
    """The same, noted before its first write and closed after its last."""
    number = ledger.intent(replace(owed, begun=True).to_entry(), repeatable=False)
    go_back(remote, owed)
    ledger.done(number, {"id": owed.id})


def differs(run: ApplyContext, resource: Resource, previous: Previous) -> list[str]:
    """Labels of readable fields in which users have something else than they had."""
    if previous.copy is None:
        return []
    kind = resource.kind
    about = demand_publication(kind).calls
    payload = run.remote.send(about.published, {kind.id: run.snapshot.live[resource.address].id}).payload
    now, then = decode(kind, payload if isinstance(payload, dict) else {}), decode(kind, previous.copy)
    return [row.label for row in rows_of(kind) if now.get(row.path) != then.get(row.path)]


# ------------------------------------------------------------------------------------------- the parts


def draft(remote: Remote, kind: Kind, id: str) -> Json:
    """The draft as a reply has it. Raises ApiError."""
    assert kind.get is not None
    payload = remote.send(kind.get, {kind.id: id}).payload
    return payload if isinstance(payload, dict) else {}


def _touched(
    kind: Kind, change: Change, old: Mapping[Path, Any], now: Mapping[Path, Any], known: Mapping[Path, Any]
) -> Iterator[Path]:
    """What is not as it was: read on both sides, or remembered where nobody can read it."""
    for row in rows_of(kind):
        if not (row.in_body and row.wire.on_update):
            continue
        then, here = old.get(row.path, UNREADABLE), now.get(row.path, UNREADABLE)
        readable = UNREADABLE not in (then, here)
        if (readable and then != here) or (not readable and row.path in known and _changes(change, row)):
            yield row.path


def _lost(kind: Kind, change: Change, touched: Iterable[Path], reset: Iterable[Row]) -> list[str]:
    """What this change wrote and nobody can put back, and what putting back resets."""
    restored = set(touched)
    written = [
        row
        for row in rows_of(kind)
        if _changes(change, row) and row.path not in restored and not row.publication and not _readable(row)
    ]
    return sorted({row.label for row in (*written, *reset)})


def _readable(row: Row) -> bool:
    return row.in_body and bool(row.reads)


def _changes(change: Change, row: Row) -> bool:
    return any(concerns(field.path, row.label) for field in change.fields)


def _known(kind: Kind, record: Record | None) -> dict[Path, Any]:
    """The values of fields that cannot be read, as they were sent last."""
    found: dict[Path, Any] = {}
    for row in rows_of(kind):
        if record and row.in_body and row.label in record.values:
            value = record.values[row.label]
            uploaded = value.get("id") if row.upload and isinstance(value, dict) else value
            found |= {row.path: uploaded} if uploaded != "" else {}
    return found


def _uses(
    row: Row, resource: Resource, channels: Iterable[str], before: Record | None, run: ApplyContext
) -> list[Json]:
    """The channels with their parameters: those that were sent last, else those of the manifest."""
    written = dig(resource.values, row.path)
    uses = uses_in(written) if written is not MISSING else []
    home = run.snapshot.home_id(resource) or ""
    params: dict[str, Json] = {}
    for use in uses:
        label = next(iter(channel_params(row, {"connectors": [use]})), "")
        sent = before.values.get(label, use["params"]) if before else use["params"]
        params[str(run.snapshot.id_of(use["connector"], home))] = sent
    return [{"connector": one, "params": params.get(one, {})} for one in channels]


def _tool_ids(remote: Remote) -> Callable[[Mapping[Path, Any]], dict[Path, Any]]:
    """Replaces the names of tools, which replies have, with the ids that an update takes."""
    plugin = kinds()["Plugin"]
    tools: dict[str, dict[str, str]] = {}

    def id_of(use: Json) -> Json:
        if use["plugin"] not in tools:
            assert plugin.get is not None
            payload = remote.send(plugin.get, {plugin.id: use["plugin"]}).payload
            tools[use["plugin"]] = parts_of(plugin, payload if isinstance(payload, dict) else {})
        return {**use, "tool": tools[use["plugin"]].get(use["tool"], use["tool"])}

    def bound(fields: Mapping[Path, Any]) -> dict[Path, Any]:
        return {
            path: [id_of(one) for one in value] if path == ("plugins",) else value
            for path, value in fields.items()
        }

    return bound


def part(paths: Iterable[Path], fields: Mapping[Path, Any]) -> str:
    """A digest of these fields."""
    shown = {".".join(path): fields.get(path) for path in paths}
    return digest({label: value for label, value in shown.items() if value is not UNREADABLE})


def fields_of(kind: Kind, labelled: Json) -> dict[Path, Any]:
    """Fields by their paths, from labels."""
    return {row.path: labelled[row.label] for row in rows_of(kind) if row.label in labelled}


def _labelled(kind: Kind, fields: Mapping[Path, Any]) -> Json:
    return {row.label: fields[row.path] for row in rows_of(kind) if row.path in fields}


def _body(kind: Kind, fields: Mapping[Path, Any]) -> Json:
    return encode(kind, fields, creating=False)


def _lists(paths: Iterable[Path]) -> list[list[str]]:
    return [list(path) for path in paths]
