"""Built-in checks: what a reviewer of prompts and models would ask about. A table of rules; pure.

A project chooses how much each rule matters (`spec.checks.rules`). What is wrong with a resource that the
plan does not touch is told and stops nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import cache
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.fields import Is, Size, Spec
from cozeops.declare.resource import Resource
from cozeops.declare.rows import publication_of, unwrap
from cozeops.engine.model.findings import finding
from cozeops.engine.model.live import Live, Snapshot
from cozeops.engine.model.plan import Change, Finding, Severity
from cozeops.engine.policy.secrets import hidden, secrets_in
from cozeops.frozen import frozen
from cozeops.values import Json, Reference, dig

OFF = "off"
NEAR = 0.9
_MOST = 5
"""Fields that a finding names."""
_COZE_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
# Where values may be secret by their nature, or are no text that a model reads.
_NOT_TEXT = frozenset({"id", "publish", "collaboration", "icon"})


@frozen
class Subject:
    """A resource that is checked, and what may be known about it. `live` is None offline."""

    resource: Resource
    known: Mapping[Address, Resource]
    settings: Mapping[str, Any]
    live: Live | None = None
    change: Change | None = None
    """What a plan changes of it."""


@frozen
class Remark:
    """What a check found."""

    message: str
    hint: str
    severity: Severity | None = None
    """Less than the rule's own, where less is known."""


@frozen
class PolicyRule:
    """A rule with the function that finds what breaks it."""

    code: Code
    find: Callable[[Subject], Iterator[Remark]] = field(compare=False)


def check(
    resources: Iterable[Resource],
    settings: Mapping[str, Any],
    *,
    everything: Iterable[Resource] = (),
    snapshot: Snapshot | None = None,
    pending: Mapping[Address, Change] | None = None,
) -> list[Finding]:
    """What the checks say about these resources; `everything` is the project that they are chosen from.

    Without `pending` (what a plan changes) all count.
    """
    chosen = list(resources)
    known = {one.address: one for one in (*everything, *chosen)}
    severities: Mapping[str, str] = settings.get("rules") or {}
    wanted = [
        (one, usual) for one in CHECKS if (usual := severities.get(one.code.slug, one.code.severity)) != OFF
    ]
    found = []
    for resource in chosen:
        change = pending.get(resource.address) if pending is not None else None
        live = snapshot.live.get(resource.address) if snapshot else None
        subject = Subject(resource, known, settings, live, change)
        for one, usual in wanted if resource.kind.lives else ():
            for remark in one.find(subject):
                severity = remark.severity or Severity(usual)
                if severity is Severity.BLOCK and pending is not None and not change:
                    severity = Severity.WARN
                made = finding(one.code, resource.address, remark.message, remark.hint)
                found.append(replace(made, severity=severity))
    return found


def _secret_in_prompt(subject: Subject) -> Iterator[Remark]:
    for label, text in _texts(subject.resource):
        for line, what in secrets_in(text):
            # The value itself is never repeated: plans are posted where many people read.
            message = (
                f"{label}, line {line}: this looks like {what}, and users can make a bot tell its prompt"
            )
            yield Remark(message, "take it out and revoke it; a plan file has it, too. A plugin can keep it")


def secret_of(resource: Resource, message: str) -> str:
    """The secret that a finding about a resource speaks of, to look for the file it stands in; or empty."""
    found: list[str] = []

    def take(secret: str) -> str:
        found.append(secret)
        return ""

    for label, text in _texts(resource):
        for line, _ in secrets_in(text):
            if message.startswith(f"{label}, line {line}: "):
                hidden(text.split("\n")[line - 1], mark=take)
    return found[0] if found else ""


def _unknown_variable(subject: Subject) -> Iterator[Remark]:
    if not subject.change or subject.resource.kind.name != "Bot":
        return
    names = {name for _, text in _texts(subject.resource) for name in _COZE_VARIABLE.findall(text)}
    told = subject.live.parts if subject.live else {}
    unknown = sorted(names - told.keys())
    if not unknown:
        return
    listed = ", ".join(f"{{{{{name}}}}}" for name in unknown)
    if told:
        hint = f"it has {', '.join(sorted(told))}; others are made in the console"
        yield Remark(f"the bot has no variable for {listed}", hint)
    elif new := sorted(set(unknown) - _live_variables(subject.live)):
        listed = ", ".join(f"{{{{{name}}}}}" for name in new)
        message = f"{listed} is new, and Coze does not tell which variables the bot has"
        yield Remark(message, "variables are made in the console: look there", Severity.INFO)


def _live_variables(live: Live | None) -> set[str]:
    """What the live texts use already was looked at when it came."""
    texts = _strings(list(live.fields.values()), "") if live else ()
    return {name for _, text in texts for name in _COZE_VARIABLE.findall(text)}


def _model_not_allowed(subject: Subject) -> Iterator[Remark]:
    allowed, model = subject.settings.get("allow_models"), dig(subject.resource.values, ("model", "id"))
    if allowed is not None and isinstance(model, str) and model not in allowed:
        hint = f"allowed: {', '.join(allowed) or 'none'}"
        yield Remark(f"the model {model} is not one that the project allows", hint)


