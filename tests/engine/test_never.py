"""Channels that a bot must never be on: seen wherever they are, and left with the reason that is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cozeops.declare.verbs import Verb
from cozeops.engine.model.plan import Action
from cozeops.errors import InvalidProject
from tests.kit import Bench, KeptBench, change

STORE, FEISHU = "10000122", "10000011"
MANIFEST = """\
kind: Workspace
metadata: {name: home}
spec: {name: 家, description: 家}
---
kind: Bot
metadata: {name: chef, workspace: home}
spec:
  name: 厨师
  publish:
    connectors: [api]
    never: [coze_store, "10000011"]
    unpublish_reason: 只在自己的渠道
"""


@pytest.fixture(params=[Bench, KeptBench], ids=["no state", "state"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """A bot that is published as declared."""
    made: Bench = request.param(tmp_path, source=None)
    made.write("m.yaml", MANIFEST)
    made.settle()
    return made


def put_on(bench: Bench, connector: str) -> None:
    """Publish it there by hand, as only the console can."""
    id, _ = bench.bot("厨师")
    online = bench.table("bots")[id]["online"]
    bench.emulator.edit("bots", id, online={**online, connector: online["1024"]})


def test_where_it_is_not_there_is_nothing_to_do(bench: Bench) -> None:
    assert bench.plan().pending == ()


@pytest.mark.parametrize("connector", [STORE, FEISHU])
def test_it_leaves_a_channel_that_it_must_never_be_on(bench: Bench, connector: str) -> None:
    """By its name or by its id; the plan shows the step and the reason, and the reason is sent."""
    put_on(bench, connector)
    planned = change(bench.plan(), "Bot/chef")
    assert planned.action is Action.UNPUBLISH
    assert [(step.verb, step.ids) for step in planned.steps] == [(Verb.UNPUBLISH, (connector,))]
    before = ["coze_store", "api"] if connector == STORE else ["feishu", "api"]
    assert [(one.path, one.before, one.after) for one in planned.fields] == [
        ("spec.publish.connectors", before, ["api"]),
        ("spec.publish.unpublish_reason", None, "只在自己的渠道"),
    ]
    bench.settle()
    assert bench.plan().pending == ()
    assert list(bench.table("bots")[bench.bot("厨师")[0]]["online"]) == ["1024"]


@pytest.mark.parametrize("reason", ["只在自己的渠道", None])
def test_the_reason_is_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch, reason: str | None) -> None:
    """Where none is written, none is sent."""
    if reason is None:
        bench.edit("m.yaml", "    unpublish_reason: 只在自己的渠道\n", "")
    put_on(bench, STORE)
    sent: list[Any] = []
    send = bench.client.send

    def noted(call: Any, params: Any, **more: Any) -> Any:
        if call.operation == "unpublishBot":
            sent.append(params)
        return send(call, params, **more)

    monkeypatch.setattr(bench.client, "send", noted)
    bench.settle()
    [params] = sent
    assert (params["connector_id"], params.get("unpublish_reason")) == (STORE, reason)


def test_other_official_channels_are_nobodys_business(bench: Bench) -> None:
    """What no manifest mentions is not looked at."""
    put_on(bench, "10000117")
    assert bench.plan().pending == ()


def test_protection_of_channels_does_not_keep_it_where_it_must_never_be(bench: Bench) -> None:
    bench.edit("m.yaml", "workspace: home}", "workspace: home, lifecycle: {protect: [unpublish]}}")
    bench.settle()
    put_on(bench, STORE)
    plan = bench.plan()
    assert plan.findings == ()
    bench.edit("m.yaml", "connectors: [api]", "connectors: []")
    assert {one.code for one in bench.plan().findings} == {"COZE107"}


def test_a_channel_that_the_project_declares_may_be_forbidden_to_a_bot(tmp_path: Path) -> None:
    """Another one of the workspace is published there."""
    bench = Bench(tmp_path, source=None)
    kiosk = '---\nkind: Connector\nmetadata: {name: kiosk}\nspec: {id: "7470849514748000001"}\n'
    bench.write("m.yaml", MANIFEST.replace("coze_store", "kiosk") + kiosk)
    bench.seed()
    bench.settle()
    put_on(bench, "7470849514748000001")
    assert change(bench.plan(), "Bot/chef").action is Action.UNPUBLISH


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("coze_store", "api", "11:13", "api is listed under connectors, too"),
        ('"10000011"', "coze_store", "11:25", "listed twice"),
        ("coze_store", "coze_shop", "11:13", 'no Connector "coze_shop"'),
        ("只在自己的渠道", "长" * 1025, "12:23", "1,025 characters, at most 1,024"),
    ],
)
def test_what_cannot_be_meant_is_refused(bench: Bench, old: str, new: str, where: str, words: str) -> None:
    bench.edit("m.yaml", old, new)
    with pytest.raises(InvalidProject) as caught:
        bench.project()
    [problem] = caught.value.problems
    assert words in problem.message
    assert str(problem.position) == f"m.yaml:{where}"


def test_channels_that_are_not_managed_stay_as_they_are(bench: Bench) -> None:
    """`never` alone: nothing is published, and nothing is left but what is forbidden."""
    bench.edit("m.yaml", "    connectors: [api]\n", "")
    bench.settle()
    assert bench.plan().pending == ()
    bench.edit("m.yaml", "name: 厨师", "name: 厨师\n  description: 新来的")
    planned = bench.plan()
    assert [step.verb for step in change(planned, "Bot/chef").steps] == [Verb.UPDATE]
    assert {one.code for one in planned.findings} == {"COZE113"}
    bench.settle()
    put_on(bench, STORE)
    assert [step.ids for step in change(bench.plan(), "Bot/chef").steps] == [(STORE,)]
    bench.settle()
    assert list(bench.table("bots")[bench.bot("厨师")[0]]["online"]) == ["1024"]
    assert bench.plan().pending == ()


def test_a_new_bot_with_nothing_but_never_is_a_draft(tmp_path: Path) -> None:
    bench = Bench(tmp_path, source=None)
    bench.write("m.yaml", MANIFEST.replace("    connectors: [api]\n", ""))
    bench.settle()
    assert bench.plan().pending == ()
    assert not bench.table("bots")[bench.bot("厨师")[0]]["online"]
