"""Files that a command writes beside its output, whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cozeops.errors import CozeopsError, UsageError
from cozeops.report.terminal.neutral import machine
from cozeops.system.files import resolved, write_whole

if TYPE_CHECKING:
    from cozeops.manifests.load import Project


def demand_place(path: Path | None, project: Project) -> None:
    """Raise UsageError where a file could not be written in the end, or would replace a manifest."""
    if path is None:
        return
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}", hint="make it first")
    if resolved(path) in {(project.root / file).resolve() for file in project.files}:
        raise UsageError(f"{path} is a file of the project", hint="give another name")


def write_file(path: Path, text: str) -> None:
    """Write a whole file or none; into what is a device or a pipe. Raises CozeopsError."""
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise CozeopsError(f"{path} cannot be written: {error.strerror or error}") from None


def print_whole(text: str) -> None:
    """Write a format that machines read to standard output: as it is, in UTF-8 whatever the terminal has."""
    stream = machine(sys.stdout)
    stream.flush()
    if buffer := getattr(stream, "buffer", None):
        buffer.write(text.encode("utf-8", "surrogatepass"))
        buffer.flush()
    else:  # a stream of text alone, which somebody put in its place
        stream.write(text)
