"""`export`: what it writes plans to nothing, says the same twice, and harms no file system."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cozeops.api.client import Client
from cozeops.declare.calls import Call
from cozeops.declare.resource import Resource
from cozeops.emulator.options import PROFILES
from cozeops.errors import DeniedError
from cozeops.manifests.load import load_project
from cozeops.values import MISSING, dig
from tests.cli.conftest import Shell
from tests.engine import full
from tests.engine.fleet import Fleet
from tests.kit import OPTIONS, QUICKSTART, Bench

ShellOn = Callable[[Bench], Shell]


@pytest.fixture
def shell_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[ShellOn]:
    """A shell with a token that may only read, on the emulator of a bench."""
    served = []

    def serve(bench: Bench) -> Shell:
        serving = bench.emulator.serve()
        monkeypatch.setenv("COZE_API_BASE", serving.__enter__())
        monkeypatch.setenv("COZE_API_TOKEN", "pat_emulator_readonly")
        served.append(serving)
        return Shell(bench, "", capsys)

    yield serve
    for serving in served:
        serving.__exit__(None, None, None)


@pytest.fixture(scope="module")
def applied_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The live side of the quickstart after it was applied."""
    bench = Bench(tmp_path_factory.mktemp("quickstart") / "project")
    bench.seed()
    bench.settle()
    return bench.emulator.dump()


@pytest.fixture
def quick(tmp_path: Path, shell_on: ShellOn, applied_once: dict[str, Any]) -> Shell:
    """The quickstart, applied."""
    bench = Bench(tmp_path / "project")
    bench.emulator.load(applied_once)
    bench.emulator.advance(60)
    return shell_on(bench)


def exported(shell: Shell, *arguments: str, to: str = "out") -> Path:
    """Export, and expect that it works."""
    folder = shell.bench.folder.parent / to
    ran = shell("export", *arguments, "--out", str(folder))
    assert ran.code == 0, ran.err
    return folder


def planned(shell: Shell, folder: Path) -> dict[str, Any]:
    """The plan of an exported project, as JSON."""
    ran = shell("plan", "-C", str(folder), "--format", "json")
    assert ran.code == 0, ran.err
    plan: dict[str, Any] = json.loads(ran.out)
    return plan


def assert_no_changes(shell: Shell, folder: Path) -> None:
    """Planning is empty, down to findings that ask for anything."""
    plan = planned(shell, folder)
    assert [one for one in plan["changes"] if one["action"] != "none"] == []
    assert [one for one in plan["findings"] if one["severity"] != "info"] == []


def assert_our_style(shell: Shell, folder: Path) -> None:
    """The files are as `fmt` would write them."""
    assert shell("validate", "-C", str(folder)).code == 0
    assert shell("fmt", "--check", "-C", str(folder)).code == 0


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, relative to the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def resources(folder: Path) -> Sequence[Resource]:
    """The exported resources."""
    return load_project(folder, environment=None, environ={}).resources


def said(folder: Path) -> str:
    """EXPORT.md."""
    return (folder / "EXPORT.md").read_text("utf-8")


@pytest.fixture
def fleet(tmp_path: Path, shell_on: ShellOn) -> Shell:
    """A fleet with hostile names, of which no manifest ever knew."""
    bench = Bench(tmp_path / "project", source=None)
    bench.folder.mkdir()
    Fleet(bench.client, bench.emulator).make()
    return shell_on(bench)


# ----------------------------------------------------------------------------------- the guarantees


def test_the_quickstart_plans_to_nothing(quick: Shell) -> None:
    """Property: export, then plan, is empty; with a token that may only read."""
    folder = exported(quick)
    assert_no_changes(quick, folder)
    assert_our_style(quick, folder)
    texts = {name: data.decode() for name, data in contents(folder).items()}
    prompt = (QUICKSTART / "manifests" / "prompts" / "chef.md").read_text("utf-8")
    assert texts["manifests/prompts/每日学一菜.md"].rstrip("\n") == prompt.rstrip("\n")
    assert {
        "manifests/prompts/营养搭配师.prefix.md",
        "manifests/prompts/营养搭配师.dynamic.md",
    } <= texts.keys()
    assert "connectors: [api, chat_sdk]" in texts["manifests/bots/每日学一菜.yaml"]
    assert not any(
        "http://" in text or "sign" in text for name, text in texts.items() if name.endswith(".yaml")
    )


