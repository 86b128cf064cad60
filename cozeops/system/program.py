"""The one way to start a program: no shell, a chosen environment, a time limit, nothing of the checkout.

A program is found in the folders of PATH that are absolute and not in the checkout. It has a session of its
own, so it has no terminal, Ctrl-C does not reach it, and it ends with all that it started.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, cast

from cozeops.frozen import frozen
from cozeops.system.files import UnsafeFile, checkout_of, resolved

_PIECE = 64 * 1024
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

    @property
    def text(self) -> str:
        """The output as text without the space around it."""
        return self.output.decode("utf-8", "replace").strip()


def search_path(path: str, root: Path) -> str:
    """The folders of a PATH that no pull request to the checkout of `root` can fill."""
    box = checkout_of(root.resolve()) or root.resolve()
    folders = [Path(part) for part in path.split(os.pathsep) if part]
    safe = [one for one in folders if one.is_absolute() and not _is_in(box, one)]
    return os.pathsep.join(str(one) for one in safe)


def find_program(name: str, path: str, root: Path) -> Path | None:
    """The absolute path of a program outside the checkout of `root`; None where there is none."""
    if name != Path(name).name:
        return None
    box = checkout_of(root.resolve()) or root.resolve()
    for folder in search_path(path, root).split(os.pathsep):
        found = shutil.which(name, path=folder) if folder else None
        if found and not _is_in(box, Path(found)):
            return Path(found)
    return None


def _is_in(box: Path, path: Path) -> bool:
    try:
        return resolved(path).is_relative_to(box)
    except UnsafeFile:
        return True


def run_program(
    words: Sequence[str],
    given: bytes = b"",
    *,
    folder: Path,
    environ: Mapping[str, str],
    seconds: float,
    largest: int | None = None,
) -> Answer:
    """Run a program, an absolute path and its arguments, in `folder`, whatever comes of it.

    `given` is its input, `environ` all of its environment; `largest` bytes of each of its outputs are kept.
    """
    if not Path(words[0]).is_absolute():
        raise ValueError(f"not an absolute path: {words[0]}")
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
                cwd=folder,
                env=dict(environ),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            return Answer(-1, failure=f"could not be started: {why}")
    kept = [_Kept(cast("IO[bytes]", stream), largest) for stream in (process.stdout, process.stderr)]
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


def run_here(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one of our own programs on the terminal of the user; its exit code."""
    return subprocess.run(list(words), env=dict(environ), check=False).returncode


class _Kept(Thread):
    """Reads a stream to its end, so that nobody waits for room in it, and keeps the beginning."""

    def __init__(self, stream: IO[bytes], largest: int | None) -> None:
        super().__init__(daemon=True)
        self._stream, self._largest, self._bytes = stream, largest, bytearray()
        self.start()

    def run(self) -> None:
        """Read until nobody can write any more."""
        with self._stream as stream, suppress(OSError):
            while piece := os.read(stream.fileno(), _PIECE):
                room = len(piece) if self._largest is None else self._largest - len(self._bytes)
                self._bytes += piece[:room]

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
