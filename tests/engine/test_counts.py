"""What an apply costs: reads and writes per change, lists per run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, shell  # noqa: F401
from tests.engine.test_requests import FLEET, _settled

pytestmark = pytest.mark.usefixtures("shell")

PAGES = 1
"""Pages of a list of the fleet."""


@pytest.mark.parametrize("state", [False, True])
def test_an_apply_lists_per_run_and_reads_per_change(
    shell: Shell,  # noqa: F811
    state: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every prompt of the fleet changes, and no list is read for a single one of them."""
    # However slow the machine is, the whole run is one moment.
    monkeypatch.setattr("cozeops.engine.run.precheck_reads._MOMENT", 3600.0)
    _settled(shell, state=state)
    text = (shell.bench.folder / "fleet.yaml").read_text("utf-8").replace("你是第", "我是第")
    shell.bench.write("fleet.yaml", text)
    ran = shell("apply", "--yes")
    assert ran.code == 0, ran.err
    counted = Counter(one.operation for one in shell.bench.emulator.requests)
    assert counted["updateBot"] == counted["publishBot"] == FLEET
    # The plan reads drafts (and copies where times do not tell); each change is read before and after.
    assert counted["getBot"] <= 4 * FLEET
    # Once for the plan, once for the settled publications, once to note; before writes a moment shares them.
    assert counted["listBots"] < FLEET


@pytest.mark.parametrize("state", [False, True])
def test_a_saved_plan_costs_four_requests_per_change_and_the_lists(
    shell: Shell,  # noqa: F811
    tmp_path: Path,
    state: bool,
) -> None:
    """Look again, write, read back, publish; nothing is read only to be read again."""
    _settled(shell, state=state)
    text = (shell.bench.folder / "fleet.yaml").read_text("utf-8").replace("你是第", "我是第")
    shell.bench.write("fleet.yaml", text)
    plan = str(tmp_path / "plan.json")
    assert shell("plan", "--out", plan).code == 0
    shell.bench.emulator.requests.clear()
    ran = shell("apply", plan)
    assert ran.code == 0, ran.err
    counted = Counter(one.operation for one in shell.bench.emulator.requests)
    assert counted["updateBot"] == counted["publishBot"] == FLEET
    assert counted["getBot"] == 2 * FLEET


def test_an_adoption_leaves_the_next_plan_with_the_lists_alone(shell: Shell) -> None:  # noqa: F811
    """Nothing was written, and yet what the lists said is remembered."""
    _settled(shell, state=False)
    project = shell.bench.folder / "cozeops.yaml"
    project.write_text(
        project.read_text("utf-8").replace("spec: {}", "spec: {state: {backend: local}}"), "utf-8"
    )
    shell.bench.emulator.advance(60)
    assert shell("apply", "--yes").code == 0
    shell.bench.emulator.requests.clear()
    assert shell("plan", "--detailed-exitcode").code == 0
    counted = Counter(one.operation for one in shell.bench.emulator.requests)
    assert counted["getBot"] == 0
    assert counted["listBots"] == 2 * PAGES + 1
