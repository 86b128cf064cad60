"""The comment on a pull request: what it says, that it fits, and that nothing in it acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cozeops.address import Address
from cozeops.engine.model.plan import Action, Change, FieldChange, Plan
from cozeops.report.forms.comment import comment_marker
from cozeops.report.forms.inert import cell_code, code, fence, prose
from cozeops.report.plan.graph import graph_of
from cozeops.report.plan.markdown import plan_markdown
from cozeops.report.plan.mermaid import mermaid

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import LONG_NEW, PROMPT, empty, fleet, story
from .test_terminal import assert_inert

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
DIGEST = "sha256:" + "ab" * 32
OWN_HTML = re.compile(
    r"<!-- cozeops:plan:[:\w.%~-]* -->|<details><summary><code>[^<>]*</code>[ a-z,]*</summary>|"
    r"<details><summary>What is touched</summary>|</details>|</?sub>"
)
MERMAID = re.compile(
    r'flowchart LR|  n\d+\["(?:[\w /.-]|#\d+;)*"\]:::\w+|  n\d+ --> n\d+|'
    r"  classDef \w+ stroke:#[0-9a-f]{6},stroke-width:2px"
)
ALERT = re.compile(r"^\[!(?:CAUTION|WARNING|NOTE)\]$")
REFERENCE = re.compile(r"(?:[@#!]\w)|\bGH-\d|https?://|\bwww\.|:\w+:", re.IGNORECASE)


def tokens(text: str) -> list[Token]:
    flat: list[Token] = []
    for token in PARSER.parse(text):
        flat += [token, *(token.children or [])]
    return flat


def assert_harmless(text: str) -> None:
    """Markup is only our own, and nothing outside code is a link, a picture or a mention."""
    opened = 0
    for token in tokens(text):
        assert token.type not in ("link_open", "image", "code_block", "hr", "lheading_open"), token
        if token.type in ("html_block", "html_inline"):
            assert not OWN_HTML.sub("", token.content).strip(), token.content
            opened += token.content.count("<details>") - token.content.count("</details>")
        elif token.type == "text":
            assert not REFERENCE.search(ALERT.sub("", token.content)), token.content
        elif token.type == "heading_open":
            assert token.tag == "h3"
        elif token.type == "fence":
            assert token.info in ("diff", "mermaid")
    assert opened == 0
    assert_inert(text.replace("\u200b", ""))


def assert_fences_close(text: str) -> None:
    fences = [token for token in PARSER.parse(text) if token.type == "fence"]
    lines = text.split("\n")
    for token in fences:
        assert token.map is not None
        assert set(lines[token.map[1] - 1]) == {"`"}


@pytest.mark.parametrize("limit", [60_000, 5_000])
def test_golden(golden: Callable[[str, str], None], limit: int) -> None:
    text = plan_markdown(story(), digest=DIGEST, limit=limit)
    assert len(text) <= limit
    golden(f"plan-{limit}.md", text)


def test_nothing_to_do_golden(golden: Callable[[str, str], None]) -> None:
    golden("plan-empty.md", plan_markdown(empty(), digest=DIGEST))


def test_the_story_parses_as_meant() -> None:
    text = plan_markdown(story(), digest=DIGEST)
    assert_harmless(text)
    found = tokens(text)
    assert sum(token.type == "tr_open" for token in found) == 7
    assert [token.info for token in found if token.type == "fence"] == ["diff"] * 5 + ["mermaid"]
    assert text.startswith("<!-- cozeops:plan::prod -->\n")
    assert DIGEST in text


@pytest.mark.parametrize("text", [*INJECTIONS, *ESCAPES])
def test_values_cannot_act(text: str) -> None:
    for plan in (hostile_plan(text), hostile_plan(text * 30), hostile_plan(f"\n{text}\n")):
        markdown = plan_markdown(plan, digest=text)
        assert_harmless(markdown)
        assert_fences_close(markdown)
        rows = [token for token in tokens(markdown) if token.type == "tr_open"]
        cells = [token for token in tokens(markdown) if token.type in ("td_open", "th_open")]
        assert (len(rows), len(cells)) == (3, 15)


@pytest.mark.parametrize("environment", ["prod", "a-->b", "生产", "x" * 500, "--", "a b"])
def test_a_marker_is_one_comment(environment: str) -> None:
    marker = comment_marker("plan", environment, environment, environment)
    assert re.fullmatch(r"<!-- cozeops:plan(:[A-Za-z0-9_.%~-]*){3} -->", marker)
    assert len(marker) < 1000


def test_markers_of_projects_environments_and_shards_differ() -> None:
    """Two that share a pull request never share a comment, however alike their names are."""
    long = [f"{'生' * 60}{last}" for last in "甲乙"]
    names = ("prod", "生产", "dev", "a b", "a_b", "a:b", "N00", "%4e00", "一", *long)
    places = [(a, b, c) for a in names for b in names for c in ("", "1/2", "2/2")]
    assert len({comment_marker("plan", *place) for place in places}) == len(places)
    assert comment_marker("plan", "厨房", "prod") == "<!-- cozeops:plan:%E5%8E%A8%E6%88%BF:prod -->"


@pytest.mark.parametrize("limit", [4_000, 8_000, 30_000, 60_000])
def test_a_large_plan_fits_and_says_what_is_missing(limit: int) -> None:
    changes = tuple(
        Change(
            Address("Bot", f"bot-{number}"),
            None if number % 2 else "1",
            Action.CREATE if number % 2 else Action.UPDATE,
            "not on Coze yet",
            fields=(FieldChange("spec.prompt", None if number % 2 else PROMPT, LONG_NEW),),
            needs=(Address("KnowledgeBase", f"kb-{number}"),),
            scope="厨房",
        )
        for number in range(300)
    )
    findings = tuple(
        replace(one, message=f"{one.message} {n}") for n in range(200) for one in story().findings
    )
    text = plan_markdown(Plan("prod", "x", changes, findings), digest=DIGEST, limit=limit)
    assert len(text) <= limit
    assert len(text) > limit * 0.6
    assert re.search(r"… \d+ more", text)
    assert DIGEST in text
    assert_harmless(text)
    assert_fences_close(text)


@pytest.mark.parametrize("text", [*INJECTIONS, *ESCAPES])
def test_names_are_no_mermaid(text: str) -> None:
    for line in mermaid(graph_of(hostile_plan(text))):
        assert MERMAID.fullmatch(line), line


def test_one_enormous_change_is_cut_inside() -> None:
    lines = "\n".join(f"```line {number}" for number in range(5000))
    change = Change(
        Address("Bot", "a"),
        "1",
        Action.UPDATE,
        fields=(FieldChange("spec.prompt", lines, lines.replace("line", "行")),),
    )
    text = plan_markdown(Plan("prod", "x", (change,), ()), digest=DIGEST)
    assert 50_000 < len(text) <= 60_000
    assert re.search(r"… \d+ more lines", text)
    assert_fences_close(text)


def test_a_fleet_fits_and_begins_with_what_matters_most() -> None:
    """Of ten thousand changes those are shown that a reviewer must see; the others are counted."""
    plan = fleet(10_000)
    text = plan_markdown(plan, digest=DIGEST)
    assert len(text) <= 60_000
    assert_harmless(text)
    rows = re.findall(r"^\| `(.+?)` \| `(.+?)` \|", text, re.MULTILINE)
    blocked = {str(one.address) for one in plan.findings}
    gone = {str(one.address) for one in plan.changes if one.action is Action.DELETE}
    assert len(rows) > len(blocked) + len(gone) == 200
    assert {name for _, name in rows[:100]} == blocked
    assert {name for _, name in rows[100:200]} == gone
    assert f"… {10_000 - len(rows):} more (what is blocked first" in text
    details = re.findall(r"<details><summary><code>. (Bot/\S+)</code>", text)
    assert details
    assert set(details) <= blocked
    assert re.search(r"^… 9\d\d\d more: `cozeops show PLAN", text, re.MULTILINE)


PIECES = [*"`~|\\<>@#&*_[]() -+=\n\t$!:/1ab厨", "```", "~~~", "</details>", "www.", "GH-"]
WILD = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
BOUNDED = settings(max_examples=120, derandomize=True, deadline=None)


@BOUNDED
@given(WILD, st.integers(4_000, 12_000))
def test_fences_are_always_closed(text: str, limit: int) -> None:
    markdown = plan_markdown(hostile_plan(text), digest=text, limit=limit)
    assert len(markdown) <= limit
    assert_fences_close(markdown)
    assert_harmless(markdown)


@BOUNDED
@given(st.lists(WILD, max_size=6))
def test_a_fence_holds_its_lines(lines: list[str]) -> None:
    (token,) = [one for one in PARSER.parse("\n".join(fence(lines, "diff"))) if one.type == "fence"]
    assert token.content.count("\n") == len(lines)


@BOUNDED
@given(WILD)
def test_code_is_one_code_span(text: str) -> None:
    (paragraph,) = [one for one in PARSER.parse(f"x {code(text)} y") if one.type == "inline"]
    assert [one.type for one in paragraph.children or []] == ["text", "code_inline", "text"]
    table = PARSER.parse(f"| a | b |\n|---|---|\n| {cell_code(text)} | b |")
    assert sum(one.type == "td_open" for one in table) == 2


@BOUNDED
@given(WILD)
def test_prose_is_text(text: str) -> None:
    found = tokens(f"- {prose(text)}")
    assert {one.type for one in found} <= {
        "bullet_list_open", "list_item_open", "paragraph_open", "inline", "text", "text_special",
        "paragraph_close", "list_item_close", "bullet_list_close",
    }  # fmt: skip
