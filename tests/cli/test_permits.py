"""What a plan knows that Coze would refuse: it is said before anything is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Shell

MEMBERS = """\
kind: Workspace
metadata: {name: kitchen}
spec: {id: "7548", members: [{user: "102"}]}
"""


def findings(shell: Shell, *arguments: str) -> dict[str, Any]:
    """The findings of a plan by their codes; of two with one code the last."""
    ran = shell("plan", "--format", "json", *arguments)
    assert ran.code == 0, ran
    return {one["code"]: one for one in json.loads(ran.out)["findings"]}


def test_an_edition_that_does_not_suffice(shell: Shell) -> None:
    """Named with the field; nothing is written; acknowledged, Coze has the last word."""
    shell.bench.set_options(edition="pro_personal")
    found = findings(shell)["COZE150"]
    assert (found["severity"], found["name"]) == ("block", "needs-edition")
    assert "spec.collaboration" in found["message"]
    assert "needs the edition team, and the account has pro_personal" in found["message"]
    assert shell("apply", "--yes").code == 5
    assert shell.bench.writes() == []


def test_an_edition_that_suffices_or_is_not_told(shell: Shell) -> None:
    """Who may not ask is not stopped by a guess."""
    assert "COZE150" not in findings(shell)
    shell.bench.set_options(edition="free")
    needed = ("listWorkspace", "Plugin.getPlugin", "listWorkflow", "getMetaData", "listBot", "listKnowledge")
    permissions = [*needed, "readMember", "listApp"]
    shell.bench.emulator.seed({"tokens": [{"token": "pat_emulator", "permissions": permissions}]})
    assert "COZE150" not in findings(shell)


def test_the_edition_is_asked_only_where_it_matters(applied: Shell) -> None:
    """Not in a plan without such a change, and once in one with several."""
    asked = "getBenefits"
    findings(applied, "--refresh", "full")
    assert asked not in [one.operation for one in applied.bench.emulator.requests]
    findings(applied, "--rewrite", "Bot/chef", "--rewrite", "Bot/support")
    assert [one.operation for one in applied.bench.emulator.requests].count(asked) <= 1


def test_a_member_may_not_change_the_members(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of workspaces tells the role, without a request more."""
    seed = {
        "users": [{"user_id": "101"}, {"user_id": "102"}],
        "workspaces": [
            {"id": "7548", "name": "厨房", "members": [{"user_id": "101", "role_type": "member"}]}
        ],
        "tokens": [{"token": "pat_101", "user_id": "101"}],
    }
    shell.bench.emulator.seed(seed)
    for file in (shell.bench.folder / "manifests").rglob("*.yaml"):
        file.unlink()
    shell.bench.write("manifests/kitchen.yaml", MEMBERS)
    assert "COZE151" not in findings(shell)
    monkeypatch.setenv("COZE_API_TOKEN", "pat_101")
    found = findings(shell)["COZE151"]
    assert found["address"] == "Workspace/kitchen"
    assert "spec.members needs an admin of the workspace" in found["message"]
    assert shell("apply", "--yes").code == 5


ENTERPRISE = """\
kind: EnterpriseMembers
metadata: {name: hezao}
spec: {id: volcano_2100000001}
---
kind: Organization
metadata: {name: sales, enterprise: hezao}
spec: {name: 销售, super_admin_user_id: "2069720456000000"}
"""


def test_an_enterprise_without_a_token_of_its_own(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning, for nobody can know; where Coze refuses to read, the hint says what is missing."""
    for file in (shell.bench.folder / "manifests").rglob("*.yaml"):
        file.unlink()
    shell.bench.write("manifests/sales.yaml", ENTERPRISE)
    found = findings(shell)["COZE152"]
    assert (found["severity"], found["address"]) == ("warn", "Organization/sales")
    seed = {"tokens": [{"token": "pat_plain", "privileged": False}, {"token": "sat_enterprise"}]}
    shell.bench.emulator.seed(seed)
    monkeypatch.setenv("COZE_API_TOKEN", "pat_plain")
    refused = shell("plan")
    assert refused.code == 4
    assert "COZE_ENTERPRISE_API_TOKEN" in refused.err
    monkeypatch.setenv("COZE_ENTERPRISE_API_TOKEN", "sat_enterprise")
    assert "COZE152" not in findings(shell)
