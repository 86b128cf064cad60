"""Plans, outcomes and problems on a terminal: what is printed, how wide, in which colours."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable

import pytest

from cozeops.address import Address
from cozeops.engine.model.outcome import Outcome
from cozeops.engine.model.plan import Action, Change, FieldChange, Plan
from cozeops.errors import ApiError, InvalidProject, Position, Problem, UsageError
from cozeops.report.plan.outcomes import render_outcomes
from cozeops.report.plan.text import render_plan
from cozeops.report.terminal.cells import width
from cozeops.report.terminal.problems import render_error, render_problems
from cozeops.report.terminal.sheet import wants_color

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import CHEF, SPARE, empty, fleet, outcomes, story

Golden = Callable[[str, str], None]

PROBLEMS = (
    Problem(
        "COZE003",
        "unknown field 'promt'",
        "did you mean prompt?",
        Position("manifests/bots/厨师.yaml", 12, 3),
        "  promt: {file: a.md}",
    ),
    Problem(
        "COZE007",
        "a tab may not indent YAML",
        "use spaces",
        Position("manifests/bots/厨师.yaml", 3, 6),
        "\t描述：\tx",
    ),
    Problem("COZE001", "there is nothing to read here"),
    Problem(
        "COZE005",
        "too long: 21 characters, at most 20",
        "",
        Position("a.yaml", 900, 95),
        "  name: " + "很长的名字" * 40,
    ),
)


def printed(plan: Plan, **options: object) -> str:
    stream = io.StringIO()
    render_plan(plan, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("color", [False, True])
def test_plan_golden(golden: Golden, columns: int, color: bool) -> None:
    name = f"plan-{columns}{'-color' if color else ''}.txt"
    golden(name, printed(story(), width=columns, color=color))


def test_plan_verbose_golden(golden: Golden) -> None:
    golden("plan-80-verbose.txt", printed(story(), width=80, color=False, verbose=True))


def test_compact_has_a_line_for_each_change() -> None:
    """With its reason; findings and counts stay."""
    rows = printed(story(), width=120, color=False, compact=True).splitlines()
    assert "! ~ KnowledgeBase/recipes  update  documents: 1 added, 1 removed" in rows
    assert f"  v {SPARE}  unpublish" in rows
    assert len([row for row in rows if row[2:3] in "+~v-" and row[3:4] == " "]) == len(story().pending)
    assert not any("spec.prompt" in row for row in rows)
    end = next(number for number, row in enumerate(rows) if row.startswith("Findings: "))
    assert printed(story(), width=120, color=False).splitlines()[-len(rows[end:]) :] == rows[end:]


def test_a_fleet_is_a_text_that_a_log_keeps() -> None:
    """What matters most with its fields, all others as a line, and at the end a word about that."""
    plan = fleet(10_000)
    text = printed(plan, width=100, color=False)
    assert len(text.encode()) < 3_500_000
    rows = text.splitlines()
    heads = [row.split()[-1] for row in re.findall(r"^..[~-] Bot/bot-\d+|^! [~-] Bot/bot-\d+", text, re.M)]
    assert sorted(heads) == [f"Bot/bot-{number:05}" for number in range(10_000)]
    whole = text.count("~ spec.prompt: ")
    gone = sum(one.action is Action.DELETE for one in plan.changes)
    assert len(plan.findings) < whole < 10_000
    assert f"{whole + gone:,} of 10,000 changes are shown whole: what is blocked first" in text
    assert "-v shows all of them, --target ADDRESS one" in text
    for finding in plan.findings:
        (at,) = [number for number, row in enumerate(rows) if row.startswith(f"! ~ {finding.address}  ")]
        assert "spec.prompt" in rows[at + 2]


def test_verbose_and_compact_leave_nothing_else_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cozeops.report.plan.text.MOST_OF_FIELDS", 1_000)
    assert "5 of 6 changes" not in printed(story(), color=False, verbose=True)
    assert printed(story(), color=False, verbose=True).count("spec.prompt: ") == 3
    assert "shown whole" not in printed(story(), color=False, compact=True)
    assert "of 6 changes are shown whole" in printed(story(), color=False)


def test_nothing_to_do_golden(golden: Golden) -> None:
    golden("plan-empty.txt", printed(empty(), width=80, color=False))


@pytest.mark.parametrize("verbose", [False, True])
def test_outcomes_golden(golden: Golden, verbose: bool) -> None:
    stream = io.StringIO()
    render_outcomes(story(), outcomes(), stream, width=80, color=False, verbose=verbose)
    golden(f"outcomes{'-verbose' if verbose else ''}.txt", stream.getvalue())


def test_a_clean_apply_says_what_is_live() -> None:
    stream = io.StringIO()
    done = [Outcome(one.address, type(one.status).DONE) for one in outcomes()]
    render_outcomes(story(), done, stream, color=False)
    assert stream.getvalue().startswith("Applied: 6 done.\n")


@pytest.mark.parametrize("columns", [80, 120])
def test_problems_golden(golden: Golden, columns: int) -> None:
    stream = io.StringIO()
    render_problems(PROBLEMS, stream, width=columns, color=False)
    golden(f"problems-{columns}.txt", stream.getvalue())


def test_the_caret_stands_below_its_column() -> None:
    stream = io.StringIO()
    render_problems([PROBLEMS[1]], stream, width=80, color=False)
    line, caret = stream.getvalue().splitlines()[1:3]
    assert width(line[: line.index("x")]) == caret.index("^")


def test_error_has_log_id_and_hint() -> None:
    stream = io.StringIO()
    render_error(
        ApiError("Coze says no", operation="getBot", log_id="2026\x1bABC", hint="ask"), stream, color=False
    )
    assert stream.getvalue() == "error: Coze says no\nlog id: 2026\\x1bABC\nhint: ask\n"


def test_error_of_a_project_lists_its_problems() -> None:
    stream = io.StringIO()
    render_error(InvalidProject(list(PROBLEMS)), stream, color=False)
    assert stream.getvalue().endswith("4 problems in 2 files\n")
    render_error(UsageError("no"), stream)


@pytest.mark.parametrize(("columns", "verbose"), [(40, False), (80, True), (120, False)])
def test_no_row_is_wider_than_asked(columns: int, verbose: bool) -> None:
    for plan in (story(), empty(), *(hostile_plan(text) for text in (*ESCAPES, *INJECTIONS))):
        for row in printed(plan, width=columns, color=False, verbose=verbose).splitlines():
            assert width(row) <= columns, row
            assert row == row.rstrip()


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("text", ESCAPES)
def test_values_cannot_act(text: str, color: bool) -> None:
    output = printed(hostile_plan(text), width=80, color=color, verbose=True)
    own = re.compile(r"\x1b\[[0-9;]*m")
    assert_inert(own.sub("", output) if color else output)
    if not color:
        assert "\x1b" not in output


def test_values_keep_nothing_back() -> None:
    """What is hidden is written out, and each of the texts can still be told apart."""
    outputs = {printed(hostile_plan(text), width=80, color=False) for text in ESCAPES}
    assert len(outputs) == len(ESCAPES)


@pytest.mark.parametrize("text", ESCAPES)
def test_problems_and_errors_cannot_act(text: str) -> None:
    stream = io.StringIO()
    render_problems([Problem(text, text, text, Position(text, 1, 3), text)], stream, color=False)
    render_error(ApiError(text, operation="x", log_id=text, hint=text), stream, color=False)
    render_outcomes(
        story(),
        [Outcome(SPARE, one.status, text, text, text, text) for one in outcomes()],
        stream,
        color=False,
    )
    assert_inert(stream.getvalue())


def assert_inert(text: str) -> None:
    acting = [
        one
        for one in text
        if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co") and one != "\n"
    ]
    assert not acting


def test_secrets_are_never_shown() -> None:
    for note in ("secret", "write-only, secret"):
        change = Change(
            CHEF, "1", Action.UPDATE, fields=(FieldChange("spec.token", "s3cr3t-1", "s3cr3t-2", note=note),)
        )
        output = printed(Plan("dev", "x", (change,), ()), color=False, verbose=True)
        assert "s3cr3t" not in output
        assert "spec.token: (secret, not shown)" in output


def test_long_lists_of_news_are_cut_and_removals_are_not() -> None:
    news = tuple(FieldChange(f"spec.documents[{n}.md]", None, {"name": f"{n}.md"}) for n in range(40))
    gone = tuple(FieldChange(f"spec.documents[old{n}.md]", {"name": f"{n}.md"}, None) for n in range(40))
    plan = Plan("dev", "x", (Change(CHEF, "1", Action.UPDATE, fields=news + gone),), ())
    short, full = printed(plan, color=False), printed(plan, color=False, verbose=True)
    assert "… 28 more (-v lists them)" in short
    assert short.count("- spec.documents[old") == 40
    assert full.count("+ spec.documents[") == 40


def test_unchanged_parts_of_long_lines_are_left_out() -> None:
    before = "开始。" + "很长的一段话，没有改变。" * 60 + "结尾是旧的。"
    plan = Plan(
        "dev",
        "x",
        (
            Change(
                CHEF,
                "1",
                Action.UPDATE,
                fields=(FieldChange("spec.prompt", before, before.replace("旧", "新")),),
            ),
        ),
        (),
    )
    output = printed(plan, width=80, color=False)
    assert "⋯" in output
    assert "[-旧-]" in output
    assert "⋯" not in printed(plan, width=80, color=False, verbose=True)


@pytest.mark.parametrize(
    ("environ", "terminal", "expected"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour_rules(environ: dict[str, str], terminal: bool, expected: bool) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    assert wants_color(stream, environ) is expected


def test_an_ascii_stream_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    render_plan(story(), stream, width=80, color=False)
    stream.flush()
    assert b"0.7 -> 0.9" in raw.getvalue()


def test_a_blocked_resource_without_a_change_is_shown() -> None:
    from cozeops.codes import Code
    from cozeops.engine.model.findings import finding

    address = Address("Workflow", "order")
    plan = Plan(
        "dev", "x", (Change(address, None, Action.NONE),), (finding(Code.NOT_FOUND, address, "not there"),)
    )
    output = printed(plan, color=False)
    assert "! = Workflow/order  blocked" in output
    assert "No changes" not in output
