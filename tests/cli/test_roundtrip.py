"""Export, delete what the API can make again, apply the export, export: the same, but for the ids."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cozeops.kinds import kinds
from tests.cli.conftest import Shell, served
from tests.engine import every, full
from tests.kit import QUICKSTART, Bench, KeptBench

_ID = re.compile(r"\b\d{16,}\b")
_PINNED = re.compile(r'^  id: "(\d+)"\n', re.MULTILINE)
_MADE_BY_THE_API = (
    "bots",
    "bot_versions",
    "datasets",
    "documents",
    "api_apps",
    "voiceprint_groups",
    "voiceprint_features",
    "benefit_limitations",
)
"""Tables of the emulator. Of the workspaces the personal one stays, and what has something in it that no call
creates; voices stay, because no recording can be had back."""


def _export(shell: Shell, folder: Path, documents: Path) -> dict[str, str]:
    ran = shell("export", "--out", str(folder), "--documents", str(documents))
    assert ran.code == 0, ran.err
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): _ID.sub("ID", path.read_bytes().decode("latin-1"))
        for path in files
        if path.suffix != ".md" or path.parent.name == "prompts"
    }


def _tell_secrets(bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Coze made up and the console shows, given back in the variables that the export asks for."""
    tokens = {app["name"]: app["verify_token"] for app in bench.table("api_apps").values()}
    file = folder / "manifests/callbackapps.yaml"
    for one in file.read_text("utf-8").split("---\n") if file.exists() else ():
        name = re.findall(r"^  name: (.*)$", one, re.MULTILINE)[-1]
        (variable,) = re.findall(r"\$\{env:(\w+)\}", one)
        monkeypatch.setenv(variable, tokens[name])


def _delete_all(bench: Bench) -> set[str]:
    """Returns the ids that are gone."""
    gone = set()
    for table in _MADE_BY_THE_API:
        for id in list(bench.table(table)):
            bench.emulator.remove(table, id)
            gone.add(id)
    inhabited = {
        row["workspace_id"] for table in ("workflows", "apps") for row in bench.table(table).values()
    }
    for id, row in list(bench.table("workspaces").items()):
        if id not in inhabited and row["workspace_type"] != "personal":
            bench.emulator.remove("workspaces", id)
            gone.add(id)
    return gone


def _forget_ids(folder: Path, gone: set[str]) -> None:
    for path in folder.rglob("*.yaml"):
        text = path.read_text("utf-8")
        path.write_text(_PINNED.sub(lambda one: "" if one[1] in gone else one[0], text), "utf-8")


def _goes_round(shell: Shell, tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, first = shell.bench, tmp_path / "first"
    before = _export(shell, first, documents)
    _tell_secrets(bench, first, monkeypatch)
    ran = shell("-C", str(first), "plan", "--detailed-exitcode")
    assert ran.code == 0, ran.out + ran.err
    counts = {table: len(bench.table(table)) for table in (*_MADE_BY_THE_API, "workspaces")}
    _forget_ids(first, _delete_all(bench))
    # Coze tells the id of a quota only once: without a state that blocks, and here it is meant.
    settings = first / "cozeops.yaml"
    settings.write_text(settings.read_text("utf-8") + "  state: {backend: local}\n", "utf-8")
    for token in re.findall(r"\$\{env:(\w+)\}", "".join(before.values())):
        monkeypatch.setenv(token, "of-the-app-that-is-gone")
    ran = shell("-C", str(first), "apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    counts.pop("bot_versions")  # what was published twice is published once
    assert counts == {table: len(bench.table(table)) for table in counts}
    assert _export(shell, tmp_path / "second", documents) == before


def test_the_quickstart_goes_round(applied: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bots, knowledge with its documents, a workspace with its members."""
    page = next(row for row in applied.bench.table("documents").values() if row["source_type"] == 1)
    applied.bench.emulator.remove("documents", page["document_id"])  # its address cannot be had back
    given = tmp_path / "given"
    shutil.copytree(QUICKSTART / "manifests", given)
    (given / "docs/faq.md").rename(given / "docs/厨房常见问题.md")  # as it is called on Coze
    _goes_round(applied, tmp_path, given, monkeypatch)


@pytest.mark.parametrize("shares", [1, pytest.param(8, marks=pytest.mark.long)])
def test_a_fleet_over_all_kinds_goes_round(
    shares: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred resources in the long run."""
    project = every.project(shares)
    assert len(project) == shares * every.SHARE + 3
    missing = {name for name, kind in kinds().items() if kind.lives} - set(every.kinds_of(project))
    assert missing == set()
    bench = KeptBench(tmp_path / "project", source=None)
    full.write(bench.folder, project)
    bench.seed()
    bench.settle()
    with served(bench, monkeypatch) as url:
        _goes_round(Shell(bench, url, capsys), tmp_path, bench.folder, monkeypatch)
