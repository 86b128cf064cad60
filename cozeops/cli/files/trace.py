"""`--trace-http FILE`: a line of JSON for each request, while it runs."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import click

from cozeops.errors import CozeopsError
from cozeops.system.files import open_output
from cozeops.values import Json

if TYPE_CHECKING:
    from cozeops.api.attempt import Trace


class _Lines:
    """Writes each line at once. A disk that is full ends the trace, never the run."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._lock = descriptor, Lock()
        self.wrong = ""

    def __call__(self, told: Json) -> None:
        line = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            if self.wrong:
                return
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError as error:
                self.wrong = error.strerror or str(error)


@contextmanager
def trace_into(file: Path | None) -> Iterator[Trace | None]:
    """Lines into `file`, readable by its owner alone; None where nobody asked. Raises CozeopsError."""
    if file is None:
        yield None
        return
    try:
        descriptor = open_output(file, 0o600)
    except OSError as error:
        raise CozeopsError(f"{file} cannot be written: {error.strerror or error}") from None
    try:
        _make_private(descriptor, file)
        lines = _Lines(descriptor)
        yield lines
    finally:
        os.close(descriptor)
    if lines.wrong:
        click.echo(f"{file} is not whole: {lines.wrong}", err=True)


def _make_private(descriptor: int, file: Path) -> None:
    """A file that was there keeps its mode when it is opened."""
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        try:
            file.chmod(0o600)
        except OSError as error:
            raise CozeopsError(f"{file} cannot be kept private: {error.strerror or error}") from None
