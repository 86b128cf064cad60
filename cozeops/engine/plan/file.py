"""The plan as a file: canonical JSON with a digest of everything that apply would do.

A reviewed plan is a promise, so reading one back is strict: an edited file, another format or a shape that
is not a plan's is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.verbs import Verb, verb_of
from cozeops.engine.model.plan import Action, Change, FieldChange, Finding, Plan, Severity, Step
from cozeops.errors import StalePlanError, UsageError
from cozeops.kinds import kinds
from cozeops.values import Json, as_object, as_text, digest, read_json
from cozeops.version import __version__

FORMAT = "cozeops-plan/1"
MAX_BYTES = 256 * 1024 * 1024
_OWN_CHECKS = frozenset({Code.OWN_CHECK, Code.CHECK_WITHOUT_RESULT})


def plan_digest(plan: Plan) -> str:
    """`sha256:...` over what apply would do and what stands in its way; not over wording or statistics."""
    return digest(
        {
            "format": FORMAT,
            "env": plan.environment,
            "base_url": plan.base_url,
            "changes": sorted(
                (
                    {key: value for key, value in _change_json(change).items() if key in _BINDING}
                    for change in plan.pending
                ),
                key=lambda change: str(change["address"]),
            ),
            "findings": sorted(map(_binding, plan.findings)),
            **({"gate": plan.gate} if plan.gate else {}),
        }
    )


def _binding(finding: Finding) -> list[str]:
    """What counts of a finding: also whether it blocks, or an edited plan file could wave it through."""
    what = [finding.code, str(finding.address or ""), str(finding.severity)]
    # One code stands for all of a project's own checks: their names count too.
    return [*what, finding.name] if finding.code in _OWN_CHECKS else what


_BINDING = frozenset({"address", "id", "action", "fields", "steps", "needs", "live_fingerprint", "owed"})


def plan_json(plan: Plan) -> Json:
    """The plan in the published shape (`schemas/plan.schema.json`)."""
    return {
        "format": FORMAT,
        "tool": __version__,
        **({"project": plan.project} if plan.project else {}),
        "env": plan.environment,
        "base_url": plan.base_url,
        **({"shard": plan.shard} if plan.shard else {}),
        **({"gate": plan.gate} if plan.gate else {}),
        "digest": plan_digest(plan),
        "inputs": dict(plan.inputs),
        "summary": plan.summary,
        "changes": [_change_json(change) for change in plan.changes],
        "findings": [_finding_json(finding) for finding in plan.findings],
        "stats": plan.stats,
    }


def write_plan(plan: Plan) -> str:
    """The file's text."""
    return json.dumps(plan_json(plan), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def read_plan(text: str, name: str) -> Plan:
    """A plan from a file's text; `name` is for messages.

    Raises UsageError when it is no plan, StalePlanError when it was edited after it was written.
    """
    try:
        data = read_json(text)
    except ValueError as error:
        raise UsageError(
            f"{name} is not a plan: {error}", hint="make one with cozeops plan --out FILE"
        ) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        hint = "plan again with this version of cozeops"
        raise UsageError(f"{name}: the format is {found!r}, this version reads {FORMAT}", hint=hint)
    try:
        plan = _plan(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise UsageError(
            f"{name} is not a whole plan ({what})", hint="make it again with cozeops plan --out FILE"
        ) from None
    if data.get("digest") != plan_digest(plan):
        raise StalePlanError(
            f"{name} was changed after it was written: its digest does not fit its content",
            hint="make it again with cozeops plan --out FILE",
        )
    return plan


def _change_json(change: Change) -> Json:
    return {
        "address": str(change.address),
        "id": change.id,
        "action": str(change.action),
        "origin": change.origin or None,
        "reason": change.reason,
        "fields": [_field_json(field) for field in change.fields],
        "steps": [_step_json(step) for step in change.steps],
        "needs": [str(need) for need in change.needs],
        "live_fingerprint": change.live_fingerprint,
        "uncompared": list(change.uncompared),
        "scope": change.scope,
        **({"owed": change.owed} if change.owed else {}),
    }


def _field_json(field: FieldChange) -> Json:
    found = {"path": field.path, "before": field.before, "after": field.after}
    return found | {key: value for key, value in (("origin", field.origin), ("note", field.note)) if value}


def _step_json(step: Step) -> Json:
    extra = {"field": step.field, "items": list(step.items), "ids": list(step.ids)}
    return {"operation": step.operation} | {key: value for key, value in extra.items() if value}


def _finding_json(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "address": str(finding.address) if finding.address else None,
        "message": finding.message,
        "hint": finding.hint,
    }


def _plan(data: Json) -> Plan:
    return Plan(
        environment=as_text(data["env"]),
        base_url=as_text(data["base_url"]),
        changes=tuple(_change(change) for change in data["changes"]),
        findings=tuple(_finding(finding) for finding in data["findings"]),
        inputs={as_text(key): as_text(value) for key, value in data["inputs"].items()},
        stats=as_object(data.get("stats", {})),
        project=as_text(data.get("project", "")),
        shard=as_text(data.get("shard", "")),
        gate=as_object(data.get("gate", {})),
    )


def _change(data: Mapping[str, Any]) -> Change:
    address, action = Address.parse(as_text(data["address"])), Action(data["action"])
    return Change(
        address=address,
        id=None if data["id"] is None else as_text(data["id"]),
        action=action,
        reason=as_text(data["reason"]),
        origin=as_text(data["origin"] or ""),
        fields=tuple(
            FieldChange(
                as_text(one["path"]),
                one["before"],
                one["after"],
                as_text(one.get("origin", "")),
                as_text(one.get("note", "")),
            )
            for one in data["fields"]
        ),
        steps=tuple(_step(step, address.kind, action) for step in data["steps"]),
        needs=tuple(Address.parse(as_text(need)) for need in data["needs"]),
        live_fingerprint=as_text(data["live_fingerprint"]),
        uncompared=tuple(as_text(label) for label in data.get("uncompared", ())),
        scope=as_text(data.get("scope", "")),
        owed=as_object(data.get("owed", {})),
    )


def _step(data: Mapping[str, Any], kind: str, action: Action) -> Step:
    items, ids, operation = data.get("items", ()), data.get("ids", ()), as_text(data["operation"])
    declared = kinds().get(kind)
    return Step(
        verb_of(declared, operation, creating=action is Action.CREATE) if declared else Verb.UNKNOWN,
        operation,
        as_text(data.get("field", "")),
        tuple(as_text(item) for item in items),
        tuple(as_text(id) for id in ids),
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    address = Address.parse(as_text(data["address"])) if data["address"] else None
    code, name = as_text(data["code"]), as_text(data["name"])
    return Finding(
        code, name, Severity(data["severity"]), address, as_text(data["message"]), as_text(data["hint"])
    )
