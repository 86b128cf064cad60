"""Commands whose streams are closed, or whose terminal knows few characters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"
COMMANDS = (
    ("validate",),
    ("graph",),
    ("explain", "Bot"),
    ("explain-value", "Bot/chef", "prompt"),
    ("schema",),
)


def ran(line: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    command = f"{sys.executable} -m cozeops -C {QUICKSTART} {line}"
    return subprocess.run(
        command, shell=True, env={**os.environ, **environ}, capture_output=True, check=False
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_changes_nothing_else(closed: str) -> None:
    good, bad = ran(f"validate {closed}"), ran(f"-C {QUICKSTART}/nowhere validate {closed}")
    assert (good.returncode, bad.returncode) == (0, 3)
    assert b"defect" not in good.stderr + bad.stderr
    assert (b"all valid" in good.stdout) == (">&- " not in f"{closed} " or closed == "2>&-")


@pytest.mark.parametrize(
    ("encoding", "command"),
    [
        *(("ascii", command) for command in COMMANDS),
        *((one, COMMANDS[2]) for one in ("gbk", "cp1252", "utf-16")),
    ],
    ids=str,
)
def test_a_terminal_that_cannot_show_it_gets_something_else(encoding: str, command: tuple[str, ...]) -> None:
    shown = ran(" ".join(command), PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.decode("utf-8" if command[0] in ("graph", "schema") else encoding)


@pytest.mark.parametrize(("encoding", "form"), [("ascii", "json"), ("gbk", "sarif"), ("cp1252", "junit")])
def test_formats_for_machines_are_utf8_whatever_the_terminal_is(encoding: str, form: str) -> None:
    told = ran(f"validate --format {form}", PYTHONIOENCODING=encoding).stdout.decode("utf-8")
    assert told
    if form == "json":
        assert json.loads(told)["valid"]
