"""`promote`: copies in another environment, made once; and the bots there that are wired to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, Shell, served
from tests.kit import Bench

PROJECT = """\
kind: Project
metadata: {name: kitchen-bots}
spec:
  manifests: [manifests]
  state: {backend: local}
  environments:
    dev: {default: true, values: {home: 厨房（测试）}}
    prod: {values: {home: 厨房}}
"""
MANIFESTS = """\
kind: Workspace
metadata: {name: kitchen}
spec: {name: "${values.home}", description: 后厨}
---
kind: Workflow
metadata: {name: order-lookup, workspace: kitchen}
spec: {collaboration: {mode: collaboration}}
---
kind: App
metadata: {name: shop, workspace: kitchen}
spec: {}
---
kind: Bot
metadata: {name: chef, workspace: kitchen}
spec: {name: 每日学一菜, prompt: 你是厨师, workflows: [order-lookup], publish: {connectors: [api]}}
---
kind: Bot
metadata: {name: waiter, workspace: kitchen}
spec: {name: 服务员, prompt: 你端菜}
"""
DEV, PROD = "7548", "7549"
SEED = {
    "workspaces": [{"id": DEV, "name": "厨房（测试）"}, {"id": PROD, "name": "厨房", "description": "后厨"}],
    "workflows": [{"workflow_id": "700", "workflow_name": "order-lookup", "workspace_id": DEV}],
    "apps": [{"id": "800", "name": "shop", "workspace_id": DEV}],
}
BEGIN = "createCopyTask"


class Promoter(Shell):
    """A shell that promotes from dev to prod."""

    def promote(self, *options: str) -> Ran:
        """Promote without asking."""
        how = () if {"--plan", "--digest"} & set(options) else ("--yes",)
        return self("promote", "--from", "dev", "--to", "prod", "--unknown-wait", "0", *how, *options)

    def copies(self) -> list[dict[str, Any]]:
        """The workflows of prod."""
        return [row for row in self.bench.table("workflows").values() if row["workspace_id"] == PROD]

    def asked(self) -> int:
        """How often a copy of a workflow was asked for."""
        tasks = self.bench.table("copy_tasks").values()
        return sum(task["entity_type"] == "workflow" for task in tasks)

    def publish(self) -> None:
        """Publish the workflows of prod, as somebody in the console."""
        for row in self.copies():
            self.bench.emulator.edit("workflows", row["workflow_id"], published=True, versions=["v0.0.1"])

    def remembered(self) -> dict[str, Any]:
        """What the state of prod has, by address."""
        file = self.bench.folder / ".cozeops" / "state" / "prod.json"
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["resources"]
        return found

    def fault(self, kind: str, **more: Any) -> None:
        """Let something go wrong once with the call that asks for a copy of the workflow."""
        self.bench.emulator.faults.add(kind, operation=BEGIN, times=1, **more)


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Promoter]:
    """Two environments on one emulator; dev has what prod lacks."""
    bench = Bench(tmp_path / "project", source=None)
    bench.write("cozeops.yaml", PROJECT)
    bench.write("manifests/kitchen.yaml", MANIFESTS)
    bench.emulator.seed(SEED)
    with served(bench, monkeypatch) as url:
        yield Promoter(bench, url, capsys)


def codes(ran: Ran) -> list[str]:
    """The codes of findings in a plan's text."""
    return [word for word in ran.out.split() if word.startswith("COZE1") and "@" not in word]


def test_copies_are_made_once_and_bots_wait_for_their_publication(shell: Shell) -> None:
    """Workflow and app first; the bot once somebody has published; then there is nothing to do."""
    assert isinstance(shell, Promoter)
    report = shell.bench.folder / "run.json"
    first = shell.promote("--report", str(report))
    assert first.code == json.loads(report.read_text(encoding="utf-8"))["exit_code"] == 7, first
    assert "a copy of 700 of dev" in first.out
    assert "Bot/chef: publish the copies in the Coze console, then promote again." in first.err
    (copy,) = shell.copies()
    assert (copy["workflow_name"], copy["collaboration_mode"]) == ("order-lookup", "collaboration")
    known = shell.remembered()
    assert known["Workflow/order-lookup"]["id"] == copy["workflow_id"]
    assert known["Workflow/order-lookup"]["copy"]["source"] == "700"
    assert shell.bench.table("bots") == {}

    again = shell.promote()
    assert again.code == 5, again
    assert "COZE154" in again.err
    assert shell.asked() == 1

    shell.publish()
    last = shell.promote()
    assert last.code == 0, last
    _, draft = shell.bench.bot("每日学一菜")
    assert [one["id"] for one in draft["workflow_id_list"]["ids"]] == [copy["workflow_id"]]
    assert len(shell.bench.table("bots")) == 1  # the waiter uses nothing that was copied
    assert shell.promote().code == 0
    assert shell("plan", "--env", "prod", "--target", "Bot/chef", "--detailed-exitcode").code == 0
    assert len(shell.copies()) == 1


