"""Runs a command on a broken project in this process; a request is a failure, so is not coming to an end."""

from __future__ import annotations

import io
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from unittest import mock

import httpx

from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of
from tests.corpus.case import Bad

LONGEST = 60
"""Seconds after which a run counts as hung."""
SHELL = {"COZE_API_TOKEN": "pat_corpus", "COZE_API_BASE": "", "NO_COLOR": "1", "COLUMNS": "100"}


@dataclass(frozen=True)
class Ran:
    """What came of it."""

    code: int
    out: str
    err: str
    requests: int


def run(case: Bad, *command: str, environ: Mapping[str, str] | None = None) -> Ran:
    """Write the project into a new folder, and run a command there."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        root.mkdir()
        case.write(root)
        chosen = ["--env", case.environment] if case.environment else []
        return run_in(root, *command, *chosen, environ={**case.environ, **(environ or {})})


def run_in(root: Path, *command: str, environ: Mapping[str, str] | None = None) -> Ran:
    """Run a command in a project."""
    out, err, sent = io.StringIO(), io.StringIO(), 0

    def send(*_: object, **__: object) -> None:
        nonlocal sent
        sent += 1
        raise httpx.UnsupportedProtocol("no request may be made")  # nobody tries that again

    with (
        mock.patch.dict(os.environ, {**SHELL, **(environ or {})}),
        mock.patch.object(httpx.Client, "send", send),
        redirect_stdout(out),
        redirect_stderr(err),
        _ending(),
    ):
        line = ["-C", str(root), *command]
        code = exit_code_of(lambda: cli.main(args=line, prog_name="cozeops", standalone_mode=False))
    return Ran(code, out.getvalue(), err.getvalue(), sent)


class Hangs(BaseException):
    """It did not come to its end. No net of ours catches it."""


@contextmanager
def _ending() -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
