"""`export` of what a company has beside its bots: callback apps with their secrets, organizations, people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cozeops.declare.calls import Call
from cozeops.emulator import ENTERPRISE
from tests.cli.conftest import Shell, served
from tests.kit import ROOT, KeptBench

_DELETE = Call("deleteApiApp", "DELETE", "/v1/api_apps/{api_app_id}")
_ID = re.compile(r"\d{12,}")


@pytest.fixture
def company(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """The example, applied."""
    bench = KeptBench(tmp_path / "project", source=ROOT / "examples" / "company")
    bench.seed()
    bench.settle()
    with served(bench, monkeypatch) as url:
        yield Shell(bench, url, capsys)


def _exported(shell: Shell, to: str) -> Path:
    folder = shell.bench.folder.parent / to
    ran = shell("export", "--out", str(folder))
    assert ran.code == 0, ran.err
    return folder


def _texts(folder: Path) -> dict[str, str]:
    """The files, ids aside."""
    return {path.name: _ID.sub("ID", path.read_text("utf-8")) for path in folder.rglob("*") if path.is_file()}


def _set_tokens(shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person does who reads EXPORT.md: each variable gets the token of its app."""
    text = (folder / "manifests" / "callbackapps.yaml").read_text("utf-8")
    by_name = {row["name"]: row["verify_token"] for row in shell.bench.table("api_apps").values()}
    for part in text.split("---"):
        variable = re.search(r"\$\{env:(\w+)\}", part)
        assert variable
        called = next(one for one in by_name if f"  name: {one}\n" in part)
        monkeypatch.setenv(variable[1], by_name[called])


def _pending(shell: Shell, folder: Path) -> tuple[list[str], list[str]]:
    ran = shell("plan", "-C", str(folder), "--format", "json")
    assert ran.code == 0, ran.err
    plan = json.loads(ran.out)
    changed = [one["address"] for one in plan["changes"] if one["action"] != "none"]
    return changed, [one["code"] for one in plan["findings"] if one["severity"] != "info"]


def test_secrets_are_left_as_variables_and_the_plan_is_empty(
    company: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No secret is in any file; EXPORT.md names the variables. Where they are set they are compared."""
    folder = _exported(company, "out")
    everything = "\n".join(_texts(folder).values())
    for row in company.bench.table("api_apps").values():
        assert row["verify_token"] not in everything
    variables = re.findall(r"\$\{env:(\w+)\}", everything)
    assert len(variables) == len(set(variables)) == 2
    said = (folder / "EXPORT.md").read_text("utf-8")
    assert all(one in said for one in variables)
    assert _pending(company, folder) == ([], [])
    monkeypatch.setenv(variables[0], "another")
    assert _pending(company, folder) == ([], ["COZE132"])
    _set_tokens(company, folder, monkeypatch)
    assert _pending(company, folder) == ([], [])
    assert company("fmt", "--check", "-C", str(folder)).code == 0


def test_organizations_come_with_their_enterprise(company: Shell) -> None:
    """Their members are told by Coze; who is in the enterprise is not."""
    folder = _exported(company, "out")
    people = (folder / "manifests" / "enterprise.yaml").read_text("utf-8")
    assert ENTERPRISE in people
    assert "members" not in people
    organizations = (folder / "manifests" / "organizations.yaml").read_text("utf-8")
    assert organizations.count("enterprise: enterprise") == 2
    assert organizations.count("role: super_admin") == 2
    assert "description" not in organizations


def test_twice_says_the_same(company: Shell) -> None:
    """Property: nothing of the moment is in it."""
    assert _texts(_exported(company, "one")) == _texts(_exported(company, "two"))


def test_what_was_deleted_comes_back_as_it_was(company: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Property: export, delete what can be, apply, export is the same but for the ids."""
    folder = _exported(company, "before")
    before = _texts(folder)
    _set_tokens(company, folder, monkeypatch)
    for id in list(company.bench.table("api_apps")):
        company.bench.client.send(_DELETE, {"api_app_id": id})
    file = folder / "manifests" / "callbackapps.yaml"
    file.write_text(re.sub(r"^  id: .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE), encoding="utf-8")
    ran = company("apply", "-C", str(folder), "--yes")
    assert ran.code == 0, ran.err
    assert "COZE132" in ran.out
    after = _texts(_exported(company, "after"))
    assert after == _texts(_exported(company, "again"))
    assert {name: re.sub(r"  id: .*\n", "", text) for name, text in after.items()} == {
        name: re.sub(r"  id: .*\n", "", text) for name, text in before.items()
    }


def test_a_token_that_is_not_for_the_enterprise_exports_the_rest(company: Shell) -> None:
    """Most tokens are not: that is said, and ends nothing."""
    company.bench.emulator.seed({"tokens": [{"token": "pat_plain", "privileged": False}]})
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COZE_API_TOKEN", "pat_plain")
        folder = _exported(company, "plain")
    assert not (folder / "manifests" / "organizations.yaml").exists()
    assert not (folder / "manifests" / "enterprise.yaml").exists()
    assert f"every Organization in enterprise `{ENTERPRISE}`" in (folder / "EXPORT.md").read_text("utf-8")
