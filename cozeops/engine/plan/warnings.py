"""What people should know before a change is made, beside the change itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cozeops.codes import Code
from cozeops.declare.collections import Collection, Removal
from cozeops.declare.publication import CONNECTORS
from cozeops.declare.rows import Row, publication_of, rows_of
from cozeops.engine.diff.collections import CollectionDiff
from cozeops.engine.diff.references import is_ignored
from cozeops.engine.plan.resource_change import ResourceChange
from cozeops.engine.prior.items import is_known
from cozeops.engine.prior.state import remembered_secret
from cozeops.values import MISSING, dig


def made_anew(case: ResourceChange) -> bool:
    """Whether what was applied is gone, and can be made once more after somebody acknowledged it.

    Only where it could be deleted again: of the others a second one, should the first be hidden, would stay.
    """
    resource, snapshot = case.resource, case.world.snapshot
    gone, instead = resource.address in snapshot.gone, snapshot.gone.get(resource.address)
    if not gone or instead or resource.id or not resource.kind.create or not resource.kind.delete:
        return False
    hint = "look on Coze: perhaps somebody deleted it on purpose; acknowledged, it is made anew"
    case.find(Code.GONE, snapshot.unsure[resource.address], hint)
    return True


def not_found(case: ResourceChange) -> None:
    """The object should be there and is not shown: never a silent create."""
    resource, snapshot = case.resource, case.world.snapshot
    why = snapshot.unsure.get(resource.address, "not found")
    if resource.address in snapshot.gone:
        instead = snapshot.gone[resource.address]
        if instead:
            why += f"; {instead} has its name now"
        case.find(Code.GONE_OR_INVISIBLE, why, f"{_way_out(case, instead)}; {_rest(case)}")
    elif resource.id:
        case.find(Code.GONE_OR_INVISIBLE, why, f"check spec.id and what the token may see; {_rest(case)}")
    else:
        case.find(Code.INCOMPLETE_LISTING, why, f"try again in a moment; {_rest(case)}")


def _way_out(case: ResourceChange, instead: str) -> str:
    """What to do about an object that is gone, as somebody has seen on Coze."""
    resource = case.resource
    if instead:
        take = f"cozeops import {resource.address} {instead}"
        return "to take that one: " + (f'write `id: "{instead}"` under spec' if resource.id else take)
    first = "take id out of its spec, then " if resource.id else ""
    forget = f"cozeops state rm {resource.address}"
    anew = forget if case.record and not resource.kind.delete else "plan again"
    return f"check what the token may see; if it is really gone: {first}{anew}"


def _rest(case: ResourceChange) -> str:
    return f"to go on with the rest: --exclude {case.resource.address}"


def cautions(case: ResourceChange, *, compared: bool) -> None:
    """Findings about the change of an object that exists."""
    user = case.world.snapshot.user
    owner = case.live.owner if case.live else ""
    if case.uncompared and not compared and not case.steps:
        message = f"nothing that it declares can be read back: {', '.join(case.uncompared)}"
        case.find(Code.CANNOT_COMPARE, message, f"to send it again: --rewrite {case.resource.address}")
    if case.steps and owner and user and owner != user:
        message = f"user {owner} owns it, and the token is of user {user}: Coze may refuse"
        case.find(Code.NOT_OWNER, message, "apply with a token of the owner")
    if case.adopted and any(one.before is not None for one in case.fields):
        message = "it exists under this name and was not ours: its live values will be overwritten"
        case.find(Code.ADOPT_OVERWRITES, message, "compare the values above with the manifest")
    if case.record:
        _released(case)


def _released(case: ResourceChange) -> None:
    """Fields that were managed and are not declared any more: their live values stay."""
    assert case.record is not None
    declared = {row.label for row in case.rows()}
    known = {row.label for row in rows_of(case.resource.kind)}
    parts = (case.record.applied, case.record.items, case.record.values, case.record.secrets)
    gone = sorted({label for part in parts for label in part} & known - declared)
    gone = [label for label in gone if not is_ignored(case.resource, label)]
    if gone:
        message = f"no longer managed, and left as live: {', '.join(gone)}"
        case.find(Code.RELEASED, message)


def note_items(case: ResourceChange, row: Row, diff: CollectionDiff | None) -> None:
    """What should be known of items beside the object."""
    if diff is None and case.written(row) == []:
        message = f"{row.label}: [] means none, and without a state nobody knows who is there"
        hint = "empty it in the console and take it out of the manifest; a state knows whom it added itself"
        case.find(Code.CANNOT_EMPTY, message, hint)
    if diff and diff.unlisted and row.collection and not row.collection.remove:
        message = f"{row.label} does not list {', '.join(item.key for item in diff.unlisted)}"
        case.find(Code.CANNOT_REMOVE, message, "it stays: Coze cannot remove it; list it again")
    if diff and diff.lost and row.collection:
        only_kept(case, row, diff.lost)
    if diff and diff.processing:
        keys = ", ".join(item.key for item in diff.processing)
        case.find(Code.PROCESSING, f"{row.label}: Coze is still processing {keys}", "plan again in a while")


def only_kept(case: ResourceChange, row: Row, items: Sequence[Any]) -> None:
    """Entries that keep what is there, where nothing is."""
    assert row.collection is not None
    keys = ", ".join(row.collection.key(item) for item in items)
    message = f"{row.label} keeps {keys}, and Coze has none of that name: nothing says what to add"
    case.find(Code.WOULD_BE_REFUSED, message, "write its source, or take the entry out")


def generated_anew(case: ResourceChange, row: Row) -> None:
    """Coze makes the value together with the object: the one in the manifest is of another."""
    if not case.desired[row.path].reveal():
        return
    message = (
        f"Coze makes {row.label} with the new {case.resource.kind.name}: it is not the one declared here"
    )
    case.find(Code.SECRET_DIFFERS, message, _RENEW)


def other_generated(case: ResourceChange, row: Row) -> None:
    """Coze has another value than the one that somebody was told."""
    assert case.live is not None
    key = case.world.memory.key if case.world.memory else ""
    live, declared = case.live.fields[row.path], case.desired[row.path]
    if not declared.reveal():  # its variable is not set here
        case.uncompared.append(row.label)
        return
    why = ""
    if remembered_secret(case.record, row, live, key):
        why = ": the variable was changed since the last apply"
    elif remembered_secret(case.record, row, declared, key):
        why = ": Coze made another one since the last apply"
    case.find(Code.SECRET_DIFFERS, f"{row.label} is not the one that Coze has{why}", _RENEW)


_RENEW = "the console shows the one that Coze made: put it into the variable, here and where events arrive"


def about_items(case: ResourceChange, row: Row, about: Collection, diff: CollectionDiff) -> None:
    """What becomes of items that the list does not have, or has otherwise."""
    foreign = [item.key for item in diff.unlisted if not is_known(case.record, row, item)]
    if foreign and about.remove:
        message = f"{row.label} does not list {', '.join(foreign)}, which is live: it would be removed"
        keep = f"to keep it, list it as {{name: {foreign[0]}}}" if about.keeps else "list it to keep it"
        case.find(Code.REMOVES_UNKNOWN, message, f"{keep}, or acknowledge the removal")
    if diff.unlisted and about.remove:
        _leaving(case, row, about.remove, [item.key for item in diff.unlisted])
    if diff.replaced and about.remove and about.remove.replacing:
        keys = ", ".join(item.key for item in diff.replaced)
        case.find(Code.DESTRUCTIVE_CHANGE, f"{row.label}[{keys}]: {about.remove.replacing}")
    for item, why in diff.stuck:
        message = f"{row.label}[{item.key}] cannot become what is written: {why}"
        case.find(Code.FIXED_FIELD, message, "write it as it is, or take it out")


def _leaving(case: ResourceChange, row: Row, remove: Removal, keys: list[str]) -> None:
    """Who leaves leaves things behind: somebody gets them."""
    asked = remove.receiver.field if remove.receiver else ""
    heir = case.resource.values.get(asked, "") if asked else remove.heir
    who = ", ".join(keys)
    if asked and not heir:
        message = f"{row.label} does not list {who} any more, and nobody is named to get what they own"
        case.find(Code.NO_RECEIVER, message, f"write {asked} under spec: the user id of who gets it")
    elif asked and heir in keys:
        message = f"{heir} is to leave, and cannot get what those who leave own"
        case.find(Code.NO_RECEIVER, message, f"name somebody who stays under spec.{asked}")
    elif heir:
        message = f"{row.label}: what {who} owned goes to {heir}"
        case.find(Code.MOVES_RESOURCES, message, "it does not come back when they are listed again")


def draft_only(case: ResourceChange) -> None:
    """An edit that users do not see is never left unsaid."""
    published = publication_of(case.resource.kind)
    if not (published and case.body):
        return
    if dig(case.resource.values, (*published.row.path, CONNECTORS)) is MISSING:
        message = "the edit stays in the draft: users see it once the bot is published"
        case.find(Code.DRAFT_ONLY, message, "declare spec.publish to publish it")


def costs(case: ResourceChange) -> None:
    """What is gone for good once the object was written."""
    kind = case.resource.kind
    if kind.costs and case.body:
        case.find(Code.COSTS, kind.costs, "listen to the recording once more")