def test_every_field_of_every_kind_plans_to_nothing(tmp_path: Path, shell_on: ShellOn) -> None:
    """Property: whatever can be read is exported, and nothing else."""
    bench = Bench(tmp_path / "project", source=None)
    full.write(bench.folder, full.PROJECT)
    bench.seed()
    bench.settle("EnterpriseMembers/company")
    shell = shell_on(bench)
    folder = exported(shell, "厨房")
    assert_no_changes(shell, folder)
    assert_our_style(shell, folder)
    made = {str(one.address): one for one in resources(folder)}
    before = {str(one.address): one for one in bench.project().resources}
    told = set(made["Bot/每日学一菜"].values)
    assert set(before["Bot/chef"].values) - told == {"icon", "collaboration"}
    assert made["Bot/每日学一菜"].values["prompt"].rstrip() == before["Bot/chef"].values["prompt"].rstrip()
    assert made["KnowledgeBase/菜谱"].values["chunking"] == before["KnowledgeBase/text"].values["chunking"]
    owner = bench.table("workspaces")[made["Workspace/厨房"].id or ""]["owner_uid"]
    members = {one["user"] for one in made["Workspace/厨房"].values["members"]}
    assert members == set(full.USERS)
    assert owner not in members


def test_a_hostile_fleet_plans_to_nothing(fleet: Shell) -> None:
    """Property: names and texts of any kind come out as they are, in files that every system takes."""
    folder = exported(fleet)
    assert_no_changes(fleet, folder)
    assert_our_style(fleet, folder)
    plan = planned(fleet, folder)
    assert len(plan["changes"]) >= 60
    names = list(contents(folder))
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in names}) == len(names)
    for name in names:
        for part in name.split("/"):
            assert re.fullmatch(r"[\w-][\w.-]*", part), part
            assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", part, re.IGNORECASE)
            assert len(part.encode()) <= 255
    assert sorted(path.name for path in folder.parent.iterdir()) == ["out", "project"]


@pytest.mark.parametrize("which", ["quick", "fleet"])
def test_twice_gives_the_same_bytes(which: str, request: pytest.FixtureRequest) -> None:
    """Property: nothing of the moment is in it: no times, no signed addresses, no order of arrival."""
    shell: Shell = request.getfixturevalue(which)
    first = exported(shell, to="one")
    shell.bench.emulator.advance(3600)
    assert contents(first) == contents(exported(shell, to="two"))


def test_a_state_adopts_everything_and_changes_nothing(quick: Shell) -> None:
    folder = exported(quick)
    project = folder / "cozeops.yaml"
    project.write_text(project.read_text("utf-8") + "  state: {backend: local}\n", encoding="utf-8")
    plan = planned(quick, folder)
    assert {one["address"].partition("/")[0] for one in plan["changes"] if one["action"] == "adopt"} >= {
        "Bot",
        "KnowledgeBase",
        "Workspace",
    }
    assert {one["action"] for one in plan["changes"]} <= {"adopt", "none"}
    assert all(not one["steps"] for one in plan["changes"])


@pytest.mark.parametrize(
    "options",
    [
        {"model_flags": True},
        {"pascal_onboarding": True, "suggest_reply": False, "workspace_details": False},
        {"store_api_id": True},
        {"list_order": "updated", "page_cap": 3, "append_type": False},
        {"error_status": "http", "unpublished_code": 4000, "all_connectors": "any"},
        PROFILES["documented"],
    ],
)
def test_other_servers_plan_to_nothing(
    tmp_path: Path, shell_on: ShellOn, applied_once: dict[str, Any], options: dict[str, Any]
) -> None:
    """Property: wherever the documentation leaves something open, an export holds."""
    bench = Bench(tmp_path / "project", options=replace(OPTIONS, **options))
    bench.emulator.load(applied_once)
    shell = shell_on(bench)
    assert_no_changes(shell, exported(shell))


# ---------------------------------------------------------------------------------------- publication


