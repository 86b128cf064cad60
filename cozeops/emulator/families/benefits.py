"""Benefits of the edition, quotas for devices and custom consumers, and bill exports.

A quota cannot be deleted, only frozen; its id is told when it is made and, by the documentation, never again.
"""

from __future__ import annotations

from ..fields import Fields, choice, each, ident, integer, obj, text
from ..paging import by_token, cut, numbered
from ..routing import Call, Route
from ..store import TableSpec
from ..wire import Row, forbidden, invalid, not_found

TABLES = (
    TableSpec("benefit_limitations", "benefit_id", {"entity": lambda row: (row["entity_type"],)}),
    TableSpec("bill_tasks", "task_id", {"user": lambda row: (row["user_id"],)}),
)

_ADMINS = ("enterprise_super_admin", "enterprise_admin")
_QPS = {"free": 2, "pro_personal": 20, "team": 100, "enterprise": 500}
_LAST_SECOND = 253_402_300_799  # of the year 9999, as the page has it
_BILL_LIFETIME = 7 * 24 * 3600


def get_benefits(call: Call) -> Row:
    """Return the edition, and what it grants per resource."""
    types = call.query.get("benefit_type_list") or ["api_run_qps", "call_tool_limit"]
    wanted = call.query.get("resource_id")
    resources = [wanted] if wanted else ["plugin", "chat", "workflow"]
    return {
        "basic_info": {"user_level": call.options.edition},
        "benefit_info": [_benefit(call, kind, resource) for kind in types for resource in resources],
    }


def _benefit(call: Call, kind: str, resource: str) -> Row:
    total = _QPS[call.options.edition] * (1 if kind == "api_run_qps" else 1000)
    item = {"strategy": "by_quota", "total": total, "used": 0, "start_at": 0, "end_at": 0}
    granted = {"status": "valid", "item_info": item}
    return {
        "benefit_type": kind,
        "resource_id": resource,
        "basic": granted,
        "effective": granted,
        "extra": [],
    }


def _administered(call: Call) -> None:
    user = call.store["users"].get(call.caller.user_id)
    if call.options.edition != "enterprise" or user is None or user["enterprise_role"] not in _ADMINS:
        raise forbidden("Only admins of the flagship edition of enterprises may do this")


def create_limitation(call: Call) -> Row:
    """Make a quota; of those for everybody there is one cumulative and one periodic rule."""
    _administered(call)
    entity_type, info = call.body["entity_type"], call.body["benefit_info"]
    if entity_type.startswith("single_") and "entity_id" not in call.body:
        raise invalid(f"Invalid parameter entity_id: is required by entity_type {entity_type}")
    row = {
        "benefit_id": call.store.new_id(),
        "entity_type": entity_type,
        "entity_id": call.body.get("entity_id", ""),
        # by the page it is 1, without a meaning, where nothing is reset
        **({"trigger_time": 1} if info["trigger_unit"] == "never" else {}),
        **info,
    }
    _check(call, row)
    call.store["benefit_limitations"].put(row)
    return {"benefit_info": row} if call.options.benefit_reply == "nested" else dict(row)


def _check(call: Call, row: Row) -> None:
    if row["started_at"] >= row["ended_at"]:
        raise invalid("Invalid parameter ended_at: must be after started_at")
    if row["ended_at"] > _LAST_SECOND:
        raise invalid("Invalid parameter ended_at: is in seconds")
    if _periodic(row) and not row.get("trigger_time"):
        raise invalid(f"Invalid parameter trigger_time: is required by trigger_unit {row['trigger_unit']}")
    if not row["entity_type"].startswith("enterprise_all_"):
        return
    for other in call.store["benefit_limitations"].where("entity", row["entity_type"]):
        same = other["benefit_type"] == row["benefit_type"] and _periodic(other) == _periodic(row)
        if same and other["benefit_id"] != row["benefit_id"]:
            raise invalid("There is one cumulative and one periodic rule of this type at most")


def _periodic(row: Row) -> bool:
    return bool(row["trigger_unit"] != "never")


def list_limitations(call: Call) -> Row:
    """List quotas of a type; the token of the next page is called `page_token` here."""
    _administered(call)
    query = call.query
    rows = [
        row
        for row in call.bucket("benefit_limitations", "entity", query["entity_type"])
        if row["benefit_type"] == query["benefit_type"]
        and row["status"] == query["status"]
        and query.get("entity_id", row["entity_id"]) == row["entity_id"]
    ]
    page = cut(call, rows, lambda row: _shown(call, row))
    return {"benefit_infos": page.items, "has_more": page.has_more, "page_token": page.next_page_token}