def _connector_not_allowed(subject: Subject) -> Iterator[Remark]:
    allowed = subject.settings.get("allow_connectors")
    uses = dig(subject.resource.values, ("publish", "connectors"))
    for use in uses if allowed is not None and isinstance(uses, list) else ():
        name, id = _connector_names(use["connector"], subject)
        if not {name, id} & set(allowed or ()):
            hint = f"allowed: {', '.join(allowed or ()) or 'none'}"
            yield Remark(f"it goes to {name}, a channel that the project does not allow", hint)


def _connector_names(ref: Reference, subject: Subject) -> tuple[str, str]:
    """What a channel is called: its name in the project, and its id."""
    if ref.address:
        declared = subject.known.get(ref.address)
        return ref.address.name, (declared.id if declared else None) or ""
    builtin = {id: name for name, id in _builtin_connectors(subject.resource).items()}
    return builtin.get(ref.id or "", str(ref)), ref.id or ""


def _builtin_connectors(resource: Resource) -> Mapping[str, str]:
    publication = publication_of(resource.kind)
    return publication.calls.builtin if publication else {}


def _prompt_near_limit(subject: Subject) -> Iterator[Remark]:
    for name, size in _limited_texts(subject.resource.kind.spec):
        value = subject.resource.values.get(name)
        if value is None:
            continue
        parts = value if isinstance(value, dict) else {"": value}
        for part, text in parts.items():
            if isinstance(text, str) and len(text) > NEAR * size.most:
                label = f"spec.{name}.{part}".rstrip(".")
                message = f"{label} has {len(text):,} of {size.most:,} characters"
                yield Remark(message, "move what is knowledge into a knowledge base")


@cache
def _limited_texts(spec: type[Spec]) -> tuple[tuple[str, Size], ...]:
    """The long texts of a kind whose size Coze limits."""
    fields = ((name, (*one.metadata, *unwrap(one.annotation)[1])) for name, one in spec.model_fields.items())
    return tuple(
        (name, trait)
        for name, traits in fields
        for trait in traits
        if isinstance(trait, Size) and Is.TEXT in traits
    )


def _thinking_with_tools(subject: Subject) -> Iterator[Remark]:
    values = subject.resource.values
    thinking = dig(values, ("model", "parameters", "thinking_type"))
    tools = [name for name in ("plugins", "workflows") if values.get(name)]
    if thinking == "enabled" and tools:
        message = f"thinking_type is enabled: the model will not call the bot's {' and '.join(tools)}"
        yield Remark(message, "set it to disabled or auto, or take the tools out")


def _empty_knowledge(subject: Subject) -> Iterator[Remark]:
    bound = dig(subject.resource.values, ("knowledge", "datasets"))
    for ref in bound if isinstance(bound, list) else ():
        base = subject.known.get(ref.address) if isinstance(ref, Reference) and ref.address else None
        # A base that does not say what is in it is filled by somebody else.
        contents = (
            [base.values[name] for name in ("documents", "images") if name in base.values] if base else []
        )
        if contents and not any(contents):
            hint = "list its documents, or take it out of the bot"
            yield Remark(f"it searches {ref.address}, which has no documents", hint)


def _conflict(subject: Subject) -> Iterator[Remark]:
    fields = subject.change.fields if subject.change else ()
    if both := [one.path for one in fields if one.origin == "both"]:
        more = f" and {len(both) - _MOST} more" if len(both) > _MOST else ""
        message = f"edited here and on Coze since the last apply: {', '.join(both[:_MOST])}{more}"
        keep = f"cozeops pull {subject.resource.address} --theirs"
        yield Remark(message, f"apply overwrites what is live; to keep that: {keep}")


def _texts(resource: Resource) -> Iterator[tuple[str, str]]:
    return _strings({key: one for key, one in resource.values.items() if key not in _NOT_TEXT}, "spec")


def _strings(values: Json | list[Any], label: str) -> Iterator[tuple[str, str]]:
    """The texts inside a map or a list, at any depth, each with its label."""
    keyed = isinstance(values, dict)
    for key, item in values.items() if isinstance(values, dict) else enumerate(values):
        inside = f"{label}.{key}" if keyed else f"{label}[{key}]"
        if isinstance(item, str):
            yield inside, item
        elif isinstance(item, (dict, list)):
            yield from _strings(item, inside)


CHECKS = (
    PolicyRule(Code.SECRET_IN_PROMPT, _secret_in_prompt),
    PolicyRule(Code.UNKNOWN_VARIABLE, _unknown_variable),
    PolicyRule(Code.MODEL_NOT_ALLOWED, _model_not_allowed),
    PolicyRule(Code.CONNECTOR_NOT_ALLOWED, _connector_not_allowed),
    PolicyRule(Code.PROMPT_NEAR_LIMIT, _prompt_near_limit),
    PolicyRule(Code.THINKING_WITH_TOOLS, _thinking_with_tools),
    PolicyRule(Code.EMPTY_KNOWLEDGE, _empty_knowledge),
    PolicyRule(Code.CONFLICT, _conflict),
)
