"""`cozeops` for scripts of tests: a process that has imported it forks for each command.

To start Python and import anew takes ten times as long as most commands. What runs is the same: its own
process, with the folder, the environment and the streams of who called it.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.cli.child import PRELOAD

ROOT = Path(__file__).parents[2]

CLIENT = """#!{python} -ISE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    said = dict(line=sys.argv[1:], folder=os.getcwd(), environment=dict(os.environ))
    socket.send_fds(server, [b"x"], [0, 1, 2])
    server.sendall(json.dumps(said).encode() + b"\\n")
    code = server.recv(1)
os._exit(code[0] if code else 255)
"""


@cache
def path() -> str:
    """The PATH of a shell that finds this `cozeops` first, and whatever else is installed beside Python."""
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    address, program = folder / "socket", folder / "cozeops"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.warm", str(address)],
        cwd=ROOT,
        stdin=subprocess.PIPE,  # it ends when this process does
        stdout=subprocess.PIPE,
    )
    assert server.stdout
    assert server.stdout.readline() == b"ready\n"
    atexit.register(_end, server)
    program.write_text(CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    program.chmod(0o755)
    return f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"


def _end(server: subprocess.Popen[bytes]) -> None:
    server.communicate()
    shutil.rmtree(Path(str(server.args[-1])).parent)  # type: ignore[index]


def serve(address: str) -> None:
    """Fork for each command, until nobody is there any more."""
    for name in PRELOAD:
        import_module(name)
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    callers: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as server, selectors.DefaultSelector() as events:
        server.bind(address)
        server.listen(64)
        for source in (server, woken, sys.stdin):
            events.register(source, selectors.EVENT_READ)
        os.write(1, b"ready\n")
        while True:
            for key, _ in events.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is server:
                    caller, _ = server.accept()
                    callers[_begun(caller)] = caller
                    events.register(caller, selectors.EVENT_READ)
                elif key.fileobj is woken:
                    woken.recv(4096)
                    for process, code in _ended():
                        caller = callers.pop(process)
                        with suppress(KeyError):
                            events.unregister(caller)
                        _tell(caller, code)
                else:  # who called it was killed
                    events.unregister(key.fileobj)
                    os.kill(next(one for one in callers if callers[one] is key.fileobj), signal.SIGTERM)


def _ended() -> list[tuple[int, int]]:
    found = []
    with suppress(ChildProcessError):  # none is left
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(ended[1])
            found.append((ended[0], code if code >= 0 else 128 - code))
    return found


def _tell(caller: socket.socket, code: int) -> None:
    with caller, suppress(OSError):  # who called it may be gone
        caller.send(bytes([code]))


def _begun(caller: socket.socket) -> int:
    _, streams, _, _ = socket.recv_fds(caller, 1, 3)
    with caller.makefile("rb") as said:
        asked = json.loads(said.readline())
    if process := os.fork():
        for one in streams:
            os.close(one)
        return process
    code = 255
    try:
        code = _run(asked, streams)
    finally:
        os._exit(code)


def _run(asked: dict[str, Any], streams: list[int]) -> int:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    out = 1 if os.environ.get("PYTHONUNBUFFERED") else -1
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, buffering, encoding="utf-8", closefd=False)
        for number, mode, buffering in ((0, "r", -1), (1, "w", out), (2, "w", 1))
    )
    from cozeops.cli import main

    try:
        main(asked["line"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does at its end
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    serve(sys.argv[1])
