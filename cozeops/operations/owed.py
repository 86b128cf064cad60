"""What runs that ended still owe, from the journals that they left: a plan shows it, an apply does it."""

from __future__ import annotations

from collections.abc import Iterable

from cozeops.address import Address
from cozeops.engine.run.owed import Owed, is_owed
from cozeops.errors import CozeopsError
from cozeops.operations.live_project import LiveProject
from cozeops.operations.state import journals_of
from cozeops.state import InvalidJournal, UnfinishedJournal


def owed_by_runs(live: LiveProject) -> dict[Address, Owed]:
    """What each object is owed; writes nothing. Raises InvalidJournal, StateError."""
    return owed_in(journals_of(live))


def owed_in(journals: Iterable[UnfinishedJournal]) -> dict[Address, Owed]:
    """The same of these journals, oldest first: of one object the last, unless it was going back.

    Raises InvalidJournal for an entry that is damaged.
    """
    found: dict[Address, Owed] = {}
    for journal in journals:
        for entry in journal.pending:
            if is_owed(entry.intent):
                try:
                    owed = Owed.from_entry(journal.run.id, entry.intent)
                except (ValueError, TypeError, KeyError, AttributeError, CozeopsError) as error:
                    raise InvalidJournal(
                        f"{journal.path}: entry {entry.number} is damaged: {error}",
                        hint="look at what that run did on Coze, then remove the file",
                    ) from None
                known = found.get(owed.address)
                if known is None or owed.begun or not known.begun:
                    found[owed.address] = owed
    return found
