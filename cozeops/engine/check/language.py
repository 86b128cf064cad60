"""Which language a text is in, told by its script; English also by its common words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_SCRIPTS = {
    "CJK": "han",
    "HIRAGANA": "kana",
    "KATAKANA": "kana",
    "HANGUL": "hangul",
    "LATIN": "latin",
    "CYRILLIC": "cyrillic",
    "ARABIC": "arabic",
    "THAI": "thai",
}
_ALONE = {"hangul": "ko", "cyrillic": "ru", "arabic": "ar", "thai": "th"}
_ENGLISH = re.compile(
    r"(?:the|and|of|to|is|in|that|it|you|for|with|this|are|be|have|not|or|as|was|your|can|will|from|they)"
)
_FEW = 6
"""Words below which nobody can tell a language by its common ones."""
_KANA = 0.1
"""Japanese has kana between its Chinese characters; more than quotes of them."""


def language_of(text: str) -> str:
    """The code of the language of most of the text; empty where it cannot be told.

    Languages that share a script are one here: Latin text without common English words has no name.
    """
    letters = Counter(script for char in text if (script := _script(char)))
    if not letters:
        return ""
    if letters["kana"] >= _KANA * (letters["han"] + letters["kana"]) and letters["kana"]:
        letters["kana"] += letters.pop("han", 0)
    # A Chinese word has about two characters, a Latin one five.
    letters["latin"] = round(letters["latin"] / 2.5)
    script = letters.most_common(1)[0][0]
    if script == "latin":
        return _latin(text)
    return {"han": "zh", "kana": "ja", **_ALONE}[script]


def _script(char: str) -> str:
    if char.isascii():
        return "latin" if char.isalpha() else ""
    return _SCRIPTS.get(unicodedata.name(char, "").partition(" ")[0], "") if char.isalpha() else ""


def _latin(text: str) -> str:
    words = re.findall(r"[a-zA-Z\u00c0-\u024f']+", text.lower())
    common = sum(_ENGLISH.fullmatch(word) is not None for word in words)
    if len(words) < _FEW:
        return "en" if text.isascii() or common else ""
    return "en" if common >= len(words) / 10 else ""
