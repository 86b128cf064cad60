"""Enterprises, organizations and who is in them: what is wrong with a manifest is found offline."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.errors import InvalidProject
from cozeops.manifests.load import load_project
from cozeops.values import Reference

CHIEF, OTHER = "2069720456000101", "2069720456000102"
PROJECT = f"""\
kind: EnterpriseMembers
metadata: {{name: company}}
spec:
  id: volcano_1
  members: [{{user: "{CHIEF}", role: admin}}, {{user: "{OTHER}"}}]
---
kind: Organization
metadata: {{name: food, enterprise: company}}
spec:
  super_admin_user_id: "{CHIEF}"
  members: [{{user: "{CHIEF}", role: super_admin}}, {{user: "{OTHER}"}}]
  receiver: "{CHIEF}"
---
kind: Workspace
metadata: {{name: kitchen}}
spec: {{description: x, coze_account_id: food, members: [{{user: "{OTHER}"}}]}}
"""


def _load(folder: Path, text: str = PROJECT) -> dict[str, Resource]:
    (folder / "company.yaml").write_text(text, encoding="utf-8")
    project = load_project(folder, environment=None, environ={})
    return {str(one.address): one for one in project.resources}


def test_the_order_is_that_of_joining(tmp_path: Path) -> None:
    """Enterprise, organization, workspace: by what lives in what, what refers to what, and who is listed."""
    made = _load(tmp_path)
    company, food = Address("EnterpriseMembers", "company"), Address("Organization", "food")
    assert made["Organization/food"].scope == company
    assert made["Organization/food"].needs == {company}
    assert made["Workspace/kitchen"].needs == {company, food}


def test_a_workspace_waits_only_for_people_that_it_shares(tmp_path: Path) -> None:
    """Nobody in common: nothing to wait for."""
    text = PROJECT.replace("coze_account_id: food, ", "").replace(
        f'members: [{{user: "{OTHER}"}}]}}', 'members: [{user: "2069720456000199"}]}'
    )
    assert _load(tmp_path, text)["Workspace/kitchen"].needs == frozenset()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("food", Reference("Organization", address=Address("Organization", "food"))),
        ('"7300000000000000002"', Reference("Organization", id="7300000000000000002")),
        ('{id: "7300000000000000002"}', Reference("Organization", id="7300000000000000002")),
    ],
)
def test_an_organization_is_named_or_given_by_its_id(
    tmp_path: Path, written: str, expected: Reference
) -> None:
    """As before there were organizations in manifests, a text of digits is an id."""
    text = PROJECT.replace("coze_account_id: food", f"coze_account_id: {written}")
    assert _load(tmp_path, text)["Workspace/kitchen"].values["coze_account_id"] == expected


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        (", enterprise: company", "", "COZE023", "needs metadata.enterprise"),
        ("enterprise: company", "enterprise: compani", "COZE022", "no EnterpriseMembers"),
        (
            "enterprise: company",
            "enterprise: company, workspace: kitchen",
            "COZE023",
            "lives in no workspace",
        ),
        ("{name: kitchen}", "{name: kitchen, enterprise: company}", "COZE023", "lives in no enterprise"),
        ("coze_account_id: food", "coze_account_id: fod", "COZE022", "no Organization"),
        (", role: super_admin", "", "COZE015", "at least one super admin"),
        (
            f'super_admin_user_id: "{CHIEF}"',
            f'super_admin_user_id: "{OTHER}"',
            "COZE015",
            "as its super admin",
        ),
        (f'receiver: "{CHIEF}"', f'receiver: "{OTHER}"', "COZE015", "is a member"),
        (f'{{user: "{OTHER}"}}]\n---', f'{{user: "{CHIEF}"}}]\n---', "COZE015", "is listed twice"),
        ("role: super_admin", "role: owner", "COZE013", "owner"),
    ],
)
def test_what_coze_would_refuse_is_found_offline(
    tmp_path: Path, old: str, new: str, code: str, said: str
) -> None:
    """With its place and its code."""
    assert old in PROJECT
    with pytest.raises(InvalidProject) as caught:
        _load(tmp_path, PROJECT.replace(old, new, 1))
    told = [(one.code, one.message) for one in caught.value.problems]
    assert any(found == code and said in message for found, message in told), told
    assert all(one.position for one in caught.value.problems)
