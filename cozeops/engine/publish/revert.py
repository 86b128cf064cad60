"""Going back: what users had is published again, and the draft gets its new text back.

Everything that it takes is put together before its first write and noted in the journal, so that the next
apply can finish it after a kill: done twice it comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, field
from typing import Any

from cozeops.declare.calls import Path
from cozeops.declare.codec import complete, decode, encode, exact, reset_by
from cozeops.declare.fields import UNREADABLE
from cozeops.declare.kind import Kind
from cozeops.declare.resource import Resource, never_on
from cozeops.declare.rows import Published, Row, concerns, publication_of, rows_of
from cozeops.declare.verbs import Verb
from cozeops.engine.model.live import Remote
from cozeops.engine.model.plan import Change
from cozeops.engine.observe.lookup import parts_of
from cozeops.engine.prior.state import channel_params
from cozeops.engine.run.context import ApplyContext, ChangeInProgress
from cozeops.engine.run.previous import Previous
from cozeops.errors import ApiError, CozeopsError, DeniedError
from cozeops.frozen import frozen
from cozeops.kinds import kinds
from cozeops.state.model import Record
from cozeops.values import MISSING, Json, dig, digest


@frozen
class Revert:
    """The way back, as the journal has it."""

    address: str
    kind: str
    id: str
    back: Json = field(default_factory=dict)
    """The update that makes the draft what was published."""
    forward: Json = field(default_factory=dict)
    """The update that gives it the new text again."""
    publish: Json = field(default_factory=dict)
    """What was published where; empty where nothing was."""
    leave: list[str] = field(default_factory=list)
    """Channels that it was not on."""
    lost: list[str] = field(default_factory=list)
    """Labels of what the API cannot restore."""
    touched: list[list[str]] = field(default_factory=list)
    """Paths of the fields that are not as they were."""
    drafts: list[str] = field(default_factory=list)
    """Digests of the draft before and after: where it is neither, somebody has edited it."""

    @classmethod
    def from_json(cls, data: Json) -> Revert:
        """Read it back."""
        return cls(**data)

    def to_json(self) -> Json:
        """The plain form."""
        return asdict(self)


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


def way_back(run: ApplyContext, change: Change, resource: Resource, previous: Previous) -> Revert:
    """Everything that going back takes. Raises CozeopsError where what users had cannot be read."""
    kind = resource.kind
    live = run.snapshot.live[resource.address]
    published = demand_publication(kind)
    wanted = [id for step in change.steps if step.verb is Verb.PUBLISH for id in step.ids]
    leave = [one for one in wanted if one not in previous.channels]
    if not previous.channels:
        return Revert(str(resource.address), kind.name, live.id, leave=leave)
    if previous.copy is None:
        raise CozeopsError("what was published before cannot be read, so nobody can go back to it")
    before = run.memory.of(resource) if run.memory else None
    known, now = _known(kind, before), _known(kind, run.kept.get(resource.address))
    old = {**exact(kind, previous.copy), **known}
    touched = list(_touched(kind, change, decode(kind, previous.copy), live.fields, known))
    tools = _tool_ids(run.remote)
    back = complete(kind, touched, known, old)
    forward = complete(kind, touched, now, exact(kind, _draft(run.remote, kind, live.id)))
    lost = _lost(kind, change, touched, reset_by(kind, touched, known, old))
    return Revert(
        address=str(resource.address),
        kind=kind.name,
        id=live.id,
        back=encode(kind, tools(back), creating=False),
        forward=encode(kind, tools(forward), creating=False),
        publish=dict(published.calls.encode(_uses(published.row, resource, previous.channels, before, run))),
        leave=leave,
        lost=lost,
        touched=[list(path) for path in touched],
        drafts=[digest(_part(touched, fields)) for fields in (decode(kind, previous.copy), live.fields)],
    )


def go_back(remote: Remote, way: Revert) -> None:
    """Make the way back, from its first step. Raises ApiError."""
    kind = kinds()[way.kind]
    about = demand_publication(kind).calls
    assert kind.update is not None
    if way.back:
        remote.send(kind.update, {kind.id: way.id, **way.back})
    if way.publish:
        remote.send(about.publish, {kind.id: way.id, **way.publish})
    for channel in way.leave:
        remote.send(about.unpublish, {kind.id: way.id, about.leaving: channel})
    if way.forward:
        remote.send(kind.update, {kind.id: way.id, **way.forward})


def edited_since(remote: Remote, way: Revert) -> bool:
    """Whether the draft is neither what was published nor what was written: somebody else was there."""
    kind = kinds()[way.kind]
    if not way.back:
        return False
    fields = decode(kind, _draft(remote, kind, way.id))
    return digest(_part(map(tuple, way.touched), fields)) not in way.drafts


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


def _draft(remote: Remote, kind: Kind, id: str) -> Json:
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
    uses = written["connectors"] if written is not MISSING else []
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


def _part(paths: Iterable[Path], fields: Mapping[Path, Any]) -> Json:
    shown = {".".join(path): fields.get(path) for path in paths}
    return {label: value for label, value in shown.items() if value is not UNREADABLE}
