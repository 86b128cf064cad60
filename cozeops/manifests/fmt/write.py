"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cozeops.errors import CozeopsError


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file: its permissions stay, and so does a link to it.

    Raises CozeopsError; the file is then as it was.
    """
    target = path.resolve()
    temporary = None
    try:
        mode = target.stat().st_mode & 0o7777
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(target)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                temporary.unlink()
        raise CozeopsError(f"{path} cannot be written: {error.strerror or error}") from None


def create_files(folder: Path, files: dict[str, str]) -> None:
    """Write new files below a folder. Raises CozeopsError, and then none of them is there."""
    made: list[Path] = []
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            # "x" fails where somebody was faster: nothing is ever overwritten.
            with path.open("x", encoding="utf-8", newline="\n") as file:
                made.append(path)
                file.write(text)
                os.fsync(file.fileno())
    except OSError as error:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise CozeopsError(
            f"{error.filename or folder} cannot be written: {error.strerror or error}"
        ) from None
