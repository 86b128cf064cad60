"""The project's own programs over a plan: when they run, with what, and what comes of what they say."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

CHEF = "manifests/bots/chef.yaml"


def declare(shell: Shell, *commands: dict[str, Any]) -> None:
    """Give the project these commands. JSON is YAML."""
    file = shell.bench.folder / "cozeops.yaml"
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("  checks:")]
    at = lines.index("spec:") + 1
    lines.insert(at, f"  checks: {json.dumps({'commands': commands})}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def python(code: str, name: str = "ours", **more: Any) -> dict[str, Any]:
    """A command that runs this code."""
    return {"name": name, "run": [sys.executable, "-c", code], **more}


def own(shell: Shell, *options: str) -> list[tuple[str, str, str, str | None, str]]:
    """(code, name, severity, address, message) of what the plan has about own checks."""
    ran = shell("plan", "--format", "json", *options)
    assert ran.code == 0, ran.err
    return [
        (one["code"], one["name"], one["severity"], one["address"], one["message"])
        for one in json.loads(ran.out)["findings"]
        if one["code"].startswith("COZE25")
    ]


def said(text: str, code: int = 1) -> dict[str, Any]:
    """A command that prints this and ends so."""
    data = text.encode("utf-8", "surrogatepass").hex()
    return python(f"import sys; sys.stdout.buffer.write(bytes.fromhex('{data}')); sys.exit({code})")


@pytest.mark.parametrize(
    "command",
    [
        ["validate"],
        ["plan"],
        ["plan", "--format", "html"],
        ["apply", "--yes"],
        ["drift"],
        ["state", "list"],
        ["graph"],
        ["fmt", "--check"],
        ["explain", "COZE252"],
    ],
)
def test_nothing_runs_unless_it_is_allowed(shell: Shell, tmp_path: Path, command: list[str]) -> None:
    """A stranger's manifests name programs in vain."""
    trace = tmp_path / "trace"
    declare(
        shell,
        python(f"open({str(trace)!r}, 'w')"),
        {"name": "second", "run": ["touch", str(trace)]},
    )
    shell(*command)
    assert not trace.exists()


def test_what_was_not_run_is_named(shell: Shell) -> None:
    """A note, and no obstacle."""
    declare(shell, python("", "no-deletes"), python("", "tone", severity="warn"))
    message = "the project's own checks were not run: no-deletes, tone"
    assert own(shell) == [("COZE252", "checks-not-run", "info", None, message)]
    assert "--run-checks" in shell("plan").out
    assert shell("apply", "--yes").code == 0


def test_a_shell_string_is_refused(shell: Shell) -> None:
    """There is no shell that could read it."""
    declare(shell, {"name": "a", "run": "touch /tmp/x"})
    ran = shell("plan", "--run-checks")
    assert ran.code == 3
    assert "spec.checks.commands[0].run wants a list" in ran.err


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([{"name": "A b", "run": ["x"]}], "lower-case letters"),
        ([{"name": "a", "run": []}], "at least 1 long"),
        ([{"name": "a", "run": ["x"], "timeout_seconds": 0}], "at least 1"),
        ([{"name": "a", "run": ["x"], "severity": "off"}], "block, warn or info"),
        ([{"name": "a"}], "run"),
        ([{"name": "a", "run": ["x"]}, {"name": "a", "run": ["y"]}], "two commands are called"),
        ([{"name": "a", "run": ["x", "${values.number}"]}], "an argument of a command is text"),
        ([{"name": "a", "run": ["x", "${env:HOME}"]}], "may not be read here"),
    ],
)
def test_what_a_command_may_be(shell: Shell, commands: list[dict[str, Any]], words: str) -> None:
    """All of it is found offline."""
    declare(shell, *commands)
    shell.bench.edit("cozeops.yaml", "  values:", "  values:\n    number: 3")
    ran = shell("validate")
    assert ran.code == 3
    assert words in ran.err


LOOK = """
import json, os, sys
plan = json.load(sys.stdin)
ends = {name: value[-40:] for name, value in os.environ.items()}  # of a long message the end is not shown
print(json.dumps([{"message": json.dumps([ends, os.getcwd(), os.getsid(0) == os.getpid(),
    plan["format"], len(plan["changes"]) > 5, plan["stats"]["requests"] > 0, plan["shard"],
    sys.stdin.isatty()])}]))
raise SystemExit(1)
"""


