"""The words of a plan: actions, changes, fields, steps, findings. Frozen values, no behaviour to speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from cozeops.address import Address
from cozeops.codes import Severity as Severity
from cozeops.declare.verbs import Verb
from cozeops.frozen import frozen
from cozeops.values import Json


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    ADOPT = "adopt"
    FORGET = "forget"
    NONE = "none"


@frozen
class FieldChange:
    """One difference: the values are JSON, other resources stand as their addresses.

    `note` says what is special: `write-only` (sent, but cannot be read back), `secret`, `known after apply`.
    """

    path: str
    before: Any
    after: Any
    origin: str = ""
    note: str = ""


@frozen
class Step:
    """One operation of a change, in the order of `Change.steps`; `items` name what a batch is about.

    `verb` says what the operation does; files of plans have only the operation, which tells it.
    `field` is the label of the field for operations that belong to one; `ids` are the live ids of `items`.
    """

    verb: Verb
    operation: str
    field: str = ""
    items: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@frozen
class Change:
    """What apply will do to one address. `action` none: nothing, but others may need its id."""

    address: Address
    id: str | None
    action: Action
    reason: str = ""
    origin: str = ""
    fields: tuple[FieldChange, ...] = ()
    steps: tuple[Step, ...] = ()
    needs: tuple[Address, ...] = ()
    live_fingerprint: str = ""
    uncompared: tuple[str, ...] = ()
    """Labels of declared fields that could not be compared with the live side."""
    scope: str = ""
    """The workspace's name, for people."""
    owed: Json = field(default_factory=dict)
    """Where a run that ended owes it: `run`, `digest` of it, `checks` that come first, `more` to plan."""

    def does(self, *verbs: Verb) -> bool:
        """Whether a step does one of these."""
        return any(step.verb in verbs for step in self.steps)


@frozen
class Finding:
    """Something to know before applying. `code` is stable; `name` is the same in words."""

    code: str
    name: str
    severity: Severity
    address: Address | None
    message: str
    hint: str = ""


@frozen
class Plan:
    """Everything that apply would do, and nothing that it would not."""

    environment: str
    base_url: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    inputs: Mapping[str, str] = field(default_factory=dict)
    """A digest of what each address is made from in the project (`sealed_inputs`)."""
    stats: Json = field(default_factory=dict)
    project: str = ""
    """The project's name: it tells two that comment on one repository apart. Not in the digest."""
    shard: str = ""
    """Which part of the project it is about, as `2/4`; empty: the whole."""
    gate: Json = field(default_factory=dict)
    """What was promised of the gate before users, as `publish.gate.promised` gives it; empty: nothing."""

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes that are changes."""
        return tuple(change for change in self.changes if change.action is not Action.NONE)

    @property
    def missing(self) -> tuple[Change, ...]:
        """What is not there, and is not made either: it is blocked until somebody has looked."""
        held = {one.address for one in self.findings if one.severity is Severity.BLOCK}
        return tuple(
            one
            for one in self.changes
            if one.action is Action.NONE and one.id is None and one.address in held
        )

    @property
    def has_changes(self) -> bool:
        """Whether something is not as the manifests say; adopting alone is not (`--detailed-exitcode`)."""
        if any(change.action not in (Action.NONE, Action.ADOPT) for change in self.changes):
            return True
        return bool(self.missing)

    @property
    def blocked(self) -> bool:
        """Whether a finding must be acknowledged before anything is written."""
        return any(finding.severity is Severity.BLOCK for finding in self.findings)

    @property
    def uncompared(self) -> int:
        """How many declared fields could not be compared with the live side."""
        return sum(len(change.uncompared) for change in self.changes)

    @property
    def removed_items(self) -> int:
        """How many documents, images, members and collaborators go; those that are replaced do not count."""
        return sum(_removed(change) for change in self.pending)

    @property
    def summary(self) -> Json:
        """Counts by what happens: a bot that is edited and published counts under both."""
        actions = Counter(change.action for change in self.changes)
        return {
            "create": actions[Action.CREATE],
            "update": actions[Action.UPDATE],
            "replace": actions[Action.REPLACE],
            "publish": sum(change.does(Verb.PUBLISH) for change in self.pending),
            "unpublish": sum(change.does(Verb.UNPUBLISH) for change in self.pending),
            "delete": actions[Action.DELETE] + self.removed_items,
            "adopt": actions[Action.ADOPT],
            "forget": actions[Action.FORGET],
            "unchanged": sum(
                change.action is Action.NONE and change.id is not None for change in self.changes
            ),
            "uncompared": self.uncompared,
        }


def _removed(change: Change) -> int:
    added = {(step.field, key) for step in change.steps if not step.ids for key in step.items}
    gone = [
        (step.field, key)
        for step in change.steps
        if step.ids and step.verb in (Verb.DELETE, Verb.REMOVE)
        for key in step.items
    ]
    return sum(item not in added for item in gone)