def test_a_draft_that_is_ahead_is_not_published(quick: Shell) -> None:
    """A draft that users do not see: no `publish`, a comment that says so, and still nothing to plan."""
    quick.bench.emulator.advance(60)
    quick.bench.by_hand("每日学一菜", description="改了")
    folder = exported(quick)
    text = (folder / "manifests" / "bots" / "每日学一菜.yaml").read_text("utf-8")
    assert (
        "# The draft is ahead of what users see: the draft differs from the published copy in spec.desc"
        in text
    )
    assert text.endswith("  # publish: {connectors: [api, chat_sdk]}\n")
    assert "\n  publish:" not in text
    assert "ahead of what users see" in said(folder)
    assert_no_changes(quick, folder)


def test_a_bot_that_is_nowhere_says_so(fleet: Shell) -> None:
    folder = exported(fleet)
    text = (folder / "manifests" / "bots" / "null.yaml").read_text("utf-8")
    assert "publish" in text
    unpublished = [
        path
        for path in (folder / "manifests" / "bots").iterdir()
        if "neither api nor chat_sdk" in path.read_text("utf-8")
    ]
    assert unpublished
    assert all("publish:" not in path.read_text("utf-8") for path in unpublished)


# ------------------------------------------------------------------------------------ which workspace


def test_by_name_and_by_id(quick: Shell) -> None:
    by_name = contents(exported(quick, "禾灶厨房", to="one"))
    id = re.search(r'id: "(\d+)"', by_name["manifests/workspace.yaml"].decode())
    assert id
    assert by_name == contents(exported(quick, id[1], to="two"))
    assert b"name: \xe7\xa6\xbe" in by_name["cozeops.yaml"]


def test_a_name_that_is_not_there(quick: Shell) -> None:
    ran = quick("export", "禾灶厨坊")
    assert ran.code == 3
    assert "did you mean 禾灶厨房?" in ran.err


def test_a_name_that_is_there_twice(quick: Shell) -> None:
    quick.bench.emulator.seed({"workspaces": [{"id": "51", "name": "双"}, {"id": "52", "name": "双"}]})
    ran = quick("export", "双")
    assert ran.code == 3
    assert "give an id: 51, 52" in ran.err


# -------------------------------------------------------------------------------------- the folder


def test_nothing_is_overwritten(quick: Shell, tmp_path: Path) -> None:
    """Also not what is a file, or a link; and before any request."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    quick.bench.emulator.requests.clear()
    for name in ("mine", "mine/file", "link"):
        ran = quick("export", "--out", str(tmp_path / name))
        assert ran.code == 3
        assert "is not an empty folder" in ran.err
    assert not quick.bench.emulator.requests
    assert contents(tmp_path / "mine") == {"file": b"mine"}
    assert exported(quick, to="empty")


def test_a_failure_leaves_nothing_behind(
    quick: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cozeops.manifests.fmt.write.create_files", full_disk)
    ran = quick("export", "--out", str(tmp_path / "out"))
    assert ran.code == 1
    assert "No space left" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


@pytest.mark.parametrize("operation", ["listBots", "getBot", "listDocuments"])
def test_a_server_that_does_not_answer_ends_it(quick: Shell, operation: str, tmp_path: Path) -> None:
    """Half a workspace would look like a whole one."""
    quick.bench.emulator.faults.add("drop", operation=operation)
    ran = quick("export", "--out", str(tmp_path / "out"))
    assert ran.code == 1
    assert operation in ran.err
    assert not (tmp_path / "out").exists()


def test_editors_find_the_schema_above(quick: Shell, tmp_path: Path) -> None:
    assert quick("schema", "--write", "-C", str(tmp_path)).code == 0
    folder = exported(quick)
    for path in folder.rglob("*.yaml"):
        found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8"))
        assert found, path
        assert (path.parent / found[1]).resolve() == tmp_path / "schemas" / "cozeops.schema.json"
    assert_no_changes(quick, folder)


# ----------------------------------------------------------------------------------- narrow tokens

_ALWAYS = ["listWorkspace", "listBot", "getMetadata"]


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([], "every KnowledgeBase"),
        (["listKnowledge"], "`spec.members`"),
        (["listKnowledge", "listDocument", "readMember"], "Plugin (id"),
        (["listKnowledge", "listDocument", "listPhoto", "readMember", "Plugin.getPlugin"], "Workflow (id"),
    ],
)
def test_what_the_token_may_not_see_is_said(
    quick: Shell, monkeypatch: pytest.MonkeyPatch, permissions: list[str], expected: str
) -> None:
    """Property: a permission that is missing costs what it guards, no more; the same token plans nothing."""
    tokens = [{"token": "pat_narrow_token", "permissions": [*_ALWAYS, *permissions]}]
    quick.bench.emulator.seed({"tokens": tokens})
    monkeypatch.setenv("COZE_API_TOKEN", "pat_narrow_token")
    folder = exported(quick)
    assert expected in said(folder)
    assert_no_changes(quick, folder)
    assert contents(folder) == contents(exported(quick, to="again"))


def test_a_token_that_ends_meanwhile_ends_it(quick: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Property: half of a workspace is never written as if it were the whole."""
    send = Client.send

    def expired(self: Client, call: Call, *arguments: Any, **named: Any) -> Any:
        if call.operation == "getBot":
            raise DeniedError("expired", operation=call.operation, status=401, code=4100)
        return send(self, call, *arguments, **named)

    monkeypatch.setattr(Client, "send", expired)
    out = quick.bench.folder.parent / "out"
    assert quick("export", "--out", str(out)).code == 4
    assert not out.exists()


