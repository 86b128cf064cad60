"""`graph`: the edges that an apply follows, and the prompts that bots are compiled from; inert names."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.report.plan.dependencies import as_dot
from cozeops.report.plan.graph import dependencies_of
from cozeops.report.plan.mermaid import mermaid
from tests.cli.conftest import Shell


def edges(shell: Shell, *arguments: str) -> set[tuple[str, str]]:
    """What is needed, and what needs it."""
    data = json.loads(shell("graph", "--format", "json", *arguments).out)
    return {(edge["needs"], edge["address"]) for edge in data["edges"]}


def test_json_has_every_resource_and_edge(shell: Shell) -> None:
    data: Any = json.loads(shell("graph", "--format", "json").out)
    resources = shell.bench.project().resources
    assert data["format"] == "cozeops-graph/1"
    assert [node["address"] for node in data["nodes"]] == [str(one.address) for one in resources]
    chef = next(node for node in data["nodes"] if node["address"] == "Bot/chef")
    assert chef == {
        "address": "Bot/chef",
        "kind": "Bot",
        "name": "每日学一菜",
        "workspace": "kitchen",
        "labels": {"team": "content", "tier": "gold"},
    }
    found = edges(shell)
    assert ("KnowledgeBase/recipes", "Bot/chef") in found
    assert ("Workspace/kitchen", "Bot/chef") in found
    assert ("Connector/kiosk", "Workspace/kitchen") in found
    assert {(str(need), str(one.address)) for one in resources for need in one.needs} <= found


def test_prompts_lead_to_the_bots_that_they_are_compiled_into(shell: Shell) -> None:
    """In every place where a text may stand."""
    bench = shell.bench
    bench.write("manifests/p.yaml", "kind: Prompt\nmetadata: {name: inner}\nspec: {text: hi}\n")
    bench.write(
        "manifests/q.yaml",
        "kind: Prompt\nmetadata: {name: outer}\nspec: {parts: [{ref: inner}, {text: x}]}\n",
    )
    bench.edit("manifests/bots/nutritionist.yaml", "dynamic: |", "dynamic: {ref: outer}\n  description: |")
    bench.edit("manifests/bots/nutritionist.yaml", "  description: 估算", "  # 估算")
    found = edges(shell)
    assert ("Prompt/persona", "Bot/support") in found
    assert ("Prompt/inner", "Prompt/outer") in found
    assert ("Prompt/outer", "Bot/nutritionist") in found


def test_mermaid_and_dot_say_the_same(shell: Shell) -> None:
    wanted = edges(shell)
    mermaid = shell("graph").out
    names = dict(re.findall(r'^  (n\d+)\["(.*)"\]$', mermaid, re.MULTILINE))
    arrows = re.findall(r"^  (n\d+) --> (n\d+)$", mermaid, re.MULTILINE)
    assert {(names[a], names[b]) for a, b in arrows} == wanted
    dot = shell("graph", "--format", "dot").out
    assert set(re.findall(r'^  "(.*)" -> "(.*)";$', dot, re.MULTILINE)) == wanted


def test_a_selection(shell: Shell) -> None:
    """With what it needs, and nothing else."""
    nodes = json.loads(shell("graph", "--format", "json", "--target", "Bot/translator").out)["nodes"]
    addresses = {node["address"] for node in nodes}
    assert {"Bot/translator", "Workspace/kitchen"} <= addresses
    assert "Bot/chef" not in addresses
    assert ("Prompt/persona", "Bot/support") in edges(shell, "--target", "Bot/support")


def test_it_is_offline_and_the_same_each_time(shell: Shell) -> None:
    assert shell("graph").out == shell("graph").out
    assert not shell.bench.emulator.requests


HOSTILE = ['"]; click n0 "javascript:x', "a\\", 'b"c', "d\ne", "#quot;", "<script>", "\x1b[2J", "`|{}()"]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_name_is_syntax(shell: Shell, name: str) -> None:
    """Manifests refuse such names; what is drawn does not rely on it."""
    resources = shell.bench.project().resources
    graph = dependencies_of([replace(resources[0], address=Address("Bot", name))])
    label = re.fullmatch(r'  n0\["([^"]*)"\]', list(mermaid(graph))[1])
    assert label
    assert re.fullmatch(r"(?:[\w /.-]|#\d+;)*", label[1])
    node = list(as_dot(graph))[3]
    assert re.fullmatch(r'  "(?:[^"\\]|\\.)*";', node)
    assert node.isprintable()


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
def test_graphviz_takes_it(shell: Shell) -> None:
    subprocess.run(["dot", "-Tsvg"], input=shell("graph", "--format", "dot").out.encode(), check=True)
