"""What users had before a run published something else: what a failed publication goes back to."""

from __future__ import annotations

from cozeops.frozen import frozen
from cozeops.values import Json


@frozen
class Previous:
    """What users had before a publication: the copy (None: it cannot be read), and on which channels."""

    copy: Json | None = None
    channels: tuple[str, ...] = ()
