"""The formats for other programs: from one run, with places, and with the exit codes of the others."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cozeops.cli.files.formats import PLAN_FORMATS, PROBLEM_FORMATS, VALIDATE_FORMATS
from tests.cli.conftest import Shell

FOREIGN = ["junit", "sarif", "github", "gitlab"]


def break_it(shell: Shell) -> None:
    """A typing mistake, on line 31."""
    shell.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temprature: 0.7")


@pytest.mark.parametrize("form", FOREIGN)
def test_plans_exit_codes(applied: Shell, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """0, 2, 6, 3 and 4, as in every format; findings, also blocking ones, change nothing."""
    assert applied("plan", "--format", form, "--detailed-exitcode").code == 0
    applied.bench.edit("manifests/knowledge.yaml", '    - {files: "docs/cantonese/*.md"}\n', "")
    assert applied("plan", "--format", form).code == 0
    assert applied("plan", "--format", form, "--detailed-exitcode").code == 2
    assert applied("plan", "--format", form, "--verify", "sha256:0").code == 6
    with monkeypatch.context() as patch:
        patch.setenv("COZE_API_TOKEN", "pat_wrong")
        ran = applied("plan", "--format", form)
        assert (ran.code, ran.out) == (4, "")
    break_it(applied)
    assert applied("plan", "--format", form).code == 3


def test_a_blocking_finding_is_at_its_resource(applied: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, line and column, from where the repository begins."""
    applied.bench.edit("manifests/knowledge.yaml", '    - {files: "docs/cantonese/*.md"}\n', "")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(applied.bench.folder.parent))
    where = "project/manifests/knowledge.yaml"
    annotations = applied("plan", "--format", "github").out
    assert f"::error file={where},line=7,col=1,title=COZE105 removes-unknown" in annotations
    log = json.loads(applied("plan", "--format", "sarif").out)
    errors = [one for one in log["runs"][0]["results"] if one["level"] == "error"]
    (location,) = errors[0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == where
    suite = ElementTree.fromstring(applied("plan", "--format", "junit").out)
    assert int(suite.get("failures", "0")) == len(errors)


def test_gitlab_counts(shell: Shell) -> None:
    counts = json.loads(shell("plan", "--format", "gitlab").out)
    summary = json.loads(shell("plan", "--format", "json").out)["summary"]
    assert counts == {"create": summary["create"], "update": summary["update"], "delete": 0}


def test_one_plan_in_many_files(shell: Shell, tmp_path: Path) -> None:
    """What a pipeline shows in five places is one plan, and the live side was read once."""
    arguments = [f"--also={form}={tmp_path / form}" for form in PLAN_FORMATS]
    ran = shell("plan", *arguments)
    assert ran.code == 0
    once = len(shell.bench.emulator.requests)
    digest = json.loads((tmp_path / "json").read_text("utf-8"))["digest"]
    for form in ("markdown", "html", "json"):
        assert digest in (tmp_path / form).read_text("utf-8")
    assert "Plan for default" in (tmp_path / "text").read_text("utf-8")
    assert "\x1b" not in (tmp_path / "text").read_text("utf-8")
    shell.bench.emulator.requests.clear()
    assert shell("plan").code == 0
    assert len(shell.bench.emulator.requests) == once


@pytest.mark.parametrize("value", ["markdown", "=x", "nonsense=x", "json="])
def test_also_wants_a_format_and_a_file(shell: Shell, value: str) -> None:
    """Wrong usage, before any request."""
    ran = shell("plan", "--also", value)
    assert ran.code == 3
    assert "FORMAT=FILE" in ran.err
    assert not shell.bench.emulator.requests


def test_a_file_that_cannot_be_written_is_1(shell: Shell, tmp_path: Path) -> None:
    ran = shell("plan", "--also", f"json={tmp_path / 'nowhere' / 'plan.json'}")
    assert ran.code == 1
    assert "cannot be written" in ran.err


@pytest.mark.parametrize("form", VALIDATE_FORMATS)
def test_validate_is_0_or_3(shell: Shell, form: str) -> None:
    """The people's messages go to standard error in every format."""
    ran = shell("validate", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    break_it(shell)
    ran = shell("validate", "--format", form)
    assert ran.code == 3
    assert "manifests/bots/chef.yaml:31:5" in ran.err
    assert bool(ran.out) is (form != "text")
    assert not shell.bench.emulator.requests


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_problems_have_their_place(shell: Shell, command: str) -> None:
    break_it(shell)
    assert "line=31,col=5,title=COZE010::" in shell(command, "--format", "github").out
    suite = ElementTree.fromstring(shell(command, "--format", "junit").out)
    assert [case.get("line") for case in suite.iter("testcase")] == ["31"]
    (result,) = json.loads(shell(command, "--format", "sarif").out)["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 31, "startColumn": 5}


def test_problems_as_json(shell: Shell) -> None:
    """Versioned, and of one shape whether there are problems or not."""
    good = json.loads(shell("validate", "--format", "json").out)
    break_it(shell)
    bad = json.loads(shell("validate", "--format", "json").out)
    assert good["format"] == bad["format"] == "cozeops-validation/1"
    assert (good["valid"], good["problems"]) == (True, [])
    assert good["resources"]["Bot"] == 5
    assert bad["valid"] is False
    assert (bad["problems"][0]["file"], bad["problems"][0]["line"]) == ("manifests/bots/chef.yaml", 31)


def test_problems_reach_the_files_beside(shell: Shell, tmp_path: Path) -> None:
    """A pipeline that uploads reports has them also when the project is not valid."""
    break_it(shell)
    arguments = [f"--also={form}={tmp_path / form}" for form in PLAN_FORMATS]
    assert shell("plan", *arguments).code == 3
    assert {file.name for file in tmp_path.iterdir()} == {"project", *PROBLEM_FORMATS}


def test_events_of_an_apply(shell: Shell, tmp_path: Path) -> None:
    """From `begun` to `ended`; each change begins before its steps and ends after them."""
    file = tmp_path / "events.ndjson"
    report = tmp_path / "run.json"
    assert shell("apply", "--yes", "--events", str(file), "--report", str(report)).code == 0
    told = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (told[0]["event"], told[-1]["event"]) == ("begun", "ended")
    assert told[-1]["exit_code"] == 0
    assert told[0]["plan"] == json.loads(report.read_text("utf-8"))["plan"]
    chef = [line["event"] for line in told if line.get("address") == "Bot/chef"]
    assert (chef[0], chef[-1]) == ("started", "finished")
    assert {"step"} <= set(chef[1:-1]) <= {"step", "waiting"}
    assert sum(line["event"] == "finished" for line in told) == told[0]["total"]


def test_events_of_an_apply_with_nothing_to_do(applied: Shell, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    assert applied("apply", "--yes", "--events", str(file)).code == 0
    told = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [line["event"] for line in told] == ["begun", "ended"]
    assert told[1]["outcomes"] == {}


def test_events_that_cannot_be_written_stop_it_before_a_request(shell: Shell, tmp_path: Path) -> None:
    ran = shell("apply", "--yes", "--events", str(tmp_path / "nowhere" / "events"))
    assert ran.code == 1
    assert not shell.bench.emulator.requests


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_does_not_stop_an_apply(shell: Shell) -> None:
    """Lines about an apply are not worth an apply cut in half."""
    assert shell("apply", "--yes", "--events", "/dev/full").code == 0
    assert shell("plan", "--detailed-exitcode").code == 0
