"""Quotas: how much devices and custom consumers of an enterprise may use. None is ever deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Annotated, Literal, get_args

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.fields import Flaw, Is, Spec
from cozeops.declare.kind import Keyed, Kind
from cozeops.values import Json, canonical

_LIMITATIONS = "/v1/commerce/benefit/limitations"
_STATUSES = ("valid", "frozen")
_ALL = "enterprise_all_"
_LAST = 253_402_300_799
"""The last second of the year 9999, which the console writes for "for ever"."""
_NEVER = "never"
_NO_TIME = (0, 1)
"""What Coze gives as the time of a count that never begins anew: it means nothing."""

Entity = Literal[
    "enterprise_all_devices", "enterprise_all_custom_consumers", "single_device", "single_custom_consumer"
]
Benefit = Literal["resource_point", "voice_unified_duration_system", "voice_unified_duration_custom"]


class QuotaSpec(Spec):
    """A limit for one consumer or for all of them (flagship edition, admins). It is frozen, never deleted.

    Coze tells its id only when it is made: keep a state.
    """

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live quota."""
    entity_type: Annotated[Entity, Is.FIXED, Is.DEFINING]
    """Who is limited: one, or all together. Never changes."""
    entity_id: Annotated[str | None, Field(min_length=1), Is.FIXED, Is.DEFINING] = None
    """The device or consumer, of a single one. Never changes."""
    benefit_type: Annotated[Benefit, Is.FIXED, Is.DEFINING]
    """What is limited: points, or seconds of voice. Never changes."""
    limit: Annotated[int | None, Field(ge=0, examples=[5000]), Is.NEEDED_TO_CREATE] = None
    """How much may be used: points or seconds."""
    started_at: Annotated[int | None, Field(ge=0, examples=[1767196800]), Is.NEEDED_TO_CREATE] = None
    """From when it holds (Unix seconds; 0 for always)."""
    ended_at: Annotated[int | None, Field(ge=0, examples=[1798732800]), Is.NEEDED_TO_CREATE] = None
    """Until when it holds (Unix seconds; 253402300799, the end of the year 9999, for ever)."""
    status: Literal["valid", "frozen"] | None = None
    """`frozen`: it does not count. That is all that can be done to be rid of it."""
    trigger_unit: Literal["never", "minute", "hour", "day"] | None = None
    """How often the count begins anew; `never` where it is absent. A quota is periodic for ever, or never."""
    trigger_time: Annotated[int | None, Field(ge=0)] = None
    """How many units until the count begins anew: every other unit needs one, `never` has none."""


def _check(values: Json) -> Iterator[Flaw]:
    everybody = values.get("entity_type", "").startswith(_ALL)
    if everybody and "entity_id" in values:
        yield Flaw(("entity_id",), f"{values['entity_type']} is about all of them", "remove entity_id")
    if not everybody and "entity_id" not in values:
        yield Flaw(("entity_type",), f"{values['entity_type']} is about one of them", "add entity_id")
    started, ended = values.get("started_at"), values.get("ended_at")
    if started is not None and ended is not None and started >= ended:
        yield Flaw(("ended_at",), "it ends before it begins", "write a later time")
    for name in ("started_at", "ended_at"):
        if (time := values.get(name) or 0) > _LAST:
            message = f"{name} is {time}, after the year 9999: these look like milliseconds"
            yield Flaw((name,), message, f"write seconds: {time // 1000}")
    yield from _check_trigger(values)


def _check_trigger(values: Json) -> Iterator[Flaw]:
    unit, time = values.get("trigger_unit"), values.get("trigger_time")
    if unit is None and time is not None:
        message = "trigger_time says nothing without trigger_unit"
        yield Flaw(("trigger_time",), message, "add trigger_unit: minute, hour or day")
    elif unit == _NEVER and time not in (None, *_NO_TIME):
        message = f"a count that never begins anew does not do so after {time}"
        yield Flaw(("trigger_time",), message, "remove trigger_time, or write trigger_unit: day")
    elif unit not in (None, _NEVER) and not time:
        message = f"trigger_unit: {unit} needs to know after how many of them the count begins anew"
        yield Flaw(("trigger_unit",), message, f"add trigger_time: 1 for each {unit}")


def _key(wire: Json) -> str:
    # Of those for everybody there is one that counts on, and one that begins anew, of each benefit; the
    # documented reply has an entity_id in one of those all the same, where it means nothing.
    periodic = (wire.get("trigger_unit") or "never") != "never"
    entity_type = wire.get("entity_type") or ""
    entity_id = "" if entity_type.startswith(_ALL) else wire.get("entity_id")
    parts = [entity_type, entity_id, wire.get("benefit_type"), "periodic" * periodic]
    return " ".join(part for part in parts if part)


def _asks(params: Json) -> Sequence[Json]:
    names = ("entity_type", "entity_id", "benefit_type")
    asked = {name: params[name] for name in names if params.get(name)}
    return [{**asked, "status": status} for status in _STATUSES]


def _body(params: Json, creating: bool) -> Json:
    """Nested when it is made, flat and partial when it is changed."""
    entity: Json = {name: params[name] for name in ("entity_type", "entity_id") if name in params}
    terms: Json = {name: value for name, value in params.items() if name not in entity}
    if creating:
        return {**entity, "benefit_info": {"active_mode": "absolute_time", **terms}}
    return {name: value for name, value in terms.items() if name != "benefit_type"}


KIND = Kind(
    name="Quota",
    summary="a limit of what devices and consumers of an enterprise may use",
    spec=QuotaSpec,
    id="benefit_id",
    listing=Page(
        Call("listBenefitLimitations", "GET", _LIMITATIONS, edition="enterprise"),
        items=("benefit_infos",),
        id="benefit_id",
        key=lambda item: str(item.get("benefit_id") or canonical(item)),
        more=("has_more",),
        number="page_token",
        size=200,
        confirm=True,
    ),
    keyed=Keyed(
        asks=_asks,
        key=_key,
        everywhere=tuple(
            {"entity_type": entity, "benefit_type": benefit, "status": status}
            for entity, benefit, status in product(get_args(Entity), get_args(Benefit), _STATUSES)
        ),
    ),
    create=Call(
        "createBenefitLimitation",
        "POST",
        _LIMITATIONS,
        result=("benefit_id",),
        or_result=("benefit_info", "benefit_id"),
        edition="enterprise",
    ),
    update=Call(
        "updateBenefitLimitation",
        "PUT",
        f"{_LIMITATIONS}/{{benefit_id}}",
        repeatable=True,
        edition="enterprise",
    ),
    check=_check,
    body=_body,
)
