"""What a state adds to a plan: identity, what cannot be read back, and who changed a field. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from cozeops.address import Address
from cozeops.declare.calls import Path
from cozeops.declare.codec import seen
from cozeops.declare.fields import UNREADABLE, Is
from cozeops.declare.publication import CONNECTORS, uses_in
from cozeops.declare.resource import Resource
from cozeops.declare.rows import Row, is_within, rows_of
from cozeops.engine.diff.references import compared
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Change
from cozeops.frozen import frozen
from cozeops.state.model import CopyTask, ItemRecord, Ownership, Record, leaf_hash, secret_digest
from cozeops.values import MISSING, FileContent, Json, Secret, dig, digest, to_json


def sealed_inputs(resource: Resource, memory: PriorState | None) -> str:
    """A digest of what a resource is made from. Its secrets count by the key of a state that knows something.

    Without one they do not: whatever stood in a plan's file for them, others could test their guesses by it.
    (The key of a state that was never written is another one in each run.)
    """
    secret, key = resource.secrets, memory.key if memory and memory.records else ""
    if secret is None or not key:
        return resource.inputs
    return digest([resource.inputs, secret_digest(secret.reveal(), key)])


@frozen
class PriorState:
    """The records of one environment, as a plan reads them."""

    records: Mapping[Address, Record] = field(default_factory=dict)
    begun: frozenset[Address] = frozenset()
    """Addresses that an earlier run began to create and never heard back about."""
    key: str = field(default="", repr=False)
    """What digests of secrets are keyed with."""
    moves: Mapping[Address, Address] = field(default_factory=dict)
    """Addresses -> those under which the live object that they mean is remembered (`claimed`)."""
    claims: frozenset[tuple[str, str]] = frozenset()
    """(kind, id) of the live objects that the manifests mean: none of them ever departs."""

    def of(self, resource: Resource) -> Record | None:
        """The record of a resource, also under another address; None for that of another live object."""
        record = self.records.get(self.address_of(resource))
        return None if record and _is_of_another(record, resource) else record

    def address_of(self, resource: Resource) -> Address:
        """The address under which a resource is remembered."""
        if resource.address in self.moves:
            return self.moves[resource.address]
        if resource.address not in self.records and resource.moved_from:
            before = Address(resource.address.kind, resource.moved_from)
            return before if before in self.records else resource.address
        return resource.address

    def known(self, resources: Iterable[Resource]) -> dict[Address, Record]:
        """The records of these resources, by the address of today."""
        found = {one.address: self.of(one) for one in resources}
        return {address: record for address, record in found.items() if record}

    def trusted(self, resources: Iterable[Resource]) -> set[Address]:
        """Those whose list entry may speak for them: known under this address, and pledged as they are."""
        known = {one.address: one for one in resources}
        return {
            address
            for address, record in self.records.items()
            if address in known and not repledged(record, known[address])
        }

    def departed(self, resources: Mapping[Address, Resource]) -> Iterator[tuple[Address, Record]]:
        """What is remembered and not in the manifests any more."""
        claimed = {self.address_of(one) for one in resources.values()}
        seen = set(self.claims)
        for address, record in sorted(self.records.items()):
            about = (address.kind, record.id)
            if address not in claimed and record.id and about not in seen:
                seen.add(about)
                yield address, record


def _is_of_another(record: Record, resource: Resource) -> bool:
    """Whether `spec.id` says that another live object is meant than the one that is remembered."""
    return bool(resource.id and record.id and record.id != resource.id and resource.kind.listing)


def repledged(record: Record, resource: Resource) -> bool:
    """Whether `lifecycle.protect` is not what it was when the record was made."""
    return set(record.protect) != set(resource.lifecycle.protect)


def origin(record: Record | None, label: str, live: Any, desired: Any) -> str:
    """Who changed a field since it was last applied: `git`, `live`, `both`; empty where nobody knows."""
    applied = record.applied.get(label) if record else None
    if applied is None:
        return ""
    if live is not MISSING and leaf_hash(live) == applied:
        return "git"
    return "live" if leaf_hash(desired) == applied else "both"


def remembered(record: Record | None, row: Row, wanted: Any, key: str) -> bool | None:
    """Whether what was last sent in a field that cannot be read is what is wanted; None: not known."""
    if isinstance(wanted, Secret):
        return remembered_secret(record, row, wanted, key)
    if record is None or row.label not in record.values:
        return None
    return bool(_comparable(record.values[row.label]) == _comparable(to_json(wanted)))


def remembered_secret(record: Record | None, row: Row, secret: Secret, key: str) -> bool | None:
    """Whether a secret is the one that was there last; None: not known."""
    known = record.secrets.get(row.label) if record else None
    return None if known is None else known == secret_digest(secret.reveal(), key)


def ours(record: Record | None) -> bool:
    """Whether cozeops made the object: what it never sent there, nobody else has sent before."""
    return record is not None and record.ownership is Ownership.CREATED


def remembered_upload(record: Record | None, row: Row, file: FileContent) -> str | None:
    """The id under which the same content was uploaded before."""
    known = record.values.get(row.label) if record else None
    same = isinstance(known, dict) and known.get("sha256") == file.sha256
    return str(known["id"]) if same and isinstance(known, dict) and known.get("id") else None


def _comparable(value: Any) -> Any:
    # A file is its content: its path and the id of its upload may change.
    return value["sha256"] if isinstance(value, dict) and "sha256" in value else value


def carried(record: Record | None, resource: Resource) -> dict[tuple[str, ...], Any]:
    """Values of undeclared fields that cannot be read, to be sent again lest a write resets them."""
    if record is None:
        return {}
    found = {}
    for row in rows_of(resource.kind):
        if row.in_body and row.label in record.values and dig(resource.values, row.path) is MISSING:
            value = record.values[row.label]
            found[row.path] = value.get("id", "") if row.upload and isinstance(value, dict) else value
    return found


def new_record(resource: Resource, id: str, scope: str, file_ids: Mapping[str, str], key: str) -> Record:
    """What is known of an object that was just created: what else belongs to it is still to be sent."""
    sent = {
        row.label: value
        for row in rows_of(resource.kind)
        if row.in_body and row.wire.on_create and not row.reads
        if (value := dig(resource.values, row.path)) is not MISSING
    }
    values = {label: _kept(one, file_ids) for label, one in sent.items() if not isinstance(one, Secret)}
    return Record(id, Ownership.CREATED, resource.name, scope, values=values, secrets=_digests(sent, key))


def _digests(values: Mapping[str, Any], key: str) -> dict[str, str]:
    """The keyed digests of those that are secrets."""
    return {
        label: secret_digest(one.reveal(), key) for label, one in values.items() if isinstance(one, Secret)
    }


@frozen
class Accomplished:
    """What a run knows of a change that it has made, beside what is live."""

    items: Mapping[str, Mapping[str, ItemRecord]]
    """Those beside the object, by label and key."""
    ours: bool
    """Whether cozeops itself made the object, in this run or in an earlier one."""
    copy: CopyTask | None
    made: int
    """When this run created it (Unix seconds of the server); 0: it did not."""
    version: str
    file_ids: Mapping[str, str]
    """Uploads by content."""
    key: str = field(repr=False)
    """What digests of secrets are keyed with."""


def make_record(
    resource: Resource,
    change: Change,
    live: Live,
    snapshot: Snapshot,
    before: Record | None,
    done: Accomplished,
) -> Record:
    """What is known of a resource once its change is made (an adoption sends nothing, and knows less)."""
    desired = compared(resource, snapshot)
    rows = [row for row in rows_of(resource.kind) if row.path in desired]
    told = _told(rows, desired, live)
    return Record(
        id=live.id,
        ownership=before.ownership if before else Ownership.CREATED if done.ours else Ownership.ADOPTED,
        name=resource.name,
        scope=snapshot.home_id(resource) or "",
        applied=applied_now(told, desired, live) | published_on(resource, snapshot),
        values=_values(resource, change, desired, told, before, done.file_ids),
        secrets=_secrets(resource, change, rows, live, before, done.key),
        items=done.items,
        version=done.version or (before.version if before else ""),
        protect=tuple(sorted(resource.lifecycle.protect)),
        copy=done.copy or (settled(before.copy) if before and before.copy else None),
        made=done.made or (before.made if before else 0),
        passed=before.passed if before else {},
    )


def _told(rows: Iterable[Row], desired: Mapping[Path, Any], live: Live) -> list[Row]:
    """The rows whose live value is known, as far as `desired` is about it."""

    def is_told(row: Row) -> bool:
        value, whole = seen(row, live.fields.get(row.path, UNREADABLE), desired[row.path])
        return value is not UNREADABLE and whole

    return [row for row in rows if row.in_body and is_told(row)]


def applied_now(rows: Iterable[Row], desired: Mapping[Path, Any], live: Live) -> dict[str, str]:
    """Label -> hash of the values that can be read back, as `Record.applied` has them."""
    return {
        row.label: leaf_hash(desired[row.path])
        for row in _told(rows, desired, live)
        if not isinstance(desired[row.path], Secret)
    }


def _secrets(
    resource: Resource, change: Change, rows: list[Row], live: Live, before: Record | None, key: str
) -> dict[str, str]:
    """Secrets as they are on Coze where that can be read; else those that this change sent, or one before."""
    sent = {field.path for field in change.fields}
    found = {
        row.label: live.fields.get(row.path, dig(resource.values, row.path) if row.label in sent else MISSING)
        for row in rows
        if Is.SECRET in row.traits
    }
    return {**(before.secrets if before else {}), **_digests(found, key)}


def held_back(record: Record, resource: Resource, before: Record | None) -> Record:
    """The record of a change that was not published: of its publication, what was known before."""
    labels = tuple(row.label for row in rows_of(resource.kind) if row.publication)
    known = before or Record(record.id, record.ownership)

    def restored(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
        rest = {label: value for label, value in now.items() if not label.startswith(labels)}
        return rest | {label: value for label, value in then.items() if label.startswith(labels)}

    return replace(
        record,
        applied=restored(record.applied, known.applied),
        values=restored(record.values, known.values),
    )


def settled(copy: CopyTask) -> CopyTask:
    """A copy that was made: nothing of it is under way any more."""
    return replace(copy, asked=False, task="")


def channel_params(row: Row, written: Json) -> dict[str, Json]:
    """Parameters of custom channels, by the label that plans show them with."""
    return {
        f"{row.label}.connectors[{use['connector']}].params": use["params"]
        for use in uses_in(written)
        if use["params"]
    }


def published_on(resource: Resource, snapshot: Snapshot) -> dict[str, str]:
    """The connectors that it was published on, under the label that plans show them with."""
    home = snapshot.home_id(resource) or ""
    found = {}
    for row in rows_of(resource.kind):
        uses: Any = dig(resource.values, (*row.path, CONNECTORS)) if row.publication else MISSING
        if uses is not MISSING:
            ids = sorted(str(snapshot.id_of(use["connector"], home)) for use in uses)
            found[f"{row.label}.{CONNECTORS}"] = leaf_hash(ids)
    return found


def _values(
    resource: Resource,
    change: Change,
    desired: Mapping[Path, Any],
    told: Collection[Row],
    before: Record | None,
    file_ids: Mapping[str, str],
) -> dict[str, Any]:
    """The fields that cannot be read: what this change sent, and else what was sent before."""
    known, readable = before.values if before else {}, {row.label for row in told}
    values = {label: value for label, value in known.items() if label not in readable}
    sent = {field.path for field in change.fields}
    for row in (row for row in rows_of(resource.kind) if row.path in desired and row not in told):
        if row.publication:
            params = channel_params(row, dig(resource.values, row.path))
            values |= {label: found for label, found in params.items() if label in sent}
        if not (row.in_body or row.setter) or Is.SECRET in row.traits:
            continue
        # What was read a moment ago and is not told any more is as it was.
        was_told = before is not None and before.applied.get(row.label) == leaf_hash(desired[row.path])
        if any(is_within(path, row.label) for path in sent) or (was_told and row.label not in values):
            values[row.label] = _kept(dig(resource.values, row.path), file_ids)
    return values


def _kept(value: Any, file_ids: Mapping[str, str]) -> Any:
    kept = to_json(value)
    return {**kept, "id": file_ids.get(value.sha256, "")} if isinstance(value, FileContent) else kept