def test_the_plan_alone_writes_nothing(shell: Promoter) -> None:
    """And what was reviewed by its digest is what is done."""
    shown = shell.promote("--plan")
    assert shown.code == 0
    assert shell.bench.writes() == []
    assert not (shell.bench.folder / ".cozeops" / "state" / "prod.json").exists()
    assert shell.promote("--digest", "sha256:0").code == 6
    assert shell.bench.writes() == []


def test_a_failed_copy_tells_its_reasons_and_is_not_remembered(shell: Promoter) -> None:
    """The other one is made; what was mended is copied by the next promote."""
    shell.bench.set_options(fail_copies="order*")
    ran = shell.promote()
    assert ran.code == 7
    said = " ".join(ran.out.split())
    assert "workflow order-lookup (700): a resource could not be copied" in said
    assert "in part" not in said
    assert shell.remembered().keys() == {"Workspace/kitchen", "App/shop"}
    shell.bench.set_options(fail_copies="")
    assert shell.promote().code == 7
    assert len(shell.copies()) == 1


def test_a_lost_reply_is_looked_for(shell: Promoter) -> None:
    """The copy that the list shows is the one that was asked for."""
    shell.bench.set_options(copy_seconds=0.0)
    shell.fault("drop", phase="after")
    ran = shell.promote("--target", "Workflow/order-lookup")
    assert ran.code == 7, ran
    assert "Applied: 2 done." in ran.out
    (copy,) = shell.copies()
    assert shell.remembered()["Workflow/order-lookup"]["id"] == copy["workflow_id"]
    assert shell.asked() == 1


def test_a_lost_reply_of_a_copy_that_takes_longer(shell: Promoter) -> None:
    """Nobody asks again while it may be under way; once it is there, it is taken."""
    shell.bench.set_options(copy_seconds=1000.0)
    shell.fault("drop", phase="after")
    ran = shell.promote("--target", "Workflow/order-lookup")
    assert ran.code == 7
    assert "unknown" in ran.out
    blocked = shell.promote("--target", "Workflow/order-lookup")
    assert blocked.code == 5
    assert "COZE156" in blocked.err
    shell.bench.emulator.advance(1001)
    found = shell.promote("--target", "Workflow/order-lookup")
    assert found.code == 7, found
    known = shell.remembered()["Workflow/order-lookup"]
    assert known["id"] == shell.copies()[0]["workflow_id"]
    assert known["ownership"] == "created"
    assert "asked" not in known["copy"]
    assert shell.asked() == 1


def test_a_request_that_never_arrived_is_repeated_when_somebody_says_so(shell: Promoter) -> None:
    """Nothing is there, and only a person can know."""
    shell.fault("drop", phase="before")
    target = ("--target", "Workflow/order-lookup")
    assert shell.promote(*target).code == 7
    assert shell.asked() == 0
    assert shell.promote(*target).code == 5
    reviewed = shell.promote(*target, "--plan")
    assert "COZE156" in reviewed.out
    digest = _digest(shell, *target)
    ran = shell.promote(*target, "--digest", digest, "--ack", "COZE156")
    assert ran.code == 7, ran
    assert shell.asked() == len(shell.copies()) == 1


def _digest(shell: Promoter, *options: str) -> str:
    """The digest of a plan, as the error about another one tells it."""
    ran = shell.promote(*options, "--digest", "sha256:0")
    assert ran.code == 6, ran
    return next(word.rstrip(",") for word in ran.err.split() if word.startswith("sha256:"))


def test_a_copy_that_takes_longer_than_we_wait_is_gone_on_with(shell: Promoter) -> None:
    """By its task, not by another request; the project of prod does not go on without it meanwhile."""
    shell.bench.set_options(copy_seconds=1000.0)
    target = ("--target", "Workflow/order-lookup")
    ran = shell.promote(*target, "--wait-timeout", "0")
    assert ran.code == 7
    assert "Coze is still copying it" in ran.out
    task = shell.remembered()["Workflow/order-lookup"]["copy"]["task"]
    assert "COZE101" in shell("plan", "--env", "prod").out
    assert "its copy is under way" in shell.promote(*target, "--plan").out
    shell.bench.emulator.advance(1001)
    done = shell.promote(*target)
    assert done.code == 7, done
    assert task in shell.bench.table("copy_tasks")
    assert shell.asked() == len(shell.copies()) == 1
    assert "task" not in shell.remembered()["Workflow/order-lookup"]["copy"]


