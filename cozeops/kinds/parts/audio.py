"""Sound files: what Coze takes, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from cozeops.declare.fields import Flaw
from cozeops.kinds.parts.images import suffix
from cozeops.values import FileContent

_MEGABYTE = 1024 * 1024


def sound_flaws(
    file: FileContent, path: tuple[str | int, ...], formats: frozenset[str], megabytes: int
) -> Iterator[Flaw]:
    """A sound of a form that the call does not take, too large, or empty."""
    if suffix(file.path) not in formats:
        yield Flaw(path, f"{file.path}: Coze takes {', '.join(sorted(formats))}", "convert the file")
    elif file.size == 0:
        yield Flaw(path, f"{file.path} is empty", "Coze refuses empty files")
    elif file.size > megabytes * _MEGABYTE:
        yield Flaw(path, f"{file.path} is larger than {megabytes} MB", "shorten it")
