"""How problems speak: values quoted short and harmless, lists of choices, the nearest word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any
from unicodedata import normalize

_LONGEST = 60
_MOST_CHOICES = 12
# Coze's tokens by their looks, and whatever stands after `token:` that is no reference.
_TOKEN = re.compile(r"""\b[ps]at_\w{8,}|(?<=\btoken:)\s*+(?!["']?\$\{)[^\s,}\]]+""")


def masked(text: str) -> str:
    """`text` with what looks like a token hidden, each character by one."""
    return _TOKEN.sub(lambda found: "*" * len(found.group()), text)


def printable(text: str) -> str:
    """`text` with control and invisible characters escaped, and tokens hidden."""
    text = masked(text)
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(char: str) -> str:
    # Not printable is what a terminal could act on, and what nobody can see.
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")


def quoted(value: Any) -> str:
    """A value as a message shows it: short, in quotes when it is text, without control characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return _short(printable(str(value)))
    return f'"{_short(printable(value))}"'


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def kind_of(value: Any) -> str:
    """What a value is, in the words of YAML."""
    match value:
        case bool():
            return f"{quoted(value)} (true or false)"
        case int() | float():
            return f"the number {quoted(value)}"
        case str():
            return f"the text {quoted(value)}"
        case dict():
            return "a map"
        case list():
            return "a list"
    return type(value).__name__


def nearest(word: str, choices: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The choice that was probably meant."""
    known = sorted(choices)
    folded = {_folded(choice): choice for choice in reversed(known)}
    if _folded(word) in folded:
        return folded[_folded(word)]
    found = get_close_matches(word, known, n=1, cutoff=likeness)
    return found[0] if found else None


def _folded(word: str) -> str:
    """Without the difference of small and capital, narrow and full-width letters."""
    return normalize("NFKC", word).casefold()


def suggestion(word: str, choices: Iterable[str], what: str) -> str:
    """A hint: the nearest choice, and what there is. `what` names the choices: "fields here"."""
    known = sorted(choices)
    if not known:
        return f"there are none: {what}"
    more = "" if len(known) <= _MOST_CHOICES else f", … ({len(known)} in all)"
    listed = f"{what}: {', '.join(printable(choice) for choice in known[:_MOST_CHOICES])}{more}"
    best = nearest(word, known)
    return f"did you mean {printable(best)}? {listed}" if best else listed


def label(path: Sequence[str | int]) -> str:
    """A path as people write it: `spec.plugins[0].tools`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{printable(step)}" for step in path)
    return "".join(steps).lstrip(".")


def either(choices: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


def count(number: int, thing: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
