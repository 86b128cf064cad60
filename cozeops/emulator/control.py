"""The control API under `/_emulator/`: for tests and scripts that reach the emulator over a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Request

from .delivery import Reply, json_reply

if TYPE_CHECKING:
    from .app import Emulator


def control(emulator: Emulator, request: Request) -> Reply:
    """Answer a request of the control API."""
    return json_reply({"error": "unknown"}, 404)
