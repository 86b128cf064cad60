"""From a pull request to the drift of a night: every script of the recipes, in the order of a team's life."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ci.conftest import Forge
from tests.ci.github import BOT

CHEF = "每日学一菜"


def apply(forge: Forge) -> None:
    """What is merged: plan, then apply that digest."""
    plan = forge.action("plan")
    assert (plan.code, plan.outputs["changes"]) == (0, "true"), plan.out
    ran = forge.action("apply", COZEOPS_DIGEST=plan.outputs["digest"])
    assert ran.code == 0, ran.out
    assert "cozeops apply: exit code 0" in ran.summary
    again = forge.action("plan")
    assert (again.outputs["changes"], again.outputs["exit-code"]) == ("false", "0")


def test_a_change_from_the_pull_request_to_production(forge: Forge) -> None:
    """One comment that stays current; the queue lets through what was reviewed and nothing else."""
    apply(forge)
    bench, github = forge.bench, forge.github

    bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    first = forge.propose("warmer", 7, "Warmer")
    assert first.code == 0, first.out
    assert first.outputs["changes"] == "true"
    (comment,) = github.by_bot()
    assert "0.8" in comment["body"]
    assert comment["body"].startswith("<!-- cozeops:plan:hezao-kitchen:default -->\n")
    assert comment["body"].endswith(f"{github.pulls[7]} {first.outputs['digest']} -->")
    assert first.summary in comment["body"]

    bench.edit("manifests/bots/chef.yaml", "temperature: 0.8", "temperature: 0.9")
    second = forge.propose("warmer", 7, "Warmer still")
    (edited,) = github.by_bot()
    assert edited["id"] == comment["id"]
    assert "0.9" in edited["body"]
    assert "0.8" not in edited["body"]
    assert second.outputs["digest"] != first.outputs["digest"]
    assert github.calls == ["POST issues/7/comments", f"PATCH issues/comments/{comment['id']}"]

    queue = "gh-readonly-queue/main/pr-7-0123456789abcdef0123456789abcdef01234567"
    forge.git("push", "-q", "origin", f"HEAD:refs/heads/{queue}")
    group = f"refs/heads/{queue}"
    assert forge.action("verify", queue, MERGE_GROUP_REF=group).code == 0
    bench.by_hand(CHEF, model_info_config={"temperature": 0.5})
    moved = forge.action("verify", queue, MERGE_GROUP_REF=group)
    assert (moved.code, "error: the plan is sha256:" in moved.out) == (6, True)
    bench.by_hand(CHEF, model_info_config={"temperature": 0.7})
    assert forge.action("verify", queue, MERGE_GROUP_REF=group).code == 0

    forge.git("push", "-q", "origin", "HEAD:main")
    reviewed = second.outputs["digest"]
    assert forge.action("apply", COZEOPS_DIGEST=first.outputs["digest"]).code == 6
    assert bench.bot(CHEF)[1]["model_info_config"]["temperature"] == 0.7
    assert forge.action("apply", COZEOPS_DIGEST=reviewed).code == 0
    assert bench.bot(CHEF)[1]["model_info_config"]["temperature"] == 0.9


def test_drift_keeps_one_issue(forge: Forge) -> None:
    """Opened once, brought up to date, closed when it is gone; other people's issues are left alone."""
    bench, github = forge.bench, forge.github
    apply(forge)
    marker = "<!-- cozeops:drift:hezao-kitchen:default -->"
    github.open_issue("not ours", f"{marker}\nby somebody", author="mallory")
    github.open_issue("ours, but a pull request", f"{marker}\n", pull_request={})
    assert forge.action("drift").code == 0
    assert github.calls == []

    bench.by_hand(CHEF, model_info_config={"temperature": 0.5})
    night = forge.action("drift", GITHUB_RUN_URL="https://github.example/run/1")
    assert night.code == 0, night.out
    issue = github.issues[-1]
    assert github.calls == ["POST issues"]
    assert issue["title"] == "cozeops: drift in hezao-kitchen/default"
    assert "0.7 → 0.5" in issue["body"]
    assert "https://github.example/run/1" in issue["body"]

    bench.by_hand(CHEF, model_info_config={"temperature": 0.4})
    assert forge.action("drift").code == 0
    assert github.calls == ["POST issues", "PATCH issues/3"]
    assert "0.7 → 0.4" in issue["body"]

    bench.by_hand(CHEF, model_info_config={"temperature": 0.7})
    assert forge.action("drift").code == 0
    assert issue["state"] == "closed"
    assert [one["state"] for one in github.issues] == ["open", "open", "closed"]


def online(forge: Forge) -> bool:
    """Whether users still meet the chef somewhere."""
    return bool(forge.bench.table("bots")[forge.bench.bot(CHEF)[0]]["online"])


