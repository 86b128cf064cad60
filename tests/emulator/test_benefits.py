"""Benefits, quotas and bills."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Coze, Make

LIMITATIONS = "/v1/commerce/benefit/limitations"
TERMS = {
    "benefit_type": "resource_point",
    "active_mode": "absolute_time",
    "started_at": 1_700_000_000,
    "ended_at": 1_800_000_000,
    "limit": 100,
}


def quota(entity_type: str = "single_device", **terms: Any) -> dict[str, Any]:
    """Build the body of a quota."""
    body: dict[str, Any] = {"entity_type": entity_type, "benefit_info": {**TERMS, **terms}}
    return {**body, "entity_id": "d1"} if entity_type.startswith("single") else body


def listed(coze: Coze, **query: Any) -> dict[str, Any]:
    """List quotas of devices."""
    fixed = {"entity_type": "single_device", "benefit_type": "resource_point"}
    return coze.get(LIMITATIONS, **{**fixed, **query})


@pytest.mark.parametrize("edition", ["free", "pro_personal", "team", "enterprise"])
def test_benefits_tell_the_edition(make: Make, edition: str) -> None:
    """For all resources, or for one."""
    coze = make(edition=edition)
    benefits = coze.get("/v1/commerce/benefit/benefits/get")
    assert benefits["basic_info"]["user_level"] == edition
    assert len(benefits["benefit_info"]) == 6
    query = {"benefit_type_list": "api_run_qps", "resource_id": "chat"}
    one = coze.get("/v1/commerce/benefit/benefits/get", **query)["benefit_info"]
    assert [(item["benefit_type"], item["resource_id"]) for item in one] == [("api_run_qps", "chat")]


def test_the_life_of_a_quota(coze: Coze) -> None:
    """Made, changed in part, frozen; the id is told once."""
    made = coze.post(LIMITATIONS, **quota())
    ident = made.pop("benefit_id")
    assert listed(coze)["benefit_infos"] == [made]
    coze.put(f"{LIMITATIONS}/{ident}", limit=5, benefit_id=ident)
    assert listed(coze)["benefit_infos"] == [{**made, "limit": 5}]
    coze.put(f"{LIMITATIONS}/{ident}", status="frozen")
    assert listed(coze)["benefit_infos"] == []
    assert len(listed(coze, status="frozen", entity_id="d1")["benefit_infos"]) == 1
    assert coze.code("PUT", f"{LIMITATIONS}/404", {"limit": 5}) == 4200
    assert coze.code("PUT", f"{LIMITATIONS}/{ident}", {"benefit_id": "404"}) == 4000


def test_the_next_page_is_called_page_token(coze: Coze) -> None:
    """Here only."""
    for _ in range(3):
        coze.post(LIMITATIONS, **quota())
    first = listed(coze, page_size=2)
    assert (len(first["benefit_infos"]), first["has_more"]) == (2, True)
    assert len(listed(coze, page_size=2, page_token=first["page_token"])["benefit_infos"]) == 1


def test_what_the_documentation_leaves_open(make: Make) -> None:
    """The shape of the reply, and whether the list tells ids."""
    coze = make(benefit_reply="nested", benefit_ids=True)
    made = coze.post(LIMITATIONS, **quota())
    assert listed(coze)["benefit_infos"] == [made["benefit_info"]]


def test_rules_for_everybody(coze: Coze) -> None:
    """One cumulative and one periodic rule per type of benefit."""
    everybody = "enterprise_all_devices"
    first = coze.post(LIMITATIONS, **quota(everybody))["benefit_id"]
    coze.post(LIMITATIONS, **quota(everybody, trigger_unit="day", trigger_time=1))
    assert coze.code("POST", LIMITATIONS, quota(everybody)) == 4000
    assert coze.code("POST", LIMITATIONS, quota(everybody, trigger_unit="hour", trigger_time=1)) == 4000
    assert coze.code("PUT", f"{LIMITATIONS}/{first}", {"trigger_unit": "day", "trigger_time": 1}) == 4000
    coze.post(LIMITATIONS, **quota(everybody, benefit_type="voice_unified_duration_system"))


def test_what_a_quota_refuses(coze: Coze, make: Make) -> None:
    """Times, entities, editions, people."""
    assert coze.code("POST", LIMITATIONS, quota(ended_at=TERMS["started_at"])) == 4000
    assert coze.code("POST", LIMITATIONS, {**quota(), "entity_id": None}) == 4000
    assert coze.code("POST", LIMITATIONS, quota(trigger_unit="day")) == 4000
    assert coze.code("POST", LIMITATIONS, quota(ended_at=TERMS["ended_at"] * 1000)) == 4000
    assert make(edition="team").code("POST", LIMITATIONS, quota()) == 4101
    assert coze.as_token("pat_101").code("POST", LIMITATIONS, quota()) == 4101


def test_bills(coze: Coze) -> None:
    """Exported at once, listed by id."""
    made = coze.post("/v1/commerce/benefit/bill_tasks", started_at=1, ended_at=2)
    coze.post("/v1/commerce/benefit/bill_tasks")
    listing = coze.get("/v1/commerce/benefit/bill_tasks", task_ids=made["task_id"])
    assert (listing["task_infos"], listing["total"]) == ([made], 1)
    assert coze.get("/v1/commerce/benefit/bill_tasks")["total"] == 2
    assert coze.code("POST", "/v1/commerce/benefit/bill_tasks", {"started_at": 2, "ended_at": 1}) == 4000
