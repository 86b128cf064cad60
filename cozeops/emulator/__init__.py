"""A Coze configuration plane on your own machine: stateful, faithful, on loopback.

    with Emulator().serve() as url:
        ...                                        # a client with base URL `url` and the token pat_emulator

    transport = httpx.WSGITransport(app=Emulator())             # the same without a socket

It is written apart from the rest of cozeops and imports none of it, so that a misreading of the API on one
side shows on the other.

A request goes one way: `exchange` authenticates it, `request` checks it against the field tables of its
route, the operation changes the `store`, the changes reach the `disk`, `delivery` sends the reply. `faults`
may strike at each step. To add a family
of resources, add one module to `families/` (`routing` says what it may define): tables, routes, seeds.
"""

from .app import Emulator
from .disk import DataFileError
from .exchange import Exchange
from .faults import KINDS as FAULT_KINDS
from .faults import Fault
from .faults import parse as parse_fault
from .options import Options
from .options import parse as parse_options
from .options import table as options_table
from .seed import DEFAULT_USER, DEFAULT_WORKSPACE, ENTERPRISE, SeedError

__all__ = [
    "DEFAULT_USER",
    "DEFAULT_WORKSPACE",
    "ENTERPRISE",
    "FAULT_KINDS",
    "DataFileError",
    "Emulator",
    "Exchange",
    "Fault",
    "Options",
    "SeedError",
    "options_table",
    "parse_fault",
    "parse_options",
]
