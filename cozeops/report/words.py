"""What a plan says in words: actions, effects on users, counts, sizes. Pure, and the same in every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cozeops.address import Address
from cozeops.codes import CODES, Code
from cozeops.declare.verbs import Verb
from cozeops.engine.model.outcome import Outcome
from cozeops.engine.model.plan import Action, Change, Finding, Plan, Severity, Step
from cozeops.frozen import frozen

GLYPHS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DELETE: "-",
    Action.PUBLISH: "^",
    Action.UNPUBLISH: "v",
    Action.ADOPT: "@",
    Action.FORGET: "x",
    Action.NONE: "=",
}
BLOCKED = "!"
MOST_ADDRESSES = 6
MANY = 4
"""Adoptions for one reason that are told in one line, not one by one."""
NO_CHANGES = "No changes. The live side is what the manifests say."
ORDER = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 field`, `2 fields`, `2,134 characters`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = list(names) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def verbs(change: Change) -> str:
    """`update and publish`: what happens to the resource, in one phrase."""
    return listed(verb_list(change)) or ("unchanged" if change.id else "missing")


def verb_list(change: Change) -> list[str]:
    """The same, each on its own; empty for what does not change."""
    found = [] if change.action is Action.NONE else [change.action.value]
    verbs = (Verb.UNPUBLISH, Verb.PUBLISH)
    return found + [verb.value for verb in verbs if change.does(verb) and verb.value not in found]


def blocked(plan: Plan) -> set[Address]:
    """What a finding blocks."""
    return {one.address for one in plan.findings if one.severity is Severity.BLOCK and one.address}


def drafts(plan: Plan) -> set[Address]:
    """What is edited and not published, as a finding says."""
    return {one.address for one in plan.findings if one.code == Code.DRAFT_ONLY and one.address}


def told(plan: Plan) -> list[Change]:
    """What a reader is told about one by one: what changes, and what is only blocked."""
    held, together = blocked(plan), {one.address for group in _adopted(plan).values() for one in group}
    return [
        one
        for one in plan.changes
        if (one.action is not Action.NONE or one.address in held) and one.address not in together
    ]


def adopted(plan: Plan, *, every: bool = False) -> list[str]:
    """A line for each reason for which many are only remembered from now on, and nothing is written.

    `40 to adopt: found by its name: from now on it is ours: Bot/a, Bot/b and 38 more`; `every`: names all.
    """
    return [
        f"{len(group):,} to adopt: {reason}: {_some([str(one.address) for one in group], every=every)}"
        for reason, group in _adopted(plan).items()
    ]


def _adopted(plan: Plan) -> dict[str, list[Change]]:
    """Adoptions without a difference or a finding of their own, by their reason, where that has many."""
    noted = {one.address for one in plan.findings}
    groups: dict[str, list[Change]] = {}
    for one in plan.changes:
        if one.action is Action.ADOPT and not one.fields and one.address not in noted:
            groups.setdefault(one.reason, []).append(one)
    return {reason: group for reason, group in groups.items() if len(group) >= MANY}


def _some(names: Sequence[str], *, every: bool) -> str:
    """The first few of many names, and how many there are beside them."""
    shown = names if every else names[:MOST_ADDRESSES]
    more = len(names) - len(shown)
    return f"{', '.join(shown)} and {more:,} more" if more else ", ".join(shown)


def effect(change: Change, *, draft_only: bool = False) -> str:
    """What users notice: `live on api and chat_sdk after apply; leaves kiosk`. Empty: nothing to say."""
    comes = _channels(change, Verb.PUBLISH)
    leaves = [name for name in _channels(change, Verb.UNPUBLISH) if name not in comes]
    said = [f"live on {listed(comes)} after apply"] if comes else []
    if leaves:
        said.append(f"leaves {listed(leaves)}")
    edits = change.action in (Action.CREATE, Action.UPDATE)
    if draft_only or (edits and leaves and not comes):
        said.append("stays in draft" if change.action is Action.CREATE else "the edit stays in draft")
    return "; ".join(said)


def _channels(change: Change, verb: Verb) -> list[str]:
    return list(dict.fromkeys(name for step in change.steps if step.verb is verb for name in step.items))


def subject(plan: Plan) -> str:
    """What a plan is about: `kitchen-bots/prod (2/4)`, the project, its environment, and which part of it."""
    whole = f"{plan.project}/{plan.environment}" if plan.project else plan.environment
    return f"{whole} ({plan.shard})" if plan.shard else whole


def summary(plan: Plan) -> str:
    """`Plan: 3 to create, 1 to update, 2 to publish, 0 to delete; 40 unchanged, 1 missing.`

    Documents, images, members and collaborators that go are items, and told apart from resources.
    """
    items = plan.removed_items
    counts = {**plan.summary, "delete": plan.summary["delete"] - items}
    always = ("create", "update", "publish", "delete")
    verbs = ("create", "update", "replace", "publish", "unpublish", "delete", "adopt", "forget")
    parts = [f"{counts[verb]} to {verb}" for verb in verbs if counts[verb] or verb in always]
    if items:
        parts.append(f"{count(items, 'item')} to remove")
    missing = f", {len(plan.missing)} missing" if plan.missing else ""
    return f"Plan: {', '.join(parts)}; {counts['unchanged']} unchanged{missing}."


def headline(plan: Plan, *, where: str) -> str:
    """What a plan comes to, in a sentence: NO_CHANGES only where nothing is missing, blocked or warned of.

    `where` the findings stand, seen from it (`above`, `below`).
    """
    counts = Counter(one.severity for one in plan.findings)
    blocks, warnings = counts[Severity.BLOCK], counts[Severity.WARN]
    if plan.pending:
        return f"{summary(plan)} Blocked by {count(blocks, 'finding')}." if blocks else summary(plan)
    if plan.missing:
        number = len(plan.missing)
        return f"{count(number, 'resource')} {'is' if number == 1 else 'are'} missing on Coze: see {where}."
    if blocks:
        return f"Nothing is planned, and what is wrong stands {where}."
    if warnings:
        return f"Nothing is planned, and {count(warnings, 'warning')} stand{'s' * (warnings == 1)} {where}."
    return NO_CHANGES


def reach(plan: Plan, outcomes: Sequence[Outcome] | None = None) -> str:
    """`What users notice: goes live on api (2 bots); leaves kiosk (1 bot).` Empty: nothing.

    With the outcomes of an apply: what was published, and not what was planned to be.
    """
    made = {one.address: one.made for one in outcomes or () if one.made is not None}
    applied = outcomes is not None

    def channels(verb: Verb) -> Counter[str]:
        changes = (one for one in plan.pending if verb in made.get(one.address, (verb,)))
        return Counter(name for change in changes for name in _channels(change, verb))

    comes, leaves = channels(Verb.PUBLISH), channels(Verb.UNPUBLISH)
    said = []
    if comes:
        said.append(f"{'live' if applied else 'goes live'} on {_counted(comes)}")
    if leaves:
        said.append(f"{'left' if applied else 'leaves'} {_counted(leaves)}")
    return f"What users notice: {'; '.join(said)}." if said else ""


def _counted(channels: Counter[str]) -> str:
    return listed(f"{name} ({count(number, 'bot')})" for name, number in channels.items())


def unchanged(plan: Plan) -> str:
    """`12 resources are unchanged`; empty where there are none."""
    number = plan.summary["unchanged"]
    return f"{count(number, 'resource')} {'is' if number == 1 else 'are'} unchanged" if number else ""


def together(paths: Iterable[str]) -> list[str]:
    """Paths with the items of one list as one: `spec.collaborators (2 items)`."""
    bases = Counter(path.partition("[")[0] for path in paths)
    items = {path.partition("[")[0] for path in paths if "[" in path}
    return [f"{base} ({count(number, 'item')})" if base in items else base for base, number in bases.items()]


def uncompared(plan: Plan) -> str:
    """How many declared fields nobody could compare. Empty: all were."""
    number = plan.uncompared
    if not number:
        return ""
    verb = "was" if number == 1 else "were"
    return f"{count(number, 'declared field')} cannot be read back and {verb} not compared"


def cost(plan: Plan) -> str:
    """`12 requests in 0.8 s`; empty when nobody counted."""
    requests, seconds = plan.stats.get("requests"), plan.stats.get("seconds")
    if requests is None:
        return ""
    took = f" in {seconds:.{1 if seconds >= 0.1 else 2}f} s" if isinstance(seconds, int | float) else ""
    return count(int(requests), "request") + took


def size(before: int, after: int, limit: int) -> str:
    """`2,134 → 2,180 of 20,000 characters`."""
    moved = f"{after:,}" if before == after else f"{before:,} → {after:,}"
    return f"{moved} of {limit:,} characters" if limit else f"{moved} characters"


def is_near(characters: int, limit: int) -> bool:
    """Whether a text comes close to its limit, or is beyond it."""
    return bool(limit) and characters >= 0.9 * limit


@frozen
class Note:
    """Findings that say the same about several addresses."""

    finding: Finding
    addresses: tuple[str, ...]

    @property
    def where(self) -> str:
        """The addresses in one line, the first few of many."""
        return _some(self.addresses, every=False)

    @property
    def acknowledgement(self) -> str:
        """The option with which apply goes on in spite of it; empty where none does."""
        code = CODES.get(self.finding.code)
        if self.finding.severity is not Severity.BLOCK or code is None or not code.acknowledgeable:
            return ""
        return f"--ack {code}" + (f"@{self.addresses[0]}" if len(self.addresses) == 1 else "")


def notes(findings: Iterable[Finding]) -> list[Note]:
    """Findings for people: blocking first, the same words once."""
    groups: dict[tuple[Severity, str, str, str, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.severity, one.code, one.name, one.message, one.hint), []).append(one)
    found = [
        Note(group[0], tuple(str(one.address) for one in group if one.address)) for group in groups.values()
    ]
    return sorted(found, key=lambda note: (ORDER[note.finding.severity], note.finding.code))


def severities(findings: Sequence[Finding]) -> str:
    """`1 blocks, 2 warnings`; empty without findings."""
    counts = Counter(one.severity for one in findings)
    blocks = counts[Severity.BLOCK]
    parts = [f"{blocks} block{'s' if blocks == 1 else ''} apply"] if blocks else []
    if counts[Severity.WARN]:
        parts.append(count(counts[Severity.WARN], "warning"))
    if counts[Severity.INFO]:
        parts.append(count(counts[Severity.INFO], "note"))
    return ", ".join(parts)


def by_scope(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes by the workspace that they are in; those outside any come last."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.scope, []).append(change)
    return dict(sorted(groups.items(), key=lambda group: not group[0]))


def step_words(step: Step) -> str:
    """`publishBot spec.publish.connectors [api, chat_sdk]`."""
    items = f"[{', '.join(step.items)}]" if step.items else ""
    return " ".join(part for part in (step.operation, step.field, items) if part)
