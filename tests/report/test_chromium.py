"""The HTML file in a real browser: its own script runs, and no script of a value does."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cozeops.address import Address
from cozeops.engine.model.plan import Plan
from cozeops.report.forms.html_page import SCRIPT
from cozeops.report.plan.html import plan_html

from .hostile import ESCAPES, INJECTIONS, hostile_plan
from .plans import fleet, story

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


def dom(document: str, folder: Path) -> str:
    """The page after its scripts have run."""
    page = folder / "plan.html"
    page.write_text(document, encoding="utf-8")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    flags += "--disable-component-update --disable-sync --dump-dom"
    command = [str(CHROMIUM), *flags.split(), f"--user-data-dir={folder / 'profile'}", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_the_script_shows_the_filters(tmp_path: Path) -> None:
    document = plan_html(story(), digest="sha256:00")
    assert re.search(r'<div class="bar"[^>]* hidden', document)
    shown = dom(document, tmp_path)
    assert re.search(r'<div class="bar" role="toolbar" aria-label="Filter">', shown)
    assert shown.count("<details class=") == 6


def test_a_page_of_a_fleet_opens(tmp_path: Path) -> None:
    """Its script runs over ten thousand changes, before and after what is cut."""
    shown = dom(plan_html(fleet(10_000), digest="sha256:00"), tmp_path)
    assert re.search(r'<div class="bar" role="toolbar" aria-label="Filter">', shown)
    assert len(re.findall(r'<(?:details|div) class="change ', shown)) == 10_000


def test_no_value_becomes_an_element(tmp_path: Path) -> None:
    plans = [hostile_plan(text) for text in (*INJECTIONS, *ESCAPES)]
    changes = tuple(
        replace(change, address=Address(change.address.kind, f"{change.address.name} {number}"))
        for number, plan in enumerate(plans)
        for change in plan.changes
    )
    findings = tuple(finding for plan in plans for finding in plan.findings)
    document = plan_html(Plan("dev", "x", changes, findings), digest="sha256:00")
    # A page of ours that changes its title would tell that a script ran.
    shown = dom(document.replace("alert(1)", "document.title=1"), tmp_path)
    assert "<title>cozeops plan for dev</title>" in shown
    (field,) = re.findall("<input[^>]*>", shown)
    markup = shown.replace(SCRIPT, "").replace(field, "")
    assert not re.search(
        r"<(?:img|iframe|object|embed|link|form|input|audio|video|x)[\s>]|<[^>]+\son\w+=", markup
    )
    assert shown.count("<script>") == 1
