"""A project's own program, asked about a plan: no shell, an empty environment, bounded time and output."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, cast

from cozeops.frozen import frozen

LARGEST = 64 * 1024
"""How much is kept of what a program writes to each of its two outputs."""
_PIECE = 16 * 1024
# Pipes close when the last program that holds them is gone; one that left its group is not waited for.
_LAST_WORDS = 1.0


@frozen
class Answer:
    """What a program said."""

    code: int = 0
    output: bytes = b""
    errors: bytes = b""
    failure: str = ""
    """Why it came to no result; empty where it did."""


def ask(words: Sequence[str], given: bytes, *, root: Path, search: str, seconds: float) -> Answer:
    """Run a program in `root` with `given` as its input, whatever comes of it.

    `search` is its PATH, and all of its environment: no token, no home with settings and keys in it.
    """
    # A file and not a pipe: who does not read its input does not keep us waiting.
    with tempfile.TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                list(words),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=root,
                env={"PATH": search},
                # A group to end as a whole, and no terminal to read from or write to.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            return Answer(failure=f"could not be started: {why}")
    kept = [_Kept(cast("IO[bytes]", stream)) for stream in (process.stdout, process.stderr)]
    late = False
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        late = True
    finally:
        _end(process)
    output, errors = (one.beginning() for one in kept)
    failure = f"did not end within {seconds:g} s" if late else ""
    if process.returncode < 0 and not late:
        failure = f"was ended by signal {-process.returncode}"
    return Answer(process.returncode, output, errors, failure)


class _Kept(Thread):
    """Reads a stream to its end, so that nobody waits for room in it, and keeps the beginning."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._stream, self._bytes = stream, bytearray()
        self.start()

    def run(self) -> None:
        """Read until nobody can write any more."""
        with self._stream as stream, suppress(OSError):
            while piece := os.read(stream.fileno(), _PIECE):
                self._bytes += piece[: LARGEST - len(self._bytes)]

    def beginning(self) -> bytes:
        """What was kept, once the program and what it started are gone."""
        self.join(_LAST_WORDS)
        return bytes(self._bytes)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program, and whatever it started that is still there."""
    if os.name == "posix":
        # Gone already is gone; some systems answer "not permitted" where only its remains are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
