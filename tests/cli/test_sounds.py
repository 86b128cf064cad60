"""Voices and voiceprints: sounds that are sent, and that nobody can read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell, served
from tests.kit import Bench

Spoken = Callable[..., Shell]
STAFF = """\
kind: VoiceprintGroup
metadata: {name: staff}
spec:
  name: 后厨的人
  features:
    - {name: 小王, file: wang.wav, description: 主厨}
    - {name: 小李, file: li.wav}
"""
WAITER = """\
kind: Voice
metadata: {name: waiter}
spec: {name: 服务员, file: wang.wav, language: zh, text: 您好}
"""
WITH_STATE = "kind: Project\nmetadata: {name: p}\nspec: {state: {backend: local}}\n"


@pytest.fixture
def spoken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Spoken]:
    """A shell on a project of these files, with some sounds beside them."""
    with ExitStack() as stack:

        def serve(**files: str) -> Shell:
            bench = Bench(tmp_path / "project", source=None)
            for name, text in {"wang.wav": "RIFF wang", "li.wav": "RIFF li"}.items():
                bench.write(name, text)
            for name, text in files.items():
                bench.write(f"{name}.yaml", text)
            return Shell(bench, stack.enter_context(served(bench, monkeypatch)), capsys)

        yield serve


def changes(shell: Shell) -> list[dict[str, Any]]:
    """What a plan would do."""
    found = json.loads(shell("plan", "--format", "json").out)["changes"]
    return [one for one in found if one["action"] != "none"]


def test_a_feature_changes_in_place(spoken: Spoken) -> None:
    """What is known of a person changes without the person leaving the group."""
    shell = spoken(staff=STAFF)
    assert shell("apply", "--yes").code == 0
    before = set(shell.bench.table("voiceprint_features"))
    shell.bench.edit("staff.yaml", "主厨", "老板")
    (change,) = changes(shell)
    assert [one["path"] for one in change["fields"]] == ["spec.features[小王].description"]
    assert [one["operation"] for one in change["steps"]] == ["updateVoiceprintFeature"]
    assert shell("apply", "--yes").code == 0
    rows = shell.bench.table("voiceprint_features")
    assert set(rows) == before
    assert {row["name"]: row["desc"] for row in rows.values()} == {"小王": "老板", "小李": ""}


def test_another_sound_is_sent_once(spoken: Spoken) -> None:
    """A state remembers which sound was sent: another one is a change, the same is none."""
    shell = spoken(cozeops=WITH_STATE, staff=STAFF)
    assert shell("apply", "--yes").code == 0
    assert changes(shell) == []
    shell.bench.write("wang.wav", "RIFF wang, hoarse")
    (change,) = changes(shell)
    assert [one["path"] for one in change["fields"]] == ["spec.features[小王].sound"]
    shell.bench.emulator.requests.clear()
    assert shell("apply", "--yes").code == 0
    assert shell.bench.writes() == ["updateVoiceprintFeature"]
    assert changes(shell) == []


def test_who_is_not_listed_leaves_only_when_it_was_ours(spoken: Spoken) -> None:
    """Without a state nobody knows: that blocks."""
    shell = spoken(staff=STAFF)
    assert shell("apply", "--yes").code == 0
    shell.bench.edit("staff.yaml", "    - {name: 小李, file: li.wav}\n", "")
    assert shell("apply", "--yes").code == 5
    assert len(shell.bench.table("voiceprint_features")) == 2


@pytest.mark.parametrize("operation", ["createVoiceprintGroup", "createVoiceprintFeature"])
def test_a_lost_reply_doubles_nobody(spoken: Spoken, operation: str) -> None:
    shell = spoken(staff=STAFF)
    shell.bench.emulator.faults.add("drop", operation=operation, times=1, phase="after")
    assert shell("apply", "--yes", "--unknown-wait", "1").code == 0
    assert len(shell.bench.table("voiceprint_groups")) == 1
    assert len(shell.bench.table("voiceprint_features")) == 2
    assert changes(shell) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wang.wav", "staff.yaml", "Coze takes pcm, wav"),
        ("name: 小李", "name: 小王", "小王 is listed twice"),
        ("file: li.wav", "file: li.wav, channel: 1", "channel is for .pcm files"),
        ("li.wav", "empty.wav", "empty.wav is empty"),
        ("li.wav", "long.wav", "long.wav is larger than 4 MB"),
    ],
)
def test_what_coze_refuses_is_found_offline(spoken: Spoken, old: str, new: str, said: str) -> None:
    shell = spoken(staff=STAFF)
    shell.bench.write("empty.wav", "")
    shell.bench.write("long.wav", "x" * (4 * 1024 * 1024 + 1))
    shell.bench.edit("staff.yaml", old, new)
    ran = shell("validate")
    assert ran.code == 3
    assert said in ran.err + ran.out


# -------------------------------------------------------------------------------------------- voices


def test_a_voice_is_cloned_only_when_somebody_says_so(spoken: Spoken) -> None:
    """It costs money: neither --yes nor a digest is enough."""
    shell = spoken(waiter=WAITER)
    ran = shell("apply", "--yes")
    assert ran.code == 5
    assert "COZE140 costs at Voice/waiter" in ran.err
    assert shell.bench.writes() == []
    assert applied(shell) == 0
    (voice,) = shell.bench.table("voices").values()
    assert (voice["name"], voice["language_code"], voice["available_training_times"]) == ("服务员", "zh", 9)
    assert changes(shell) == []
    assert shell("apply", "--yes").code == 0


def applied(shell: Shell, *arguments: str) -> int:
    """Apply a reviewed plan, and acknowledge what it costs."""
    digest = json.loads(shell("plan", "--format", "json").out)["digest"]
    return shell("apply", "--digest", digest, "--ack", "COZE140@Voice/waiter", *arguments).code


def test_another_recording_trains_the_voice_again(spoken: Spoken) -> None:
    """With its id, so that no second voice comes to be; a state tells that the recording is another."""
    shell = spoken(cozeops=WITH_STATE, waiter=WAITER)
    assert applied(shell) == 0
    shell.bench.write("wang.wav", "RIFF wang, hoarse")
    (change,) = changes(shell)
    assert [one["path"] for one in change["fields"]] == ["spec.file"]
    assert shell("apply", "--yes").code == 5
    assert applied(shell) == 0
    (voice,) = shell.bench.table("voices").values()
    assert voice["available_training_times"] == 8
    assert changes(shell) == []


def test_a_change_needs_the_recording(spoken: Spoken) -> None:
    """The call takes nothing without it, and it cannot be read back."""
    shell = spoken(waiter=WAITER)
    assert applied(shell) == 0
    shell.bench.edit("waiter.yaml", "file: wang.wav, language: zh, text: 您好", "preview_text: 您请")
    findings = json.loads(shell("plan", "--format", "json").out)["findings"]
    assert sorted(one["code"] for one in findings if one["severity"] == "block") == ["COZE140", "COZE141"]
    shell.bench.edit("waiter.yaml", "preview_text", "file: wang.wav, preview_text")
    assert applied(shell) == 0
    assert next(iter(shell.bench.table("voices").values()))["preview_text"] == "您请"
    assert changes(shell) == []


def test_a_voice_is_never_renamed(spoken: Spoken) -> None:
    """Under its id another name is asked for in vain."""
    shell = spoken(waiter=WAITER)
    assert applied(shell) == 0
    id = next(iter(shell.bench.table("voices")))
    shell.bench.edit("waiter.yaml", "name: 服务员", f'id: "{id}", name: 店员')
    assert applied(shell) == 5


def test_a_voice_is_not_paid_for_twice(spoken: Spoken) -> None:
    """The reply to a clone is lost: it is found in the list, and counts as made."""
    shell = spoken(waiter=WAITER)
    shell.bench.emulator.faults.add("drop", operation="cloneVoice", times=1, phase="after")
    assert applied(shell, "--unknown-wait", "1") == 0
    assert len(shell.bench.table("voices")) == 1
    assert shell.bench.writes() == ["cloneVoice"]
    assert changes(shell) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wang.wav", "waiter.yaml", "Coze takes aac, m4a, mp3, ogg, pcm, wav"),
        ("服务员", "服" * 43, "129 bytes; Coze takes 128"),
        ("language: zh", "language: fr", "fr"),
    ],
)
def test_a_voice_is_checked_offline(spoken: Spoken, old: str, new: str, said: str) -> None:
    shell = spoken(waiter=WAITER)
    shell.bench.edit("waiter.yaml", old, new)
    ran = shell("validate")
    assert ran.code == 3
    assert said in ran.err + ran.out
