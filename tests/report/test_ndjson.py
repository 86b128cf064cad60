"""The events of an apply: a line each, at once, whole, and never in the way of the apply."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.engine.model.outcome import Event, Status
from cozeops.engine.plan.file import plan_digest
from cozeops.report.forms.ndjson import FORMAT, EventLines

from .hostile import ESCAPES, INJECTIONS
from .plans import CHEF, outcomes, story


class Flushed(io.StringIO):
    """Knows how much of it had been flushed."""

    seen = ""

    def flush(self) -> None:
        self.seen = self.getvalue()


def lines_of(stream: Flushed) -> list[dict[str, Any]]:
    """Every line, parsed; each was flushed and says what it is."""
    assert stream.seen == stream.getvalue()
    assert stream.seen.endswith("\n")
    found = [json.loads(line) for line in stream.seen[:-1].split("\n")]
    assert {line["format"] for line in found} == {FORMAT}
    assert {line["time"] for line in found} == {"2025-10-09T08:53:20.250Z"}
    return found


def lines_into(stream: io.StringIO) -> EventLines:
    return EventLines(stream, clock=lambda: 1_760_000_000.25)


def test_a_run_from_begin_to_end() -> None:
    """The first line names the plan, the last one the exit code."""
    stream = Flushed()
    lines = lines_into(stream)
    lines.begin(story())
    lines(Event("started", CHEF))
    lines(Event("step", CHEF, "updateBot"))
    lines(Event("waiting", CHEF, "2 of 3 documents"))
    lines(Event("finished", CHEF, "read back", Status.DONE))
    lines.end(outcomes(), 7)
    told = lines_of(stream)
    assert [line["event"] for line in told] == ["begun", "started", "step", "waiting", "finished", "ended"]
    assert told[0]["plan"] == plan_digest(story())
    assert told[0]["total"] == len(story().pending)
    assert told[1].keys() == {"format", "time", "event", "address"}
    assert told[2]["detail"] == "updateBot"
    assert told[4]["status"] == "done"
    assert told[5]["exit_code"] == 7
    assert sum(told[5]["outcomes"].values()) == len(outcomes())


def test_each_line_is_there_at_once() -> None:
    """Whoever follows the file sees a write when it happens, not when a buffer is full."""
    stream = Flushed()
    lines = lines_into(stream)
    for number in range(1, 4):
        lines(Event("step", CHEF, "updateBot"))
        assert stream.seen.count("\n") == number


def test_many_threads_at_once() -> None:
    """No line is torn."""
    stream = Flushed()
    lines = lines_into(stream)

    def tell(number: int) -> None:
        for _ in range(50):
            lines(Event("step", Address("Bot", f"b{number}"), "x" * 200))

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines_of(stream)) == 400


@pytest.mark.parametrize("trouble", [BrokenPipeError(), OSError(28, "no space"), ValueError("closed")])
def test_trouble_with_the_stream_stops_nothing(trouble: Exception) -> None:
    """The apply goes on; the stream is not tried again."""

    class Broken(io.StringIO):
        tried = 0

        def write(self, _text: str) -> int:
            self.tried += 1
            raise trouble

    stream = Broken()
    lines = lines_into(stream)
    lines(Event("started", CHEF))
    lines(Event("finished", CHEF, status=Status.DONE))
    assert stream.tried == 1


@pytest.mark.parametrize("text", [*ESCAPES, *INJECTIONS])
def test_hostile_text_stays_in_its_line(text: str) -> None:
    """Nothing but ASCII: also U+2028 and lone surrogates."""
    stream = Flushed()
    lines_into(stream)(Event("step", Address("Bot", text), text))
    (line,) = lines_of(stream)
    assert line["detail"] == text
    assert stream.seen.isascii()
    assert len(stream.seen.splitlines()) == 1
