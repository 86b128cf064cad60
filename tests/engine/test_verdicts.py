"""What a project's own program said, as findings. What it said is not trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cozeops.engine.model.plan import Finding, Severity
from cozeops.engine.policy.external_results import MOST, Command, verdict
from cozeops.system.program import Answer
from tests.engine.made import CHEF

BLOCK, WARN, INFO = Severity.BLOCK, Severity.WARN, Severity.INFO


def found(output: Any = b"", code: int = 1, severity: Severity = BLOCK, **more: Any) -> list[Finding]:
    """The findings of a command that printed this."""
    text = output if isinstance(output, bytes) else json.dumps(output).encode()
    return verdict(Command("tone", ("./check",), severity), Answer(code, text, **more), [CHEF])


def conftest(**groups: Any) -> list[Any]:
    """What conftest prints: results of one file."""
    return [{"filename": "-", **groups}]


def test_a_program_that_ends_well_and_says_nothing_passed() -> None:
    assert [found(output, 0) for output in (b"", b"fine", [], {}, 7, [7], [{}])] == [[]] * 7


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"output": b""}, "exit code 3: it said nothing"),
        ({"output": b" \n a \n\n b\nc\nd\ne\nf\n"}, "exit code 3: a / b / c / d / e"),
        ({"output": b"a", "errors": b"b"}, "exit code 3: a / b"),
        ({"output": b"\xff\x1b[2J"}, "exit code 3: \ufffd\\x1b[2J"),
        ({"output": b"x" * 300}, f"exit code 3: {'x' * 199}…"),
        ({"output": b"x" * 200}, f"exit code 3: {'x' * 200}"),
        ({"output": b"[" * 100_000}, f"exit code 3: {'[' * 199}…"),
    ],
)
def test_a_program_that_ends_badly_without_json(given: dict[str, Any], message: str) -> None:
    """Its first lines are told, harmless and short."""
    (one,) = found(code=3, **given)
    assert (one.message, one.severity, one.name, one.address) == (message, BLOCK, "tone", None)
    assert one.hint == "spec.checks.commands in cozeops.yaml has this check"


@pytest.mark.parametrize(
    ("entry", "message", "address", "hint"),
    [
        ({"message": "rude", "address": "Bot/chef", "hint": "mend"}, "rude", CHEF, "mend"),
        ({"message": "rude", "address": "Bot/other"}, "rude (Bot/other)", None, None),
        ({"message": "rude", "address": 7, "hint": ["x"]}, "rude", None, None),
        ({"message": "r\x1b", "hint": "h\x1b"}, "r\\x1b", None, "h\\x1b"),
        ({"message": "x" * 501, "hint": "y" * 501}, "x" * 499 + "…", None, "y" * 499 + "…"),
        ({"message": "x" * 500}, "x" * 500, None, None),
    ],
)
def test_a_list_of_messages(entry: Any, message: str, address: Any, hint: str | None) -> None:
    (one,) = found([entry])
    assert (one.message, one.address) == (message, address)
    assert one.hint == (hint or "spec.checks.commands in cozeops.yaml has this check")


RESULTS = conftest(
    warnings=[{"msg": "mild"}],
    failures=[
        {"msg": "bad", "metadata": {"address": "Bot/chef", "details": {"hint": "inner"}}},
        {"msg": "worse", "metadata": {"hint": "outer"}},
        {"msg": 7},
        "no map",
    ],
)


def test_what_conftest_prints() -> None:
    """Failures come first; what a policy adds may be one level deeper."""
    told = [(one.message, one.severity, one.address, one.hint.split()[0]) for one in found(RESULTS)]
    assert told == [
        ("bad", BLOCK, CHEF, "inner"),
        ("worse", BLOCK, None, "outer"),
        ("mild", WARN, None, "spec.checks.commands"),
    ]


@pytest.mark.parametrize("metadata", [None, 7, [], {"details": 7}])
def test_odd_metadata_is_passed_over(metadata: Any) -> None:
    (one,) = found(conftest(failures=[{"msg": "bad", "metadata": metadata}]))
    assert (one.message, one.address) == ("bad", None)


@pytest.mark.parametrize("results", [conftest(failures=7), conftest(failures=None, warnings={}), ["x"], [7]])
def test_json_of_another_shape_says_nothing(results: Any) -> None:
    (one,) = found(results)
    assert one.message.startswith("exit code 1: ")


MILD = conftest(warnings=[{"msg": "mild"}])
HARD = conftest(failures=[{"msg": "bad"}])


@pytest.mark.parametrize(
    ("output", "code", "severity", "severities"),
    [
        (HARD, 1, BLOCK, [BLOCK]),
        (HARD, 0, BLOCK, [WARN]),
        (HARD, 1, WARN, [WARN]),
        (HARD, 0, INFO, [INFO]),
        (MILD, 0, BLOCK, [WARN]),
        (MILD, 1, BLOCK, [BLOCK]),
        (MILD, 1, INFO, [INFO]),
        (conftest(warnings=[{"msg": "a"}], failures=[{"msg": "b"}]), 1, BLOCK, [BLOCK, WARN]),
        (conftest(warnings=[{"msg": "a"}], failures=[{"msg": "b"}]), 1, INFO, [INFO, INFO]),
    ],
)
def test_how_much_it_matters(output: Any, code: int, severity: Severity, severities: list[Severity]) -> None:
    """Warnings block only where they are why it did not pass; a passing program blocks nobody."""
    assert [one.severity for one in found(output, code, severity)] == severities


@pytest.mark.parametrize(
    ("failures", "warnings", "last", "severity"),
    [
        (MOST, 0, "49", BLOCK),
        (MOST + 2, 0, "and 2 more messages of this check", BLOCK),
        (MOST - 1, 3, "and 2 more messages of this check", WARN),
    ],
)
def test_endless_messages_are_counted(failures: int, warnings: int, last: str, severity: Severity) -> None:
    output = conftest(
        failures=[{"msg": str(number)} for number in range(failures)],
        warnings=[{"msg": "mild"} for _ in range(warnings)],
    )
    told = found(output)
    assert len(told) == min(failures + warnings, MOST + 1)
    assert (told[-1].message, told[-1].severity) == (last, severity)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(failure="did not end within 3 s"), "./che\\x1bck did not end within 3 s"),
        (
            Answer(-9, b"half", b"and", "was ended by signal 9"),
            "./che\\x1bck was ended by signal 9: half / and",
        ),
    ],
)
def test_a_program_without_a_result_blocks(answer: Answer, message: str) -> None:
    """Whatever the check's own severity is, and whatever it printed so far."""
    (one,) = verdict(Command("tone", ("./che\x1bck", "-x"), INFO), answer, [CHEF])
    assert (one.message, one.severity, one.name) == (message, BLOCK, "tone")
    assert one.code == "COZE251"
