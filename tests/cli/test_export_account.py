"""`export` of a whole account: what lives in no workspace, folders, and the way back to an empty Coze."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cozeops.cli.seed import seed_of
from cozeops.declare.codec import convert_leaves
from cozeops.manifests.load import load_project
from cozeops.values import Secret, to_json
from tests.cli.conftest import Shell, served
from tests.engine import full
from tests.kit import Bench

On = Callable[[Bench, str], Shell]
BESIDE = {"CallbackApp", "EnterpriseMembers", "Organization", "Quota", "Voice", "VoiceprintGroup"}
"""Kinds of an export that live in no workspace."""


@pytest.fixture
def on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[On]:
    """A shell on the emulator of a bench, with a token."""
    with ExitStack() as stack:

        def serve(bench: Bench, token: str = "pat_emulator") -> Shell:
            return Shell(bench, stack.enter_context(served(bench, monkeypatch, token)), capsys)

        yield serve


@pytest.fixture
def company(tmp_path: Path) -> Bench:
    """Every kind with every field, applied."""
    bench = Bench(tmp_path / "project", source=None)
    full.write(bench.folder, full.PROJECT)
    bench.seed()
    bench.settle("EnterpriseMembers/company")
    return bench


def exported(shell: Shell, name: str, *arguments: str) -> Path:
    """Export all, and expect that it works."""
    folder = shell.bench.folder.parent / name
    ran = shell("export", *arguments, "--out", str(folder))
    assert ran.code == 0, ran.err
    return folder


def changes(shell: Shell, folder: Path) -> list[str]:
    """What planning an export would change."""
    ran = shell("plan", "-C", str(folder), "--format", "json")
    assert ran.code == 0, ran.err
    return [one["address"] for one in json.loads(ran.out)["changes"] if one["action"] != "none"]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def declared(folder: Path) -> dict[str, Any]:
    """What a project declares, without the ids of what is live."""
    resources = load_project(folder, environment=None, environ={}).resources
    return {str(one.address): [one.name, to_json(convert_leaves(one.values, _told))] for one in resources}


def _told(leaf: Any) -> Any:
    return "a secret" if isinstance(leaf, Secret) else leaf


@pytest.mark.parametrize("told", [True, False])
def test_an_account_plans_to_nothing(company: Bench, on: On, told: bool) -> None:
    """Twice the same, with everything that can be read; whether the list of quotas has ids or not."""
    company.emulator.options = replace(company.emulator.options, benefit_ids=told)
    shell = on(company, "pat_emulator_readonly")
    folder = exported(shell, "one")
    made = declared(folder)
    assert {address.partition("/")[0] for address in made} >= BESIDE
    assert changes(shell, folder) == []
    assert shell("fmt", "--check", "-C", str(folder)).code == 0
    company.emulator.advance(3600)
    assert contents(folder) == contents(exported(shell, "two"))
    quotas = (folder / "manifests" / "quotas.yaml").read_text("utf-8")
    assert ("id:" in re.sub(r"\w+_id:", "", quotas)) is told
    assert made["Voice/服务员"][1] == {"name": "服务员", "language": "zh", "preview_text": "请坐"}


def test_one_workspace_is_exported_without_what_lives_in_none(company: Bench, on: On) -> None:
    made = declared(exported(on(company, "pat_emulator_readonly"), "one", "厨房"))
    assert not {address.partition("/")[0] for address in made} & BESIDE


def test_what_the_edition_does_not_have_is_said(company: Bench, on: On) -> None:
    """Quotas are of the flagship edition: no reason to export nothing."""
    company.emulator.options = replace(company.emulator.options, edition="team")
    shell = on(company, "pat_emulator_readonly")
    folder = exported(shell, "one")
    assert "every Quota: listBenefitLimitations" in (folder / "EXPORT.md").read_text("utf-8")
    assert changes(shell, folder) == []


# ------------------------------------------------------------------------------------------- folders


FOLDERS = {
    "folders": [
        {"id": "61", "name": "后厨"},
        {"id": "62", "name": "川菜\x1b[31m\n# x", "parent_folder_id": "61"},
    ],
    "bots": [
        {"bot_id": "71", "name": "里面", "folder_id": "62"},
        {"bot_id": "72", "name": "外面", "folder_id": "61"},
        {"bot_id": "73", "name": "别处"},
    ],
}


@pytest.fixture
def filed(tmp_path: Path) -> Bench:
    """Bots in folders, one of them with a name that means harm."""
    bench = Bench(tmp_path / "project", source=None)
    bench.folder.mkdir()
    bench.emulator.seed(FOLDERS)
    return bench


def comments(folder: Path, bot: str) -> str:
    """The comments of a bot's manifest."""
    text = (folder / "manifests" / "bots" / f"{bot}.yaml").read_text("utf-8")
    return "\n".join(line.strip() for line in text.splitlines() if line.strip().startswith("# In"))


