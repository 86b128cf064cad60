"""Multipart bodies: every field is text, and at most one file comes with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from .fields import At, Check
from .routing import Call
from .wire import CozeError, invalid

EMPTY, SEVERAL, TOO_BIG = 4300, 4301, 4302


@dataclass(frozen=True, slots=True)
class Upload:
    """What is kept of an uploaded file."""

    name: str
    size: int
    digest: str


def formed(rule: Check) -> Check:
    """Accept the same value written as a form field."""

    def take(value: Any, at: At) -> Any:
        return rule.take(rule.read(value) if isinstance(value, str) else value, at)

    return replace(rule, take=take)


def one_file(call: Call, *, most: int, required: bool = True) -> Upload | None:
    """Return the part `file`, which may have so many bytes."""
    files = call.files
    if stray := sorted(file.name or "" for file in files if file.name != "file"):
        raise invalid(f"Invalid parameter {stray[0]}: the part is called file")
    if len(files) > 1:
        raise CozeError(SEVERAL, "Only one file can be uploaded per call")
    if not files and not required:
        return None
    content = files[0].stream.read(most + 1) if files else b""
    if not content:
        raise CozeError(EMPTY, "No file was uploaded, or an empty one")
    if len(content) > most:
        raise CozeError(TOO_BIG, f"The file is larger than {most} bytes")
    return Upload(files[0].filename or "file", len(content), sha256(content).hexdigest())
