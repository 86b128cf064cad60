"""Organizations of an enterprise, with their members. The API makes and changes them, and deletes none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.collections import Adding, Changing, Collection, Export, Item, Listed
from cozeops.declare.fields import Flaw, Is, Size, Spec, Wire
from cozeops.declare.kind import Kind
from cozeops.kinds.parts.members import ALREADY_THERE, compared, flaws, key, removal_of, role_of, written
from cozeops.values import Json

_PREFIX = "organization_"
_GUEST, _CHIEF = "guest", "super_admin"


class Member(Spec):
    """Somebody of the enterprise, or a guest from outside."""

    user: str = Field(pattern=r"^\d+$", examples=["2069720456000001"])
    """The user's id on Coze."""
    role: Literal["super_admin", "admin", "member", "guest"] = "member"
    """What the user may do. Guests stay guests; nobody else becomes one."""


def _added(items: Sequence[Json], values: Json) -> Json:
    return {
        "organization_people": [
            {"user_id": key(item), "organization_role_type": _PREFIX + role_of(item)} for item in items
        ]
    }


def _changed(live: Item, item: Json, values: Json) -> Json:
    return {"user_id": live.id, "organization_role_type": _PREFIX + role_of(item)}


def _member(wire: Json) -> Item:
    role = str(wire.get("organization_role_type") or "").removeprefix(_PREFIX)
    return Item(wire["user_id"], wire["user_id"], {"role": role})


def _unchangeable(live: Item, item: Json) -> str:
    if _GUEST in (live.fields.get("role"), role_of(item)):
        return "guests stay guests, and nobody else becomes one"
    return ""


_PEOPLE = "/v1/organizations/{organization_id}/members"

MEMBERS = Collection(
    listed=Listed(
        page=Page(
            Call("listOrganizationMembers", "GET", _PEOPLE),
            items=("items",),
            id="user_id",
            total=("total_count",),
            size=50,
        ),
        decode=_member,
    ),
    key=key,
    compare=compared,
    export=Export(write=written),
    after="EnterpriseMembers",
    add=Adding(
        call=Call(
            "addOrganizationMember", "POST", _PEOPLE, repeatable=True, already=ALREADY_THERE, edition="team"
        ),
        encode=_added,
    ),
    created_with="super_admin_user_id",
    change=Changing(
        call=Call(
            "updateOrganizationMember", "PUT", f"{_PEOPLE}/{{user_id}}", repeatable=True, edition="team"
        ),
        encode=_changed,
        fields=frozenset({"role"}),
        never=_unchangeable,
    ),
    remove=removal_of("Organization", _PEOPLE),
)


class OrganizationSpec(Spec):
    """An organization (flagship edition); it cannot be deleted through the API."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live organization, whatever its name."""
    name: Annotated[str | None, Size(30, least=1, line=True), Wire("name", read="organization_name")] = None
    """The name on Coze; `metadata.name` where it is absent."""
    description: Annotated[str | None, Size(100, least=1), Wire(read=None)] = None
    """What the organization is for. Cannot be cleared."""
    super_admin_user_id: Annotated[
        str | None,
        Field(pattern=r"^\d+$", examples=["2069720456000000"]),
        Wire(read=None, on_update=False),
        Is.NEEDED_TO_CREATE,
    ] = None
    """The first super admin of a new organization: an employee of the enterprise."""
    members: Annotated[list[Member] | None, Is.UNORDERED, MEMBERS] = None
    """All members; who is not listed is removed, from the organization's workspaces too."""
    receiver: Annotated[str | None, Field(pattern=r"^\d+$", examples=["2069720456000000"]), Is.OUTSIDE] = None
    """A super admin of the organization, who gets the resources of members that are removed."""


def _check(values: Json) -> Iterator[Flaw]:
    yield from flaws(values, frozenset({_CHIEF}))
    if "members" not in values:
        return
    chiefs = [key(member) for member in values["members"] if role_of(member) == _CHIEF]
    if not chiefs:
        yield Flaw(("members",), "an organization keeps at least one super admin", "list one as super_admin")
    elif (first := values.get("super_admin_user_id")) and first not in chiefs:
        message = f"{first} makes the organization as its super admin, and members does not list them as one"
        yield Flaw(("super_admin_user_id",), message, f"list {{user: {first}, role: super_admin}}")


KIND = Kind(
    name="Organization",
    summary="organization of an enterprise with its members",
    spec=OrganizationSpec,
    id="organization_id",
    scope="EnterpriseMembers",
    plane="enterprise",
    listing=Page(
        Call(
            "listOrganizations", "GET", "/v1/enterprises/{enterprise_id}/organizations", scope="enterprise_id"
        ),
        items=("items",),
        id="organization_id",
        total=("total_count",),
        size=20,
    ),
    listed_name="organization_name",
    create=Call(
        "createOrganization",
        "POST",
        "/v1/enterprises/{enterprise_id}/organizations",
        scope="enterprise_id",
        result=("organization_id",),
        edition="enterprise",
    ),
    update=Call(
        "updateOrganization",
        "PUT",
        "/v1/organizations/{organization_id}",
        repeatable=True,
        edition="enterprise",
    ),
    check=_check,
)
