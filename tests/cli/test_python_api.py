"""The Python API against an emulator on a socket: the example in `examples/python`, and each method once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import cozeops
from tests.cli.conftest import Shell

EXAMPLE = Path(__file__).parents[2] / "examples" / "python" / "roll_out.py"


@pytest.fixture(scope="module")
def example() -> object:
    spec = importlib.util.spec_from_file_location("roll_out", EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_plans_and_applies(
    shell: Shell, example: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.roll_out(str(shell.bench.folder)) == 0  # type: ignore[attr-defined]
    assert "done      Bot/" in capsys.readouterr().out
    assert example.roll_out(str(shell.bench.folder)) == 0  # type: ignore[attr-defined]
    assert capsys.readouterr().out == "Nothing to do.\n"
    assert shell("plan", "--detailed-exitcode").code == 0


def test_what_was_agreed_to_is_what_is_done(shell: Shell) -> None:
    events: list[cozeops.Event] = []
    with cozeops.open(shell.bench.folder) as session:
        assert session.environment == "default"
        assert isinstance(session.validate(), list)
        plan = session.plan()
        assert plan.has_changes
        run = session.apply(plan, listen=events.append)
        assert run.ok
        assert run.to_json()["exit_code"] == 0
        assert {outcome.status for outcome in run.outcomes} == {cozeops.Status.DONE}
        assert {event.what for event in events} >= {"started", "finished"}
        assert session.drift().drifted == ()
        assert not session.plan().has_changes


def test_a_plan_that_is_no_longer_true_is_not_carried_out(shell: Shell) -> None:
    with cozeops.open(shell.bench.folder) as session:
        plan = session.plan()
    manifest = next(path for path in shell.bench.folder.rglob("*.yaml") if "kind: Bot" in path.read_text())
    manifest.write_text(manifest.read_text().replace("description: ", "description: 新 "))
    with cozeops.open(shell.bench.folder) as session, pytest.raises(cozeops.StalePlanError):
        session.apply(plan)


def test_a_project_that_is_not_there_is_told_before_any_request(tmp_path: Path) -> None:
    with pytest.raises(cozeops.UsageError), cozeops.open(tmp_path / "nowhere", environ={}):
        pytest.fail("it opened")


def test_only_the_given_variables_count(shell: Shell) -> None:
    with pytest.raises(cozeops.AccessError), cozeops.open(shell.bench.folder, environ={}):
        pytest.fail("it connected without a token")
