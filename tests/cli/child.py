"""What a process of its own runs. It imports little: its parent has imported cozeops already."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping

from cozeops.operations.plan import LATER

PRELOAD = [
    "cozeops.cli",
    "cozeops.cli.telling",
    "cozeops.operations.apply",
    *LATER,
    "cozeops.engine.plan.drift",
    "cozeops.engine.plan.build",
    "cozeops.manifests.schema",
    "httpx",
    "rich.live",
]
"""What most commands import: to do that once, and not for each process, takes most of the time away."""


def run(arguments: list[str], environment: Mapping[str, str], out: str, err: str) -> None:
    """`cozeops ARGUMENTS` on two terminals or files; never returns."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background ignore it
    for number, path in ((0, out), (1, out), (2, err)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8", closefd=False)
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    from cozeops.cli import main

    main(arguments)