def test_a_copy_that_fails_after_we_waited(shell: Promoter) -> None:
    """It is forgotten, and the next promote begins anew."""
    shell.bench.set_options(copy_seconds=1000.0, fail_copies="*")
    target = ("--target", "Workflow/order-lookup")
    assert shell.promote(*target, "--wait-timeout", "0").code == 7
    shell.bench.emulator.advance(1001)
    ran = shell.promote(*target)
    assert ran.code == 7
    assert "could not be copied" in ran.out
    assert "Workflow/order-lookup" not in shell.remembered()


def test_a_task_that_coze_forgot(shell: Promoter) -> None:
    """It is forgotten here too: what the workspace lists decides."""
    shell.bench.set_options(copy_seconds=1000.0)
    target = ("--target", "Workflow/order-lookup")
    assert shell.promote(*target, "--wait-timeout", "0").code == 7
    for task in list(shell.bench.table("copy_tasks")):
        shell.bench.emulator.remove("copy_tasks", task)
    assert shell.promote(*target).code == 7
    assert "Workflow/order-lookup" not in shell.remembered()


def test_another_copy_is_a_blocking_finding(shell: Promoter) -> None:
    """Acknowledged, it is made beside the first, and the bot is wired to it once it is published."""
    assert shell.promote().code == 7
    shell.publish()
    assert shell.promote().code == 0
    (first,) = shell.copies()
    again = ("--recopy", "Workflow/order-lookup")
    blocked = shell.promote(*again)
    assert blocked.code == 5
    assert "COZE155" in blocked.err
    ran = shell.promote(*again, "--digest", _digest(shell, *again), "--ack", "COZE155")
    assert ran.code == 7, ran
    known = shell.remembered()["Workflow/order-lookup"]
    assert known["id"] != first["workflow_id"]
    assert known["copy"]["older"] == [first["workflow_id"]]
    assert _wired(shell) == first["workflow_id"]
    shell.publish()
    assert shell.promote().code == 0
    assert _wired(shell) == known["id"]
    assert len(shell.copies()) == 2


def _wired(shell: Promoter) -> str:
    """The workflow that the bot of prod uses."""
    (one,) = shell.bench.bot("每日学一菜")[1]["workflow_id_list"]["ids"]
    found: str = one["id"]
    return found


def test_another_copy_that_fails_leaves_the_first(shell: Promoter) -> None:
    assert shell.promote().code == 7
    before = shell.remembered()["Workflow/order-lookup"]
    shell.bench.set_options(fail_copies="order*")
    again = ("--recopy", "Workflow/order-lookup")
    ran = shell.promote(*again, "--digest", _digest(shell, *again), "--ack", "COZE155")
    assert ran.code == 7
    assert "could not be copied" in ran.out
    assert shell.remembered()["Workflow/order-lookup"]["id"] == before["id"]
    assert "task" not in shell.remembered()["Workflow/order-lookup"]["copy"]


def test_an_unpublished_copy_stops_apply_too(shell: Promoter) -> None:
    """The users of the bot would get errors; acknowledged, it is wired all the same."""
    assert shell.promote().code == 7
    ran = shell("apply", "--env", "prod", "--yes")
    assert ran.code == 5
    assert "COZE154 unpublished-copy at Bot/chef" in ran.err
    plan = str(shell.bench.folder / "plan.json")
    shell("plan", "--env", "prod", "--out", plan)
    assert shell("apply", "--env", "prod", plan, "--ack", "COZE154@Bot/chef").code == 0
    assert _wired(shell) == shell.copies()[0]["workflow_id"]


def test_an_acknowledged_bot_is_wired_in_the_same_run(shell: Promoter) -> None:
    """To the id that the copy has just been given."""
    assert "+ Bot/chef" in shell.promote("--plan", "--ack", "COZE154").out
    ran = shell.promote("--digest", _digest(shell, "--ack", "COZE154"), "--ack", "COZE154")
    assert ran.code == 0, ran
    assert _wired(shell) == shell.copies()[0]["workflow_id"]


def test_what_is_there_under_its_name_is_adopted(shell: Promoter) -> None:
    """Somebody copied it by hand."""
    seed = {"workflows": [{"workflow_id": "710", "workflow_name": "order-lookup", "workspace_id": PROD}]}
    shell.bench.emulator.seed(seed)
    assert shell.promote().code == 0
    assert shell.asked() == 0
    assert shell.remembered()["Workflow/order-lookup"]["id"] == "710"
    assert _wired(shell) == "710"


