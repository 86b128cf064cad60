"""Enterprises, organizations and the people in them."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from cozeops.emulator import DEFAULT_USER, ENTERPRISE

from .conftest import Coze, Make

MEMBERS = f"/v1/enterprises/{ENTERPRISE}/members"
ORGANIZATIONS = f"/v1/enterprises/{ENTERPRISE}/organizations"
DEFAULT = "7300000000000000002"


def people(coze: Coze, organization: str) -> dict[str, str]:
    """Return who is in an organization."""
    items = coze.get(f"/v1/organizations/{organization}/members")["items"]
    return {item["user_id"]: item["organization_role_type"] for item in items}


def person(user_id: str, role: str = "organization_member") -> dict[str, Any]:
    """Build the body of an addition."""
    return {"organization_people": [{"user_id": user_id, "organization_role_type": role}]}


def organization(coze: Coze, name: str = "厨房", chief: str = DEFAULT_USER) -> str:
    """Make an organization."""
    ident: str = coze.post(ORGANIZATIONS, name=name, super_admin_user_id=chief)["organization_id"]
    return ident


def test_joining_the_enterprise_joins_the_default_organization(coze: Coze) -> None:
    """Whoever is in the enterprise is in it, until removed."""
    default = coze.get(ORGANIZATIONS)["items"][0]
    assert (default["organization_id"], default["is_default_organization"]) == (DEFAULT, True)
    assert people(coze, DEFAULT).get("103") is None
    coze.post(MEMBERS, users=[{"user_id": "103", "role": "enterprise_member"}])
    assert people(coze, DEFAULT)["103"] == "organization_member"
    assert people(coze, DEFAULT)[DEFAULT_USER] == "organization_super_admin"
    again = {"users": [{"user_id": "103", "role": "enterprise_member"}]}
    assert coze.code("POST", MEMBERS, again) == 4201
    coze.put(f"{MEMBERS}/103", role="enterprise_admin")
    assert coze.emulator.store["users"]["103"]["enterprise_role"] == "enterprise_admin"


def test_leaving_the_enterprise(coze: Coze) -> None:
    """Refused while in an organization; the receiver is an administrator; then one may join again."""
    path, receiver = f"{MEMBERS}/101", {"receiver_user_id": DEFAULT_USER}
    assert coze.code("DELETE", path, receiver) == 4000
    coze.delete(f"/v1/organizations/{DEFAULT}/members/101", receiver)
    assert "101" not in people(coze, DEFAULT)
    assert coze.code("DELETE", path, {"receiver_user_id": "102"}) == 4000
    assert coze.code("DELETE", path, {"receiver_user_id": "101"}) == 4000
    coze.delete(path, receiver)
    assert coze.code("DELETE", path, receiver) == 4200
    coze.post(MEMBERS, users=[{"user_id": "101", "role": "enterprise_member"}])
    assert "101" in people(coze, DEFAULT)


def test_a_member_who_leaves_an_organization_leaves_its_workspaces(coze: Coze) -> None:
    """What they owned goes to the receiver, ownership of workspaces included."""
    body = {"name": "小厨的", "description": "", "coze_account_id": DEFAULT, "owner_uid": "101"}
    space = coze.post("/v1/workspaces", **body)["id"]
    bot = coze.as_token("pat_101").bot(space)
    coze.delete(f"/v1/organizations/{DEFAULT}/members/101", {"receiver_user_id": DEFAULT_USER})
    assert coze.emulator.store["bots"][bot]["owner_user_id"] == DEFAULT_USER
    members = coze.get(f"/v1/workspaces/{space}/members")["items"]
    assert [(item["user_id"], item["role_type"]) for item in members] == [(DEFAULT_USER, "owner")]
    assert coze.as_token("pat_101").get("/v1/workspaces")["workspaces"] == []


def test_other_organizations_keep_their_workspaces(coze: Coze) -> None:
    """Leaving one says nothing about another."""
    own = organization(coze)
    coze.post(f"/v1/organizations/{own}/members", **person("101"))
    body = {"name": "x", "description": "", "coze_account_id": own, "owner_uid": "101"}
    coze.post("/v1/workspaces", **body)
    coze.delete(f"/v1/organizations/{DEFAULT}/members/101", {"receiver_user_id": DEFAULT_USER})
    assert len(coze.as_token("pat_101").get("/v1/workspaces")["workspaces"]) == 1


def test_the_last_super_admin_stays(coze: Coze) -> None:
    """Neither removed nor made less."""
    own = organization(coze)
    path = f"/v1/organizations/{own}/members"
    coze.post(path, **person("101"))
    last = f"{path}/{DEFAULT_USER}"
    assert coze.code("DELETE", last, {"receiver_user_id": "101"}) == 777074044
    assert coze.code("PUT", last, {"organization_role_type": "organization_admin"}) == 777074044
    coze.put(f"{path}/101", organization_role_type="organization_super_admin")
    coze.put(last, organization_role_type="organization_member")
    assert people(coze, own) == {DEFAULT_USER: "organization_member", "101": "organization_super_admin"}


def test_roles_of_an_organization(coze: Coze) -> None:
    """Duplicates, strangers, guests and promotions."""
    own = organization(coze)
    path = f"/v1/organizations/{own}/members"
    coze.post(path, **person("101", "organization_admin"))
    assert coze.code("POST", path, person("101")) == 4201
    assert coze.code("POST", path, person("103")) == 4000
    assert coze.code("POST", path, person("102", "organization_guest")) == 4000
    admin = coze.as_token("pat_101")
    assert admin.code("POST", path, person("102", "organization_super_admin")) == 4101
    admin.post(path, **person("102"))
    assert admin.code("PUT", f"{path}/102", {"organization_role_type": "organization_super_admin"}) == 4101
    assert coze.code("PUT", f"{path}/102", {"organization_role_type": "organization_guest"}) == 4000
    assert coze.as_token("pat_102").code("POST", path, person("102")) == 4200
    assert coze.code("DELETE", f"{path}/102", {"receiver_user_id": "101"}) == 4000


def test_guests_are_guests(coze: Coze) -> None:
    """Somebody from outside who is a guest somewhere may be a guest elsewhere, nothing else."""
    guest = {"user_id": "103", "organization_role_type": "organization_guest"}
    coze.emulator.seed({"organizations": [{"id": "9001", "name": "客人", "members": [guest]}]})
    own = organization(coze)
    path = f"/v1/organizations/{own}/members"
    assert coze.code("POST", path, person("103")) == 4000
    coze.post(path, **person("103", "organization_guest"))
    shown = next(item for item in coze.get(path)["items"] if item["user_id"] == "103")
    assert (shown["people_type"], shown["is_valid"]) == ("guest", True)
    assert coze.code("PUT", f"{path}/103", {"organization_role_type": "organization_member"}) == 4000
    assert coze.code("PUT", f"{MEMBERS}/103", {"role": "enterprise_member"}) == 4200


def test_limits_of_organizations(coze: Coze) -> None:
    """Lengths, content, number; a PUT keeps what is empty."""
    own = organization(coze)
    path = f"/v1/organizations/{own}"
    coze.put(path, name="", description="好吃")
    kept = coze.emulator.store["organizations"][own]
    assert (kept["name"], kept["description"]) == ("厨房", "好吃")
    assert coze.code("PUT", path, {"name": "敏感内容"}) == 4102
    assert coze.code("PUT", path, {"name": "x" * 31}) == 4000
    assert coze.code("POST", ORGANIZATIONS, {"name": "x", "super_admin_user_id": "103"}) == 4200
    assert coze.code("GET", ORGANIZATIONS, page_size=21) == 4000
    for number in range(18):
        organization(coze, str(number))
    assert coze.get(ORGANIZATIONS)["total_count"] == 20
    assert coze.code("POST", ORGANIZATIONS, {"name": "x", "super_admin_user_id": DEFAULT_USER}) == 4000
    two = {"users": [{"user_id": user, "role": "enterprise_member"} for user in ("103", "104")]}
    assert coze.code("POST", MEMBERS, two) == 4000


def test_editions(make: Make) -> None:
    """Personal accounts have no enterprise; the standard edition has 100 members and one organization."""
    assert make(edition="free").code("GET", ORGANIZATIONS) == 4200
    team = make(edition="team")
    body = {"name": "x", "super_admin_user_id": DEFAULT_USER}
    assert team.code("POST", ORGANIZATIONS, body) == 4101
    assert team.code("PUT", f"/v1/organizations/{DEFAULT}", {"name": "x"}) == 4101
    team.emulator.seed({"users": [{"user_id": f"2{number:03}"} for number in range(97)]})
    joining = {"users": [{"user_id": "103", "role": "enterprise_member"}]}
    assert team.code("POST", MEMBERS, joining) == 777074011
    assert team.code("GET", "/v1/enterprises/volcano_1/organizations") == 4200


def test_only_administrators(coze: Coze) -> None:
    """A member can neither add people nor see organizations; super admins are beyond the API."""
    member = coze.as_token("pat_101")
    body = {"users": [{"user_id": "103", "role": "enterprise_member"}]}
    assert member.code("POST", MEMBERS, body) == 4101
    assert member.code("GET", ORGANIZATIONS) == 4101
    assert member.code("GET", f"/v1/organizations/{DEFAULT}/members") == 4200
    assert coze.code("PUT", f"{MEMBERS}/{DEFAULT_USER}", {"role": "enterprise_member"}) == 4101


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MEMBERS, {"users": [{"user_id": "103", "role": "enterprise_member"}]}),
        (f"/v1/organizations/{DEFAULT}/members", person("103")),
    ],
)
def test_member_writes_come_one_at_a_time(coze: Coze, path: str, body: dict[str, Any]) -> None:
    """While one runs, another is refused as over the limit."""
    running, over = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        running.set()
        over.wait(10)

    coze.emulator.sleep = wait
    coze.emulator.faults.add("latency", seconds=1, times=1)
    first = threading.Thread(target=coze.call, args=("POST", path, body))
    first.start()
    running.wait(10)
    assert coze.code("POST", path, body) == 4009
    over.set()
    first.join()


def test_most_of_it_takes_a_privileged_token(coze: Coze) -> None:
    """One issued for the enterprise; adding to it and renaming an organization take any."""
    coze.emulator.seed({"tokens": [{"token": "pat_plain", "privileged": False}]})
    plain, receiver = coze.as_token("pat_plain"), {"receiver_user_id": DEFAULT_USER}
    path = f"/v1/organizations/{DEFAULT}"
    plain.post(MEMBERS, users=[{"user_id": "103", "role": "enterprise_member"}])
    plain.put(path, name="总部")
    refused = [
        plain.code("PUT", f"{MEMBERS}/103", {"role": "enterprise_admin"}),
        plain.code("DELETE", f"{MEMBERS}/103", receiver),
        plain.code("GET", ORGANIZATIONS),
        plain.code("POST", ORGANIZATIONS, {"name": "x", "super_admin_user_id": DEFAULT_USER}),
        plain.code("GET", f"{path}/members"),
        plain.code("POST", f"{path}/members", person("103")),
        plain.code("PUT", f"{path}/members/103", {"organization_role_type": "organization_admin"}),
        plain.code("DELETE", f"{path}/members/103", receiver),
    ]
    assert refused == [4101] * 8


def test_the_enterprise_has_the_id_that_a_seed_gives_it(coze: Coze) -> None:
    """There is one: under any other id it is not found."""
    coze.emulator.seed({"enterprises": [{"id": "volcano_7"}], "workspaces": [{"id": "901", "name": "厨房"}]})
    assert coze.get("/v1/enterprises/volcano_7/organizations")["total_count"] == 1
    assert coze.code("GET", ORGANIZATIONS) == 4200
    assert coze.emulator.store["workspaces"]["901"]["enterprise_id"] == "volcano_7"
