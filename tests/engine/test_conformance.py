"""What every kind must pass: apply, then plan, is empty; a difference is named; order is no change."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.declare.fields import Is
from cozeops.declare.rows import rows_of
from cozeops.declare.verbs import Verb, verb_of
from cozeops.engine.plan.file import read_plan, write_plan
from cozeops.kinds import kinds
from tests.engine.full import FLIPS, NAMED, PROJECT, USERS, flipped, write
from tests.kit import Bench, change, paths

UNREADABLE = {
    # Coze says nothing about these in the reply to a read.
    "Bot": {
        "spec.icon",
        "spec.knowledge.auto_call",
        "spec.knowledge.search_strategy",
        "spec.model.cache_type",
        "spec.model.sp_anti_leak",
        "spec.model.sp_current_time",
    },
    "Workspace": {"spec.icon", "spec.coze_account_id", "spec.owner_uid"},
    "KnowledgeBase": {"spec.icon"},
    "Voice": {"spec.file", "spec.text", "spec.description", "spec.workspace"},
    "Organization": {"spec.description", "spec.super_admin_user_id"},
}

FLIPPED = [(address, label, value) for address, flips in FLIPS.items() for label, value in flips.items()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The full project, applied once; tests of this module only plan."""
    folder = tmp_path_factory.mktemp("full") / "project"
    write(folder, PROJECT)
    bench = Bench(folder, source=None)
    bench.seed()
    # Without a state nobody knows whether somebody is in an enterprise: they are sent when it is asked for.
    bench.settle("EnterpriseMembers/company")
    return bench


@pytest.fixture(autouse=True)
def whole(made: Bench) -> None:
    """Each test starts from the project as it was applied."""
    write(made.folder, PROJECT)


def test_apply_then_plan_is_empty(made: Bench) -> None:
    """Property: no false differences, with every field of every kind declared."""
    assert made.plan().pending == ()


@pytest.mark.parametrize(("address", "label", "value"), FLIPPED)
def test_each_readable_field_is_named_exactly(made: Bench, address: str, label: str, value: Any) -> None:
    """Property: one flipped field is one path in the plan, and nothing else changes."""
    project = flipped(address, label, value)
    if label == "spec.name":  # without an id, another name is another object
        project[address]["spec"]["id"] = made.look()[1].live[Address.parse(address)].id
    write(made.folder, project)
    plan = made.plan()
    assert [str(one.address) for one in plan.pending] == [address]
    assert paths(plan, address) == [NAMED.get(label.strip(), label.strip())]


def test_a_plan_file_tells_what_each_step_does(made: Bench, tmp_path: Path) -> None:
    """It has the operations alone: their verbs are those that the plan was made with."""
    write(tmp_path / "new", PROJECT)
    new = Bench(tmp_path / "new", source=None)
    plans = [new.plan()]
    for address, label, value in FLIPPED:
        if label != "spec.name":
            write(made.folder, flipped(address, label, value))
            plans.append(made.plan())
    for plan in plans:
        read = read_plan(write_plan(plan), "plan.json")
        assert [change.steps for change in read.changes] == [change.steps for change in plan.changes]


def test_the_declared_role_of_an_operation_is_its_verb() -> None:
    """What the kind does not declare is read too, as from a file of another version."""
    bot, voice, base, app = (kinds()[kind] for kind in ("Bot", "Voice", "KnowledgeBase", "CallbackApp"))
    assert verb_of(base, "updateDocument", creating=False) is Verb.CHANGE
    assert verb_of(base, "deleteDocuments", creating=False) is Verb.REMOVE
    assert verb_of(app, "unsubscribeApiAppEvents", creating=False) is Verb.UNSUBSCRIBE
    assert verb_of(bot, "deleteDataset", creating=False) is Verb.UNKNOWN
    assert [verb_of(voice, "cloneVoice", creating=creating) for creating in (True, False)] == [
        Verb.CREATE,
        Verb.UPDATE,
    ]


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_no_readable_field_is_forgotten(kind: str) -> None:
    """The table of flips covers every field that can be read back and changed."""
    known = {
        NAMED.get(label.strip(), label.strip()) if label == "spec.suggest_reply" else label.strip()
        for address, flips in FLIPS.items()
        if address.startswith(f"{kind}/")
        for label in flips
    }
    expected = {
        row.label
        for row in rows_of(kinds()[kind])
        if kinds()[kind].lives
        and (row.in_body or row.publication)
        and not row.traits & {Is.FIXED, Is.GENERATED}
        and row.label not in UNREADABLE.get(kind, ())
    }
    assert known == expected


