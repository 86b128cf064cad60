"""Files of a project that are written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cozeops.errors import CozeopsError
from cozeops.system.files import create_file, demand_in_checkout, make_folders, write_whole


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file: its permissions stay, and so does a link to it.

    Raises CozeopsError; the file is then as it was.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise CozeopsError(f"{path} cannot be written: {error.strerror or error}") from None


def replace_files(root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    """Put other contents in the places of files below a folder, by their names: in all of them or in none.

    `before` is what each must still say. Raises CozeopsError; the files are then as they were.
    """
    written: list[str] = []
    try:
        for name in after:
            if read_file(root / name) != before[name]:
                raise CozeopsError(f"{name} was changed meanwhile", hint="run it again")
        for name, content in after.items():
            replace_file(root / name, content)
            written.append(name)
    except BaseException:  # whoever stops it gets none of it, either
        for name in written:
            with suppress(CozeopsError):
                replace_file(root / name, before[name])
        raise


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises CozeopsError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CozeopsError(f"{path} cannot be read: {error.strerror or error}") from None


def create_files(folder: Path, files: dict[str, str]) -> None:
    """Write new files below a folder. Raises CozeopsError, and then none of them is there."""
    made: list[Path] = []
    try:
        for name, text in files.items():
            path = folder / name
            demand_in_checkout(path)
            make_folders(path.parent)
            create_file(path, text.encode())
            made.append(path)
    except OSError as error:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise CozeopsError(
            f"{error.filename or folder} cannot be written: {error.strerror or error}"
        ) from None
