"""`--events FILE`: where the lines of a running apply go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cozeops.errors import CozeopsError
from cozeops.system.files import open_output

if TYPE_CHECKING:
    from cozeops.engine.model.outcome import Event, Listener
    from cozeops.report.forms.ndjson import EventLines


@contextmanager
def events_into(file: Path | None) -> Iterator[EventLines | None]:
    """Lines into `file`; None where nobody asked. Raises CozeopsError, before there is anything to tell."""
    from cozeops.report.forms.ndjson import EventLines

    if file is None:
        yield None
        return
    try:
        # Not a whole file or none: somebody reads it while it grows.
        stream = os.fdopen(open_output(file, 0o666), "w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise CozeopsError(f"{file} cannot be written: {error.strerror or error}") from None
    try:
        yield EventLines(stream)
    finally:
        with suppress(OSError):
            stream.close()


def together(first: Listener, second: Listener | None) -> Listener:
    """A listener that tells both."""
    if second is None:
        return first

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell
