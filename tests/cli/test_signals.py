"""A signal ends a run that talks, however long the conversation or the judging would take."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.cli.processes import finish, project, start
from tests.cli.terminal import silent_server

CHECK = """
kind: Check
metadata: {name: patient}
spec:
  bot: chef
  stream: STREAM
  timeout_seconds: 600
  turns: [{say: 你好, expect: {EXPECT}}]
"""
DELAY = 590
# The library judges each of these twice for the next: 2^60 times the last.
DEFS = "".join(
    f'"{n}": {{allOf: [{{$ref: "#/$defs/{n + 1}"}}, {{$ref: "#/$defs/{n + 1}"}}]}}, ' for n in range(60)
)
SCHEMA = f'json_schema: {{$ref: "#/$defs/0", $defs: {{{DEFS}"60": true}}}}'
RUNS = {
    "polled": ("false", "contains: [好]", DELAY),
    "streamed": ("true", "contains: [好]", DELAY),
    "judged": ("false", SCHEMA, 0),
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "arguments",
    [("check", "--target", "Check/patient"), ("apply", "--yes", "--check")],
    ids=["check", "apply"],
)
@pytest.mark.parametrize("run", RUNS)
def test_a_signal_ends_what_talks_or_judges(
    tmp_path: Path, arguments: tuple[str, ...], run: str, number: int
) -> None:
    """Exit 8 while the answer, or the verdict on it, is minutes or ages away."""
    stream, expect, delay = RUNS[run]
    bench = project(tmp_path / "project", "  state: {backend: local}\n")
    bench.write("manifests/patient.yaml", CHECK.replace("STREAM", stream).replace("EXPECT", expect))
    bench.emulator.seed({"chat_rules": [{"id": "slow", "answer": "{}", "delay": delay}]})
    with bench.emulator.serve() as url:
        if arguments[0] == "check":
            code, said = finish(start(bench, url, "apply", "--yes"))
            assert code == 0, said
        process = start(bench, url, *arguments)
        try:
            while process.poll() is None and not bench.table("messages"):
                time.sleep(0.01)
            time.sleep(0.5)  # until the answer is judged
            os.kill(process.pid, number)
            code, said = finish(process)
        finally:
            process.kill()
    assert code == 8, said
    assert "Traceback" not in said


def test_ctrl_c_ends_what_only_looks_for_whom_to_talk_to(tmp_path: Path) -> None:
    """Coze does not answer the first question: nothing has begun that must come to an end."""
    bench = project(tmp_path / "project", "")
    with silent_server() as (url, press):
        process = start(bench, url, "check")
        try:
            press(process.pid)
            code, said = finish(process)
        finally:
            process.kill()
    assert code == 8, said
    assert "Traceback" not in said
