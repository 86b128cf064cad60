"""What must hold whatever happens. Each law takes what was seen, and raises AssertionError."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cozeops.declare.calls import UPLOAD
from cozeops.declare.codec import encode
from cozeops.declare.fields import UNREADABLE
from cozeops.declare.kind import Kind
from cozeops.declare.resource import Resource
from cozeops.declare.rows import rows_of
from cozeops.engine.observe.cache import Reader
from cozeops.engine.observe.lookup import Observer
from cozeops.engine.observe.snapshot import Remembered, channels_of, observe
from cozeops.kinds import kinds
from cozeops.state.model import Ownership, leaf_hash
from cozeops.values import MISSING, dig
from tests.machine.world import Tables, World

Json = dict[str, Any]

NAMES = {"bots": ("space_id", "draft"), "datasets": ("space_id", "name"), "workspaces": ("", "name")}
"""Table -> where its rows live and where they have their names."""
OWNED = {"documents": "dataset_id", "bot_versions": "bot_id"}
"""Tables whose rows belong to a row of another one."""
PASSING = ("tokens", "files", "users")
UNTOLD = {"spec.icon": "icon_file_id"}


def demand_reads_only(world: World, before: Tables, memory: Mapping[str, bytes]) -> None:
    """A plan writes nothing: not on Coze, and of its own files only what may be lost."""
    assert world.written() == []
    after = world.tables()
    moved = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    assert moved == [], f"a plan changed {moved}"
    kept = {name: data for name, data in world.memory().items() if not name.startswith("cache")}
    assert kept == {name: data for name, data in memory.items() if not name.startswith("cache")}


def demand_shown(plan: Json, written: Iterable[Any], before: Tables) -> None:
    """Every write was a step of the plan, as often as it says."""
    asked: Counter[tuple[str, str]] = Counter()
    for change in plan["changes"]:
        for step in change["steps"]:
            asked[change["address"], step["operation"]] += max(1, len(step.get("items") or []))
    sent: dict[tuple[str, str], set[str]] = {}
    for one in written:
        request = json.dumps([one.path, one.query, one.body], ensure_ascii=False, sort_keys=True)
        owner = _owner(plan, one, request)
        if owner is None and _takes_back(one, before):
            continue
        steps = [(change["address"], change["steps"]) for change in plan["changes"]]
        assert owner is not None, f"no change of the plan has {one.operation} {request}: {steps}"
        sent.setdefault((owner, one.operation), set()).add(request)
    for (owner, operation), requests in sent.items():
        if owner != "*":
            assert len(requests) <= asked[owner, operation], f"{owner}: {operation} was sent {requests}"


def _owner(plan: Json, one: Any, request: str) -> str | None:
    """The address of the change that a write is of."""
    operation = one.operation
    changes = [
        change for change in plan["changes"] if operation in {step["operation"] for step in change["steps"]}
    ]
    if one.operation == "uploadFile":
        return "*" if changes else None
    for change in changes:
        steps = [step for step in change["steps"] if not step.get("field", "").endswith(".connectors")]
        if {id for step in steps for id in step.get("ids", ())} & _texts(one.body):
            return str(change["address"])
        if (change["id"] and f'"{change["id"]}"' in request) or f"/{change['id']}" in request:
            return str(change["address"])
    # What this run makes has an id that no plan knows; some things have none on the wire at all.
    return "*" if any(change["id"] is None or _kind(change).keyed for change in changes) else None


def _kind(change: Json) -> Kind:
    return kinds()[change["address"].partition("/")[0]]


def _takes_back(one: Any, before: Tables) -> bool:
    """A document that could not be processed goes again: it came in this run."""
    ids = one.body.get("document_ids", []) if isinstance(one.body, dict) else []
    return one.operation == "deleteDocuments" and not set(ids) & before.get("documents", {}).keys()


def demand_told(plan: Json, report: Json, written: Iterable[Any]) -> None:
    """Every step of a change that is done was made; every other change says what became of it."""
    changes = {change["address"]: change for change in plan["changes"] if change["action"] != "none"}
    outcomes = {outcome["address"]: outcome for outcome in report["outcomes"]}
    assert outcomes.keys() == changes.keys()
    requests = [(one.operation, json.dumps([one.path, one.query, one.body])) for one in written]
    for address, outcome in outcomes.items():
        if outcome["status"] == "done":
            for step in changes[address]["steps"]:
                assert _was_sent(step, outcome["id"] or "", requests), f"{address} is done, but not {step}"
        else:
            assert outcome["message"], f"{address} is {outcome['status']}, and nobody says why"


def _was_sent(step: Json, id: str, requests: Iterable[tuple[str, str]]) -> bool:
    """Whether a step was made; a create does not have the id yet, and a file is sent once for all."""
    free = {UPLOAD.call.operation}
    for kind in kinds().values():
        # What is found by a key of its own has no id on the wire.
        calls = (kind.create, kind.update if kind.keyed else None)
        free |= {call.operation for call in calls if call}
    operation = step["operation"]
    return operation == UPLOAD.call.operation or any(
        sent == operation
        and (operation in free or not ids_of(step, id) or any(one in request for one in ids_of(step, id)))
        for sent, request in requests
    )


def ids_of(step: Json, id: str) -> list[str]:
    """What a request of this step may name: its object, or its items."""
    return [one for one in (id, *step.get("ids", ())) if one]


def demand_code(report: Json, code: int) -> None:
    """The exit code is that of the outcomes."""
    found = {outcome["status"] for outcome in report["outcomes"]}
    expected = {0} if found <= {"done"} else {6} if "stale" in found else {4, 7}
    assert code in expected, f"exit {code} with {found}"
    assert report["exit_code"] == code


def demand_one_owner(plan: Json) -> None:
    """No live object belongs to two addresses of a plan: one that is claimed never departs as another."""
    owners: dict[tuple[str, str], str] = {}
    for change in plan["changes"]:
        if change["id"] and _kind(change).listing:
            first = owners.setdefault((_kind(change).name, change["id"]), change["address"])
            assert first == change["address"], f"{first} and {change['address']} are both {change['id']}"


def demand_no_doubles(before: Tables, after: Tables) -> None:
    """No object is there twice that was not before."""
    then, now = _named(before), _named(after)
    doubled = {key: count for key, count in now.items() if count > max(1, then[key])}
    assert not doubled, f"there more than once: {doubled}"


def _named(tables: Tables) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for table, (scope, name) in NAMES.items():
        for row in tables.get(table, {}).values():
            called = row["draft"]["name"] if name == "draft" else row[name]
            found[table, str(row.get(scope, "")), str(called)] += 1
    return found


def demand_untouched(world: World, plan: Json, before: Tables, after: Tables) -> None:
    """What no change of the plan is about is as it was; so are the fields that no manifest has."""
    pending = [change for change in plan["changes"] if change["action"] != "none"]
    changed = {change["id"]: change for change in pending if change["id"]}
    for table, rows in before.items():
        for key, row in rows.items():
            if table in PASSING or _whose(table, key, row) & changed.keys():
                continue
            assert _settled(row) == _settled(after.get(table, {}).get(key, {})), f"{table} {key} was touched"
    resources = {str(one.address): one for one in world.project().resources}
    for id, change in changed.items():
        if change["address"] in resources and change["action"] != "delete":
            told = " ".join(
                found["message"]
                for found in plan["findings"]
                if found["address"] == change["address"] and found["name"] == "resets-unreadable"
            )
            _demand_unmanaged(resources[change["address"]], id, told, before, after)


def _whose(table: str, key: str, row: Json) -> set[str]:
    if table in NAMES or table in ("workflows", "apps", "plugins", "connectors"):
        return {key}
    if table in OWNED:
        return {key, row[OWNED[table]]}
    return {key, *_texts(row)}


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {str(key) for key in value} | {text for one in value.values() for text in _texts(one)}
    if isinstance(value, list):
        return {text for one in value for text in _texts(one)}
    return {value} if isinstance(value, str) else set()


def _settled(row: Json) -> Json:
    # Who leaves a workspace leaves what he owns there to its owner.
    return {key: value for key, value in row.items() if key not in ("owner_user_id", "seen")}


def _demand_unmanaged(resource: Resource, id: str, told: str, before: Tables, after: Tables) -> None:
    table = {"Bot": "bots", "KnowledgeBase": "datasets", "Workspace": "workspaces"}.get(resource.kind.name)
    if table is None or id not in before.get(table, {}):
        return
    was, now = before[table][id], after[table][id]
    for row in rows_of(resource.kind):
        if dig(resource.values, row.path) is not MISSING or row.label in told:
            continue
        if row.in_body and row.write:
            steps = [step for step in row.write if step != "*"]
            places = [("draft", *steps)] if table == "bots" else [(UNTOLD.get(row.label, steps[-1]),)]
            for place in places:
                old, new = dig(was, place), dig(now, place)
                assert old == new, f"{resource.address}: {row.label} is not managed: {old!r} became {new!r}"
        elif row.publication:
            assert was["online"] == now["online"], f"{resource.address}: publication is not managed"
        elif row.collection and row.label == "spec.documents":
            other = dig(resource.values, ("images",))
            assert _inside(before, id) == _inside(after, id) or other is not MISSING, f"documents of {id}"
        elif row.collection and row.label == "spec.members":
            assert was["members"] == now["members"]
        elif row.label.startswith("spec.collaboration"):
            field = "collaborators" if row.collection else "collaboration_mode"
            assert was[field] == now[field], f"{resource.address}: {row.label} is not managed"


def _inside(tables: Tables, id: str) -> list[Json]:
    return [row for row in tables.get("documents", {}).values() if row["dataset_id"] == id]


def demand_remembered(world: World) -> None:
    """The state has what was applied: each object under its id, each readable value as it is live."""
    state = world.saved()
    project = world.project()
    known = {one.address: one for one in project.resources if one.kind.lives}
    assert state is not None
    with world.client() as client:
        records = {address: state.resources[address] for address in known if address in state.resources}
        snapshot = observe(project.resources, client, Remembered(records))
        # What has no id that anybody tells cannot be remembered.
        told = {address for address in known if snapshot.live[address].id and known[address].kind.listing}
        assert told <= state.resources.keys(), f"not remembered: {told - state.resources.keys()}"
        observer = Observer(Reader(client), channels_of(project.resources))
        for address, record in records.items():
            resource, scope = known[address], known[address].scope
            home = snapshot.live[scope].id if scope else None
            live = observer.read(resource, home, record.id)
            labels = {row.label: row.path for row in rows_of(resource.kind)}
            for label, applied in record.applied.items():
                value = live.fields.get(labels[label], UNREADABLE) if label in labels else UNREADABLE
                assert value is UNREADABLE or leaf_hash(value) == applied, f"{address}: {label} is {value!r}"
            for label, items in record.items.items():
                listed = {item.id for item in live.items.get(labels[label], ())}
                if labels[label] in live.items:
                    assert {item.id for item in items.values()} <= listed, f"{address}: {label}"


def demand_true(world: World, plan: Json) -> None:
    """What we made and remember is what the manifests say, also where Coze does not tell."""
    state, tables = world.saved(), world.tables()
    unseen = {change["address"]: change["uncompared"] for change in plan["changes"]}
    for resource in world.project().resources:
        record = state.resources.get(resource.address)
        if record is None or record.ownership is not Ownership.CREATED:
            continue
        # Only a new object takes them, and who made it may have died before it could say what it sent.
        stuck = {row.label for row in rows_of(resource.kind) if row.in_body and not row.wire.on_update}
        unknown = set(unseen[str(resource.address)]) - stuck
        assert not unknown, f"{resource.address}: nobody knows {unknown}"
        table = {"Bot": "bots", "KnowledgeBase": "datasets"}.get(resource.kind.name)
        if table:
            _demand_true(resource, tables[table][record.id], tables)


def _demand_true(resource: Resource, live: Json, tables: Tables) -> None:
    for row in rows_of(resource.kind):
        value = dig(resource.values, row.path)
        if value is MISSING:
            continue
        if row.upload and not row.collection:
            file = tables["files"].get(live.get("draft", live).get("icon_file_id"), {})
            assert file.get("sha256") == value.sha256, f"{resource.address}: {row.label}"
        elif row.setter:
            assert live["collaboration_mode"] == value, f"{resource.address}: {row.label}"
        elif row.label == "spec.collaboration.collaborators":
            assert set(live["collaborators"]) == set(value), f"{resource.address}: {live['collaborators']}"
        elif row.label == "spec.documents":
            mine = _inside(tables, live["dataset_id"])
            assert len(mine) == len(value), f"{resource.address}: {mine}"
            contents = {item["file"].sha256 for item in value if "file" in item}
            assert contents <= {one.get("sha256") for one in mine}, f"{resource.address}: {mine}"
        elif row.in_body and not row.reads and row.write:
            wanted = dig(encode(resource.kind, {row.path: value}, creating=False), tuple(row.write))
            assert dig(live["draft"], tuple(row.write)) == wanted, f"{resource.address}: {row.label}"


def demand_secret(world: World, token: str) -> None:
    """The token is in no file."""
    for path in world.home.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes(), path
