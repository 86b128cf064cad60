"""A project's own program, asked about a plan: no shell, an empty environment, bounded time and output."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cozeops.system.program import Answer, find_program, run_program

LARGEST = 64 * 1024
"""How much is kept of what a program writes to each of its two outputs."""


def ask(words: Sequence[str], given: bytes, *, root: Path, search: str, seconds: float) -> Answer:
    """Run a program in `root` with `given` as its input, whatever comes of it.

    A name is looked for in the folders of `search` that are outside the checkout; one with a `/` is a path
    from `root`. `search` is the PATH of the program, and all of its environment: no token, no home with
    settings and keys in it.
    """
    name, root = words[0], root.resolve()
    if name == Path(name).name:
        found = find_program(name, search, root)
        if found is None:
            return Answer(
                -1, failure=f"could not be started: there is no {name} on PATH, outside the project"
            )
    else:
        found = root / name
    environ = {"PATH": search}
    return run_program(
        [str(found), *words[1:]], given, folder=root, environ=environ, seconds=seconds, largest=LARGEST
    )
