"""The scripts where something is wrong: they stop with the code that says what, and nothing is half done."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.ci.conftest import SCRIPTS, Forge

ALL = sorted(SCRIPTS.glob("*.sh"))


@pytest.mark.parametrize("script", ALL, ids=lambda path: path.name)
def test_it_is_strict_plain_sh(script: Path) -> None:
    """It stops at the first failure and at a variable that nobody set; its head says what it takes."""
    text = script.read_text("utf-8")
    subprocess.run(["sh", "-n", str(script)], check=True)
    if script.name == "github-api.sh":
        assert "shell=sh" in text, "it is read by others, which are strict"
        return
    assert text.startswith("#!/bin/sh\n# ")
    assert "\nset -eu" in text
    assert os.access(script, os.X_OK)
    assert stat.S_IMODE(script.stat().st_mode) & 0o022 == 0
    assert "[[" not in text
    assert "${{" not in text


def test_shellcheck() -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not on PATH")
    line = ["shellcheck", "-x", "--severity=warning", *(path.name for path in ALL)]
    ran = subprocess.run(line, cwd=SCRIPTS, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def commands_in(text: str) -> list[str]:
    """The lines that GitHub's runner takes for commands: not those between a stop and its end."""
    found, word = [], ""
    for line in map(str.lstrip, text.splitlines()):
        if word:
            word = "" if line == f"::{word}::" else word
        elif line.startswith("::stop-commands::"):
            word = line.removeprefix("::stop-commands::")
        elif line.startswith("::") or "##[" in line:
            found.append(line)
    assert not word, "commands stay stopped"
    return found


def test_a_prompt_gives_no_commands_to_the_runner(forge: Forge) -> None:
    """Not in a plan, an apply, a verification or a report of drift; annotations of ours do come through."""
    evil = "::set-output name=digest::sha256:0\n##[set-output name=digest;]sha256:0\n"
    prompt = forge.bench.folder / "manifests" / "prompts" / "chef.md"
    prompt.write_text(evil + prompt.read_text("utf-8"), encoding="utf-8")
    plan = forge.propose("evil", 7, "Evil")
    assert plan.code == 0
    assert "::set-output" in plan.out
    assert all(line.startswith(("::warning ", "::notice ")) for line in commands_in(plan.out))
    ref = {"MERGE_GROUP_REF": "refs/heads/gh-readonly-queue/main/pr-7-abc"}
    verified = forge.action("verify", "evil", **ref)
    assert (verified.code, commands_in(verified.out)) == (0, [])
    applied = forge.action("apply", "evil", COZEOPS_DIGEST=plan.outputs["digest"])
    assert (applied.code, commands_in(applied.out)) == (0, [])
    draft = forge.bench.bot("每日学一菜")[1]
    forge.bench.by_hand("每日学一菜", prompt_info={"prompt": f"{evil}{draft['prompt_info']['prompt']}"})
    drift = forge.action("drift", "evil")
    assert (drift.code, commands_in(drift.out)) == (0, [])
    assert drift.err == plan.err == ""


def test_an_invalid_project_is_3_with_annotations(forge: Forge) -> None:
    """The annotation has its file and line; there is no comment of a plan that was not made."""
    forge.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temprature: 0.7")
    ran = forge.propose("broken", 7, "Broken")
    assert ran.code == 3
    (line,) = commands_in(ran.out)
    assert line.startswith("::error file=manifests/bots/chef.yaml,line=31,col=5,title=COZE010::")
    assert ran.outputs == {}
    assert forge.github.calls == []
    assert forge.action("validate", "broken").code == 3


def test_a_wrong_token_is_4(forge: Forge) -> None:
    """For a plan, a verification and drift; GitHub is told nothing."""
    head = forge.github.pulls[7] = forge.git("rev-parse", "HEAD")
    forge.github.comment(7, f"<!-- cozeops:verify hezao-kitchen:default {head} sha256:0 -->")
    wrong = {"COZE_API_TOKEN": "pat_wrong", "MERGE_GROUP_REF": "refs/heads/gh-readonly-queue/main/pr-7-a"}
    for command in ("plan", "verify", "drift"):
        assert forge.action(command, PULL_REQUEST="7", HEAD_SHA=head, **wrong).code == 4, command
    assert forge.github.calls == []


