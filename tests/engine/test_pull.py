"""The law of pull: what was pulled, the plan has no more. Over every field of every kind."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from cozeops.address import Address
from tests.engine.full import FLIPS, PROJECT, USERS, write
from tests.engine.pulling import pulled
from tests.kit import Bench, KeptBench, paths

RENAMED = ("Bot", "Workspace", "KnowledgeBase", "VoiceprintGroup", "CallbackApp", "Organization")
_APART = {"spec.suggest_reply"}
"""What cannot be set together with a field inside it."""


def rounds() -> list[tuple[str, dict[str, Any]]]:
    """Address and values: the fields of a resource together, a second value of one in a round of its own."""
    found: list[tuple[str, dict[str, Any]]] = []
    for address, flips in FLIPS.items():
        for second in (False, True):
            together = {
                label.strip(): value
                for label, value in flips.items()
                if label.endswith(" ") is second and label not in _APART
            }
            found += [(address, together)] if together else []
        found += [(address, {label: flips[label]}) for label in flips if label in _APART]
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> KeptBench:
    """The full project, applied; each test makes something else of it."""
    bench = KeptBench(tmp_path_factory.mktemp("full") / "project", source=None)
    write(bench.folder, PROJECT)
    bench.seed()
    bench.settle()
    return bench


def pinned(bench: Bench) -> dict[str, Any]:
    """The project with the ids of what may be renamed."""
    live, made = bench.look()[1].live, deepcopy(PROJECT)
    for address, resource in made.items():
        if resource["kind"] in RENAMED:
            resource["spec"]["id"] = live[Address.parse(address)].id
    return made


def with_values(project: dict[str, Any], address: str, values: dict[str, Any]) -> dict[str, Any]:
    """The project with these fields of one resource."""
    changed = deepcopy(project)
    for label, value in values.items():
        target = changed[address]["spec"]
        *groups, name = label.removeprefix("spec.").split(".")
        for group in groups:
            target = target[group]
        target[name] = value
    return changed


@pytest.mark.parametrize("state", [True, False])
@pytest.mark.parametrize(("address", "values"), rounds())
def test_every_field_that_can_be_read_is_pulled(
    made: KeptBench, address: str, values: dict[str, Any], *, state: bool
) -> None:
    """Somebody sets it on Coze; the manifest then says so, and the plan is empty."""
    write(made.folder, PROJECT)
    before = pinned(made)
    write(made.folder, with_values(before, address, values))
    records = dict(made.records)
    made.settle()
    made.records.clear()
    made.records.update(records)  # somebody else did that: nothing of it is remembered
    write(made.folder, before)
    assert paths(made.plan(), address) != []
    if not state and address == "Quota/all":
        pytest.skip("without a state no quota is compared: the list tells no id")
    found = pulled(made, state=state)
    assert [(str(one.address), one.label, one.reason) for one in found.left if one.label] == []
    assert [one for one in made.plan().pending if one.fields] == []


def test_nothing_is_pulled_where_nothing_moved(made: KeptBench) -> None:
    write(made.folder, PROJECT)
    write(made.folder, pinned(made))
    made.settle()
    assert pulled(made).after == {}


def _members(users: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"user": user, "role": role} for user, role in users]


LISTS: list[tuple[str, str, Any]] = [
    ("Workspace/home", "members", _members([(USERS[1], "member")])),
    ("Workspace/home", "members", []),
    ("Organization/food", "members", _members([(USERS[0], "super_admin"), (USERS[1], "admin")])),
    ("CallbackApp/events", "events", ["bot.published"]),
    ("CallbackApp/audit", "events", ["bot.published", "benefit.usage"]),
    ("KnowledgeBase/text", "documents", deepcopy(PROJECT["KnowledgeBase/text"]["spec"]["documents"][1:])),
    (
        "KnowledgeBase/text",
        "documents",
        [
            *PROJECT["KnowledgeBase/text"]["spec"]["documents"][:2],
            {
                "url": "https://example.com/menu",
                "name": "菜单",
                "refresh": {"every_hours": 48, "mode": "replace"},
            },
        ],
    ),
    (
        "KnowledgeBase/text",
        "chunking",
        {**PROJECT["KnowledgeBase/text"]["spec"]["chunking"], "max_tokens": 900, "separator": "。"},
    ),
    (
        "KnowledgeBase/pictures",
        "images",
        [
            {"file": "icon.png", "name": "豆腐", "caption": "红油豆腐"},
            {"file": "two.png", "caption": "鱼"},
        ],
    ),
    (
        "VoiceprintGroup/staff",
        "features",
        [{"name": "小王", "file": "a.wav", "description": "帮厨"}],
    ),
    ("Bot/chef", "publish", {"connectors": ["chat_sdk", "api"]}),
    ("Bot/greeter", "publish", {"connectors": ["api", "chat_sdk"]}),
]


@pytest.mark.parametrize(("address", "name", "value"), LISTS)
def test_lists_are_pulled_item_by_item(made: KeptBench, address: str, name: str, value: Any) -> None:
    """Who is listed, what is said of an item, and what all of them share."""
    write(made.folder, PROJECT)
    before = pinned(made)
    write(made.folder, before)
    made.settle()
    write(made.folder, with_values(before, address, {f"spec.{name}": value}))
    records = dict(made.records)
    made.settle()
    made.records.clear()
    made.records.update(records)
    write(made.folder, before)
    assert paths(made.plan(), address) != []
    found = pulled(made, theirs=True)
    assert [(str(one.address), one.label, one.reason) for one in found.left if one.label] == []
    # What the bench remembers is not what is there: the documents were uploaded anew by somebody else.
    left = [field.path for one in made.plan().pending for field in one.fields]
    assert [path for path in left if not path.endswith(".content")] == []
