"""The words of a pull: what a manifest has to say, what was written where, what was left and why."""

from __future__ import annotations

from typing import Any

from cozeops.address import Address
from cozeops.engine.model.plan import FieldChange
from cozeops.errors import Position
from cozeops.frozen import frozen
from cozeops.manifests.yaml.document import Path


@frozen
class Wanted:
    """A value that a manifest has to say. Its path begins with `spec`."""

    address: Address
    fields: tuple[FieldChange, ...]
    """The differences that it is about, from what is declared to what is live."""
    path: Path
    value: Any
    """As a manifest has it: names for ids, `${` escaped. For a text in a file: the text."""
    file: str = ""
    """The text file that is the value, by its name in the project; empty: it is in the manifest."""

    def left(self, reason: str, place: Position | None = None) -> tuple[Left, ...]:
        """The same where it cannot be written."""
        return tuple(
            Left(self.address, one.path, reason, one.before, one.after, place) for one in self.fields
        )


@frozen
class Pulled:
    """A value that was written."""

    address: Address
    fields: tuple[FieldChange, ...]
    """From what was declared to what is live."""
    path: Path
    place: Position
    """The file, and the line where the value was."""


@frozen
class Left:
    """Something live that is not written, and why."""

    address: Address
    label: str
    """Empty: it is about the whole."""
    reason: str
    before: Any = None
    live: Any = None
    place: Position | None = None
    """Where the value comes from, where that is known."""


class Kept(Exception):
    """A value that stays as it is; why. Never leaves this package."""


class Compiled(Kept):
    """A value that is made of others, which stand elsewhere."""
