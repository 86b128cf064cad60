"""A running apply: plain lines in a log, live lines on a terminal, silence on a broken pipe."""

from __future__ import annotations

import io
import threading

from cozeops.address import Address
from cozeops.engine.model.outcome import Event, Status
from cozeops.report.plan.progress import Progress

from .plans import CHEF, GUIDE, KIOSK, RECIPES, story


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def told(progress: Progress) -> None:
    progress(Event("started", CHEF))
    progress(Event("step", CHEF, "updateBot"))
    progress(Event("started", RECIPES))
    progress(Event("waiting", RECIPES, "2 of 3 documents"))
    progress(Event("waiting", RECIPES, "2 of 3 documents"))
    progress(Event("step", CHEF, "publishBot"))
    progress(Event("finished", CHEF, status=Status.DONE))
    progress(Event("finished", RECIPES, "still processing", status=Status.PENDING))


def test_plain_lines() -> None:
    stream = io.StringIO()
    with Progress(stream, 12, plan=story(), clock=Clock()) as progress:
        told(progress)
    assert stream.getvalue().splitlines() == [
        "        ~ Bot/chef updateBot",
        "        ~ KnowledgeBase/recipes waiting: 2 of 3 documents",
        "        ~ Bot/chef publishBot",
        "[ 1/12] ~ Bot/chef done 1.0s",
        "[ 2/12] ~ KnowledgeBase/recipes pending 1.0s  still processing",
    ]


def test_live_lines_end_as_plain_ones() -> None:
    stream = io.StringIO()
    with Progress(stream, 12, plan=story(), clock=Clock(), live=True, color=False, width=60) as progress:
        told(progress)
        assert [row[0][0] for row in progress.rows(60)] == ["2 of 12 done, 0 running"]
    assert "[ 1/12] ~ Bot/chef done" in stream.getvalue()
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h") == 1


def test_a_change_has_its_own_glyph_to_the_end() -> None:
    """Also one that never began, and one of a plan that nobody gave."""
    stream = io.StringIO()
    with Progress(stream, 2, plan=story()) as progress:
        progress(Event("finished", KIOSK, "cancelled", status=Status.SKIPPED))
        progress(Event("started", GUIDE, "create"))
        progress(Event("step", GUIDE, "publishBot"))
    with Progress(stream, 1) as progress:
        progress(Event("started", KIOSK, "create"))
        progress(Event("step", KIOSK, "publishBot"))
    rows = [line.removeprefix("[1/2]").split()[:2] for line in stream.getvalue().splitlines()]
    assert rows == [["+", str(KIOSK)], ["~", str(GUIDE)], ["+", str(KIOSK)]]


def test_a_change_that_is_planned_again_counts_once() -> None:
    stream = io.StringIO()
    with Progress(stream, 1, plan=story()) as progress:
        for status in (Status.STALE, Status.DONE):
            progress(Event("started", CHEF, "update"))
            progress(Event("finished", CHEF, status=status))
    assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["[1/1]", "[1/1]"]


def test_live_rows_fit_and_are_few() -> None:
    progress = Progress(io.StringIO(), 99, clock=Clock())
    for number in range(30):
        progress(Event("step", Address("Bot", f"很长的名字{number}"), "\x1b[2J" + "uploadFile" * 20))
    rows = progress.rows(40)
    assert len(rows) == 14
    from cozeops.report.terminal.cells import width

    assert all(width("".join(text for text, _ in row)) <= 40 for row in rows)
    assert "\x1b" not in "".join(text for row in rows for text, _ in row)


def test_many_threads_write_whole_lines() -> None:
    stream = io.StringIO()
    with Progress(stream, 16) as progress:
        threads = [threading.Thread(target=_run, args=(progress, number)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 16 * 21
    ends = [line for line in lines if line.startswith("[")]
    assert [int(line[1:3]) for line in ends] == list(range(1, 17))
    assert all(" updateBot " in line for line in lines if line not in ends)


def _run(progress: Progress, number: int) -> None:
    address = Address("Bot", f"bot{number}")
    for step in range(20):
        progress(Event("step", address, f"updateBot {step}"))
    progress(Event("finished", address, status=Status.DONE))


def test_a_broken_pipe_is_no_failure() -> None:
    stream = io.StringIO()
    progress = Progress(stream, 1)
    stream.close()
    told(progress)
