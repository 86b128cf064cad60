"""`apply --wait`: channels that take their time, and those that take too long."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cozeops.emulator import Options
from tests.cli.conftest import Shell
from tests.cli.test_gate import PROMPT, SETTINGS, STATE

SLOW = Options(processing_seconds=0.0, qps_limits=False, publish_seconds=60.0)


@pytest.fixture
def slow(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A Coze that shows what was published after a minute, and a project with a state."""
    shell.bench.edit("cozeops.yaml", SETTINGS, SETTINGS + STATE)
    shell.bench.emulator.options = SLOW
    monkeypatch.setattr("cozeops.cli.connected.sleep", shell.bench.emulator.advance)
    return shell


def test_it_waits_for_what_it_published(slow: Shell) -> None:
    ran = slow("apply", "--yes", "--wait")
    assert ran.code == 0, ran.out + ran.err
    assert "waiting: for its channels to show it" in ran.err
    assert "pending" not in ran.out


def test_without_it_what_is_not_shown_is_pending(slow: Shell, tmp_path: Path) -> None:
    """The plan shows it, publishes nothing twice, and a later run may wait for it."""
    assert slow("apply", "--yes").code == 7
    assert "COZE125" in slow("plan").out
    published = slow.bench.writes().count("publishBot")
    report = tmp_path / "run.json"
    ran = slow("apply", "--yes", "--wait", "--wait-timeout", "20", "--report", str(report))
    assert ran.code == 7
    assert "not shown yet on" in ran.err
    assert json.loads(report.read_text("utf-8"))["exit_code"] == 7
    ran = slow("apply", "--yes", "--wait")
    assert ran.code == 0, ran.out + ran.err
    assert "Every channel shows what was published to it." in ran.out
    assert slow.bench.writes().count("publishBot") == published
    assert "COZE125" not in slow("plan").out


def test_the_gate_waits_for_what_users_get(slow: Shell) -> None:
    """Only then the published copy is the one that is judged."""
    slow.bench.emulator.options = Options(processing_seconds=0.0, qps_limits=False)
    assert slow("apply", "--yes").code == 0
    slow.bench.emulator.options = SLOW
    id, _ = slow.bench.bot("每日学一菜")
    rule = {
        "bot_id": id,
        "copy": "published",
        "prompt": "新的",
        "answer": "It is all English now, sorry for that.",
    }
    slow.bench.emulator.seed({"chat_rules": [rule, {"bot_id": id, "answer": "今天做麻婆豆腐。"}]})
    slow.bench.edit(PROMPT, "# 角色", "# 新的")
    ran = slow("apply", "--yes", "--check=after", "--wait")
    assert ran.code == 7
    assert "went back to what was published before" in " ".join(ran.out.split())
