"""What other people do on Coze meanwhile, and how a project is mended when cozeops says that it must be."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from cozeops.kinds import kinds
from tests.machine.projects import PIECES
from tests.machine.world import Ran, World

HOME = "Workspace/home"

USERS = ("2069720456000011", "2069720456000012", "2069720456000000")
CHANNELS = ("1024", "999", "7470849514748000001", "10000010")
BOT_EDITS: list[dict[str, Any]] = [
    {"description": "手改"},
    {"prompt_info": {"prompt": "手写的提示"}},
    {"onboarding_info": {"prologue": "手"}},
    {"onboarding_info": {"suggested_questions": ["手"]}},
    {"model_info_config": {"temperature": 0.33}},
    {"model_info_config": {"sp_anti_leak": False}},
    {"knowledge": {"dataset_ids": []}},
    {"knowledge": {"auto_call": True}},
    {"media_config": {"is_voice_call_closed": True}},
    {"plugin_id_list": {"id_list": []}},
    {"name": "改名的"},
]


def edit(world: World, number: int, way: int) -> str:
    """One thing done by hand; in words, empty where there was nothing to do it to."""
    table = ("bots", "datasets", "workspaces", "documents", "bots", "bots")[number % 6]
    rows = sorted(world.tables().get(table, {}))
    hands = {"bots": BOTS, "datasets": DATASETS, "workspaces": WORKSPACES, "documents": DOCUMENTS}[table]
    if not rows:
        return ""
    return str(hands[way % len(hands)](world, rows[(number + way) % len(rows)], way))


def _bot_field(world: World, id: str, way: int) -> str:
    changes = BOT_EDITS[(way * 7 + len(world.story)) % len(BOT_EDITS)]
    world.emulator.edit("bots", id, **changes)
    return f"bot {id} gets {changes}"


def _bot_published(world: World, id: str, way: int) -> str:
    channel = CHANNELS[way % len(CHANNELS)]
    world.emulator.publish(id, channel)
    return f"bot {id} is published on {channel}"


def _bot_taken_off(world: World, id: str, way: int) -> str:
    row = world.tables()["bots"][id]
    for channel in sorted(row["online"])[:1]:
        with world.emulator.writing() as store:
            left = {one: entry for one, entry in row["online"].items() if one != channel}
            store["bots"].change(id, online=left)
        return f"bot {id} leaves {channel}"
    return ""


def _bot_deleted(world: World, id: str, way: int) -> str:
    world.emulator.remove("bots", id)
    return f"bot {id} is deleted"


def _bot_doubled(world: World, id: str, way: int) -> str:
    row = world.tables()["bots"][id]
    name = row["draft"]["name"] if way % 2 else "别人的"
    return _made(world, "Bot", {"space_id": row["space_id"], "name": name})


def _dataset_field(world: World, id: str, way: int) -> str:
    changes = [{"description": "手改"}, {"name": "改名的库"}, {"icon_file_id": ""}][way % 3]
    world.emulator.edit("datasets", id, **changes)
    return f"dataset {id} gets {changes}"


def _dataset_deleted(world: World, id: str, way: int) -> str:
    world.emulator.remove("datasets", id)
    return f"dataset {id} is deleted"


def _dataset_doubled(world: World, id: str, way: int) -> str:
    row = world.tables()["datasets"][id]
    name = row["name"] if way % 2 else "别人的库"
    return _made(
        world, "KnowledgeBase", {"space_id": row["space_id"], "name": name, "format_type": row["format_type"]}
    )


def _workspace_field(world: World, id: str, way: int) -> str:
    world.emulator.edit("workspaces", id, description="手改")
    return f"workspace {id} gets another description"


def _workspace_members(world: World, id: str, way: int) -> str:
    row = world.tables()["workspaces"][id]
    user = USERS[way % 2]
    members = {one: role for one, role in row["members"].items() if one != user}
    if user not in row["members"]:
        members[user] = "admin"
    world.emulator.edit("workspaces", id, members=members)
    return f"workspace {id} has the members {members}"


def _workspace_made(world: World, id: str, way: int) -> str:
    row = world.tables()["workspaces"][id]
    name = "别人的空间" if way % 2 else f"{row['name']}二"
    return _made(world, "Workspace", {"name": name, "description": "d"})


def _document_deleted(world: World, id: str, way: int) -> str:
    world.emulator.remove("documents", id)
    return f"document {id} is deleted"


def _document_renamed(world: World, id: str, way: int) -> str:
    world.emulator.edit("documents", id, name=f"手{way}")
    return f"document {id} is called 手{way}"


def _made(world: World, kind: str, params: dict[str, Any]) -> str:
    create = kinds()[kind].create
    assert create is not None
    with world.client() as client:
        client.send(create, params)
    return f"somebody makes a {kind} of {params}"


BOTS = (_bot_field, _bot_field, _bot_published, _bot_taken_off, _bot_field, _bot_deleted, _bot_doubled)
DATASETS = (_dataset_field, _dataset_deleted, _dataset_doubled)
WORKSPACES = (_workspace_field, _workspace_members, _workspace_made)
DOCUMENTS = (_document_deleted, _document_renamed)

# ------------------------------------------------------------------------------------------------ mending

_AMBIGUOUS = re.compile(r"live objects are called .*?: ((?:\d+, )+\d+)")


def mend(world: World, ran: Ran, plan: Any) -> str:
    """What a person does about a plan that cannot be applied; empty where it can be."""
    if plan is None:
        return _mend_project(world, ran)
    for finding in plan["findings"]:
        if finding["name"] == "gone-or-invisible" and world.state:
            assert world.run("state", "rm", finding["address"]).code == 0
            return f"state rm {finding['address']}"
        if finding["name"] == "fixed-field":
            left = {key: one for key, one in world.docs.items() if key != finding["address"]}
            assert world.write(left or {HOME: deepcopy(PIECES[HOME])})
            return f"{finding['address']} leaves Git: it cannot become what it should"
    return ""


def _mend_project(world: World, ran: Ran) -> str:
    flat = " ".join((ran.err + ran.out).split())
    found = _AMBIGUOUS.search(flat)
    assert found, ran
    # The oldest stays: the others go, in the console.
    gone = sorted(found[1].split(", "), key=int)[1:]
    for id in gone:
        table = next(table for table, rows in world.tables().items() if id in rows)
        world.emulator.remove(table, id)
    return f"deleted {', '.join(gone)} on Coze"
