"""The HTTP side: where to connect, as whom, how often, how fast; and what a reply means.

The only floor that knows HTTP. It carries out the calls that kinds declare and knows no kind by name.
"""

from __future__ import annotations

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
