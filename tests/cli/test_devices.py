"""Devices of a channel: bound, never unbound, and nobody can read who is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cozeops.kinds.connector import DEVICES
from tests.cli.conftest import Shell

KIOSK = """\
kind: Connector
metadata: {name: speakers}
spec:
  id: "7470849514748000009"
  devices:
    - {key: device_id, values: {客厅: "512", 卧室: "513"}}
    - {key: group, values: {全家: "9"}}
"""
BOUND = {"device_id": {"512": "客厅", "513": "卧室"}, "group": {"9": "全家"}}


@pytest.fixture
def speakers(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A channel with devices, and a state."""
    monkeypatch.delenv("CI", raising=False)
    shell.bench.write("cozeops.yaml", "kind: Project\nmetadata: {name: p}\nspec: {state: {backend: local}}\n")
    for path in shell.bench.folder.glob("manifests/**/*.yaml"):
        path.unlink()
    shell.bench.write("speakers.yaml", KIOSK)
    shell.bench.seed()
    return shell


def devices(shell: Shell) -> dict[str, Any]:
    """What is bound, by key."""
    found: dict[str, Any] = shell.bench.table("connectors")["7470849514748000009"]["user_configs"]
    return found


def plan(shell: Shell) -> tuple[list[dict[str, Any]], list[str]]:
    """Changes, and codes of findings."""
    found = json.loads(shell("plan", "--format", "json").out)
    changes = [one for one in found["changes"] if one["action"] != "none"]
    return changes, [one["code"] for one in found["findings"]]


def test_a_state_knows_what_is_bound(speakers: Shell) -> None:
    """All of it the first time; then what is new, and what has another name."""
    assert speakers("apply", "--yes").code == 0
    assert devices(speakers) == BOUND
    assert plan(speakers) == ([], [])
    speakers.bench.edit("speakers.yaml", '卧室: "513"', '主卧: "513", 厨房: "514"')
    (change,), _ = plan(speakers)
    assert [one["path"] for one in change["fields"]] == [
        "spec.devices[device_id=513].label",
        "spec.devices[device_id=514]",
    ]
    assert speakers("apply", "--yes").code == 0
    assert devices(speakers)["device_id"] == {"512": "客厅", "513": "主卧", "514": "厨房"}
    assert plan(speakers) == ([], [])


def test_a_device_that_is_not_listed_stays_bound(speakers: Shell) -> None:
    """The plan says so, and goes on with the rest."""
    assert speakers("apply", "--yes").code == 0
    speakers.bench.edit("speakers.yaml", '客厅: "512", 卧室: "513"', '卧室: "513", 厨房: "514"')
    (change,), codes = plan(speakers)
    assert codes == ["COZE112"]
    assert [one["path"] for one in change["fields"]] == ["spec.devices[device_id=514]"]
    assert speakers("apply", "--yes").code == 0
    assert devices(speakers)["device_id"] == {"512": "客厅", "513": "卧室", "514": "厨房"}


def test_without_a_state_it_is_sent_when_asked(speakers: Shell) -> None:
    """Nobody knows what is bound: the plan says so."""
    (speakers.bench.folder / "cozeops.yaml").unlink()
    assert plan(speakers) == ([], ["COZE110"])
    assert speakers("apply", "--yes", "--rewrite", "Connector/speakers").code == 0
    assert devices(speakers) == BOUND


def test_a_lost_reply_binds_once_more(speakers: Shell) -> None:
    """Binding twice is binding once."""
    speakers.bench.emulator.faults.add("drop", operation="bindConnectorUserConfigs", times=1, phase="after")
    assert speakers("apply", "--yes").code == 0
    assert devices(speakers) == BOUND


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('卧室: "513"', '卧室: "512"', "512 is listed twice under device_id"),
        ('卧室: "513"', '卧室: ""', "a device has a name and an id"),
        ('卧室: "513"', "卧室: 513", "wants text"),
    ],
)
def test_mistakes_are_found_offline(speakers: Shell, old: str, new: str, said: str) -> None:
    speakers.bench.edit("speakers.yaml", old, new)
    ran = speakers("validate")
    assert ran.code == 3
    assert said in ran.err + ran.out


def test_devices_are_bound_for_their_developer(speakers: Shell) -> None:
    """One request for each developer, and another developer is another binding."""
    speakers.bench.edit("speakers.yaml", '卧室: "513"}}', '卧室: "513"}, developer: "4497462571000001"}')
    assert speakers("apply", "--yes").code == 0
    assert devices(speakers) == BOUND
    sent = [one.operation for one in speakers.bench.emulator.requests]
    assert sent.count("bindConnectorUserConfigs") == 2
    assert plan(speakers) == ([], [])
    speakers.bench.edit("speakers.yaml", "4497462571000001", "4497462571000002")
    (change,), _ = plan(speakers)
    assert change["fields"][0]["after"] == {"label": "客厅", "developer": "4497462571000002"}
    assert speakers("apply", "--yes").code == 0
    assert plan(speakers) == ([], [])


def test_the_request_names_the_developer() -> None:
    item = {"key": "device_id", "label": "客厅", "value": "512"}
    configs = [{"key": "device_id", "enums": [{"label": "客厅", "value": "512"}]}]
    assert DEVICES.add.encode([item], {}) == {"configs": configs}
    named = DEVICES.add.encode([{**item, "developer": "44"}], {})
    assert named == {"configs": configs, "user_id": "44"}
