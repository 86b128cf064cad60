"""A running apply: live lines on a terminal, plain ones elsewhere. Called from many threads at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from cozeops.address import Address
from cozeops.engine.model.outcome import Event, Status
from cozeops.engine.model.plan import Action, Plan
from cozeops.report.terminal import cells
from cozeops.report.terminal.safe import one_line
from cozeops.report.terminal.sheet import STYLES, Sheet, Span, is_terminal, live_console
from cozeops.report.words import GLYPHS

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live

MOST_ROWS = 12
"""How many running changes are shown at once."""
_ENDS = {Status.DONE: "create", Status.PENDING: "warn", Status.STALE: "warn", Status.SKIPPED: "dim"}


@dataclass(slots=True)
class _Running:
    since: float
    action: Action
    doing: str = ""


class Progress:
    """Tells the events of an apply as they come; a context manager and a Listener.

    A change has the glyph of its action in every line; the count stands where one has ended. `plan` knows
    the actions of those that never begin. Trouble with the stream never stops an apply.
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
        self._ended: set[Address] = set()
        """Addresses, because a stale change that is planned again ends twice."""
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
        found = [[(f"{len(self._ended)} of {self._total} done, {len(self._now)} running", "dim")]]
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
        running = self._running.get(event.address) or self._begin(event)
        if event.what == "finished":
            del self._running[event.address]
            self._ended.add(event.address)
            self._now = tuple(self._running.items())
            self._finish(event, running)
        elif event.what in ("step", "waiting"):
            doing = event.detail if event.what == "step" else f"waiting: {event.detail or 'Coze is at work'}"
            if doing != running.doing:
                running.doing = doing
                if not self._live:
                    self._tell(event.address, running, [Span(one_line(doing))])

    def _begin(self, event: Event) -> _Running:
        told = Action(event.detail) if event.what == "started" and event.detail else Action.UPDATE
        action = self._actions.get(event.address, told)
        running = self._running[event.address] = _Running(self._clock(), action)
        self._now = tuple(self._running.items())
        return running

    def _finish(self, event: Event, running: _Running) -> None:
        status = event.status or Status.DONE
        took = f" {self._clock() - running.since:.1f}s"
        said = [Span(status.value, _ENDS.get(status, "block")), Span(took, "dim")]
        if event.detail:
            said.append(Span(f"  {one_line(event.detail)}"))
        digits = len(str(self._total))
        self._tell(event.address, running, said, count=f"[{len(self._ended):>{digits}}/{self._total}] ")

    def _tell(self, address: Address, running: _Running, said: list[Span], *, count: str = "") -> None:
        margin = len(f"[{self._total}/{self._total}] ")
        head = [Span(count, "dim")] if count else []
        head.append(Span(f"{GLYPHS[running.action]} ", running.action.value))
        head.append(Span(f"{one_line(str(address))} ", "bold"))
        self._sheet.line(*head, *said, indent=margin - len(count), hang=4)
        self._stream.flush()


class _View:
    """The live part of the screen. Another thread draws it: it reads only what is replaced whole."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        for row in self._progress.rows(options.max_width):
            yield Text.assemble(*row, no_wrap=True, overflow="ellipsis")
