"""cozeops in a process of its own: on a terminal or without one.

There are two terminals, so that what goes to standard output and to standard error can be told apart.
"""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import socket
import struct
import tempfile
import termios
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from tests.cli.conftest import Ran
from tests.cli.processes import LONGEST, forked


def plain_environment(**more: str) -> dict[str, str]:
    """The environment of a shell that says nothing about colours, CI or another Coze."""
    ours = ("COZE", "GITHUB_", "CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "TERM": "xterm-256color", **more}


Disturb = Callable[[int], None]
"""What happens to a process (by its id) while it runs."""


def without_terminal(
    arguments: list[str], environment: Mapping[str, str], disturb: Disturb | None = None
) -> Ran:
    """Run where nobody can be asked: what is said goes into files."""
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        code = _run(arguments, environment, out.name, err.name, disturb)
        return Ran(code, out.read().decode(), err.read().decode())


def on_terminal(
    arguments: list[str], environment: Mapping[str, str], disturb: Disturb | None = None, *, answer: str = ""
) -> Ran:
    """Run on a terminal, where somebody types `answer`."""
    (out, out_end), (err, err_end) = _terminal(), _terminal()
    said: dict[int, bytes] = {}
    readers = [threading.Thread(target=_read, args=(end, said)) for end in (out, err)]
    for reader in readers:
        reader.start()
    if answer:
        os.write(out, answer.encode())
    code = _run(arguments, environment, os.ttyname(out_end), os.ttyname(err_end), disturb)
    # Only now: with the last end of a terminal what nobody has read yet would be gone.
    os.close(out_end)
    os.close(err_end)
    for reader in readers:
        reader.join()
    return Ran(code, *(said[end].decode().replace("\r\n", "\n") for end in (out, err)))


def _run(
    arguments: list[str], environment: Mapping[str, str], out: str, err: str, disturb: Disturb | None
) -> int:
    process = forked(arguments, environment, out, err)
    if disturb:
        assert process.pid
        disturb(process.pid)
    process.join(LONGEST)
    assert process.exitcode is not None, f"{arguments} hangs"
    return process.exitcode


def _terminal() -> tuple[int, int]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    settings = termios.tcgetattr(theirs)
    settings[3] &= ~termios.ECHO  # what is typed is not what the program said
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    return ours, theirs


def _read(end: int, said: dict[int, bytes]) -> None:
    whole = b""
    with suppress(OSError):  # how Linux tells that the other end was closed
        while chunk := os.read(end, 65536):
            whole += chunk
    os.close(end)
    said[end] = whole


@contextmanager
def silent_server() -> Iterator[tuple[str, Disturb]]:
    """A server that never answers, and what presses Ctrl-C once a process has connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LONGEST)

        def press(process: int) -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)  # it waits for the answer now, or is about to
                os.kill(process, signal.SIGINT)

        yield f"http://127.0.0.1:{server.getsockname()[1]}", press