def test_a_token_that_nobody_knows(quick: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COZE_API_TOKEN", "pat_nobody")
    assert quick("export").code == 4
    assert not Path("coze-export").exists()


# --------------------------------------------------------------------------------------- documents


def test_given_documents_are_taken_along(quick: Shell, tmp_path: Path) -> None:
    """Of images every one is given; of the other base a web page cannot be."""
    given = QUICKSTART / "manifests"
    folder = exported(quick, "--documents", str(given))
    assert_no_changes(quick, folder)
    images = next(one.values["images"] for one in resources(folder) if one.name == "成菜图库")
    assert [Path(one["file"].path).name for one in images] == [
        "mapo-tofu.png",
        "steamed-sea-bass.jpg",
        "white-cut-chicken.png",
    ]
    assert images[0]["caption"].startswith("麻婆豆腐：")
    copied = folder / "manifests" / "docs" / "成菜图库" / "mapo-tofu.png"
    assert copied.read_bytes() == (given / "images" / "mapo-tofu.png").read_bytes()
    assert re.search(r"应季菜单\S*: a web page, whose address cannot be read back", said(folder))
    assert "documents:" not in (folder / "manifests" / "knowledge" / "禾灶菜谱.yaml").read_text("utf-8")


def test_a_list_of_documents_is_whole_or_not_there(quick: Shell, tmp_path: Path) -> None:
    """Property: a document that nobody gave is never planned to be removed."""
    emulator = quick.bench.emulator
    page = next(row for row in quick.bench.table("documents").values() if row["source_type"] == 1)
    emulator.remove("documents", page["document_id"])
    docs = tmp_path / "docs" / "禾灶菜谱"
    docs.mkdir(parents=True)
    names = {row["name"]: row for row in quick.bench.table("documents").values() if row["format_type"] == 0}
    for number, name in enumerate(sorted(names)):
        if number == 0:
            missing = name.removesuffix(".txt").removesuffix(".md")
            continue
        (docs / name.removesuffix(".txt")).with_suffix(".md").write_text(name, encoding="utf-8")
    folder = exported(quick, "--documents", str(tmp_path / "docs"), to="one")
    assert re.search(rf"{missing}\S*: no file of that name was given", said(folder))
    assert_no_changes(quick, folder)
    (docs / f"{missing}.md").write_text("found", encoding="utf-8")
    folder = exported(quick, "--documents", str(tmp_path / "docs"), to="two")
    base = (folder / "manifests" / "knowledge" / "禾灶菜谱.yaml").read_text("utf-8")
    assert base.count("{file: ../docs/禾灶菜谱/") == len(names)
    assert_no_changes(quick, folder)


def bare(name: str) -> str:
    """The name of a document without the types behind it."""
    return re.sub(r"(\.(md|txt))+$", "", name)


def test_files_of_documents_are_safe_everywhere(quick: Shell, tmp_path: Path) -> None:
    """The names of documents are kept, also where no file can be called so."""
    maker = Fleet(quick.bench.client, quick.bench.emulator)
    home = next(id for id, row in quick.bench.table("workspaces").items() if row["name"] == "禾灶厨房")
    base = maker.send("createDataset", "POST", "/v1/datasets", name="docs", space_id=home, format_type=0)
    names = {"a:b", "A-B", "a-b", "CON", "*.md", "x..", "两\n行"}
    (tmp_path / "given" / "docs").mkdir(parents=True)
    for name in sorted(names):
        maker.document(base["dataset_id"], name)
        (tmp_path / "given" / "docs" / f"{name}.md").write_text(name, encoding="utf-8")
    folder = exported(quick, "--documents", str(tmp_path / "given"))
    assert_no_changes(quick, folder)
    made = next(one for one in resources(folder) if one.name == "docs").values["documents"]
    assert {bare(one["name"]) for one in made} == set(map(bare, names))
    files = {Path(one["file"].path).name for one in made}
    assert len({name.casefold() for name in files}) == len(names)
    assert all(re.fullmatch(r"[\w-]+\.md", name) and name != "CON.md" for name in files)
    for one in made:
        assert bare(one["file"].read().decode()) == bare(one["name"])


# --------------------------------------------------------------------------- more than manifests take


def merged(before: Any, changes: Any) -> Any:
    """Maps merge, the rest is replaced."""
    if not isinstance(before, dict) or not isinstance(changes, dict):
        return changes
    return {**before, **{key: merged(before.get(key), value) for key, value in changes.items()}}


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Makes replies about 每日学一菜 say what only other tools than the API can set."""
    send = Client.send

    def change(changes: dict[str, Any]) -> None:
        def changed(self: Client, call: Call, *arguments: Any, **named: Any) -> Any:
            reply = send(self, call, *arguments, **named)
            if call.operation == "getBot" and reply.payload["name"] == "每日学一菜":
                return replace(reply, payload=merged(reply.payload, changes))
            return reply

        monkeypatch.setattr(Client, "send", changed)

    return change


TOOL = {"plugin_id": "7438216509347741731", "api_info_list": [{"name": "gone", "api_id": "1"}]}


@pytest.mark.parametrize(
    ("changes", "gone", "reason"),
    [
        ({"name": "很长的名字" * 5}, "name", "25 characters; the API takes 1 to 20"),
        ({"description": "\ud800"}, "description", "half of a character"),
        ({"onboarding_info": {"prologue": "x" * 301}}, "onboarding.prologue", "301 characters"),
        ({"onboarding_info": {"suggested_questions": ["x" * 51]}}, "onboarding.suggested_questions", "51"),
        ({"model_info": {"response_format": "xml"}}, "model.response_format", "input should be"),
        ({"model_info": {"top_p": float("nan")}}, "model.top_p", "YAML"),
        ({"model_info": {"max_tokens": 0}}, "model.max_tokens", "greater than or equal to 1"),
        ({"model_info": {"parameters": {"a": [None]}}}, "model.parameters", "YAML"),
        ({"model_info": {"model_id": 5}}, "model.id", "valid string"),
        ({"suggest_reply_info": {"customized_prompt": ""}}, "suggest_reply.mode", "needs a prompt"),
        ({"prompt_info": {"prompt": "x" * 20_001}}, "prompt", "20001 characters"),
        ({"plugin_info_list": [TOOL]}, "plugins", "does not have 'gone'"),
        ({"media_config": {"is_voice_call_closed": "maybe"}}, "voice_call", "valid boolean"),
        ({"knowledge": {"knowledge_infos": [{"id": "x"}]}}, "knowledge.datasets", "valid string"),
    ],
)
def test_what_no_manifest_takes_is_left_out(
    quick: Shell, console: Callable[..., None], changes: dict[str, Any], gone: str, reason: str
) -> None:
    """Property: one field that does not fit costs that field, is said, and planning is still empty."""
    console(changes)
    folder = exported(quick, "禾灶厨房")
    assert_no_changes(quick, folder)
    (line,) = [line for line in said(folder).splitlines() if line.startswith(f"- `spec.{gone}`")]
    assert reason in line
    bot = next(one for one in resources(folder) if str(one.address) == "Bot/每日学一菜")
    assert dig(bot.values, gone.split(".")) is MISSING


def test_bots_of_several_agents_are_skipped(quick: Shell, console: Callable[..., None]) -> None:
    console({"bot_mode": 1})
    folder = exported(quick)
    assert "it is made of several agents" in said(folder)
    assert "每日学一菜" in said(folder)
    assert not (folder / "manifests" / "bots" / "每日学一菜.yaml").exists()
    assert_no_changes(quick, folder)
