"""From decisions to steps: uploads, items beside the object, publication. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cozeops.codes import Code
from cozeops.declare.calls import UPLOAD
from cozeops.declare.collections import Collection
from cozeops.declare.kind import Copying
from cozeops.declare.publication import CONNECTORS, uses_in
from cozeops.declare.resource import never_on
from cozeops.declare.rows import Row, rows_of
from cozeops.declare.verbs import Verb, removal
from cozeops.engine.diff.collections import CollectionDiff
from cozeops.engine.diff.fields import WRITE_ONLY
from cozeops.engine.diff.publication import Publishing, publishing
from cozeops.engine.model.plan import FieldChange, Step
from cozeops.engine.plan.resource_change import ResourceChange, Source
from cozeops.engine.plan.warnings import about_items
from cozeops.engine.prior.state import channel_params, origin
from cozeops.state.model import ItemRecord
from cozeops.values import dig, to_json


def uploads(rows: Iterable[Row]) -> list[Step]:
    """A step for each field whose file is uploaded first."""
    return [Step(Verb.UPLOAD, UPLOAD.call.operation, row.label) for row in rows if row.upload]


def copy(case: ResourceChange, about: Copying, source: Source) -> None:
    """One of another workspace stands for what cannot be created; a copy that is under way is awaited."""
    known = case.record.copy if case.record else None
    case.fields.append(FieldChange("spec.name", None, case.resource.name))
    for row in case.rows():
        if row.setter:
            case.note_sent(row)
    if known and known.task:
        case.reasons.append("its copy is under way")
        case.body.append(
            Step(Verb.AWAIT, about.progress.operation, items=(source.environment,), ids=(known.task,))
        )
        return
    case.reasons.append(f"a copy of {source.id} of {source.environment}")
    case.body.append(Step(Verb.COPY, about.begin.operation, items=(source.environment,), ids=(source.id,)))
    if known and known.asked:
        message = "it was asked for before, nobody heard what came of it, and no list shows it yet"
        case.find(Code.COPY_UNKNOWN, message, "wait and look once more; acknowledge it to ask again")


# ---------------------------------------------------------------------------------------------- items


def add_items(case: ResourceChange, row: Row, about: Collection, items: list[Any]) -> None:
    """Add items without comparing: the object is new, or nobody can read what is there."""
    for item in items:
        note = "" if about.listed else WRITE_ONLY
        case.fields.append(FieldChange(f"{row.label}[{about.key(item)}]", None, to_json(item), note=note))
    case.additions += _additions(row, about, items)


def change_items(case: ResourceChange, row: Row, about: Collection, diff: CollectionDiff) -> None:
    """The steps that make the live items what the list says."""
    case.fields += (replace(one, origin=_item_origin(case, row, one)) for one in diff.fields.values())
    if counts := _counts(diff):
        case.reasons.append(f"{row.path[-1]}: {counts}")
    case.additions += _additions(row, about, diff.add)
    if about.change:
        for item, _ in diff.change:
            operation = about.change.call.operation
            case.additions.append(Step(Verb.CHANGE, operation, row.label, (item.key,), (item.id,)))
    if diff.remove and about.remove:
        call, gone = about.remove.call, tuple(item.key for item in diff.remove)
        ids = tuple(item.id for item in diff.remove)
        step = Step(removal(call), call.operation, row.label, gone, ids)
        late = about.add.first or about.remove.last
        (case.late_removals if late else case.removals).append(step)
    about_items(case, row, about, diff)


def _item_origin(case: ResourceChange, row: Row, change: FieldChange) -> str:
    """Who moved an item: one that is ours and not listed any more left Git, one that is gone left Coze."""
    known = case.record.items.get(row.label) if case.record else None
    if known is None:
        return ""
    ours = any(change.path == f"{row.label}[{key}]" for key, item in known.items() if not item.doubted)
    if change.before is None:
        return "live" if ours else "git"
    if change.after is None:
        return "git" if ours else "live"
    return _field_origin(row, known, change)


def _field_origin(row: Row, known: Mapping[str, ItemRecord], change: FieldChange) -> str:
    """Who changed a field of an item since it was sent; empty where nobody knows."""
    about = row.collection
    for key, item in known.items():
        name = change.path.removeprefix(f"{row.label}[{key}].")
        if about and about.content is None and name != change.path and isinstance(item.value, dict):
            sent = about.compare(item.value, {}).get(name)
            origins = {change.before: "git", change.after: "live"}
            return "" if sent is None else origins.get(sent, "both")
    return ""


def _additions(row: Row, about: Collection, items: Iterable[Any]) -> list[Step]:
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(about.add.group(item), []).append(about.key(item))
    adds = [Step(Verb.ADD, about.add.call.operation, row.label, tuple(keys)) for keys in groups.values()]
    upload = UPLOAD.call.operation
    files = [Step(Verb.UPLOAD, upload, row.label, step.items) for step in adds if about.add.uploads]
    return files + adds + _assurances(row, about, adds)


def _assurances(row: Row, about: Collection, adds: Iterable[Step]) -> list[Step]:
    """Where nobody can see who is there: a change for each that was there before, perhaps as another."""
    if about.listed or not about.change:
        return []
    change = about.change.call.operation
    return [Step(Verb.CHANGE, change, row.label, (key,), (key,)) for step in adds for key in step.items]


def _counts(diff: CollectionDiff) -> str:
    counts = (
        (len(diff.add) - len(diff.replaced), "added"),
        (len(diff.replaced), "replaced"),
        (len(diff.change), "changed"),
        (len(diff.remove) - len(diff.replaced), "removed"),
    )
    return ", ".join(f"{count} {verb}" for count, verb in counts if count)


def install(case: ResourceChange) -> None:
    """Install the connectors that a planned publish in this workspace needs."""
    needed = case.world.installs.get(case.resource.address, set())
    for row in case.rows():
        about = row.collection
        if needed and about and about.seen_in_publications:
            items = [item for item in case.written(row) if case.id_of(item) in needed]
            if items:
                case.reasons.append("a bot goes to a channel that nothing shows to be installed")
                add_items(case, row, about, items)


# ---------------------------------------------------------------------------------------- publication


def decide_publication(case: ResourceChange, row: Row, *, draft_changes: bool) -> Publishing:
    """Compare the channels that are wanted with those that are shown."""
    written = case.written(row)
    if CONNECTORS not in written:
        never = {case.id_of(ref) for ref in never_on(case.resource)}
        shown = tuple(sorted(case.live.channels)) if case.live else ()
        stays = tuple(one for one in shown if one not in never)
        return Publishing(shown, stays, tuple(one for one in shown if one in never))
    wanted = tuple(case.id_of(use["connector"]) for use in uses_in(written))
    kind, names = case.resource.kind, case.world.channels
    return publishing(
        kind,
        wanted,
        case.live,
        names,
        draft_changes=draft_changes,
        asked=_asked(case, row),
        awaited=awaited(case),
    )


def _asked(case: ResourceChange, row: Row) -> str:
    """Why it is published although nothing on the live side says so."""
    if case.live is None:
        return ""
    changed = [
        label for label, now in channel_params(row, case.written(row)).items() if _moved(case, label, now)
    ]
    if changed:
        return f"{', '.join(changed)} change{'s' if len(changed) == 1 else ''}"
    return "asked to send again what cannot be read back" if case.rewritten else ""


def _moved(case: ResourceChange, label: str, now: Any) -> bool:
    return case.record is not None and label in case.record.values and case.record.values[label] != now


def awaited(case: ResourceChange) -> frozenset[str]:
    """Connectors that this very draft was published to and that do not show it yet."""
    if case.record is None or case.live is None:
        return frozenset()
    since = case.record.awaiting
    return frozenset(one for one, when in since.items() if case.live.edited <= when)


def uncompared_params(case: ResourceChange, row: Row) -> list[str]:
    """Labels of channel parameters that nobody can compare."""
    known = case.record.values if case.record else {}
    return [label for label in channel_params(row, case.written(row)) if label not in known]


def publish(case: ResourceChange, row: Row, news: Publishing) -> None:
    """The steps of publication, leaving channels first."""
    about = row.publication
    assert about is not None
    label = f"{row.label}.connectors"
    names = {one: case.world.channels.get(one, one) for one in (*news.before, *news.wanted)}
    # What was published and is not shown yet moves by itself: there is nothing to do.
    if news.moves and (news.reason or news.leave):
        before = [names[one] for one in news.before] if case.live else None
        who = origin(case.record, label, sorted(news.before), sorted(news.wanted)) if case.live else ""
        case.fields.append(FieldChange(label, before, [names[one] for one in news.wanted], origin=who))
    for connector in news.leave:
        case.publication.append(
            Step(Verb.UNPUBLISH, about.unpublish.operation, label, (names[connector],), (connector,))
        )
    told = case.written(row).get(about.reason)
    if news.leave and told:
        case.fields.append(FieldChange(f"{row.label}.{about.reason}", None, told, note=WRITE_ONLY))
    never = {case.id_of(ref) for ref in never_on(case.resource)}
    kept = [names[one] for one in news.leave if one not in never]
    if kept and "unpublish" in case.resource.lifecycle.protect:
        message = f"it would leave {', '.join(kept)}; lifecycle.protect has unpublish"
        case.find(Code.PROTECTED, message, "list the channel again")
    waiting = [names[one] for one in news.wanted if one in awaited(case) and one not in news.before]
    if waiting and not news.reason:
        message = f"published, and not shown yet on {', '.join(waiting)}"
        case.find(Code.AWAITING, message, "the channel may be checking it: plan again in a while")
    if news.reason:
        for one, params in channel_params(row, case.written(row)).items():
            before = case.record.values.get(one) if case.record else None
            if before != params:
                case.fields.append(FieldChange(one, before, params, "git" if before else "", WRITE_ONLY))
        channels = tuple(names[one] for one in news.wanted)
        case.publication.append(Step(Verb.PUBLISH, about.publish.operation, label, channels, news.wanted))
        if case.live and not case.body:
            case.reasons.append(news.reason)
        _need_installed(case, set(news.wanted) - set(about.builtin.values()))


def _need_installed(case: ResourceChange, custom: set[str]) -> None:
    scope, address = case.scope, case.resource.scope
    if scope and address:
        missing = custom - case.world.snapshot.occupied.get(scope, frozenset())
        case.world.installs.setdefault(address, set()).update(missing)
    _warn_not_installed(case, custom)


def _warn_not_installed(case: ResourceChange, custom: set[str]) -> None:
    """A channel that no manifest installs, and that nothing shows to be installed."""
    home = case.world.resources.get(case.resource.scope) if case.resource.scope else None
    seen = case.world.snapshot.occupied.get(case.scope or "", frozenset())
    listed = {
        case.id_of(item)
        for row in (rows_of(home.kind) if home else ())
        if row.collection and row.collection.seen_in_publications
        for item in dig(home.values, row.path) or ()  # type: ignore[union-attr]
    }
    for one in sorted(custom - seen - listed):
        message = (
            f"it goes to {case.world.channels.get(one, one)}, which {case.resource.scope} does not install"
        )
        case.find(Code.NOT_INSTALLED, message, f"list it under spec.connectors of {case.resource.scope}")
