"""How a run is told on a terminal and in files: the plan, the agreement, the progress, the end."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event as Flag
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from cozeops.cli.files.events import events_into
from cozeops.cli.files.output import write_file
from cozeops.cli.signals import stopping
from cozeops.errors import CozeopsError, ExitCode

if TYPE_CHECKING:
    from cozeops.engine.model.outcome import Event
    from cozeops.engine.model.plan import Plan
    from cozeops.operations.apply import Audience, Run
    from cozeops.report.forms.ndjson import EventLines
    from cozeops.report.plan.progress import Progress


class Telling:
    """Shows a plan, asks, follows the run, and says what came of it; its methods are an `Audience`."""

    def __init__(
        self, *, ask: bool, show: bool = True, compact: bool = False, events: Path | None = None
    ) -> None:
        self._ask, self._show, self._compact, self._file = ask, show, compact, events
        self._stack, self._running = ExitStack(), ExitStack()
        self._lines: EventLines | None = None
        self._progress: Progress | None = None
        self.stop = Flag()

    def __enter__(self) -> Self:
        self._lines = self._stack.enter_context(events_into(self._file))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._running.close()
        return self._stack.__exit__(kind, error, trace)

    def audience(self) -> Audience:
        """What an operation takes."""
        from cozeops.operations.apply import Audience

        return Audience(self.agree, self.begin, self.listen)

    def agree(self, plan: Plan) -> None:
        """Show the plan, and ask where nothing else says yes."""
        if not self._show:
            return
        self.show(plan)
        if plan.pending and self._ask:
            click.confirm("\nApply these changes?", abort=True)

    def show(self, plan: Plan) -> None:
        """Print a plan."""
        from cozeops.report.plan.text import render_plan

        render_plan(plan, sys.stdout, compact=self._compact)

    def begin(self, plan: Plan) -> None:
        """The first write is near: signals drain, and events are told."""
        from cozeops.report.plan.progress import Progress

        if self._lines:
            self._lines.begin(plan)
        if plan.pending:
            self._running.enter_context(stopping(self.stop))
            progress = Progress(sys.stderr, total=len(plan.pending), plan=plan)
            self._progress = self._running.enter_context(progress)

    def listen(self, event: Event) -> None:
        """Tell of an event."""
        assert self._progress is not None
        self._progress(event)
        if self._lines:
            self._lines(event)

    def end(self, run: Run, report: Path | None) -> None:
        """Say what happened, and write it where somebody asked for it."""
        from cozeops.report.check.text import render_transcripts
        from cozeops.report.plan.outcomes import render_outcomes

        self._running.close()
        if run.plan.pending:
            render_transcripts(run.checks, sys.stdout)
            render_outcomes(run.plan, run.outcomes, sys.stdout)
        elif run.shown:
            click.echo("Every channel shows what was published to it.")
        if self._lines:
            self._lines.end(run.outcomes, run.exit_code)
        if report:
            try:
                write_file(report, json.dumps(run.to_json(), ensure_ascii=False, indent=2) + "\n")
            except CozeopsError as error:
                if run.plan.pending and run.exit_code == ExitCode.OK:  # the changes are made all the same
                    error.exit_code = ExitCode.PARTIAL
                raise