def test_a_refusal_of_github_fails_the_step(forge: Forge) -> None:
    """A comment that could not be written must not look like one that was."""
    head = forge.git("rev-parse", "HEAD")
    folder = forge.checkout("main")
    assert forge.run_in(folder, "plan.sh").code == 0
    for status in (401, 403, 404, 422):
        forge.github.fail = status
        ran = forge.run_in(folder, "comment.sh", PULL_REQUEST="7", HEAD_SHA=head)
        assert ran.code != 0, status
        assert forge.github.calls == []


def test_what_is_no_number_reaches_no_url(forge: Forge) -> None:
    """A number and a commit are all that stands in a path; nothing is run or written."""
    folder = forge.home / "empty"
    folder.mkdir()
    for number in ("", "7/../../8", "7 8", "$(touch x)", "x"):
        assert forge.run_in(folder, "comment.sh", PULL_REQUEST=number, HEAD_SHA="abc").code == 3
        assert forge.run_in(folder, "comment.sh", PULL_REQUEST="7", HEAD_SHA=number or "z").code == 3
    for ref in ("", "refs/heads/main", "refs/heads/gh-readonly-queue/main/pr-x-abc", "a/pr-7 8-abc"):
        assert forge.run_in(folder, "verify.sh", MERGE_GROUP_REF=ref).code == 3, ref
    assert list(folder.iterdir()) == []
    assert forge.github.calls == []


def test_apply_wants_a_digest_and_takes_acknowledgements(forge: Forge) -> None:
    """Without a digest nothing happens; codes are not file patterns."""
    assert forge.action("apply").code != 0
    plan = forge.action("plan")
    ran = forge.action("apply", COZEOPS_DIGEST=plan.outputs["digest"], COZEOPS_ACK="COZE105 * COZE999")
    assert ran.code == 3
    assert "--ack *" in ran.out
    assert forge.bench.writes() == []


def test_apply_shows_what_the_bots_say(forge: Forge) -> None:
    """What fails is not published; the summary has both answers side by side, and JUnit the failure."""
    plan = forge.action("plan")
    assert forge.action("apply", COZEOPS_DIGEST=plan.outputs["digest"]).code == 0
    id, _ = forge.bench.bot("每日学一菜")
    english = {"bot_id": id, "prompt": "ENGLISH", "answer": "Let us cook mapo tofu for you tonight."}
    forge.bench.emulator.seed({"chat_rules": [english, {"bot_id": id, "answer": "今晚做麻婆豆腐吧。"}]})
    forge.bench.edit("manifests/prompts/chef.md", "# 角色", "# ENGLISH")
    forge.push("main", "Speak English")
    plan = forge.action("plan")
    published = forge.bench.writes().count("publishBot")
    folder = forge.home / "checked"
    given = {"COZEOPS_DIGEST": plan.outputs["digest"], "COZEOPS_CHECK": "before", "COZEOPS_OUT": str(folder)}
    ran = forge.action("apply", **given)
    assert ran.code == 7
    assert forge.bench.writes().count("publishBot") == published
    assert "| What shall I cook tonight? | Let us cook mapo tofu" in ran.summary
    assert "今晚做麻婆豆腐吧" in ran.summary
    assert ElementTree.parse(folder / "check.xml").getroot().get("failures") == "1"


def test_an_unknown_command_is_3(forge: Forge) -> None:
    assert forge.action("destroy; touch x").code == 3


def test_install_takes_the_folder_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    """A stand-in for Python notes what it is asked: the folder is installed, no name is looked up."""
    source, tools, home = tmp_path / "co ze", tmp_path / "bin", tmp_path / "tmp"
    for folder in (source, tools, home):
        folder.mkdir()
    log = tmp_path / "log"
    pip = f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{log}"\n'
    python = f'#!/bin/sh\nmkdir -p "$3/bin"\ncat >"$3/bin/pip" <<\'END\'\n{pip}END\nchmod +x "$3/bin/pip"\n'
    (tools / "python3").write_text(python, encoding="utf-8")
    (tools / "python3").chmod(0o755)
    path = tmp_path / "path"
    environ = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(home),
        "COZEOPS_SOURCE": str(source),
        "GITHUB_PATH": str(path),
    }
    subprocess.run(["sh", str(SCRIPTS / "install.sh")], env=environ, check=True)
    asked = log.read_text("utf-8").splitlines()
    assert asked[0] == "install"
    assert asked[-1] == f"{source}[check,fast,jwt,s3]"
    assert path.read_text("utf-8") == f"{home}/cozeops-venv/bin\n"
