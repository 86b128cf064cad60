"""Checks while they run: a line for each on a stream for logs, a counter on a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import TextIO

from cozeops.engine.check.runner import Result
from cozeops.report.check.text import result_line
from cozeops.report.terminal.sheet import Sheet, is_terminal


class CheckProgress:
    """Tells each result as it comes; a context manager. Trouble with the stream stops nothing."""

    def __init__(self, stream: TextIO, total: int, *, live: bool | None = None) -> None:
        self._stream, self._total = stream, total
        self._live = is_terminal(stream) if live is None else live
        self._done = 0

    def __enter__(self) -> CheckProgress:
        if self._total:
            self._count()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and self._total:
            self._write("\r\x1b[K")

    def __call__(self, result: Result) -> None:
        """Tell one result."""
        self._done += 1
        if self._live:
            self._count()
            return
        try:
            digits = len(str(self._total))
            result_line(Sheet(self._stream), result, head=f"[{self._done:>{digits}}/{self._total}] ")
        except (OSError, ValueError):  # the pipe is closed: the checks go on in silence
            return

    def _count(self) -> None:
        if self._live:
            # The next line overwrites it: what is left in the end is the result alone.
            self._write(f"\r\x1b[K{self._done} of {self._total} checks done")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._live = False
