"""The example of what a company has beside its bots: it validates, is applied, and is then as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.engine.model.outcome import Status
from tests.kit import ROOT, KeptBench, change, paths

COMPANY = ROOT / "examples" / "company"
PEOPLE = "manifests/people.yaml"
CHEN, LIN, ZHOU, WU = (f"206972045600010{number}" for number in (1, 2, 3, 4))


@pytest.fixture
def company(tmp_path: Path) -> KeptBench:
    """The example, and an enterprise that nobody joined yet."""
    bench = KeptBench(tmp_path / "company", source=COMPANY)
    bench.seed()
    return bench


@pytest.fixture
def working(company: KeptBench) -> KeptBench:
    """The example, applied."""
    company.settle()
    company.emulator.requests.clear()
    return company


def _roles(bench: KeptBench) -> dict[str, str]:
    return {
        id: row["enterprise_role"] for id, row in bench.table("users").items() if id in (CHEN, LIN, ZHOU, WU)
    }


def _members(bench: KeptBench, table: str, name: str) -> dict[str, str]:
    found: dict[str, str] = next(row["members"] for row in bench.table(table).values() if row["name"] == name)
    return found


def _without(bench: KeptBench, user: str) -> None:
    text = (bench.folder / PEOPLE).read_text(encoding="utf-8")
    bench.write(PEOPLE, "\n".join(line for line in text.splitlines() if user not in line))


def test_the_example_is_applied_and_then_the_plan_is_empty(company: KeptBench) -> None:
    """Every kind of it on the real wire; the state knows what Coze does not tell."""
    company.settle()
    plan = company.plan()
    assert plan.pending == ()
    assert plan.findings == ()
    assert plan.uncompared == 0
    assert set(_roles(company).values()) == {"enterprise_admin", "enterprise_member"}
    assert _members(company, "organizations", "禾灶厨房")[LIN] == "organization_admin"


def test_people_come_in_from_the_outside(company: KeptBench) -> None:
    """Enterprise, organization, workspace: each waits for the one before."""
    needs = {str(one.address): [str(need) for need in one.needs] for one in company.plan().changes}
    assert needs["Organization/kitchen"] == ["EnterpriseMembers/hezao"]
    assert needs["Workspace/support"] == ["EnterpriseMembers/hezao", "Organization/kitchen"]
    company.settle()
    order = [one for one in company.writes() if one.startswith(("add", "create"))]
    assert order.index("createOrganization") > max(
        number for number, one in enumerate(order) if one == "addEnterpriseMember"
    )


def test_whoever_is_new_costs_one_call(company: KeptBench) -> None:
    """The role is set again only for those who were in already."""
    company.emulator.edit("users", ZHOU, enterprise_role="enterprise_admin")
    company.settle()
    assert company.writes().count("addEnterpriseMember") == 4
    assert company.writes().count("updateEnterpriseMember") == 1
    assert _roles(company)[ZHOU] == "enterprise_member"


def test_people_leave_from_the_inside(working: KeptBench) -> None:
    """The workspace first, the enterprise last; what they own goes to somebody, and the plan says so."""
    _without(working, WU)
    plan = working.plan()
    addresses = (
        "EnterpriseMembers/hezao",
        "Organization/everyone",
        "Organization/kitchen",
        "Workspace/support",
    )
    assert {(str(one.address), one.code, str(one.severity)) for one in plan.findings} == {
        (address, "COZE131", "warn") for address in addresses
    }
    working.settle()
    assert working.writes() == [
        "removeWorkspaceMembers",
        "removeOrganizationMember",
        "removeOrganizationMember",
        "removeEnterpriseMember",
    ]
    assert _roles(working)[WU] == "none"
    assert working.plan().pending == ()


def test_one_comes_and_one_goes_in_one_apply(working: KeptBench) -> None:
    """In is from the outside, out from the inside, also where both happen at once."""
    new = "2069720456000105"
    working.emulator.seed({"users": [{"user_id": new, "enterprise_role": "none"}]})
    text = (working.folder / PEOPLE).read_text(encoding="utf-8")
    working.write(PEOPLE, text.replace(WU, new))
    working.settle()
    assert _members(working, "organizations", "禾灶厨房").get(new) == "organization_member"
    assert WU not in _members(working, "organizations", "禾灶厨房")
    assert (_roles(working)[WU], working.table("users")[new]["enterprise_role"]) == (
        "none",
        "enterprise_member",
    )
    assert working.plan().pending == ()


def test_without_a_receiver_nobody_is_removed(working: KeptBench) -> None:
    """A blocking finding that nobody can wave through."""
    working.edit(PEOPLE, f'  receiver: "{CHEN}"\n', "")
    working.edit(PEOPLE, f'    - {{user: "{WU}"}}                 # Wu, support\n', "")
    (finding,) = working.plan().findings
    assert (finding.code, str(finding.address)) == ("COZE130", "EnterpriseMembers/hezao")
    assert WU in finding.message


def test_a_role_is_changed_in_place(working: KeptBench) -> None:
    """In the enterprise and in an organization; in a workspace it is a finding, for it removes and adds."""
    working.edit(PEOPLE, f'{{user: "{LIN}"}}  ', f'{{user: "{LIN}", role: admin}}  ')
    working.edit(PEOPLE, f'{{user: "{LIN}", role: admin}}\n', f'{{user: "{LIN}"}}\n')
    working.edit(PEOPLE, f'{{user: "{ZHOU}", role: admin}}', f'{{user: "{ZHOU}"}}')
    plan = working.plan()
    assert paths(plan, "EnterpriseMembers/hezao") == [f"spec.members[{LIN}].role"]
    assert paths(plan, "Organization/kitchen") == [f"spec.members[{LIN}].role"]
    assert [(one.code, str(one.address)) for one in plan.findings] == [("COZE106", "Workspace/support")]
    working.settle()
    assert working.writes() == [
        "updateEnterpriseMember",
        "updateOrganizationMember",
        "removeWorkspaceMembers",
        "addWorkspaceMembers",
    ]
    assert working.plan().pending == ()


def test_it_is_known_who_changed_a_role(working: KeptBench) -> None:
    """By hand on Coze it is drift; in the manifest it is not."""
    (id,) = [id for id, row in working.table("organizations").items() if row["name"] == "禾灶厨房"]
    members = {**working.table("organizations")[id]["members"], ZHOU: "organization_admin"}
    working.emulator.edit("organizations", id, members=members)
    (found,) = working.plan().pending
    assert [(one.path, one.before, one.after, one.origin) for one in found.fields] == [
        (f"spec.members[{ZHOU}].role", "admin", "member", "live")
    ]
    working.settle()
    working.edit(PEOPLE, f'{{user: "{LIN}", role: admin}}', f'{{user: "{LIN}", role: super_admin}}')
    (found,) = working.plan().pending
    assert [one.origin for one in found.fields] == ["git"]
    working.settle()
    members = {**working.table("organizations")[id]["members"], LIN: "organization_member"}
    working.emulator.edit("organizations", id, members=members)
    (found,) = working.plan().pending
    assert [one.origin for one in found.fields] == ["live"]


def test_a_guest_stays_a_guest(working: KeptBench) -> None:
    """No call makes one of another."""
    working.edit(
        PEOPLE,
        f'    - {{user: "{ZHOU}"}}\n    - {{user: "{WU}"}}\n  receiver',
        f'    - {{user: "{ZHOU}", role: guest}}\n    - {{user: "{WU}"}}\n  receiver',
    )
    plan = working.plan()
    assert [one.code for one in plan.findings] == ["COZE104"]
    assert change(plan, "Organization/kitchen").steps == ()


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("kind", ["drop", pytest.param("error", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("operation", "skip"),
    [
        ("addEnterpriseMember", 2),
        ("createOrganization", 0),
        ("addOrganizationMember", 1),
        ("createWorkspace", 0),
    ],
)
def test_a_broken_write_converges_and_doubles_nothing(
    company: KeptBench, operation: str, skip: int, kind: str, phase: str
) -> None:
    """What was lost is looked for, or harmless to repeat."""
    company.emulator.faults.add(kind, operation=operation, skip=skip, times=1, phase=phase)
    company.apply()
    company.emulator.faults.clear()
    company.apply()
    assert company.plan().pending == ()
    assert len(company.table("organizations")) == 2
    assert len(company.table("workspaces")) == 2


def test_a_run_that_breaks_off_remembers_whom_it_let_in(company: KeptBench) -> None:
    """Nobody could ask Coze: without that, somebody let in would never be removed."""
    company.emulator.faults.add("error", operation="addEnterpriseMember", skip=2, status=400, code=4000)
    assert Status.FAILED in {one.status for one in company.apply()}
    company.emulator.faults.clear()
    _without(company, LIN)
    company.settle()
    assert _roles(company)[LIN] == "none"


def test_nobody_leaves_the_enterprise_while_something_failed_to_let_go(working: KeptBench) -> None:
    """What waits is said, remembered and made by the next apply."""
    _without(working, WU)
    working.emulator.faults.add("error", operation="removeWorkspaceMembers", status=400, code=4000)
    outcomes = {str(one.address): one for one in working.apply()}
    assert outcomes["Workspace/support"].status is Status.FAILED
    assert outcomes["EnterpriseMembers/hezao"].status is Status.PENDING
    assert WU in outcomes["EnterpriseMembers/hezao"].message
    assert "removeEnterpriseMember" not in working.writes()
    working.emulator.faults.clear()
    working.settle()
    assert _roles(working)[WU] == "none"
    assert working.plan().pending == ()
