"""Programs that judge a plan: how they are run, and what their answers mean, whatever they look like."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from cozeops.engine.model.plan import Severity
from cozeops.engine.policy.external_results import MOST, Command, verdict
from cozeops.engine.policy.process import LARGEST, ask
from cozeops.system.program import Answer


def judged(output: object, code: int = 1, **more: Any) -> list[tuple[str, str]]:
    """(severity, message) of an answer."""
    text = output if isinstance(output, bytes) else json.dumps(output).encode()
    found = verdict(Command("ours", ("x",), **more), Answer(code, text), [])
    return [(str(one.severity), one.message) for one in found]


def test_nothing_but_zero_passes() -> None:
    """Whatever the output looks like."""
    warnings = [{"warnings": [{"msg": "long"}]}]
    assert judged(warnings, 0) == [("warn", "long")]
    assert judged(warnings, 1) == [("block", "long")]
    assert judged([{"message": "a remark"}], 0) == [("warn", "a remark")]
    assert judged([{"message": "a remark"}], 0, severity=Severity.INFO) == [("info", "a remark")]
    for empty in (
        [],
        [{}],
        [1],
        [{"failures": 3}],
        [{"failures": ["a"]}],
        {},
        None,
        "[",
        b"\xff",
        b"[" * 60000,
    ):
        assert judged(empty, 0) == []
        ((severity, message),) = judged(empty, 1)
        assert severity == "block"
        assert message.startswith("exit code 1: ")


def test_many_messages_are_counted() -> None:
    """The first of them are shown, failures before warnings."""
    many = [{"warnings": [{"msg": "w"}]}, *({"message": f"m{number}"} for number in range(MOST + 9))]
    found = judged(many)
    assert len(found) == MOST + 1
    assert found[0] == ("block", "m0")
    assert found[-1] == ("block", "and 10 more messages of this check")
    assert len(judged([{"message": "x" * 9999}])[0][1]) == 500


def run(code: str, seconds: float = 30) -> Answer:
    """The answer of this code."""
    return ask([sys.executable, "-c", code], b"plan" * 100_000, root=Path(), search="", seconds=seconds)


def test_output_is_bounded_and_never_blocks() -> None:
    """Also where nobody reads the plan, and where both outputs are long."""
    answer = run("import sys; sys.stdout.write('a' * 9_000_000); sys.stderr.write('b' * 9_000_000)")
    assert (answer.code, answer.failure) == (0, "")
    assert answer.output == b"a" * LARGEST
    assert answer.errors == b"b" * LARGEST
    assert "signal 9" in run("import os; os.kill(os.getpid(), 9)").failure


def test_one_that_leaves_its_group_is_not_waited_for() -> None:
    """It holds the pipes, and the plan goes on."""
    began = time.monotonic()
    leave = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(4)'], "
    answer = run(leave + "start_new_session=True); print('bye')")
    assert answer.output == b"bye\n"
    assert time.monotonic() - began < 4
