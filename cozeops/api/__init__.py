"""The HTTP side: where to connect, as whom, how often, how fast; and what a reply means.

The only floor that knows HTTP. It carries out the calls that kinds declare and knows no kind by name.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cozeops.lazily import exports

if TYPE_CHECKING:
    from cozeops.api.attempt import Trace
    from cozeops.api.client import Client, Reply
    from cozeops.api.connection import Connection, FixedToken, TokenSource, connect
    from cozeops.api.paging import Listing
    from cozeops.api.stats import Stats

__all__ = [
    "Client",
    "Connection",
    "FixedToken",
    "Listing",
    "Reply",
    "Stats",
    "TokenSource",
    "Trace",
    "connect",
]

# httpx has a command line of its own, which would load rich and pygments into every run.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

__getattr__ = exports(
    __name__,
    {
        "Client": "client",
        "Connection": "connection",
        "FixedToken": "connection",
        "Listing": "paging",
        "Reply": "client",
        "Stats": "stats",
        "TokenSource": "connection",
        "Trace": "attempt",
        "connect": "connection",
    },
)
