"""The example of a maker of speakers: its README works as it is told, and then nothing is left to do."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, served
from tests.kit import ROOT, Bench

SPEAKERS = ROOT / "examples" / "speakers"


@pytest.fixture
def speakers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """The example, on an emulator that has what the API cannot create."""
    bench = Bench(tmp_path / "speakers", source=SPEAKERS)
    bench.seed()
    with served(bench, monkeypatch) as url:
        monkeypatch.chdir(bench.folder)
        yield Shell(bench, url, capsys)


def test_the_readme_works(speakers: Shell) -> None:
    """Its commands, in their order; afterwards the plan is empty, and compares everything."""
    text = (speakers.bench.folder / "README.md").read_text("utf-8")
    commands = re.findall(r"^cozeops (?!emulator)(.+)$", text, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        ran = speakers(*shlex.split(command))
        assert ran.code == 0, ran.err
    plan = json.loads(speakers("plan", "--format", "json").out)
    assert [one for one in plan["changes"] if one["action"] != "none"] == []
    assert plan["findings"] == []
    assert plan["summary"]["uncompared"] == 0


def test_it_is_in_our_style(speakers: Shell) -> None:
    assert speakers("fmt", "--check").code == 0
