"""A running apply: live lines on a terminal, plain ones elsewhere. Called from many threads at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from cozeops.address import Address
from cozeops.engine.events import Event, Status
from cozeops.engine.model import Action, Plan
from cozeops.report import cells
from cozeops.report.safe import one_line
from cozeops.report.terminal import STYLES, Sheet, Span, is_terminal, live_console
from cozeops.report.words import GLYPHS

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live

MOST_ROWS = 12
"""How many running changes are shown at once."""
_VERBS = (
    ("unpublish", Action.UNPUBLISH),
    ("publish", Action.PUBLISH),
    ("create", Action.CREATE),
    ("delete", Action.DELETE),
    ("remove", Action.DELETE),
)
_ENDS = {Status.DONE: "create", Status.PENDING: "warn", Status.STALE: "warn", Status.SKIPPED: "dim"}


@dataclass(slots=True)
class _Running:
    number: int
    since: float
    action: Action
    doing: str = ""


class Progress:
    """Tells the events of an apply as they come; a context manager and a Listener.

    `plan` gives each line the glyph of its action. Trouble with the stream never stops an apply.
    """

    def __init__(
        self,
        stream: TextIO,
        total: int,
        *,
        plan: Plan | None = None,
        width: int | None = None,
        color: bool | None = None,
        live: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._is_live = is_terminal(stream) if live is None else live
        self._sheet = Sheet(stream, width=width, color=color)
        self._stream, self._total, self._clock = stream, total, clock
        self._actions = {change.address: change.action for change in plan.changes} if plan else {}
        self._running: dict[Address, _Running] = {}
        self._now: tuple[tuple[Address, _Running], ...] = ()
        self._begun = self._ended = 0
        self._lock = threading.RLock()
        self._live: Live | None = None
        self._broken = False

    def __enter__(self) -> Progress:
        if self._is_live:
            from rich.live import Live
            from rich.text import Text

            screen = live_console(self._stream, width=self._sheet.width, color=self._sheet.color)
            self._live = Live(
                _View(self),
                console=screen,
                transient=True,
                refresh_per_second=8,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._sheet.write = lambda row: screen.print(Text.from_ansi(row.rstrip("\n")), soft_wrap=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
            self._live = None
            self._sheet.write = self._stream.write

    def __call__(self, event: Event) -> None:
        """Tell one event."""
        with self._lock:
            if self._broken:
                return
            try:
                self._take(event)
            except (OSError, ValueError):  # the pipe is closed: the apply goes on in silence
                self._broken = True

    def rows(self, width: int) -> list[list[tuple[str, str]]]:
        """What runs now, with its elapsed time: rows of texts and rich styles, at most `width` cells."""
        found = [[(f"{self._ended} of {self._total} done, {len(self._now)} running", "dim")]]
        for address, running in self._now[:MOST_ROWS]:
            took = f" {self._clock() - running.since:.0f}s"
            name = cells.truncate(f"{one_line(str(address))} ", width - len(took) - 4)
            room = max(width - 2 - cells.width(name) - len(took), 0)
            doing = cells.truncate(one_line(running.doing), room)
            glyph = f"{GLYPHS[running.action]} "
            found.append([(glyph, STYLES[running.action.value]), (name, "bold"), (doing, ""), (took, "dim")])
        if more := len(self._now) - MOST_ROWS:
            found += [[(f"… and {more} more", "dim")]] if more > 0 else []
        return found

    def _take(self, event: Event) -> None:
        running = self._running.get(event.address) or self._begin(event.address)
        if event.what == "finished":
            del self._running[event.address]
            self._ended += 1
            self._now = tuple(self._running.items())
            self._finish(event, running)
        elif event.what in ("step", "waiting"):
            doing = event.detail if event.what == "step" else f"waiting: {event.detail or 'Coze is at work'}"
            action = _action_of(event, running)
            if event.address not in self._actions and running.doing == "":
                running.action = action
            if doing != running.doing:
                running.doing = doing
                if not self._live:
                    self._tell(event.address, running, [Span(one_line(doing))], action)

    def _begin(self, address: Address) -> _Running:
        self._begun += 1
        action = self._actions.get(address, Action.UPDATE)
        running = self._running[address] = _Running(self._begun, self._clock(), action)
        self._now = tuple(self._running.items())
        return running

    def _finish(self, event: Event, running: _Running) -> None:
        status = event.status or Status.DONE
        took = f" {self._clock() - running.since:.1f}s"
        said = [Span(status.value, _ENDS.get(status, "block")), Span(took, "dim")]
        if event.detail:
            said.append(Span(f"  {one_line(event.detail)}"))
        self._tell(event.address, running, said, running.action)

    def _tell(self, address: Address, running: _Running, said: list[Span], action: Action) -> None:
        count = Span(f"[{running.number}/{self._total}] ", "dim")
        glyph = Span(f"{GLYPHS[action]} ", action.value)
        self._sheet.line(count, glyph, Span(f"{one_line(str(address))} ", "bold"), *said, hang=4)
        self._stream.flush()


def _action_of(event: Event, running: _Running) -> Action:
    """The glyph of a step: publishing is told apart from the edit that came before it."""
    if event.what != "step":
        return running.action
    return next((action for verb, action in _VERBS if event.detail.startswith(verb)), running.action)


class _View:
    """The live part of the screen. Another thread draws it: it reads only what is replaced whole."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        for row in self._progress.rows(options.max_width):
            yield Text.assemble(*row, no_wrap=True, overflow="ellipsis")
