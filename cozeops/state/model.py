"""What is remembered between runs: ids, what was last applied, and what Coze cannot tell.

One small JSON document per environment. Losing it loses precision, never data: without it objects are
found by name again. Secrets are in it only as keyed digests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import Any

from cozeops.address import Address
from cozeops.errors import CozeopsError
from cozeops.frozen import frozen
from cozeops.state.run import FinishedRun
from cozeops.values import Json, as_object, as_text, canonical, read_json

FORMAT = "cozeops-state/1"
_HASH = 16
"""Hex digits of a leaf hash: enough to tell values apart, too few to be worth storing more."""
_RUNS = 100
"""Runs that a state remembers."""
_RUNS_WHOLE = 20
"""Those of them whose changes it has, too."""


class Ownership(StrEnum):
    """How an object became ours; `--prune` removes what was created or adopted."""

    CREATED = "created"
    ADOPTED = "adopted"
    IMPORTED = "imported"


@frozen
class ItemRecord:
    """An item of a collection as it was last applied: its live id (may be empty) and its value as JSON."""

    id: str
    value: Any
    at: int = 0
    """When it was added (Unix seconds of the server), where that is known."""
    older: tuple[str, ...] = ()
    """Ids of those that it replaces: they were ours, too."""
    lost: int = 0
    """When another one of its name was sent, and nobody heard of it again (Unix seconds of the server)."""

    @property
    def ids(self) -> tuple[str, ...]:
        """What it is and was."""
        return (self.id, *self.older)

    @property
    def doubted(self) -> bool:
        """Whether it is not known that there is any."""
        return bool(self.lost) and not self.id


@frozen
class CopyTask:
    """A copy that was asked for. It is done once `task` and `asked` are empty."""

    source: str
    """The id of what was copied."""
    asked: bool = False
    """It was about to be asked for, and nobody heard what came of it."""
    task: str = ""
    """The task that makes it."""
    at: int = 0
    """When it was there (Unix seconds of the server)."""
    older: tuple[str, ...] = ()
    """Ids of earlier copies: nothing deletes them."""


@frozen
class Record:
    """What is known of one address. Labels are those of plans, such as `spec.model.temperature`."""

    id: str
    """Empty while its copy is being made."""
    ownership: Ownership
    name: str = ""
    """The name on Coze when it was last applied."""
    scope: str = ""
    """The id of the workspace it lives in."""
    applied: Mapping[str, str] = field(default_factory=dict)
    """Label -> hash of the value that was last applied."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Label -> value of fields that cannot be read back, in clear (they must be carried and removed)."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Label -> keyed digest of a secret."""
    items: Mapping[str, Mapping[str, ItemRecord]] = field(default_factory=dict)
    """Label of a collection -> key -> item."""
    observed: Mapping[str, Any] = field(default_factory=dict)
    """What the listing said when the record was made: times, fingerprint, when (Unix seconds)."""
    version: str = ""
    """The version of the last publication."""
    protect: tuple[str, ...] = ()
    """What `lifecycle.protect` had when it was last applied: it holds after the manifest is gone."""
    awaiting: Mapping[str, int] = field(default_factory=dict)
    """Connectors that were published to and do not show it yet -> when (Unix seconds of the server)."""
    copy: CopyTask | None = None
    """That it is a copy, and of what."""
    made: int = 0
    """When cozeops created it (Unix seconds of the server; 0: not known, or not by us): lists may lag."""
    passed: Mapping[str, Any] = field(default_factory=dict)
    """The digest of the content that last passed its checks and was published, the checks, and when."""


@frozen
class State:
    """The memory of one environment. `serial` grows with every save, `lineage` never changes."""

    environment: str
    base_url: str
    lineage: str
    project: str = ""
    """The project's name; empty in a document of a version that did not say."""
    home: str = ""
    """The project's folder within its repository, where its name alone may not tell it apart from another."""
    serial: int = 0
    key: str = ""
    """Random key for digests of secrets, where COZEOPS_STATE_KEY does not give one (hex)."""
    resources: Mapping[Address, Record] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    """Who applied what last: id, time, commit, user."""
    runs: tuple[FinishedRun, ...] = ()
    """The last runs that wrote, newest first: a runner of CI forgets its own history."""
    journal: str = ""
    """The run in whose journal the rest stands: it saved this in its middle (empty: this is the whole)."""

    def with_run(self, finished: FinishedRun) -> State:
        """The state after this run; of older ones only the counts are kept."""
        older = [replace(one, changes=()) for one in self.runs[_RUNS_WHOLE - 1 : _RUNS - 1]]
        return replace(self, runs=(finished, *self.runs[: _RUNS_WHOLE - 1], *older))

    def with_record(self, address: Address, record: Record) -> State:
        """The state with this record."""
        return self.with_records({address: record})

    def without(self, address: Address) -> State:
        """The state that has forgotten an address."""
        return self.with_records({address: None})

    def with_records(self, changed: Mapping[Address, Record | None]) -> State:
        """The state with these records; None: it has forgotten the address."""
        known = {**self.resources, **changed}
        return replace(self, resources={address: one for address, one in known.items() if one})


class InvalidState(CozeopsError):
    """A state that cannot be read: damaged, foreign, or of a newer cozeops."""


