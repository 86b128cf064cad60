"""The command line: parse arguments, wire things together, map errors to exit codes.

A file per command, imported when somebody names it; each imports what it needs when it runs, so that
`--help` stays fast.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Sequence

import click

from cozeops.cli.errors import exit_code_of
from cozeops.cli.lazy_group import Commands, Overview
from cozeops.cli.options import project_options
from cozeops.errors import ExitCode
from cozeops.report.terminal.variables import heed
from cozeops.version import __version__

EXIT_CODES = """\b
Exit codes:
  0 done, or nothing to do          6 stale plan
  1 error                           7 applied in part
  2 changes (--detailed-exitcode)   8 cancelled
  3 wrong usage, invalid project    9 locked
  4 token or permission            10 drift
  5 blocked by a finding"""


@click.group(
    cls=Overview,
    commands=Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, prog_name="cozeops")
@project_options
def cli() -> None:
    """Infrastructure as code for Coze (扣子): bots, prompts, knowledge bases and channels as YAML in Git.

    The token comes from COZE_API_TOKEN, the server from COZE_API_BASE (default https://api.coze.cn).
    """
    heed(os.environ)


def collect_seldom() -> None:
    """Let Python look for garbage seldom: a run makes much and throws little away.

    To look for cycles again and again takes half of its time; to do so once more at the end, when all goes
    anyway, a tenth.
    """
    gc.set_threshold(500_000, 50, 50)
    atexit.register(gc.freeze)


def open_what_is_closed() -> None:
    """Let streams that the caller closed (`>&-`) lead nowhere.

    Otherwise the next file or connection that is opened would get the number of standard output.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(
                sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)
            )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; the one place that decides the exit code."""
    open_what_is_closed()
    collect_seldom()
    code = exit_code_of(lambda: cli.main(args=arguments, prog_name="cozeops", standalone_mode=False))
    if code == ExitCode.CANCELLED and threading.active_count() > 1:
        # Reads that nobody waits for any more; the interpreter would, for as long as Coze is silent.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
