"""Text that cannot do anything to the one who reads it.

Names and prompts come from other people. A control character could move the cursor or rewrite the
title of a terminal; a bidi control makes a line read differently from what it is. Both become visible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# C0 (but tab and newline), DEL, C1, soft hyphen, bidi and other invisible formatting, fillers, line and
# paragraph separators, surrogates, private tags, variation selectors beyond the 16 of emoji.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PICTURE = "[\u2190-\u2bff\U0001f000-\U0001faff]"
_JOINED = re.compile(f"(?<={_PICTURE})\u200d(?={_PICTURE})|(?<=\ufe0f)\u200d(?={_PICTURE})")
_KEPT = "\ue000"  # stands in for the joiner of an emoji while the others are shown

# Without quotes stand words of an API, and addresses in any script; text that people wrote has quotes.
_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off)$)(?:[a-z][a-z0-9_./@-]*|[a-z]+/\w[\w.-]*)", re.IGNORECASE
)


def visible(text: str) -> str:
    """`text` with every character that is not seen or that acts written out, such as `\\x1b`.

    Newlines and tabs stay. The joiner inside an emoji stays: it is part of one picture.
    """
    if _HIDDEN.search(text) is None:
        return text
    text = _JOINED.sub(_KEPT, text.replace(_KEPT, "\\ue000"))
    return _HIDDEN.sub(_name, text).replace(_KEPT, "\u200d")


def one_line(text: str) -> str:
    """`visible`, with newlines and tabs written out too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _name(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x0D:
        return "\\r"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def compact(value: Any) -> str:
    """A JSON value on one line, as YAML's flow style has it; plain words without quotes."""
    match value:
        case str():
            return value if _PLAIN.fullmatch(value) else visible(json.dumps(value, ensure_ascii=False))
        case Mapping() if _is_file(value):
            return f"{one_line(str(value['file']))} (sha256 {one_line(str(value['sha256']))[:8]})"
        case Mapping():
            return (
                "{" + ", ".join(f"{compact(str(key))}: {compact(item)}" for key, item in value.items()) + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(compact(item) for item in value) + "]"
    return visible(json.dumps(value, ensure_ascii=False, default=repr))


def _is_file(value: Mapping[Any, Any]) -> bool:
    return set(value) == {"file", "sha256"}
