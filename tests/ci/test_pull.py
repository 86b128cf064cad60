"""Drift becomes a pull request: one, with the diff in its text, brought up to date and closed."""

from __future__ import annotations

from tests.ci.conftest import Forge
from tests.ci.test_walk import CHEF, apply

BRANCH = "cozeops/pull/hezao-kitchen/default"


def on(forge: Forge, branch: str, file: str) -> str:
    """A file as the remote has it on a branch."""
    return forge.git("--git-dir", str(forge.hub), "show", f"{branch}:{file}")


def test_drift_becomes_one_pull_request_that_can_be_merged(forge: Forge) -> None:
    bench, github = forge.bench, forge.github
    apply(forge)
    assert forge.action("pull").code == 0
    assert (github.calls, github.requests) == ([], [])

    bench.by_hand(CHEF, model_info_config={"temperature": 0.5})
    night = forge.action("pull", GITHUB_RUN_URL="https://github.example/run/1")
    assert night.code == 0, night.out
    (request,) = github.requests
    assert (request["head"]["ref"], request["base"]) == (BRANCH, "main")
    assert request["title"] == "Pull what was changed on Coze: hezao-kitchen/default"
    for said in ("    -    temperature: 0.7\n    +    temperature: 0.5\n", "https://github.example/run/1"):
        assert said in request["body"]
    assert "temperature: 0.5" in on(forge, BRANCH, "manifests/bots/chef.yaml")
    first = forge.git("--git-dir", str(forge.hub), "rev-parse", BRANCH)

    assert forge.action("pull").code == 0
    assert forge.git("--git-dir", str(forge.hub), "rev-parse", BRANCH) == first, (
        "the same is not pushed again"
    )
    bench.by_hand(CHEF, model_info_config={"temperature": 0.4})
    assert forge.action("pull").code == 0
    assert len(github.requests) == 1
    assert "0.7 → 0.4" in request["body"]

    forge.git("fetch", "-q", "origin", BRANCH)
    forge.git("merge", "-q", "--ff-only", "FETCH_HEAD")
    forge.push("main", "Merged")
    assert forge.action("drift").code == 0
    planned = forge.action("plan")
    assert planned.code == 0, planned.out
    assert "temperature" not in planned.out
    assert forge.action("pull").code == 0
    assert request["state"] == "closed"


def test_what_cannot_be_looked_at_fails_the_step(forge: Forge) -> None:
    """No branch, no pull request: a wrong token is no drift."""
    apply(forge)
    forge.bench.by_hand(CHEF, model_info_config={"temperature": 0.5})
    assert forge.action("pull", COZE_API_TOKEN="pat_wrong").code == 4
    assert forge.github.requests == []
    assert BRANCH not in forge.git("--git-dir", str(forge.hub), "branch", "--list", "--all")
