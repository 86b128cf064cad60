"""One resource while it is being planned: what it is, what is there, and what was decided so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.calls import Path
from cozeops.declare.resource import Resource
from cozeops.declare.rows import Row, row_at
from cozeops.engine.diff.fields import WRITE_ONLY, field_changes
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import FieldChange, Finding, Step
from cozeops.engine.prior.state import PriorState, applied_now, origin, published_on, repledged
from cozeops.errors import Problem
from cozeops.frozen import frozen
from cozeops.state.model import Record
from cozeops.values import MISSING, Reference, dig


@frozen
class Source:
    """What a copy is made of: a live object of another environment."""

    id: str
    environment: str
    edited: int = 0
    """When it was edited last (Unix seconds; 0: unknown)."""


@frozen
class PlanContext:
    """What planning one resource may look at beside the resource."""

    snapshot: Snapshot
    names: Mapping[str, str]
    """Ids -> addresses."""
    channels: Mapping[str, str]
    """Connector ids -> what people call them."""
    rewrite: frozenset[Address]
    """Addresses whose write-only fields are to be sent again."""
    resources: Mapping[Address, Resource]
    memory: PriorState | None = None
    """None: there is no state."""
    sources: Mapping[Address, Source] = field(default_factory=dict)
    """What may be copied where an address has nothing live."""
    installs: dict[Address, set[str]] = field(default_factory=dict)
    """Workspace -> connectors that a planned publish needs and that nothing shows to be installed."""


@dataclass(slots=True)
class ResourceChange:
    """A resource, its live side, and the change that is being put together."""

    resource: Resource
    world: PlanContext
    live: Live | None
    desired: Mapping[Path, Any]
    """The declared fields as they are compared."""
    record: Record | None = None
    """What the state remembers of it."""

    fields: list[FieldChange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    uncompared: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    body: list[Step] = field(default_factory=list)
    removals: list[Step] = field(default_factory=list)
    setters: list[Step] = field(default_factory=list)
    additions: list[Step] = field(default_factory=list)
    late_removals: list[Step] = field(default_factory=list)
    publication: list[Step] = field(default_factory=list)
    _rows: tuple[Row, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._rows = tuple(row_at(self.resource.kind, path) for path in self.desired)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order in which they are made; publish is always the last."""
        parts = (self.body, self.removals, self.setters, self.additions, self.late_removals, self.publication)
        return tuple(step for part in parts for step in part)

    @property
    def rewritten(self) -> bool:
        """Whether its write-only fields are to be sent again."""
        return self.resource.address in self.world.rewrite

    @property
    def adopted(self) -> bool:
        """Whether it is live, and a state is about to remember it for the first time."""
        memory, kind = self.world.memory, self.resource.kind
        return (
            memory is not None
            and (self.record is None or not self.record.id)
            and self.live is not None
            and bool(self.live.id)
            and kind.listing is not None
        )

    @property
    def before(self) -> Address | None:
        """The address that it had before, where it is remembered under another one."""
        memory, address = self.world.memory, self.resource.address
        if memory is None or self.record is None or memory.address_of(self.resource) == address:
            return None
        return memory.address_of(self.resource)

    @property
    def repledged(self) -> bool:
        """Whether the state must learn another `lifecycle.protect`."""
        return self.live is not None and self.record is not None and repledged(self.record, self.resource)

    @property
    def outdated(self) -> bool:
        """Whether the state has another value than the manifest, and not only where the live side differs.

        Left as it is, it would take the next edit by hand for the manifest's.
        """
        seen = self.live if self.live and not self.live.unmoved else None
        if not seen or not self.record:
            return False
        channels = published_on(self.resource, self.world.snapshot)
        applied = {**applied_now(self.rows(), self.desired, seen), **channels}
        return any(self.record.applied.get(label) != now for label, now in applied.items())

    @property
    def scope(self) -> str | None:
        """The id of the workspace it lives in; None while that does not exist."""
        return self.world.snapshot.home_id(self.resource)

    def rows(self) -> tuple[Row, ...]:
        """The declared fields."""
        return self._rows

    def written(self, row: Row) -> Any:
        """What the manifest says in a field: references as references, files as files."""
        return dig(self.resource.values, row.path)

    def id_of(self, ref: Reference) -> str:
        """The id of a reference; the text of an Unknown while there is none."""
        return str(self.world.snapshot.id_of(ref, self.scope or ""))

    def note_field(self, row: Row, before: Any, after: Any) -> None:
        """Record a difference of the body."""
        who = origin(self.record, row.label, before, after)
        self.fields += [
            replace(one, origin=who) for one in field_changes(row, before, after, self.world.names)
        ]

    def note_sent(self, row: Row, before: Any = MISSING) -> None:
        """Record a field that is sent although it cannot be read back; `before` is what was sent last."""
        who = "" if before is MISSING else "git"
        was = None if before is MISSING else before
        for one in field_changes(row, None, self.desired[row.path], self.world.names):
            self.fields.append(FieldChange(one.path, was, one.after, who, one.note or WRITE_ONLY))

    def find(self, code: Code, message: str, hint: str = "") -> None:
        """Record a finding."""
        self.findings.append(finding(code, self.resource.address, message, hint))
