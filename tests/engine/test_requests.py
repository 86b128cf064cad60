"""Requests are the cost: how many a plan makes, exactly."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks.fleet import Fleet
from tests.cli.conftest import Shell, shell  # noqa: F401

pytestmark = pytest.mark.usefixtures("shell")

FLEET = 120
"""Bots: two pages of a list."""
AS_OLD = 7
"""Those whose draft is as old as what is published: which came first, the times do not tell."""


def _fleet(folder: Path, *, state: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kept = "spec: {state: {backend: local}}" if state else "spec: {}"
    project = f"kind: Project\nmetadata: {{name: fleet}}\n{kept}\n"
    (folder / "cozeops.yaml").write_text(project, encoding="utf-8")
    documents = ["kind: Workspace\nmetadata: {name: home}\nspec: {name: 舰队, description: 测试}\n"]
    documents += [
        f"kind: Bot\nmetadata: {{name: bot-{number:03}, workspace: home}}\n"
        f"spec: {{prompt: 你是第{number}号, publish: {{connectors: [api]}}}}\n"
        for number in range(FLEET)
    ]
    (folder / "fleet.yaml").write_text("---\n".join(documents), encoding="utf-8")


def _settled(shell: Shell, *, state: bool) -> None:  # noqa: F811
    for path in shell.bench.folder.iterdir():
        if path.is_file():
            path.unlink()
    shutil.rmtree(shell.bench.folder / "manifests")
    _fleet(shell.bench.folder, state=state)
    assert shell("apply", "--yes").code == 0
    shell.bench.emulator.requests.clear()


def _counted(shell: Shell, *arguments: str) -> Counter[str]:  # noqa: F811
    shell.bench.emulator.requests.clear()
    assert shell("plan", "--detailed-exitcode", *arguments).code in (0, 2)
    return Counter(one.operation for one in shell.bench.emulator.requests)


def _thousand(shell: Shell, *, state: bool) -> Fleet:  # noqa: F811
    """A thousand bots that are live as the manifests say; a state, if there is one, has adopted them."""
    shutil.rmtree(shell.bench.folder)
    fleet = Fleet(1000, state=state)
    fleet.write(shell.bench.folder)
    shell.bench.emulator.reset()
    shell.bench.emulator.seed(fleet.seed())
    shell.bench.emulator.advance(60)
    if state:
        assert shell("apply", "--yes").code == 0
        shell.bench.emulator.advance(60)
    return fleet


LISTS = {"getCurrentUser": 1, "listWorkspaces": 1, "listBots": 5 + 5 + 1}
"""The drafts, and per connector in scope who is published on it."""


def test_a_thousand_bots_with_a_state_cost_the_lists_alone(shell: Shell) -> None:  # noqa: F811
    """No bot is read one by one; one that was edited by hand costs its draft, and nothing else."""
    fleet = _thousand(shell, state=True)
    assert _counted(shell) == LISTS
    shell.bench.emulator.edit("bots", fleet.bot_id(7), prompt_info={"prompt": "别的"})
    assert _counted(shell) == {**LISTS, "getBot": 1}


def test_a_thousand_bots_without_a_state_cost_a_draft_each(shell: Shell) -> None:  # noqa: F811
    """And the published copy of those whose draft is not older than its publication."""
    _thousand(shell, state=False)
    for number, (id, row) in enumerate(shell.bench.table("bots").items()):
        edited = row["update_time"]
        shown = edited if number < AS_OLD else edited + 60
        online = {channel: {**copy, "published_at": shown} for channel, copy in row["online"].items()}
        shell.bench.emulator.edit("bots", id, online=online, update_time=edited)
    assert _counted(shell) == {**LISTS, "getBot": 1000 + AS_OLD}


def test_a_full_refresh_reads_everything(shell: Shell) -> None:  # noqa: F811
    """What drift does."""
    _settled(shell, state=True)
    assert _counted(shell, "--refresh", "full")["getBot"] >= FLEET


def test_an_edit_in_git_costs_the_draft_of_that_bot(shell: Shell) -> None:  # noqa: F811
    """The object did not move, the manifest did: its draft, and its published copy of the same second.

    What the last apply wrote just before it ended is read as well: here one bot, as one was changed.
    """
    _settled(shell, state=True)
    shell.bench.emulator.advance(60)
    shell.bench.edit("fleet.yaml", "你是第0号", "你是零号")
    assert shell("apply", "--yes").code == 0
    shell.bench.emulator.advance(60)
    assert _counted(shell)["getBot"] in (1, 2)
    shell.bench.edit("fleet.yaml", "你是第7号", "你是七号")
    assert _counted(shell)["getBot"] in (2, 3, 4)


def test_a_fleet_behind_its_publication_is_seen_without_reading(shell: Shell) -> None:  # noqa: F811
    """Taken off a channel by hand: the lists show it."""
    _settled(shell, state=True)
    id, _ = shell.bench.bot("bot-009")
    online = dict(shell.bench.table("bots")[id]["online"])
    online.pop("1024")
    shell.bench.emulator.edit("bots", id, online=online)
    ran = shell("plan", "--format", "json")
    assert '"publish": 1' in ran.out
