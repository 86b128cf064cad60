"""The project's own programs over a plan when they fail, hang, leave things behind, or print what acts."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_own_checks import declare, own, python, said
from tests.report.hostile import ESCAPES, INJECTIONS


@pytest.mark.parametrize(
    "run",
    [
        ["/nonexistent/program"],
        ["no-such-program-anywhere"],
        [""],
        ["."],
        ["a\0b"],
        ["README.md"],
    ],
)
def test_what_cannot_start_has_not_passed(shell: Shell, run: list[str]) -> None:
    """Whatever its severity; and nobody can wave it through."""
    declare(shell, {"name": "gone", "run": run, "severity": "info"})
    ((code, name, severity, _, message),) = own(shell, "--run-checks")
    assert (code, name, severity) == ("COZE251", "gone", "block")
    assert "could not be started" in message
    ran = shell("apply", "--yes", "--run-checks")
    assert ran.code == 5
    assert "--ack" not in ran.err
    assert shell.bench.writes() == []


FOREVER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({file!r}, "w").write(str(child.pid))
print("started", flush=True)
{then}
"""


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize(("then", "seconds"), [("time.sleep(60)", 1), ("sys.exit(1)", 30)])
def test_what_it_started_ends_with_it(shell: Shell, tmp_path: Path, then: str, seconds: int) -> None:
    """After its time, and where it leaves something behind."""
    file, began = tmp_path / "child", time.monotonic()
    declare(
        shell, python(FOREVER.format(file=str(file), then=then), timeout_seconds=seconds, severity="warn")
    )
    ((code, _, severity, _, message),) = own(shell, "--run-checks")
    if seconds == 1:
        assert (code, severity) == ("COZE251", "block")
        assert "did not end within 1 s: started" in message
    else:
        assert (code, severity, message) == ("COZE250", "warn", "exit code 1: started")
    assert time.monotonic() - began < 15
    deadline = time.monotonic() + 5
    while _is_running(int(file.read_text())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_running(int(file.read_text()))


HOSTILE = [
    *INJECTIONS,
    *ESCAPES,
    "pat_" + "a1" * 20,
    "\x1b]0;owned\x07\x1b[2J",
    "::error::x\n::set-output name=a::b",
]


MARKUP = ("<script", "<img", "<svg", "<h1", "<x")


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github"])
def test_hostile_output_does_nothing(shell: Shell, form: str) -> None:
    """As text or as JSON, in every format, no character of it acts."""
    harmless = shell("plan", "--format", form).out
    listed = json.dumps([{"message": text, "hint": text, "address": text} for text in HOSTILE])
    declare(shell, said("\n".join(HOSTILE)), {**said(listed), "name": "second"})
    out = shell("plan", "--run-checks", "--format", form).out
    assert "second" in out
    for sign in ("\x1b", "\x07", "\u202e", "pat_a1", "\n::error::x", "\n::set-output"):
        assert sign not in out
    if form in ("markdown", "html"):
        assert [out.count(sign) for sign in MARKUP] == [harmless.count(sign) for sign in MARKUP]
