"""The HTML file: whole, self-contained, and nothing of the values in it is markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from cozeops.engine.model.plan import Action, Change, FieldChange, Plan
from cozeops.report.forms.html_page import SCRIPT, STYLE
from cozeops.report.plan.html import plan_html

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import CHEF, empty, fleet, story
from .test_terminal import assert_inert

DIGEST = "sha256:" + "ab" * 32
VOID = {"meta", "br", "rect", "path", "col", "input"}
TAGS = VOID | set(
    re.findall(
        r"\S+",
        """
    html head title style body header h1 h2 h3 p section b a code div button details summary span dl dt dd
    ul li ol del ins table colgroup tbody tr th td pre svg g text footer script
""",
    )
)
ATTRIBUTES = set(
    re.findall(
        r"\S+",
        """
    lang charset http-equiv content name class id href type data-action data-actions data-open aria-pressed
    aria-label role hidden open tabindex colspan scope width height viewbox x y rx d autocomplete placeholder
""",
    )
)


SEARCH = {
    "type": "search",
    "autocomplete": "off",
    "aria-label": "Filter by address",
    "placeholder": "address",
}


class Reader(HTMLParser):
    """Checks the nesting, and keeps tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] in ("script", "style"):
            self.scripts.append(data)
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def read(document: str) -> Reader:
    reader = Reader()
    reader.feed(document)
    reader.close()
    assert reader.stack == []
    return reader


def assert_own_markup(document: str) -> Reader:
    reader = read(document)
    for tag, attributes in reader.tags:
        assert tag in TAGS, tag
        assert set(attributes) <= ATTRIBUTES, attributes
        assert re.fullmatch(r"#r\d+", attributes.get("href") or "#r0")
    assert [attributes for tag, attributes in reader.tags if tag == "input"] in ([], [SEARCH])
    assert reader.scripts == [STYLE, SCRIPT]
    assert_inert(document)
    return reader


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("plan.html", plan_html(story(), digest=DIGEST))


def test_the_story_is_all_there() -> None:
    reader = assert_own_markup(plan_html(story(), digest=DIGEST))
    for said in (
        "live on api and chat_sdk after apply",
        "leaves chat_sdk",
        "the edit stays in draft",
        DIGEST,
    ):
        assert said in reader.text
    actions = [attributes["data-action"] for tag, attributes in reader.tags if "data-action" in attributes]
    assert actions == ["", "update", "publish", "create", "unpublish", "delete"]
    ids = {attributes["id"] for _, attributes in reader.tags if "id" in attributes}
    assert {attributes["href"] for _, attributes in reader.tags if "href" in attributes} <= {
        f"#{one}" for one in ids
    }


def test_nothing_to_do() -> None:
    reader = assert_own_markup(plan_html(empty(), digest=DIGEST))
    assert "No changes." in reader.text
    assert not [tag for tag, attributes in reader.tags if "data-action" in attributes]


@pytest.mark.parametrize("text", [*INJECTIONS, *ESCAPES])
def test_values_are_text(text: str) -> None:
    for plan in (hostile_plan(text), hostile_plan(f"\n{text}\n")):
        assert_own_markup(plan_html(plan, digest=text))


@pytest.mark.parametrize("text", INJECTIONS)
def test_values_are_shown_as_they_are(text: str) -> None:
    plan = Plan(
        "dev",
        "x",
        (
            Change(
                CHEF,
                "1",
                story().changes[1].action,
                fields=(FieldChange("spec.prompt", "a\n", text + "\nb\n"),),
            ),
        ),
        (),
    )
    shown = read(plan_html(plan, digest=DIGEST)).text
    assert all(line in shown for line in text.split("\n"))


def test_only_its_own_script_may_run() -> None:
    document = plan_html(story(), digest=DIGEST)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', document)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy


def test_nothing_is_loaded() -> None:
    document = plan_html(story(), digest=DIGEST)
    assert not re.search(
        r"""<[^>]* (?:src|srcset|action|poster|data)=|url\(|@import|<link|<iframe""",
        document.replace(STYLE, ""),
    )
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_twins_stand_beside_each_other() -> None:
    document = plan_html(story(), digest=DIGEST)
    rows = re.findall(r"<tr>(?:(?!</tr>).)*</tr>", document)
    (row,) = [row for row in rows if "讲完后询问" in row]
    assert row.count("讲完后询问") == 2