def test_folders_are_shown_and_never_planned(filed: Bench, on: On) -> None:
    """A comment says where a bot is; the names of folders do no harm."""
    shell = on(filed, "pat_emulator_readonly")
    folder = exported(shell, "one")
    assert comments(folder, "外面") == "# In the folder 后厨 (only the console moves it)."
    assert comments(folder, "里面") == (
        "# In the folder 后厨 / 川菜\\x1b[31m\\n# x (only the console moves it)."
    )
    assert comments(folder, "别处") == ""
    assert changes(shell, folder) == []
    assert shell("fmt", "--check", "-C", str(folder)).code == 0
    assert contents(folder) == contents(exported(shell, "two"))


def test_a_folder_that_the_token_may_not_see_is_said(filed: Bench, on: On) -> None:
    """The bot is exported all the same."""
    filed.emulator.seed(
        {"tokens": [{"token": "pat_x", "permissions": ["listWorkspace", "listBot", "getMetadata"]}]}
    )
    shell = on(filed, "pat_x")
    folder = exported(shell, "one")
    assert comments(folder, "里面") == ""
    assert "`folder`: getFolder: this token may not (code 4101)" in (folder / "EXPORT.md").read_text("utf-8")


# --------------------------------------------------------------------------------------- the way back


def without_ids(folder: Path) -> None:
    """Make of an export a project that creates all that the API can create."""
    creatable = "Workspace|Bot|KnowledgeBase|CallbackApp|Organization|Quota|Voice|VoiceprintGroup"
    for path in folder.glob("manifests/**/*.yaml"):
        documents = path.read_text("utf-8").split("---\n")
        path.write_text("---\n".join(_without_id(one, creatable) for one in documents), encoding="utf-8")


def _without_id(document: str, creatable: str) -> str:
    if not re.search(rf"^kind: ({creatable})$", document, re.MULTILINE) or "个人空间" in document:
        return document
    document = re.sub(r'^  id: "\d+"\n', "", document, flags=re.MULTILINE)
    if "kind: Voice\n" in document:
        document = document.replace("\nspec:\n", "\nspec:\n  file: ../sound.wav\n")
    if "kind: Organization\n" in document:
        chief = f'super_admin_user_id: "{full.USERS[0]}"'
        document = document.replace("\nspec:\n", f"\nspec:\n  {chief}\n") if "餐饮" in document else document
    if "kind: Workspace\n" in document and "description:" not in document:
        document = document.replace("\nspec:\n", "\nspec:\n  description: x\n")
    return document


def test_an_export_makes_the_same_again(company: Bench, on: On, tmp_path: Path) -> None:
    """Export, an empty Coze, apply, export: the same in all exported fields, ids aside."""
    given = tmp_path / "given"
    given.mkdir()
    for name in ("小王.wav", "小李.pcm", "豆腐.png", "two.png"):
        (given / name).write_bytes(b"RIFF")
    first = exported(on(company, "pat_emulator_readonly"), "one", "--documents", str(given))
    wanted = declared(first)
    assert [one["name"] for one in wanted["VoiceprintGroup/后厨的人"][1]["features"]] == ["小李", "小王"]
    # Kept with documents, and one of these is a web page, whose address cannot be read back.
    del wanted["KnowledgeBase/菜谱"][1]["chunking"]
    again = Bench(tmp_path / "again", source=first)
    (again.folder / "sound.wav").write_bytes(b"RIFF")
    without_ids(again.folder)
    outside = seed_of(company.project().resources)
    again.emulator.seed({name: outside[name] for name in ("plugins", "connectors")})
    again.seed()
    # Who is in an enterprise cannot be read back: they are in it already.
    again.emulator.seed({"users": list(company.table("users").values())})
    shell = on(again, "pat_emulator")
    plan = tmp_path / "plan.json"
    assert shell("plan", "--out", str(plan)).code == 0
    ran = shell("apply", str(plan))
    assert ran.code == 5
    assert "COZE140" in ran.err
    acks = [word for code in sorted(set(re.findall(r"COZE\d+", ran.err))) for word in ("--ack", code)]
    ran = shell("apply", str(plan), *acks)
    assert ran.code == 0, ran.err
    second = exported(shell, "two", "--documents", str(given))
    assert _plain(declared(second)) == _plain(wanted)


def _plain(made: dict[str, Any]) -> dict[str, Any]:
    """Without the ids that references have."""
    plain: dict[str, Any] = json.loads(re.sub(r'"\d{15,}"', '"id"', json.dumps(made, ensure_ascii=False)))
    return plain
