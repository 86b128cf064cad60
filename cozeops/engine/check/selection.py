"""What checks are about, on the live side: only ids are looked up, nothing else is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cozeops.address import Address
from cozeops.declare.resource import Resource, references
from cozeops.engine.check.runner import about, is_check
from cozeops.engine.model.live import Remote
from cozeops.engine.observe.cache import Reader
from cozeops.engine.observe.lookup import Observer
from cozeops.state.model import Record


def checks_about(subjects: Iterable[Address], resources: Iterable[Resource]) -> list[Resource]:
    """The checks that talk to these, or run a workflow that one of these bots uses."""
    known = {one.address: one for one in resources}
    wanted = set(subjects)
    for subject in list(wanted):
        used = known[subject].values.get("workflows", []) if subject in known else []
        wanted |= {ref.address for ref in used if ref.address}
    return [one for one in known.values() if is_check(one) and about(one) in wanted]


def identified(
    checks: Iterable[Resource],
    resources: Iterable[Resource],
    remote: Remote,
    records: Mapping[Address, Record] | None = None,
) -> tuple[dict[Address, str], dict[Address, str]]:
    """The ids of everything that checks name, and why something has none. Raises ApiError."""
    known = {one.address: one for one in resources}
    named = {ref.address for check in checks for ref in references(check.values) if ref.address}
    reader = Reader(remote)
    reader.user()
    observer = Observer(reader, records=records)
    ids: dict[Address, str] = {}
    missing: dict[Address, str] = {}
    homes = {scope for one in named if (scope := known[one].scope)}
    for address in (*sorted(homes), *sorted(named)):
        one = known[address]
        found = observer.identify(one, ids.get(one.scope) if one.scope else None)
        if found.live:
            ids[address] = found.live.id
        else:
            problem = found.problem.message if found.problem else found.unsure
            missing[address] = problem or f"{address} is not on Coze yet: apply it first"
    return ids, missing
