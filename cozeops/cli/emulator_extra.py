"""The emulator, where its extra is installed."""

from __future__ import annotations

from importlib.util import find_spec

from cozeops.errors import UsageError


def demand_emulator() -> None:
    """Raise UsageError where the emulator cannot run."""
    if find_spec("werkzeug") is None:
        raise UsageError("the emulator needs Werkzeug", hint="pip install 'cozeops[emulator]'")
