"""Callback apps on the real wire: the challenge, the events, and replies that are lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cozeops.engine.model.outcome import Status
from cozeops.engine.model.plan import Action
from cozeops.errors import InvalidProject
from tests.emulator.receiver import Receiver, receiving
from tests.kit import OPTIONS, Bench, change, paths

MANIFEST = """\
kind: CallbackApp
metadata: {name: events}
spec:
  name: 事件
  app_type: normal
  callback_url: "https://example.com/coze"
  events: [bot.published, benefit.usage]
"""
WRITES = ("createApiApp", "updateApiApp", "subscribeApiAppEvents")


@pytest.fixture
def apps(tmp_path: Path) -> Bench:
    """A project with one callback app."""
    bench = Bench(tmp_path / "project", source=None)
    bench.write("app.yaml", MANIFEST)
    return bench


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that gets the challenge."""
    with receiving() as one:
        yield one


def _live(bench: Bench) -> list[tuple[str, str, list[str]]]:
    return [
        (row["name"], row["callback_url"], row["event_types"]) for row in bench.table("api_apps").values()
    ]


def test_it_is_created_then_called_then_subscribed(apps: Bench) -> None:
    """The URL cannot be set at creation; the events come last, when they can arrive."""
    apps.settle()
    assert apps.writes() == list(WRITES)
    assert _live(apps) == [("事件", "https://example.com/coze", ["bot.published", "benefit.usage"])]
    assert apps.plan().pending == ()


def test_a_url_that_does_not_answer_fails_and_the_next_apply_goes_on(apps: Bench, receiver: Receiver) -> None:
    """The challenge of Coze is real: what is created stays, and is not made again."""
    apps.emulator.options = OPTIONS
    apps.edit("app.yaml", "https://example.com/coze", receiver.url)
    receiver.echoes = False
    (outcome,) = apps.apply()
    assert outcome.status is Status.FAILED
    assert "callback_url" in outcome.message
    receiver.echoes = True
    apps.settle()
    assert _live(apps) == [("事件", receiver.url, ["bot.published", "benefit.usage"])]
    assert apps.writes().count("createApiApp") == 1


def test_events_are_added_and_removed_one_step_each(apps: Bench) -> None:
    """The list is the whole truth; what nobody here subscribed to blocks first."""
    apps.settle()
    apps.edit("app.yaml", "[bot.published, benefit.usage]", "[benefit.usage, bot.deleted]")
    plan = apps.plan()
    assert paths(plan, "CallbackApp/events") == ["spec.events[bot.deleted]", "spec.events[bot.published]"]
    assert [one.name for one in plan.findings] == ["removes-unknown"]
    apps.settle()
    assert _live(apps)[0][2] == ["bot.deleted", "benefit.usage"]


def test_many_apps_on_many_pages_are_all_seen(apps: Bench) -> None:
    """A list by token tells no total: only a second pass proves that an app is not there."""
    seed = [{"id": f"75{number:017}", "name": f"a{number}"} for number in range(120)]
    apps.emulator.seed({"api_apps": seed})
    apps.settle()
    assert len(apps.table("api_apps")) == 121
    assert apps.plan().pending == ()


def test_the_type_of_a_live_app_cannot_change(apps: Bench) -> None:
    """A finding, and nothing that would be sent."""
    apps.settle()
    apps.emulator.seed({"connectors": [{"connector_id": "7470849514748000001", "name": "kiosk"}]})
    apps.edit("app.yaml", "  name: 事件", f'  id: "{next(iter(apps.table("api_apps")))}"')
    apps.edit("app.yaml", "app_type: normal", 'app_type: connector\n  connector: {id: "7470849514748000001"}')
    plan = apps.plan()
    assert {one.code for one in plan.findings} == {"COZE104"}
    assert change(plan, "CallbackApp/events").action is Action.UPDATE
    assert change(plan, "CallbackApp/events").steps == ()


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("kind", ["drop", pytest.param("error", marks=pytest.mark.long)])
@pytest.mark.parametrize("operation", WRITES)
def test_a_broken_write_converges_and_doubles_nothing(
    apps: Bench, operation: str, kind: str, phase: str
) -> None:
    """What was lost is looked for before it is repeated."""
    apps.emulator.faults.add(kind, operation=operation, times=1, phase=phase)
    apps.apply()
    apps.emulator.faults.clear()
    apps.apply()
    assert apps.plan().pending == ()
    assert _live(apps) == [("事件", "https://example.com/coze", ["bot.published", "benefit.usage"])]


def test_a_lost_create_is_found_in_the_same_run(apps: Bench) -> None:
    """By its name in a complete list; the run goes on with it."""
    apps.emulator.faults.add("drop", operation="createApiApp", times=1, phase="after")
    assert [one.status for one in apps.apply()] == [Status.DONE]
    assert apps.writes() == list(WRITES)


OF_A_CHANNEL = """\
kind: Connector
metadata: {name: kiosk}
spec: {id: "7470849514748000001"}
---
kind: CallbackApp
metadata: {name: audit}
spec:
  app_type: connector
  connector: %s
  events: [bot.published]
"""


@pytest.mark.parametrize("connector", ["kiosk", '{id: "7470849514748000001"}'])
def test_the_app_of_a_channel_is_found_by_the_channel(tmp_path: Path, connector: str) -> None:
    """Coze calls it as it calls the channel, whatever name is sent: without a state it is made once."""
    bench = Bench(tmp_path / "project", source=None)
    bench.write("app.yaml", OF_A_CHANNEL % connector)
    bench.seed()
    bench.settle()
    [(id, row)] = bench.table("api_apps").items()
    assert row["name"] != "audit"
    bench.emulator.edit("api_apps", id, name="售货亭")
    assert bench.plan().pending == ()
    bench.edit("app.yaml", "bot.published", "bot.deleted")
    bench.settle()
    assert list(bench.table("api_apps")) == [id]


def test_the_app_of_a_channel_has_no_name_of_its_own(apps: Bench) -> None:
    apps.edit("app.yaml", "app_type: normal", 'app_type: connector\n  connector: {id: "7"}')
    with pytest.raises(InvalidProject) as caught:
        apps.project()
    [problem] = caught.value.problems
    assert str(problem.position) == "app.yaml:4:9"
    assert "remove name" in problem.hint
