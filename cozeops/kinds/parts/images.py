"""Icons: what Coze takes as one, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from cozeops.declare.fields import Flaw
from cozeops.values import Json

SUFFIXES = frozenset({"png", "jpg", "jpeg", "webp", "gif", "bmp"})


LARGEST_UPLOAD = 512_000_000
"""Bytes of the largest file that an upload takes ("512 MB")."""


def suffix(path: str) -> str:
    """The type that a file's name tells, in lower case."""
    return PurePosixPath(path).suffix.lstrip(".").lower()


def icon_flaws(values: Json) -> Iterator[Flaw]:
    """An icon that is no image, or empty."""
    icon = values.get("icon")
    if icon is None:
        return
    if suffix(icon.path) not in SUFFIXES:
        yield Flaw(("icon",), f"{icon.path} is no image", f"an icon is one of {', '.join(sorted(SUFFIXES))}")
    elif icon.size == 0:
        yield Flaw(("icon",), f"{icon.path} is empty", "Coze refuses empty files")
    elif icon.size > LARGEST_UPLOAD:
        message = f"{icon.path} has {icon.size:,} bytes; an upload takes {LARGEST_UPLOAD:,}"
        yield Flaw(("icon",), message, "make it smaller")
