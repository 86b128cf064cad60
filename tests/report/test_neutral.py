"""No text is a command to a CI runner, however it is cut into writes and rows."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cozeops.report.terminal.neutral import NeutralStream, machine, neutral
from cozeops.report.terminal.safe import visible
from cozeops.report.terminal.sheet import Sheet, Span

COMMANDS = {
    "github": "::error file=a::b",
    "github, after blanks": " \t\u3000\xa0::add-mask::x",
    "github, the old way": "x ##[add-path]/tmp",
    "azure": "name ##vso[task.setvariable variable=a]b",
    "azure, formatting": "##[section]a",
    "azure, deeper": "###vso[task.complete]",
    "teamcity": "a ##teamcity[buildStatus status='SUCCESS']",
    "gitlab": "section_start:1560896352:my_section[collapsed=true]\r\x1b[0Ka",
    "gitlab, its end": "a section_end:1560896352:my_section",
}
COMMAND = re.compile(r"^\s*::|##\w*\[|section_(?:start|end):", re.MULTILINE)
ACTS = re.compile(rf"{COMMAND.pattern}|\x1b|\r", re.MULTILINE)
WORDS = ":,::,#,##,[,vso,vso[,teamcity[,section,_start:,_end:, ,\t,\n,a,\\,\u3000,厨,##[,\x1b[0m,\r"
PIECES = st.sampled_from(WORDS.split(","))


@pytest.mark.parametrize("text", COMMANDS.values(), ids=COMMANDS)
def test_a_command_of_a_runner_is_text(text: str) -> None:
    """All that is read of it stays."""
    shown = neutral(visible(text))
    assert not ACTS.search(shown)
    assert shown.replace("\\", "") == visible(text).replace("\\", "")
    assert neutral(shown) == shown


@pytest.mark.parametrize("text", ["a: b", "https://x", "a::b", "# Title", "## [x](y)", "x :: y", "C#[0]"])
def test_other_text_stays(text: str) -> None:
    """A colon or a heading is no command."""
    assert neutral(text) == text


@given(st.lists(PIECES.map(visible), max_size=30))
def test_a_command_that_comes_in_pieces_is_text(pieces: list[str]) -> None:
    """Property: whatever is written, in whatever pieces, nothing acts."""
    into = io.StringIO()
    stream = NeutralStream(into)
    for piece in pieces:
        stream.write(piece)
    assert not ACTS.search(into.getvalue())


@given(st.lists(PIECES.map(visible), max_size=30), st.integers(20, 40), st.booleans())
def test_rows_that_are_broken_hold_no_command(pieces: list[str], width: int, colour: bool) -> None:
    """Property: a row may begin in the middle of a text, and a style may lie inside of one."""
    into = io.StringIO()
    sheet = Sheet(into, width=width, color=colour)
    spans = [Span(piece.replace("\n", " "), "bold" if n % 2 else "") for n, piece in enumerate(pieces)]
    sheet.line(*spans, hang=2)
    assert not COMMAND.search(into.getvalue())


def test_machines_get_the_text_itself() -> None:
    """JSON is no text for people."""
    into = io.StringIO()
    machine(NeutralStream(into)).write("##vso[a]")  # type: ignore[arg-type]
    assert into.getvalue() == "##vso[a]"
