"""Rules of what bots and workflows say. No operation knows them: they come from seeds, also while it runs.

`POST /_emulator/seed` with `{"chat_rules": [...]}` (in Python `Emulator.seed`) adds them, or replaces those
with the same `id`; `POST /_emulator/remove` takes one away. `workflow_rules` are for runs: a pattern that is
found in the parameters (as JSON), and an output, an error or an interrupt.
"""

from __future__ import annotations

import re

from ..fields import Fields, anything, choice, ident, integer, number, obj, text
from ..routing import Planting, Seed
from ..script import RULE
from ..store import TableSpec
from ..wire import Row, invalid

TABLES = (TableSpec("chat_rules", "id"), TableSpec("workflow_rules", "id"))

_RUN: Fields = {
    "id": text(1),
    "workflow_id": ident(),
    "pattern": text().otherwise(""),
    "output": anything(),
    "delay": number().otherwise(0),
    "error": obj({"code*": integer(1), "msg": text()}),
    "interrupt": obj({"type": choice(1, 2, 3, 4, 5, 7).otherwise(2), "node_title": text(), "data": text()}),
    "tokens": obj({"input*": integer(0), "output*": integer(0)}),
    "times": integer(1),
}


def _plant(table: str, planting: Planting, entry: Row) -> None:
    for name in ("pattern", "prompt"):
        try:
            re.compile(entry.get(name, ""))
        except re.error as error:
            raise invalid(f"{name} is no pattern: {error}") from None
    number = planting.store.count(table)
    planting.store[table].put({"id": f"rule-{number}", "number": number, **entry})


SEEDS = (
    Seed("chat_rules", RULE, lambda planting, entry: _plant("chat_rules", planting, entry), order=95),
    Seed("workflow_rules", _RUN, lambda planting, entry: _plant("workflow_rules", planting, entry), order=95),
)
