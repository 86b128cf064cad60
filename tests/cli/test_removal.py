"""Each resource leaves the manifests in turn: an omission removes nothing, --prune removes what is ours."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

Edit = tuple[str, str, str]


@dataclass(frozen=True)
class Leaving:
    """A resource of the quickstart that goes: who lets go of it, and what --prune does."""

    address: str
    references: tuple[Edit, ...] = ()
    """(file, old, new): what else has to change for the project to be valid."""
    pruned: str = "forget"
    """The action, for what the state remembers: a prompt is nothing that lives on Coze."""
    writes: tuple[str, ...] = ()
    """The operations that --prune sends for it, after those of its users."""
    protected: bool = False


CHEF, SUPPORT = "bots/chef.yaml", "bots/support.yaml"
NUTRITIONIST, WRITER = "bots/nutritionist.yaml", "bots/menu-writer.yaml"
BOTH = "datasets: [recipes, dishes]"
LEAVING = [
    Leaving("Bot/chef", pruned="unpublish", protected=True),
    Leaving("Bot/support", pruned="unpublish", protected=True),
    Leaving("Bot/nutritionist", pruned="unpublish", writes=("unpublishBot",)),
    Leaving("Bot/translator", pruned="unpublish", writes=("unpublishBot",)),
    Leaving("Bot/menu-writer"),
    Leaving(
        "KnowledgeBase/dishes",
        ((CHEF, BOTH, "datasets: [recipes]"), (WRITER, BOTH, "datasets: [recipes]")),
        pruned="delete",
        writes=("deleteDataset",),
    ),
    Leaving(
        "KnowledgeBase/recipes",
        (
            (CHEF, BOTH, "datasets: [dishes]"),
            (WRITER, BOTH, "datasets: [dishes]"),
            (SUPPORT, "datasets: [recipes]", "datasets: []"),
            (NUTRITIONIST, "datasets: [recipes]", "datasets: []"),
        ),
        pruned="delete",
        writes=("deleteDataset",),
    ),
    Leaving("Workflow/shopping-list", ((CHEF, "workflows: [shopping-list]", "workflows: []"),)),
    Leaving("Workflow/order-lookup", ((SUPPORT, "workflows: [order-lookup]", "workflows: []"),)),
    Leaving(
        "Plugin/market",
        (
            (
                CHEF,
                "  plugins:\n    - {plugin: market, tools: [get_daily_prices, find_substitute]}\n",
                "  plugins: []\n",
            ),
        ),
    ),
    Leaving(
        "Prompt/persona",
        (
            (
                SUPPORT,
                "    ref: persona\n    vars:\n      channel: the chat window of the Hezao app and website\n",
                "    text\n",
            ),
        ),
    ),
]
STATE = "  state: {backend: local}\n"


def _remove(folder: Path, address: str) -> None:
    kind, _, name = address.partition("/")
    this = re.compile(rf"^kind: {kind}\nmetadata:\n  name: {name}$", re.MULTILINE)
    check = re.compile(rf"^kind: Check$[\s\S]*^  {kind.lower()}: {name}$", re.MULTILINE)  # what talks to it
    found = 0
    for file in folder.rglob("*.yaml"):
        documents = file.read_text(encoding="utf-8").split("---\n")
        found += sum(bool(this.search(one)) for one in documents)
        kept = [one for one in documents if not (this.search(one) or check.search(one))]
        file.write_text("---\n".join(kept), encoding="utf-8")
    assert found == 1, address


def _plan(shell: Shell, *arguments: str) -> dict[str, Any]:
    ran = shell("plan", "--format", "json", *arguments)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def _leave(shell: Shell, leaving: Leaving) -> None:
    """Take it out of the manifests; while somebody refers to it the project is refused."""
    _remove(shell.bench.folder / "manifests", leaving.address)
    if leaving.references:
        ran = shell("apply", "--yes")
        assert ran.code == 3
        assert leaving.address.partition("/")[2] in ran.err
    for file, old, new in leaving.references:
        shell.bench.edit(f"manifests/{file}", old, new)


def _own_change(plan: dict[str, Any], address: str) -> dict[str, Any] | None:
    return next((one for one in plan["changes"] if one["address"] == address), None)


def _findings(plan: dict[str, Any], address: str) -> set[str]:
    return {one["name"] for one in plan["findings"] if one["address"] == address}


def _applied(shell: Shell, state: str) -> None:
    shell.bench.edit("cozeops.yaml", "  manifests: [manifests]\n", f"  manifests: [manifests]\n{state}")
    ran = shell("apply", "--yes")
    assert ran.code == 0, ran.err
    shell.bench.emulator.requests.clear()


def _remembers(shell: Shell, address: str) -> bool:
    return f"{address}  " in shell("state", "list").out


def test_without_a_state_nothing_that_left_is_touched(shell: Shell, tmp_path: Path) -> None:
    """Nobody knows that it was ours: the plan has no change for it, and --prune is refused."""
    _applied(shell, "")
    manifests = shell.bench.folder / "manifests"
    shutil.copytree(manifests, tmp_path / "kept")
    for leaving in LEAVING:
        _leave(shell, leaving)
        assert _own_change(_plan(shell), leaving.address) is None
        assert shell("apply", "--prune", "--yes").code == 3
        shutil.rmtree(manifests)
        shutil.copytree(tmp_path / "kept", manifests)
    assert shell.bench.writes() == []


def test_with_a_state_it_is_kept_and_pruned_on_request(shell: Shell, tmp_path: Path) -> None:
    """Kept, with a note; --prune deletes where Coze can, else takes it off its channels and forgets it."""
    _applied(shell, STATE)
    manifests = shell.bench.folder / "manifests"
    shutil.copytree(manifests, tmp_path / "kept")
    for leaving in LEAVING:
        remembered = _remembers(shell, leaving.address)
        _leave(shell, leaving)
        kept, pruned = _plan(shell), _plan(shell, "--prune")
        assert _own_change(kept, leaving.address) is None, leaving
        assert _findings(kept, leaving.address) == ({"left-manifests"} if remembered else set())
        change = _own_change(pruned, leaving.address)
        assert (change["action"] if change else "") == (leaving.pruned if remembered else ""), leaving
        assert ("protected" in _findings(pruned, leaving.address)) is leaving.protected
        assert ("forgets" in _findings(pruned, leaving.address)) is (
            remembered and leaving.pruned != "delete"
        )
        shutil.rmtree(manifests)
        shutil.copytree(tmp_path / "kept", manifests)
    assert shell.bench.writes() == []


@pytest.mark.long
@pytest.mark.parametrize("leaving", LEAVING, ids=lambda one: one.address)
def test_apply_prunes_it_and_the_next_plan_is_empty(shell: Shell, leaving: Leaving) -> None:
    """First those that let go of it, then it; what is protected stops everything before the first write."""
    _applied(shell, STATE)
    _leave(shell, leaving)
    ran = shell("apply", "--prune", "--yes")
    if leaving.protected:
        assert (ran.code, shell.bench.writes()) == (5, [])
        return
    assert ran.code == 0, ran.err
    assert not _remembers(shell, leaving.address)
    assert set(shell.bench.writes()) - {"updateBot", "publishBot"} == set(leaving.writes)
    assert not leaving.writes or shell.bench.writes()[-1] == leaving.writes[-1]
    assert [one["action"] for one in _plan(shell, "--prune")["changes"] if one["action"] != "none"] == []
