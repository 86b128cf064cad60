"""The variables that say how to write (NO_COLOR, FORCE_COLOR, TERM, COLUMNS): none count until given."""

from __future__ import annotations

from collections.abc import Mapping

_heeded: Mapping[str, str] = {}


def heed(environ: Mapping[str, str]) -> None:
    """From now on these variables count, as on a command line."""
    global _heeded
    _heeded = environ


def heeded() -> Mapping[str, str]:
    """Those that count."""
    return _heeded