def told_of(document: str) -> tuple[list[str], list[str]]:
    """The addresses that are shown whole, and those that are a line."""
    heads = re.findall(r'<(details|div) class="change[^>]*>(?:(?!</h3>).)*<h3>([^<]+)', document, re.DOTALL)
    return [name for tag, name in heads if tag == "details"], [name for tag, name in heads if tag == "div"]


def test_a_fleet_stays_a_page_that_opens() -> None:
    """Ten thousand rewritten prompts: each is named, as many as fit are whole, and the page says so."""
    document = plan_html(fleet(10_000), digest=DIGEST)
    assert len(document.encode()) < 6_000_000
    reader = assert_own_markup(document)
    whole, lines = told_of(document)
    assert len(whole) > 100
    assert sorted(whole + lines) == [f"Bot/bot-{number:05}" for number in range(10_000)]
    assert f"{len(whole):,} of 10,000 changes are shown whole" in reader.text
    assert "cozeops show PLAN --target ADDRESS" in reader.text
    assert reader.text.count("1 field, not shown") == len(lines)
    buttons = [one["data-action"] for _, one in reader.tags if one.get("data-action")]
    assert buttons == ["update", "publish", "delete", "whole"]


def test_what_matters_most_is_whole() -> None:
    """In a page that is cut: what is blocked, and what goes; last what stays in a draft."""
    plan = fleet(3_000)
    whole, lines = told_of(plan_html(plan, digest=DIGEST))
    blocked = {str(one.address) for one in plan.findings}
    gone = {str(one.address) for one in plan.changes if one.action is Action.DELETE}
    live = {str(one.address) for one in plan.changes if one.steps and one.steps[-1].operation == "publishBot"}
    assert len(blocked) > 5 < len(gone)
    assert blocked | gone <= set(whole)
    assert set(whole) - blocked - gone <= live < set(lines) | live
    document = plan_html(plan, digest=DIGEST)
    assert document.count('<span class="badge">blocked</span>') == len(blocked)


def test_one_enormous_change_does_not_push_out_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cozeops.report.plan.html.MOST_OF_BODIES", 200_000)
    items = FieldChange("spec.documents", None, [f"document {number}" for number in range(20_000)])
    large = replace(story().changes[0], fields=(items,))
    document = plan_html(replace(story(), changes=(large, *story().changes[1:])), digest=DIGEST)
    whole, lines = told_of(document)
    assert lines == ["KnowledgeBase/recipes"]
    assert "Bot/chef" in whole
    assert len(document) < 200_000


def test_more_changes_than_lines_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cozeops.report.plan.html.MOST_LINES", 50)
    plan = fleet(120)
    reader = assert_own_markup(plan_html(plan, digest=DIGEST))
    assert "50 of 120 changes are shown whole" in reader.text
    assert "70 changes are not even named" in reader.text
    anchors = {attributes["id"] for _, attributes in reader.tags if "id" in attributes}
    assert anchors == {f"r{number}" for number in range(50)}
    gone = {str(one.address) for one in plan.changes if one.action is Action.DELETE}
    assert gone <= set(told_of(plan_html(plan, digest=DIGEST))[0])


def test_many_findings_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cozeops.report.plan.html.MOST_OF_LISTS", 2_000)
    reader = assert_own_markup(plan_html(fleet(2000), digest=DIGEST))
    found = sum(attributes.get("class", "").startswith("finding") for _, attributes in reader.tags)
    told = len(fleet(2000).findings)
    assert 0 < found < told
    assert f"… {told - found} more: cozeops show PLAN" in reader.text


@pytest.mark.parametrize("text", [*INJECTIONS, *ESCAPES])
def test_values_are_text_in_a_line_too(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is shown whole."""
    monkeypatch.setattr("cozeops.report.plan.html.MOST_OF_BODIES", 0)
    monkeypatch.setattr("cozeops.report.plan.html.MOST_OF_LISTS", 0)
    plan = hostile_plan(text)
    document = plan_html(plan, digest=text)
    assert_own_markup(document)
    assert told_of(document)[0] == []


def test_a_page_that_holds_all_says_nothing_of_the_kind() -> None:
    document = plan_html(story(), digest=DIGEST)
    assert "cozeops show" not in document
    assert 'data-action="whole"' not in document