def leaf_hash(value: Any) -> str:
    """The truncated hash of a value, as `Record.applied` has it."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]


def secret_digest(value: str, key: str) -> str:
    """The keyed digest of a secret: equal secrets look alike only to who holds the key."""
    return "hmac-sha256:" + hmac.new(key.encode(), value.encode("utf-8"), hashlib.sha256).hexdigest()


class Texts:
    """The texts of records that were written before: a save costs what changed, not what is there."""

    def __init__(self) -> None:
        self._known: dict[Address, tuple[Record, str]] = {}

    def of(self, address: Address, record: Record) -> str:
        """The record as it stands in the document."""
        known = self._known.get(address)
        if known is None or known[0] is not record:
            text = _dump({str(address): record_to_json(record)})[3:-2]  # without the braces around it
            known = self._known[address] = record, text.replace("\n", "\n ")
        return known[1]


_NO_RESOURCES = '\n "resources": {}'
"""No text within the document can look like this: a line break in it is written as two characters."""


def write_state(state: State, texts: Texts | None = None) -> str:
    """The document's text: stable, so that a diff of two states shows what changed."""
    known = texts or Texts()
    records = sorted((str(address), known.of(address, one)) for address, one in state.resources.items())
    whole = _dump(_frame_json(state)) + "\n"
    if not records:
        return whole
    listed = ",\n  ".join(text for _, text in records)
    before, after = whole.split(_NO_RESOURCES)
    return f'{before}\n "resources": {{\n  {listed}\n }}{after}'


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)


def read_state(text: str, name: str) -> State:
    """A state from its text; `name` is for messages. Raises InvalidState."""
    try:
        data = read_json(text)
    except ValueError as error:
        raise InvalidState(
            f"{name} is not a state: {error}", hint="restore it from its backup or its history"
        ) from None
    found = data.get("format") if isinstance(data, dict) else None
    if found != FORMAT:
        hint = (
            "use the newer cozeops that wrote it" if str(found).startswith("cozeops-state/") else "restore it"
        )
        raise InvalidState(f"{name}: the format is {found!r}, this version reads {FORMAT}", hint=hint)
    try:
        return _state(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise InvalidState(
            f"{name} is damaged ({what})", hint="restore it from its backup or its history"
        ) from None


def _frame_json(state: State) -> Json:
    """The document without its records."""
    return ({"journal": state.journal} if state.journal else {}) | {
        "format": FORMAT,
        "project": state.project,
        "home": state.home,
        "env": state.environment,
        "base_url": state.base_url,
        "lineage": state.lineage,
        "serial": state.serial,
        "key": state.key,
        "run": dict(state.run),
        "runs": [one.to_json() for one in state.runs],
        "resources": {},
    }


def record_to_json(record: Record) -> Json:
    """A record as it stands in the document."""
    found: Json = {
        "id": record.id,
        "ownership": str(record.ownership),
        "name": record.name,
        "scope": record.scope,
        "applied": dict(record.applied),
        "values": dict(record.values),
        "secrets": dict(record.secrets),
        "items": {
            label: {key: _item_json(item) for key, item in items.items()}
            for label, items in record.items.items()
        },
        "observed": dict(record.observed),
        "version": record.version,
        "awaiting": dict(record.awaiting),
        "made": record.made,
        "passed": dict(record.passed),
        "protect": list(record.protect),
        "copy": _copy_json(record.copy) if record.copy else {},
    }
    return {key: value for key, value in found.items() if key == "id" or value not in ("", {}, [], 0)}


def _item_json(item: ItemRecord) -> Json:
    found = {"id": item.id, "value": item.value, "at": item.at, "older": list(item.older), "lost": item.lost}
    return {key: value for key, value in found.items() if value or key in ("id", "value")}


def _copy_json(copy: CopyTask) -> Json:
    found = {**asdict(copy), "older": list(copy.older)}
    return {key: value for key, value in found.items() if value or key == "source"}


def _state(data: Json) -> State:
    return State(
        environment=as_text(data["env"]),
        base_url=as_text(data["base_url"]),
        lineage=as_text(data["lineage"]),
        project=as_text(data.get("project", "")),
        home=as_text(data.get("home", "")),
        serial=int(data["serial"]),
        key=as_text(data["key"]),
        resources={
            Address.parse(address): record_from_json(found) for address, found in data["resources"].items()
        },
        run=as_object(data["run"]),
        runs=tuple(FinishedRun.from_json(one) for one in data.get("runs", ())),
        journal=as_text(data.get("journal", "")),
    )


def record_from_json(data: Json) -> Record:
    """The same again. Raises KeyError, TypeError, ValueError, AttributeError for what is none."""
    return Record(
        id=as_text(data["id"]),
        ownership=Ownership(data["ownership"]),
        name=as_text(data.get("name", "")),
        scope=as_text(data.get("scope", "")),
        applied={label: as_text(value) for label, value in data.get("applied", {}).items()},
        values=as_object(data.get("values", {})),
        secrets={label: as_text(value) for label, value in data.get("secrets", {}).items()},
        items={
            label: {key: _item(item) for key, item in items.items()}
            for label, items in data.get("items", {}).items()
        },
        observed=as_object(data.get("observed", {})),
        version=as_text(data.get("version", "")),
        protect=tuple(as_text(one) for one in data.get("protect", ())),
        made=int(data.get("made", 0)),
        passed=as_object(data.get("passed", {})),
        awaiting={one: int(when) for one, when in data.get("awaiting", {}).items()},
        copy=_copy(data["copy"]) if data.get("copy") else None,
    )


def _item(data: Json) -> ItemRecord:
    return ItemRecord(
        id=as_text(data["id"]),
        value=data["value"],
        at=int(data.get("at", 0)),
        older=tuple(as_text(one) for one in data.get("older", ())),
        lost=int(data.get("lost", 0)),
    )


def _copy(data: Json) -> CopyTask:
    return CopyTask(
        source=as_text(data["source"]),
        asked=bool(data.get("asked", False)),
        task=as_text(data.get("task", "")),
        at=int(data.get("at", 0)),
        older=tuple(as_text(one) for one in data.get("older", ())),
    )
