"""`whoami`: what the token is and sees, and what it was not allowed to ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


def test_it_shows_user_server_edition_and_workspaces(applied: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Aligned by cells: a Chinese character takes two."""
    monkeypatch.setenv("COLUMNS", "80")
    ran = applied("whoami")
    assert ran.code == 0
    assert "模拟器 (2069720456000000)" in ran.out
    assert applied.url in ran.out
    assert "enterprise" in ran.out
    assert "个人空间  7300000000000000001  owner, personal" in ran.out
    assert "禾灶厨房" in ran.out


def test_json(shell: Shell) -> None:
    data = json.loads(shell("whoami", "--format", "json").out)
    assert data["user"] == {"id": "2069720456000000", "name": "模拟器"}
    assert data["base_url"] == shell.url
    assert data["environment"] == "default"
    assert data["edition"] == "enterprise"
    assert data["workspaces"][0]["role"] == "owner"
    assert data["unasked"] == {}


@pytest.mark.parametrize("edition", ["free", "team"])
def test_the_edition_is_asked(shell: Shell, edition: str) -> None:
    shell.bench.set_options(edition=edition)
    assert json.loads(shell("whoami", "--format", "json").out)["edition"] == edition


def test_what_it_may_not_ask_it_says(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is shown, and it is no failure."""
    shell.bench.emulator.seed({"tokens": [{"token": "pat_narrow", "permissions": []}]})
    monkeypatch.setenv("COZE_API_TOKEN", "pat_narrow")
    ran = shell("whoami")
    assert ran.code == 0
    assert "模拟器" in ran.out
    assert "edition      could not be asked: getBenefits" in ran.out
    assert "workspaces   could not be asked: listWorkspaces" in ran.out
    assert set(json.loads(shell("whoami", "--format", "json").out)["unasked"]) == {"edition", "workspaces"}


def test_a_bad_token_is_4_with_a_hint(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COZE_API_TOKEN", "pat_wrong_canary")
    ran = shell("whoami")
    assert ran.code == 4
    assert "hint:" in ran.err
    assert "canary" not in ran.out + ran.err
    assert ran.out == ""


def test_no_token_is_4(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COZE_API_TOKEN")
    ran = shell("whoami")
    assert ran.code == 4
    assert "COZE_API_TOKEN" in ran.err


def test_it_needs_no_project(shell: Shell, tmp_path: Path) -> None:
    assert shell("-C", str(tmp_path), "whoami").code == 0


def test_broken_manifests_do_not_matter(shell: Shell) -> None:
    """But what is wrong in the project's own file does."""
    shell.bench.write("manifests/bad.yaml", "kind: Nonsense\n")
    assert shell("validate").code == 3
    assert shell("whoami").code == 0
    shell.bench.write("cozeops.yaml", "kind: Project\nmetadata: {name: a}\nspec: {environments: {dev: {}}}\n")
    assert shell("whoami").code == 3


def test_an_environment_has_its_own_token(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of the environment win over the shell's."""
    shell.bench.write(
        "cozeops.yaml",
        "kind: Project\nmetadata: {name: a}\nspec:\n  environments:\n"
        '    dev: {default: true}\n    prod: {token: "${env:PROD_TOKEN}"}\n',
    )
    monkeypatch.setenv("PROD_TOKEN", "pat_wrong")
    assert "dev" in shell("whoami").out
    assert shell("whoami", "--env", "prod").code == 4
    assert shell("whoami", "--env", "pord").code == 3
    assert shell("-C", "/nowhere/at/all", "whoami").code == 3


def test_what_it_evidently_cannot_do(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the edition lacks, what a mere member may not change, which lists are refused."""
    shell.bench.set_options(edition="team")
    seed = {
        "users": [{"user_id": "101"}],
        "workspaces": [
            {"id": "7548", "name": "别人的", "members": [{"user_id": "101", "role_type": "member"}]}
        ],
        "tokens": [
            {
                "token": "pat_narrow",
                "user_id": "101",
                "permissions": ["listWorkspace", "listBot", "getBenefit"],
            }
        ],
    }
    shell.bench.emulator.seed(seed)
    monkeypatch.setenv("COZE_API_TOKEN", "pat_narrow")
    told = json.loads(shell("whoami", "--format", "json").out)["cannot"]
    why = {operation: one["why"] for one in told for operation in one["operations"]}
    assert why["addWorkspaceMembers"] == why["installConnector"] == "only a member: 别人的"
    assert why["listDatasets"] == why["listWorkflows"] == "refused (code 4101)"
    assert why["listOrganizations"] == "refused (code 4101)"
    assert "listBots" not in why
    assert "setBotCollaborationMode" not in why
    shell.bench.set_options(edition="free")
    ran = shell("whoami")
    assert "setBotCollaborationMode" in ran.out
    assert "the edition is free, and they" in ran.out


def test_a_token_for_the_enterprise_is_shown(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose it is, and a wrong one ends it as the other does."""
    assert json.loads(shell("whoami", "--format", "json").out)["enterprise_user"] is None
    shell.bench.emulator.seed(
        {"users": [{"user_id": "101"}], "tokens": [{"token": "pat_2", "user_id": "101"}]}
    )
    monkeypatch.setenv("COZE_ENTERPRISE_API_TOKEN", "pat_2")
    assert json.loads(shell("whoami", "--format", "json").out)["enterprise_user"] == "101"
    assert "a token of its own, of user 101" in shell("whoami").out
    monkeypatch.setenv("COZE_ENTERPRISE_API_TOKEN", "pat_wrong")
    assert shell("whoami").code == 4


def test_what_it_asks_fits_the_contract(applied: Shell) -> None:
    """Each list is asked for with what it requires, so that a refusal is one of permission."""
    applied.bench.emulator.requests.clear()
    assert applied("whoami").code == 0
    asked = list(applied.bench.emulator.requests)
    assert "listBenefitLimitations" in {one.operation for one in asked}
    assert [(one.operation, one.code) for one in asked if one.code] == []