def test_what_cannot_be_read_is_counted_by_name(made: Bench) -> None:
    """Property: what was declared and not compared is said, field by field."""
    plan = made.plan()
    bot = set(change(plan, "Bot/chef").uncompared)
    assert bot >= UNREADABLE["Bot"] | {"spec.collaboration.mode", "spec.collaboration.collaborators"}
    assert set(change(plan, "KnowledgeBase/text").uncompared) >= {"spec.icon", "spec.documents[a.md].content"}


def _turned(value: Any) -> Any:
    return list(reversed(value))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("Workspace/home", ("members",)),
        ("CallbackApp/events", ("events",)),
        ("Organization/food", ("members",)),
        ("KnowledgeBase/text", ("documents",)),
        ("KnowledgeBase/pictures", ("images",)),
        ("VoiceprintGroup/staff", ("features",)),
        ("Connector/kiosk", ("devices",)),
        ("Bot/chef", ("knowledge", "datasets")),
        ("Bot/chef", ("workflows",)),
        ("Bot/chef", ("collaboration", "collaborators")),
        ("Bot/chef", ("publish", "connectors")),
    ],
)
def test_order_of_unordered_lists_is_no_change(made: Bench, address: str, path: tuple[str, ...]) -> None:
    """Property: permuting a list whose order means nothing plans nothing."""
    project = deepcopy(PROJECT)
    target = project[address]["spec"]
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = _turned(target[path[-1]])
    write(made.folder, project)
    assert made.plan().pending == ()


def test_order_of_tools_is_no_change(made: Bench) -> None:
    """Tools are a set, and may be split over several entries of the same plugin."""
    project = deepcopy(PROJECT)
    project["Bot/chef"]["spec"]["plugins"] = [
        {"plugin": "news", "tools": [tool]} for tool in ("search", "top")
    ]
    write(made.folder, project)
    assert made.plan().pending == ()


ITEMS = [
    ("KnowledgeBase/text", "chunking", {"max_tokens": 900}, {"spec.chunking.max_tokens"}),
    ("KnowledgeBase/text", "chunking", {"separator": "\n"}, {"spec.chunking.separator"}),
    ("KnowledgeBase/text", "chunking", {"remove_extra_spaces": False}, {"spec.chunking.remove_extra_spaces"}),
    ("KnowledgeBase/text", "chunking", {"remove_urls_emails": True}, {"spec.chunking.remove_urls_emails"}),
]


@pytest.mark.parametrize(("address", "group", "values", "expected"), ITEMS)
def test_each_setting_of_chunking_is_named(
    made: Bench, address: str, group: str, values: dict[str, Any], expected: set[str]
) -> None:
    """Chunking is recorded per document: a change names the setting once, and replaces what differs."""
    project = deepcopy(PROJECT)
    project[address]["spec"][group].update(values)
    write(made.folder, project)
    plan = made.plan()
    assert set(paths(plan, address)) == expected
    operations = [step.operation for step in change(plan, address).steps if step.field == "spec.documents"]
    assert operations == ["createDocuments", "createDocuments", "deleteDocuments"]


def test_each_setting_of_an_item_is_named(made: Bench) -> None:
    """A caption and a refresh rule are changed in place, and named with their item."""
    project = deepcopy(PROJECT)
    project["KnowledgeBase/text"]["spec"]["documents"][2]["refresh"]["every_hours"] = 48
    project["KnowledgeBase/pictures"]["spec"]["images"][0]["caption"] = "红油"
    project["Organization/food"]["spec"]["members"][1]["role"] = "admin"
    write(made.folder, project)
    plan = made.plan()
    assert paths(plan, "KnowledgeBase/text") == ["spec.documents[菜单].refresh.every_hours"]
    assert paths(plan, "KnowledgeBase/pictures") == ["spec.images[豆腐].caption"]
    assert paths(plan, "Organization/food") == [f"spec.members[{USERS[1]}].role"]
    steps = [step.operation for one in plan.pending for step in one.steps if step.field]
    assert sorted(set(steps) - {"uploadFile"}) == [
        "updateDocument",
        "updateImage",
        "updateOrganizationMember",
    ]
