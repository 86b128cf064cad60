"""Errors to exit codes: the only place where an exception becomes a number and a message."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TextIO, cast

import click

from cozeops.errors import CozeopsError, ExitCode, InvalidProject
from cozeops.report.terminal.neutral import NeutralStream


def exit_code_of(run: Callable[[], Any]) -> int:
    """Run, print what went wrong to stderr, and return the exit code. Never raises."""
    # What completes a line in a shell is bytes for that shell.
    with nullcontext() if "_COZEOPS_COMPLETE" in os.environ else neutral_output():
        return _exit_code_of(run)


def _exit_code_of(run: Callable[[], Any]) -> int:
    try:
        result = run()
        return int(result) if isinstance(result, int) else ExitCode.OK
    except click.ClickException as error:
        error.show()
        return ExitCode.INVALID
    except (click.Abort, KeyboardInterrupt):
        click.echo("cancelled", err=True)
        return ExitCode.CANCELLED
    except CozeopsError as error:
        show(error)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): nothing to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.ERROR
    except OSError as error:
        click.echo(
            f"error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True
        )
        return ExitCode.ERROR
    except Exception as error:  # the last net: a defect of ours ends in a sentence, not in a traceback
        return _defect(error)


def show(error: CozeopsError) -> None:
    """Print an expected failure."""
    from cozeops.report.terminal.problems import render_error, render_problems

    if isinstance(error, InvalidProject):
        render_problems(error.problems, sys.stderr)
    else:
        render_error(error, sys.stderr)


def _defect(error: Exception) -> int:
    if os.environ.get("COZEOPS_DEBUG"):
        traceback.print_exception(error)
    click.echo(f"error: a defect of cozeops: {type(error).__name__}: {error}", err=True)
    click.echo("hint: run it again with COZEOPS_DEBUG=1 and report what it prints", err=True)
    return ExitCode.ERROR


@contextmanager
def neutral_output() -> Iterator[None]:
    """Standard output and standard error as neutral streams."""
    before = sys.stdout, sys.stderr
    sys.stdout = cast("TextIO", NeutralStream(before[0]))
    sys.stderr = cast("TextIO", NeutralStream(before[1]))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
