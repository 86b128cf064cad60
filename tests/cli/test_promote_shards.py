"""`promote --shard`: each part of an environment is promoted to by itself, with a state of its own."""

from __future__ import annotations

import json

import pytest

from cozeops.address import Address
from cozeops.engine.plan.shards import homes_of
from tests.cli import test_promote
from tests.cli.test_promote import DEV, MANIFESTS, PROD, SEED, Promoter

shell = test_promote.shell

BAR = """\
---
kind: Workspace
metadata: {name: bar}
spec: {name: "${values.bar}"}
---
kind: Workflow
metadata: {name: drinks, workspace: bar}
spec: {}
---
kind: Bot
metadata: {name: keeper, workspace: bar}
spec: {name: 酒保, prompt: 你调酒, workflows: [drinks]}
"""
DEV_BAR, PROD_BAR = "7558", "7559"
KITCHEN = {"Workflow/order-lookup", "App/shop"}


@pytest.fixture
def company(shell: Promoter) -> Promoter:
    """Two workspaces in each environment, which are in two shards."""
    text = (shell.bench.folder / "cozeops.yaml").read_text("utf-8")
    text = text.replace("home: 厨房（测试）", "home: 厨房（测试）, bar: 酒吧（测试）").replace(
        "home: 厨房}", "home: 厨房, bar: 酒吧}"
    )
    shell.bench.write("cozeops.yaml", text)
    shell.bench.write("manifests/kitchen.yaml", MANIFESTS + BAR)
    shell.bench.emulator.reset()
    shell.bench.emulator.seed(
        {
            **SEED,
            "workspaces": [
                *SEED["workspaces"],
                {"id": DEV_BAR, "name": "酒吧（测试）"},
                {"id": PROD_BAR, "name": "酒吧"},
            ],
            "workflows": [
                *SEED["workflows"],
                {"workflow_id": "701", "workflow_name": "drinks", "workspace_id": DEV_BAR},
            ],
        }
    )
    return shell


def shards(shell: Promoter) -> tuple[str, str, str]:
    """The shards of the kitchen and of the bar, and one that has neither."""
    resources = shell.bench.project(environment="prod").resources
    for count in range(3, 40):
        homes = homes_of(resources, count)
        kitchen, bar = homes[Address("Workspace", "kitchen")], homes[Address("Workspace", "bar")]
        if kitchen != bar:
            other = next(number for number in range(1, count + 1) if number not in (kitchen, bar))
            return f"{kitchen}/{count}", f"{bar}/{count}", f"{other}/{count}"
    raise AssertionError("one shard has both, whatever their number")


def states(shell: Promoter) -> dict[str, set[str]]:
    """Which copies each state remembers."""
    files = (shell.bench.folder / ".cozeops" / "state").glob("prod*.json")
    return {
        file.stem: {
            address
            for address, record in json.loads(file.read_text("utf-8"))["resources"].items()
            if record.get("copy")
        }
        for file in files
    }


def test_each_part_is_copied_once_and_remembered_by_its_shard(company: Promoter) -> None:
    """As often as it is asked for, by whichever shard."""
    kitchen, bar, other = shards(company)
    for _ in range(2):
        for shard in (kitchen, bar, other):
            ran = company.promote("--shard", shard)
            assert ran.code in (0, 5, 7), ran
    rows = company.bench.table("workflows").values()
    homes = sorted(row["workspace_id"] for row in rows)
    assert homes == sorted([DEV, DEV_BAR, PROD, PROD_BAR])
    assert company.asked() == 2
    kept = states(company)
    assert kept[f"prod@{kitchen.partition('/')[0]}"] == KITCHEN
    assert kept[f"prod@{bar.partition('/')[0]}"] == {"Workflow/drinks"}
    assert "prod" not in kept


def test_a_shard_that_has_nothing_of_the_kind_is_done(company: Promoter) -> None:
    """All jobs of a pipeline run the same line; nothing chosen is not everything."""
    *_, other = shards(company)
    ran = company.promote("--shard", other)
    assert ran.code == 0, ran
    assert "No changes." in ran.out
    assert company.asked() == 0
    assert company.bench.table("bots") == {}


def test_a_shard_wires_its_own_bots(company: Promoter) -> None:
    _, bar, _ = shards(company)
    assert company.promote("--shard", bar).code == 7
    for id, row in company.bench.table("workflows").items():
        if row["workspace_id"] == PROD_BAR:
            company.bench.emulator.edit("workflows", id, published=True, versions=["v0.0.1"])
    assert company.promote("--shard", bar).code == 0
    assert company.bench.bot("酒保")
    assert len(company.bench.table("bots")) == 1
    assert company("plan", "--env", "prod", "--shard", bar, "--detailed-exitcode").code == 0


def test_the_other_environment_may_be_split_in_another_way(company: Promoter) -> None:
    """What it remembers counts, whichever of its shards does: here the workflow has another name by now."""
    resources = company.bench.project(environment="dev").resources
    home = homes_of(resources, 2)[Address("Workspace", "bar")]
    ran = company("import", "Workflow/drinks", "701", "--env", "dev", "--shard", f"{home}/2")
    assert ran.code == 0, ran
    company.bench.emulator.edit("workflows", "701", workflow_name="cocktails")
    _, bar, _ = shards(company)
    ran = company.promote("--shard", bar, "--plan")
    assert "a copy of 701 of dev" in ran.out