def test_what_a_command_gets(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole plan, the project's folder, a session of its own, and PATH as its whole environment."""
    for name in ("COZE_X", "COZEOPS_VAR_X", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "LD_PRELOAD_X"):
        monkeypatch.setenv(name, "canary")
    declare(shell, python(LOOK))
    ((_, _, _, _, message),) = own(shell, "--run-checks", "--shard", "1/1")
    environment, folder, *rest = json.loads(message)
    # Python itself may add the locale that it chose.
    assert {key: value for key, value in environment.items() if key != "LC_CTYPE"} == {
        "PATH": os.environ["PATH"][-40:]
    }
    assert folder == str(shell.bench.folder)
    assert rest == [True, "cozeops-plan/1", True, True, "1/1", False]


def test_a_program_of_the_project(shell: Shell) -> None:
    """Paths begin at the project's root, wherever cozeops was called."""
    shell.bench.write("checks/say.sh", "#!/bin/sh\necho no\nexit 3\n")
    (shell.bench.folder / "checks/say.sh").chmod(0o755)
    declare(shell, {"name": "say", "run": ["./checks/say.sh"]})
    assert own(shell, "--run-checks") == [("COZE250", "say", "block", None, "exit code 3: no")]


def test_passed_is_silent_and_bound_to_the_run(shell: Shell) -> None:
    """A digest tells a plan that was checked from one that was not."""
    declare(shell, python("print('all well')"))
    assert own(shell, "--run-checks") == []
    digests = [
        json.loads(shell("plan", "--format", "json", *options).out)["digest"]
        for options in ([], ["--run-checks"])
    ]
    assert digests[0] != digests[1]
    assert shell("plan", "--verify", digests[1], "--run-checks").code == 0
    assert shell("plan", "--verify", digests[1]).code == 6
    assert shell("apply", "--digest", digests[1]).code == 6
    assert shell("apply", "--digest", digests[1], "--run-checks").code == 0


def test_a_check_that_does_not_pass_blocks_before_the_first_write(shell: Shell) -> None:
    """5; with a reviewed plan it can be acknowledged."""
    declare(shell, python("import sys; sys.stderr.write('not on Fridays\\n'); sys.exit(2)", "friday"))
    blocked = shell("apply", "--yes", "--run-checks")
    assert blocked.code == 5
    assert "COZE250 friday" in blocked.err
    assert "exit code 2: not on Fridays" in blocked.out
    assert shell.bench.writes() == []
    digest = json.loads(shell("plan", "--run-checks", "--format", "json").out)["digest"]
    agreed = ["apply", "--run-checks", "--digest", digest]
    assert shell(*agreed).code == 5
    assert shell(*agreed, "--ack", "COZE250").code == 0


@pytest.mark.parametrize("severity", ["warn", "info"])
def test_a_severity_that_does_not_block(shell: Shell, severity: str) -> None:
    """It is told, and the apply goes on."""
    declare(shell, python("raise SystemExit(1)", severity=severity))
    assert own(shell, "--run-checks") == [("COZE250", "ours", severity, None, "exit code 1: it said nothing")]
    assert shell("apply", "--yes", "--run-checks").code == 0


def test_a_plan_file_has_the_answers(shell: Shell, tmp_path: Path) -> None:
    """Nothing runs again when it is applied, and what it says cannot be edited away."""
    trace, file = tmp_path / "trace", tmp_path / "plan.json"
    declare(shell, python(f"open({str(trace)!r}, 'a').write('x'); raise SystemExit(1)"))
    assert shell("plan", "--run-checks", "--out", str(file)).code == 0
    assert shell("apply", str(file)).code == 5
    assert shell("apply", str(file), "--run-checks").code == 3
    text = file.read_text("utf-8")
    data = json.loads(text)
    for edit in ({"severity": "info"}, {"name": "other"}):
        edited = {**data, "findings": [{**one, **edit} for one in data["findings"]]}
        file.write_text(json.dumps(edited), encoding="utf-8")
        assert shell("apply", str(file)).code == 6
    file.write_text(text, encoding="utf-8")
    assert shell.bench.writes() == []
    assert shell("apply", str(file), "--ack", "COZE250").code == 0
    assert trace.read_text() == "x"


def test_a_list_of_messages(shell: Shell) -> None:
    """One finding each, at the address that they name if the plan has it."""
    messages = [
        {"message": "too salty", "address": "Bot/chef", "hint": "less salt"},
        {"message": "nobody", "address": "Bot/nobody"},
        {"message": "nowhere", "address": ["Bot/chef"], "hint": 3},
    ]
    declare(shell, said(json.dumps(messages)))
    assert [one[2:] for one in own(shell, "--run-checks")] == [
        ("block", "Bot/chef", "too salty"),
        ("block", None, "nobody (Bot/nobody)"),
        ("block", None, "nowhere"),
    ]
    assert "less salt" in shell("plan", "--run-checks").out
    assert "--ack COZE250@Bot/chef" in shell("plan", "--run-checks").out


CONFTEST = [
    {"filename": "-", "namespace": "main", "successes": 1},
    {
        "filename": "-",
        "namespace": "tone",
        "successes": 0,
        "warnings": [{"msg": "long", "metadata": {"query": "data.tone.warn"}}],
        "failures": [
            {"msg": "rude", "metadata": {"address": "Bot/chef"}},
            {"msg": "deep", "metadata": {"details": {"address": "Bot/chef", "hint": "be brief"}}},
        ],
        "exceptions": [{"msg": "excused"}],
    },
]


def test_what_conftest_prints(shell: Shell) -> None:
    """Failures weigh what the command weighs, its warnings are warnings, what it excused is nothing."""
    declare(shell, said(json.dumps(CONFTEST)))
    assert [one[2:] for one in own(shell, "--run-checks")] == [
        ("block", "Bot/chef", "rude"),
        ("block", "Bot/chef", "deep"),
        ("warn", None, "long"),
    ]