def test_a_source_that_was_edited_later_is_told(shell: Promoter) -> None:
    shell.promote()
    shell.publish()
    shell.bench.emulator.advance(60)
    assert "COZE158" not in shell.promote("--plan").out
    shell.bench.emulator.edit("workflows", "700", description="neu")
    assert "COZE158 source-moved" in shell.promote("--plan").out


def test_without_a_source_nothing_is_copied(shell: Promoter) -> None:
    shell.bench.emulator.remove("workflows", "700")
    ran = shell.promote()
    assert ran.code == 5
    assert "COZE153" in ran.err
    assert "dev has no Workflow called 'order-lookup'" in " ".join(ran.out.split())


def test_a_source_that_the_token_sees_again_is_copied(shell: Promoter) -> None:
    """What the hint says to check, mended: nothing else is needed."""
    shell.bench.emulator.remove("workflows", "700")
    assert shell.promote().code == 5
    seed = {"workflows": [{"workflow_id": "700", "workflow_name": "order-lookup", "workspace_id": DEV}]}
    shell.bench.emulator.seed(seed)
    ran = shell.promote()
    assert ran.code == 7, ran
    assert "COZE153" not in ran.out + ran.err
    assert len(shell.copies()) == 1


def test_another_organization(shell: Promoter) -> None:
    shell.bench.emulator.edit("workspaces", DEV, enterprise_id="volcano_9")
    ran = shell.promote()
    assert ran.code == 5
    assert "COZE157" in ran.err
    assert shell.asked() == 0


def test_an_id_that_both_environments_have(shell: Promoter) -> None:
    """It is dev's; prod must not write to it."""
    shell.bench.edit("manifests/kitchen.yaml", "spec: {collaboration:", 'spec: {id: "700", collaboration:')
    ran = shell.promote()
    assert ran.code == 3
    assert "COZE050" in ran.err
    assert "manifests/kitchen.yaml:7:12" in ran.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("--from", "dev", "--to", "dev", "--yes"), "both dev"),
        (("--from", "dev", "--to", "prod"), "nobody can be asked"),
        (("--from", "dev", "--to", "prod", "--yes", "--ack", "COZE155"), "--ack"),
        (("--from", "dev", "--to", "prod", "--yes", "--target", "Bot/chef"), "Bot/chef is not promoted"),
        (("--from", "dev", "--to", "prod", "--yes", "--env", "prod"), "leave --env out"),
        (("--from", "dev", "--to", "pord", "--yes"), "no environment"),
        (
            (
                "--from",
                "dev",
            ),
            "--to",
        ),
    ],
)
def test_wrong_usage(shell: Promoter, line: tuple[str, ...], words: str) -> None:
    ran = shell("promote", *line)
    assert ran.code == 3
    assert words in ran.err
    assert shell.bench.writes() == []


def test_it_needs_a_state_and_one_server(shell: Promoter) -> None:
    shell.bench.edit("cozeops.yaml", "  state: {backend: local}\n", "")
    ran = shell.promote()
    assert (ran.code, "promote needs a state" in ran.err) == (3, True)
    shell.bench.edit("cozeops.yaml", "  environments:", "  state: {backend: local}\n  environments:")
    shell.bench.edit("cozeops.yaml", "{home: 厨房（测试）}}", "{home: a}, base_url: https://api.coze.com}")
    assert shell.promote().code == 3


def test_nothing_to_promote(shell: Promoter) -> None:
    shell.bench.write("manifests/kitchen.yaml", MANIFESTS.partition("---\n")[0])
    ran = shell.promote()
    assert (ran.code, "declares no workflow and no app" in ran.err) == (3, True)


def test_a_token_that_may_not_copy(shell: Promoter) -> None:
    """Nothing is remembered of what was refused."""
    permissions = ["listWorkspace", "listWorkflow", "getMetaData", "listBot", "Workflow.copy", "getBenefit"]
    shell.bench.emulator.seed({"tokens": [{"token": "pat_emulator", "permissions": permissions}]})
    ran = shell.promote("--target", "Workflow/order-lookup")
    assert ran.code == 4, ran
    assert "Workspace.createWorkflow" in ran.out
    assert "Workflow/order-lookup" not in shell.remembered()


def test_a_copy_that_may_have_been_made_is_no_lack_of_permission(shell: Promoter) -> None:
    """One was refused; of the other nobody knows, so it is not as if nothing had been written."""
    shell.fault("drop", phase="after")
    shell.bench.emulator.faults.add("error", operation=BEGIN, status=403, code=4101, skip=1)
    shell.bench.set_options(copy_seconds=1000.0)
    ran = shell.promote("--target", "Workflow/order-lookup", "--target", "App/shop")
    assert ran.code == 7, ran
    assert "unknown" in ran.out
    assert "code 4101" in ran.out