def _shown(call: Call, row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "benefit_id" or call.options.benefit_ids}


def update_limitation(call: Call) -> Row:
    """Change what is given; the reply has the whole rule."""
    _administered(call)
    row = call.store["benefit_limitations"].get(call.path["benefit_id"])
    if row is None:
        raise not_found("benefit_id", call.path["benefit_id"])
    if call.body.pop("benefit_id", row["benefit_id"]) != row["benefit_id"]:
        raise invalid("Invalid parameter benefit_id: differs from the one in the path")
    after = {**row, **call.body}
    _check(call, after)
    call.store["benefit_limitations"].put(after)
    return {"benefit_info": after} if call.options.benefit_reply == "nested" else after


def create_bill_task(call: Call) -> Row:
    """Export a bill; it is done at once."""
    begin, end = call.body.get("started_at", 0), call.body.get("ended_at", call.seconds)
    if begin >= end:
        raise invalid("Invalid parameter ended_at: must be after started_at")
    row = call.store["bill_tasks"].put(
        {
            "task_id": call.store.new_id(),
            "user_id": call.caller.user_id,
            "started_at": begin,
            "ended_at": end,
            "created_at": call.seconds,
        }
    )
    return _shown_task(row)


def list_bill_tasks(call: Call) -> Row:
    """List exports, all or some."""
    wanted = call.query.get("task_ids")
    rows = [
        row
        for row in call.bucket("bill_tasks", "user", call.caller.user_id)
        if not wanted or row["task_id"] in wanted
    ]
    page = cut(call, rows, _shown_task)
    return {"task_infos": page.items, "total": page.total}


def _shown_task(row: Row) -> Row:
    kept = {key: row[key] for key in ("task_id", "started_at", "ended_at", "created_at")}
    url = f"https://files.emulator.invalid/bill/{row['task_id']}.csv"
    return {**kept, "status": "succeed", "expires_at": row["created_at"] + _BILL_LIFETIME, "file_urls": [url]}


_ENTITY = choice(
    "enterprise_all_devices", "enterprise_all_custom_consumers", "single_device", "single_custom_consumer"
)
_BENEFIT = choice("resource_point", "voice_unified_duration_system", "voice_unified_duration_custom")
_STATUS = choice("valid", "frozen")
_UNIT = choice("never", "minute", "hour", "day")
_TERMS: Fields = {
    "active_mode": choice("absolute_time"),
    "started_at": integer(0),
    "ended_at": integer(0),
    "limit": integer(0),
    "status": _STATUS,
    "trigger_unit": _UNIT,
    "trigger_time": integer(0),
}
_NEW_TERMS: Fields = {
    "benefit_type*": _BENEFIT,
    **{f"{name}*": _TERMS[name] for name in ("active_mode", "started_at", "ended_at", "limit")},
    "status": _STATUS.otherwise("valid"),
    "trigger_unit": _UNIT.otherwise("never"),
    "trigger_time": integer(0),
}
_LIMITATIONS = "/v1/commerce/benefit/limitations"
_BILLS = "/v1/commerce/benefit/bill_tasks"

ROUTES = (
    Route(
        "GET", "/v1/commerce/benefit/benefits/get", "getBenefits", "getBenefit", get_benefits,
        query={
            "benefit_type_list": each(choice("api_run_qps", "call_tool_limit")),
            "resource_id": choice("plugin", "chat", "workflow"),
        },
    ),
    Route(
        "POST", _LIMITATIONS, "createBenefitLimitation", "createBenefitLimitation", create_limitation,
        body={"entity_type*": _ENTITY, "entity_id": ident(), "benefit_info*": obj(_NEW_TERMS)},
    ),
    Route(
        "GET", _LIMITATIONS, "listBenefitLimitations", "listBenefitLimitation", list_limitations,
        query={
            **by_token(20, 200), "entity_type*": _ENTITY, "benefit_type*": _BENEFIT, "entity_id": ident(),
            "status": _STATUS.otherwise("valid"),
        },
    ),
    Route(
        "PUT", f"{_LIMITATIONS}/{{benefit_id}}", "updateBenefitLimitation", "updateBenefitLimitation",
        update_limitation, body={**_TERMS, "benefit_id": text()},
    ),
    Route(
        "POST", _BILLS, "createBillTask", "createBillTask", create_bill_task,
        body={"started_at": integer(0), "ended_at": integer(0)},
    ),
    Route(
        "GET", _BILLS, "listBillTasks", "listBillTask", list_bill_tasks,
        query={**numbered(20, 200), "task_ids": each(ident(), 0, 100)},
    ),
)  # fmt: skip
