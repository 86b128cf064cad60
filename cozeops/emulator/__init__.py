"""A Coze configuration plane on your own machine: stateful, faithful, on loopback.

    with Emulator().serve() as url:
        ...                                        # a client with base URL `url` and the token pat_emulator

    transport = httpx.WSGITransport(app=Emulator())             # the same without a socket

It is written apart from the rest of cozeops and imports none of it, so that a misreading of the API on one
side shows on the other.

A request goes one way: `exchange` authenticates it, `request` checks it against the field tables of its
route, the operation changes the `store`, the changes reach the `disk`, `delivery` sends the reply. `faults`
may strike at each step. What the facts leave open is an option.

A family of resources is one module in `families/`, found by itself:

    TABLES = (TableSpec("cats", "id", {"space": lambda row: (row["space_id"],)}),)

    def list_cats(call: Call) -> Row:
        space = workspace(call, call.query["space_id"])["id"]         # 4200 if the caller does not see it
        page = cut(call, call.bucket("cats", "space", space), lambda row: {"id": row["id"]})
        return {"items": page.items, "total": page.total}

    QUERY = {"space_id*": ident(), **numbered(20, 50)}
    ROUTES = (Route("GET", "/v1/cats", "listCats", "listCat", list_cats, query=QUERY),)

Rows are replaced, never changed in place (`put`, `change`). `routing` says what else a family may define:
seeds for what the API cannot create, listeners for events, work to do outside the lock.
"""

from .app import Emulator
from .disk import DataFileError
from .exchange import Exchange
from .faults import KINDS as FAULT_KINDS
from .faults import Fault
from .faults import parse as parse_fault
from .options import PROFILES, Options
from .options import parse as parse_options
from .options import table as options_table
from .seed import DEFAULT_USER, DEFAULT_WORKSPACE, ENTERPRISE, SeedError

__all__ = [
    "DEFAULT_USER",
    "DEFAULT_WORKSPACE",
    "ENTERPRISE",
    "FAULT_KINDS",
    "PROFILES",
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
