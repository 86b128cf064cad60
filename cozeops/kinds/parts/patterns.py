"""Regular expressions of manifests, matched in linear time. The only home of RE2; it may be missing.

Python's own engine goes back over a text again and again: `^(a+)+$` never comes to an end, holds every other
thread meanwhile, and hears no signal. RE2 reads a text once, and lets the others run.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from cozeops.errors import UsageError

_MOST = 50_000
"""Instructions of a compiled expression: the time of a search is these times the text, at the worst."""
_SAYS = {
    "invalid perl operator": "look-around and flags such as (?x) are not known here",
    "invalid escape sequence": "back-references and this escape are not known here",
    "bad repetition operator": "possessive and doubled repetitions are not known here",
    "invalid repetition size": "at most 1,000 repetitions",
    "pattern too large - compile failed": "it is too large",
}
"""What RE2 says -> what a reader can do about it."""


class BadPatternError(ValueError):
    """An expression that RE2 does not know; the message says what is wrong with it."""


def is_found(pattern: str, text: str) -> bool:
    """Whether the expression is found anywhere in the text.

    Raises BadPatternError, and UsageError where the library is missing.
    """
    return _compiled(pattern).search(_bytes(text)) is not None


def flaw_of_pattern(pattern: str) -> str:
    """What is wrong with an expression; empty where nothing is, or where the library is missing."""
    try:
        import_module("re2")
    except ImportError:
        return ""
    try:
        _compiled(pattern)
    except BadPatternError as error:
        return str(error)
    return ""


def demand_patterns() -> None:
    """Raise UsageError where the library is missing: before anybody is talked to."""
    try:
        import_module("re2")
    except ImportError:
        hint = "pip install 'cozeops[check]'"
        raise UsageError("matches and json_schema need the library google-re2", hint=hint) from None


@lru_cache
def _compiled(pattern: str) -> Any:
    demand_patterns()
    library = import_module("re2")
    options = library.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        made = library.compile(pattern.encode(), options=options)
    except UnicodeEncodeError:
        raise BadPatternError("half of a character stands in it") from None
    except library.error as error:
        said = error.args[0]
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        means = next((means for begin, means in _SAYS.items() if said.startswith(begin)), "")
        raise BadPatternError(f"{said} ({means})" if means else said) from None
    if made.programsize > _MOST:
        raise BadPatternError("it is too large: write fewer or smaller repetitions")
    return made


def _bytes(text: str) -> bytes:
    # A server can send half of a character; no expression can mean it.
    return text.encode("utf-8", "replace")
