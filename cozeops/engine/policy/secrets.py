"""Texts that look like keys and tokens. Pure; it says where and what, never the text itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

_KNOWN = (
    ("a token of Coze", r"\b[ps]at_\w{16,}"),
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ("a key of OpenAI or alike", r"\bsk-[A-Za-z0-9_-]{20,}"),
    ("a token of GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,})"),
    ("a token of GitLab", r"\bglpat-[\w-]{20,}"),
    ("a key of AWS", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a key of Alibaba Cloud", r"\bLTAI[0-9A-Za-z]{12,24}\b"),
    ("a key of Tencent Cloud", r"\bAKID[0-9A-Za-z]{32}\b"),
    ("a key of Volcengine", r"\bAKLT[\w-]{20,}"),
    ("a key of Google", r"\bAIza[\w-]{35}"),
    ("a token of Slack", r"\bxox[abprs]-[\w-]{10,}"),
    ("a signed token (JWT)", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
)
"""What it is, and how it looks."""
_NAMED = re.compile(
    r"(?:password|passwd|secret|token|api[ _-]?key|access[ _-]?key|密码|口令|密钥|令牌)[\"']?\s*[:=：是]\s*"
    r"[\"'`]?(?P<value>[A-Za-z0-9+/_.=-]{16,})",
    re.IGNORECASE,
)
_HEADER = "PRIVATE KEY"
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
"""The whole of it, header and lines."""
# All but that header have as many such characters in a row. With the first by itself it is searched for three
# times as fast.
_RUN = re.compile(r"[A-Za-z0-9+/_.=-][A-Za-z0-9+/_.=-]{14}")


def secrets_in(text: str) -> Iterator[tuple[int, str]]:
    """The lines (from 1) with something that looks like a secret, and what it looks like."""
    if not _may_have(text):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if what := _in_line(line):
            yield number, what


def hidden(text: str, secrets: Iterable[str] = (), mark: Callable[[str], str] = lambda _: "***") -> str:
    """The text with a mark for these secrets, and for everything that looks like one."""
    for secret in secrets:
        text = text.replace(secret, mark(secret))
    if not _may_have(text):
        return text
    text = _KEY.sub(lambda found: mark(found[0]), text)
    for _, pattern in _patterns():
        text = pattern.sub(lambda found: mark(found[0]), text)
    return _NAMED.sub(lambda found: _masked(found, mark), text)


def _masked(found: re.Match[str], mark: Callable[[str], str]) -> str:
    value = found["value"]
    return found[0].removesuffix(value) + mark(value) if _is_random(value) else found[0]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # ASCII: to Unicode a Chinese character is a letter, and a key in a Chinese sentence would begin no word.
    return tuple((what, re.compile(pattern, re.ASCII)) for what, pattern in _KNOWN)


def _may_have(text: str) -> bool:
    """Whether a closer look is worth it; for nearly all texts it is not."""
    return _HEADER in text or _RUN.search(text) is not None


def _in_line(line: str) -> str:
    for what, pattern in _patterns():
        if pattern.search(line):
            return what
    found = _NAMED.search(line)
    return "a password or key" if found and _is_random(found["value"]) else ""


def _is_random(value: str) -> bool:
    """Letters and digits mixed: words, dates, and names of variables are not."""
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
