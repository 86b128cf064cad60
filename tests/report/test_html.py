"""The HTML file: whole, self-contained, and nothing of the values in it is markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from cozeops.engine.model import Change, FieldChange, Plan
from cozeops.report import plan_html
from cozeops.report.html_page import SCRIPT, STYLE

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import CHEF, empty, story
from .test_terminal import assert_inert

DIGEST = "sha256:" + "ab" * 32
VOID = {"meta", "br", "rect", "path", "col"}
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
    aria-label role hidden open tabindex colspan scope width height viewbox x y rx d
""",
    )
)


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
