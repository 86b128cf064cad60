"""The way from the command line to the emulator: it can be cut as by `kill -9`, at any write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import httpx

from cozeops.emulator import Emulator

OWN = ".cozeops"


class Killed(BaseException):
    """The process is gone."""


class Wire(httpx.BaseTransport):
    """Passes requests on; from the chosen write on, nothing gets through and nothing reaches the disk."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._emulator, self._folder = emulator, folder
        self._inner = httpx.WSGITransport(app=emulator)
        self._lock = Lock()
        self._left: int | None = None
        self._heard = True
        self._dead = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, unless the process is dead."""
        if self._left is None:
            return self._inner.handle_request(request)
        with self._lock:
            return self._counted(request)

    def _counted(self, request: httpx.Request) -> httpx.Response:
        if self._dead:
            raise Killed
        if self._writes(request):
            assert self._left is not None
            self._left -= 1
            if self._left < 0:
                if self._heard:
                    self._inner.handle_request(request)
                self._dead = True
                self._freeze()
                raise Killed
        return self._inner.handle_request(request)

    def _writes(self, request: httpx.Request) -> bool:
        return self._emulator.registry.match(request.method, request.url.path)[0].writes

    def _freeze(self) -> None:
        shutil.copytree(self._folder / OWN, self._folder.parent / "frozen")

    @contextmanager
    def killing(self, after: int | None, *, heard: bool) -> Iterator[None]:
        """Kill at the write after so many; `heard`: the server got it. None kills nobody."""
        self._left, self._heard, self._dead = after, heard, False
        try:
            yield
        finally:
            if self._dead:
                # What a dying Python still tidied up, a killed one would not have.
                shutil.rmtree(self._folder / OWN)
                (self._folder.parent / "frozen").rename(self._folder / OWN)
            self._left, self._dead = None, False