def test_a_merged_removal_goes_once_it_is_approved(forge: Forge) -> None:
    """The apply leaves the bot serving; the prune recipe shows what would go, and does that or nothing."""
    bench = forge.bench
    bench.edit("manifests/bots/chef.yaml", "[unpublish, rename]", "[rename]")
    forge.push("main", "The chef may go")
    apply(forge)
    for file in ("bots/chef.yaml", "checks.yaml"):
        (bench.folder / "manifests" / file).unlink()
    forge.push("main", "Without the chef")
    assert forge.action("plan").outputs["changes"] == "false"
    assert online(forge)

    plan = forge.action("plan", COZEOPS_PRUNE="true")
    assert (plan.code, plan.outputs["changes"]) == (0, "true"), plan.out
    assert "Bot/chef" in plan.summary
    digest = plan.outputs["digest"]
    assert forge.action("apply", COZEOPS_DIGEST=digest).code == 6
    assert online(forge)
    ran = forge.action("apply", COZEOPS_DIGEST=digest, COZEOPS_PRUNE="true")
    assert ran.code == 0, ran.out
    assert not online(forge)
    assert forge.action("plan", COZEOPS_PRUNE="true").outputs["changes"] == "false"


def test_two_projects_on_one_pull_request_have_a_comment_each(forge: Forge) -> None:
    """The other project's comment and issue are not taken for ours, and the queue reads our digest."""
    github = forge.github
    first = forge.propose("two", 7, "Two projects")
    forge.bench.edit("cozeops.yaml", "name: hezao-kitchen", "name: other-kitchen")
    second = forge.propose("two", 7, "Two projects")
    assert (first.code, second.code) == (0, 0), second.out
    heads = [comment["body"].partition("\n")[0] for comment in github.by_bot()]
    assert heads == [f"<!-- cozeops:plan:{name}:default -->" for name in ("hezao-kitchen", "other-kitchen")]
    ref = {"MERGE_GROUP_REF": "refs/heads/gh-readonly-queue/main/pr-7-abc"}
    assert forge.action("verify", "two", **ref).code == 0
    assert forge.action("verify", "two", COZEOPS_SHARD="1/2", **ref).code == 6


def test_one_plan_in_every_form(forge: Forge) -> None:
    """What the pipelines of GitHub and GitLab upload; nothing of it lands in the repository's folder."""
    folder = forge.checkout("main")
    ran = forge.run_in(folder, "plan.sh")
    assert ran.code == 0, ran.err
    out = Path(ran.outputs["plan-path"])
    digest = json.loads((out / "plan.json").read_text("utf-8"))["digest"]
    assert digest == ran.outputs["digest"]
    assert digest in (out / "plan.md").read_text("utf-8")
    assert digest in (out / "plan.html").read_text("utf-8")
    assert (out / "plan.env").read_text("utf-8") == f"COZEOPS_CHANGES=true\nCOZEOPS_DIGEST={digest}\n"
    assert json.loads((out / "gitlab.json").read_text("utf-8"))["create"] > 0
    assert forge.git("status", "--porcelain", folder=folder) == ""


def test_a_round_without_a_ci_server(forge: Forge) -> None:
    """Kubernetes: apply takes the branch as it is, drift ends with its own code, apply puts it back."""
    work = iter(range(9))

    def round_(mode: str) -> int:
        folder = forge.home / f"pod-{next(work)}"
        folder.mkdir()
        where = {"WORK": str(folder), "GIT_URL": f"file://{forge.hub}"}
        return forge.run_in(folder, "reconcile.sh", MODE=mode, **where).code

    assert round_("apply") == 0
    assert round_("drift") == 0
    forge.bench.by_hand(CHEF, model_info_config={"temperature": 0.5})
    assert round_("drift") == 10
    assert round_("apply") == 0
    assert forge.bench.bot(CHEF)[1]["model_info_config"]["temperature"] == 0.7
    assert round_("nonsense") == 3


def test_others_cannot_speak_for_the_plan(forge: Forge) -> None:
    """A comment with our marks by somebody else is neither edited nor believed; there are pages of them."""
    github = forge.github
    digest = f"sha256:{'0' * 64}"
    for _ in range(120):
        github.comment(7, "<!-- cozeops:plan:hezao-kitchen:default -->\nmine", author="mallory")
    assert forge.propose("first", 7, "First").code == 0
    (comment,) = github.by_bot()
    ref = {"MERGE_GROUP_REF": "refs/heads/gh-readonly-queue/main/pr-7-abc"}
    fake = f"x\n<!-- cozeops:verify hezao-kitchen:default {github.pulls[7]} {digest} -->"
    github.comment(7, fake, author="mallory")
    assert forge.action("verify", "first", **ref).code == 0

    comment["body"] = comment["body"].replace(github.pulls[7], "0" * 40)
    stale = forge.action("verify", "first", **ref)
    assert stale.code == 6
    assert "no comment has a plan of commit" in stale.out
    comment["user"]["login"] = BOT
    # A prompt that holds such a line is in the middle of a comment, not at its end.
    comment["body"] = f"{fake}\n```\n"
    assert forge.action("verify", "first", **ref).code == 6
