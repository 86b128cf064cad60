"""`cozeops init`: a project that works as it is, and nobody's file is overwritten."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import cozeops.cli
from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of
from tests.cli.conftest import Shell

TEMPLATES = Path(cozeops.cli.__file__).parent / "starter"


def run(shell: Shell, folder: Path, *arguments: str) -> int:
    """A command in another project than the shell's own."""
    line = ["-C", str(folder), *arguments]
    return exit_code_of(lambda: cli.main(args=line, prog_name="cozeops", standalone_mode=False))


def test_the_starter_applies_and_is_then_unchanged(shell: Shell, tmp_path: Path) -> None:
    """Valid, formatted, applied to an emulator; the plan after it is empty."""
    folder = tmp_path / "team-bots"
    ran = shell("init", str(folder))
    assert ran.code == 0
    assert f"wrote {folder / 'cozeops.yaml'}" in ran.out
    assert "COZE_API_TOKEN" in ran.err
    for command in (["validate"], ["fmt", "--check"], ["apply", "--yes"], ["plan", "--detailed-exitcode"]):
        assert run(shell, folder, *command) == 0, command
    assert [row["draft"]["name"] for row in shell.bench.table("bots").values()] == ["小助手"]
    assert any(row["name"] == "team-bots dev" for row in shell.bench.table("workspaces").values())
    assert (folder / ".gitignore").read_text(encoding="utf-8").endswith(".cozeops/\n")


def test_the_modelines_lead_to_the_schema(shell: Shell, tmp_path: Path) -> None:
    """An editor completes from the first minute."""
    assert shell("init", str(tmp_path / "p")).code == 0
    for file in (tmp_path / "p").rglob("*.yaml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert (file.parent / first.partition("$schema=")[2]).resolve().is_file(), file


@pytest.mark.parametrize("name", ["yes", "012", "1:30", "x y", "厨房 bots", "...", "n" * 200, "true"])
def test_any_folder_has_a_name(shell: Shell, tmp_path: Path, name: str) -> None:
    """Whatever the folder is called, the project is valid."""
    folder = tmp_path / name
    assert shell("init", str(folder)).code == 0
    assert run(shell, folder, "validate") == 0
    assert run(shell, folder, "fmt", "--check") == 0


@pytest.mark.parametrize(
    "taken", ["cozeops.yaml", "manifests/prompts/assistant.md", "schemas/cozeops.schema.json"]
)
def test_nothing_is_overwritten(shell: Shell, tmp_path: Path, taken: str) -> None:
    """3, the file is named, and not one other file is written."""
    file = tmp_path / "p" / taken
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    ran = shell("init", str(tmp_path / "p"))
    assert ran.code == 3
    assert taken in ran.err
    assert [one for one in (tmp_path / "p").rglob("*") if one.is_file()] == [file]
    assert file.read_text() == "mine"


def test_an_existing_gitignore_stays(shell: Shell, tmp_path: Path) -> None:
    """Almost every repository has one: what is missing in it is said."""
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    ran = shell("init", str(tmp_path))
    assert ran.code == 0
    assert "Add .cozeops/ to .gitignore" in ran.err
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n"
    (tmp_path / ".gitignore").write_text("/.cozeops\n")
    (tmp_path / "cozeops.yaml").rename(tmp_path / "x")
    assert "Add .cozeops/" not in shell("init", str(tmp_path / "other")).err


def test_it_takes_the_folder_of_the_project_option(shell: Shell) -> None:
    """Without DIR it is -C, where a project is already."""
    assert shell("init").code == 3


@pytest.mark.parametrize(
    ("ci", "file"), [("github", ".github/workflows/cozeops.yaml"), ("gitlab", ".gitlab-ci.yml")]
)
def test_the_pipeline_does_what_it_says(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, file: str
) -> None:
    """Its commands run in a clone: first those of the review, then those of the merge."""
    folder = tmp_path / "team"
    assert shell("init", str(folder), "--ci", ci).code == 0
    _into_git(folder, tmp_path / "remote.git")
    monkeypatch.setenv("COZEOPS_ENV", "prod")
    monkeypatch.setenv("COZE_PROD_TOKEN", "pat_emulator")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.delenv("COZE_API_TOKEN")
    monkeypatch.chdir(folder)
    pipeline = YAML(typ="safe").load(folder / file)
    plan, apply = (_commands(job) for job in _jobs(pipeline, ci))
    for command in plan:
        _runs(shell, command)
    assert not shell.bench.table("bots")
    summary = tmp_path / "summary.md" if ci == "github" else folder / "plan.md"
    assert "Bot/assistant" in summary.read_text(encoding="utf-8")
    for command in apply:
        _runs(shell, command)
    assert [row["name"] for row in shell.bench.table("workspaces").values()].count("team") == 1
    heads = subprocess.run(
        ["git", "-C", str(tmp_path / "remote.git"), "branch"], capture_output=True, text=True, check=True
    )
    assert "cozeops-state" in heads.stdout


def test_the_workflow_never_gives_secrets_to_strangers(shell: Shell, tmp_path: Path) -> None:
    """pull_request, not pull_request_target; it writes only where it applies."""
    shell("init", str(tmp_path), "--ci", "github")
    pipeline = YAML(typ="safe").load(tmp_path / ".github/workflows/cozeops.yaml")
    assert set(pipeline["on"]) == {"pull_request", "push"}
    assert pipeline["jobs"]["plan"]["permissions"] == {"contents": "read"}
    assert pipeline["jobs"]["apply"]["environment"] == "production"


def test_actions_are_those_of_the_recipes(shell: Shell, tmp_path: Path) -> None:
    """Pinned by commit, the same one; and the installer that they call is there."""
    shell("init", str(tmp_path), "--ci", "github")
    text = (tmp_path / ".github/workflows/cozeops.yaml").read_text(encoding="utf-8")
    recipes = Path(__file__).parents[2] / "examples" / "ci"
    told = "".join(file.read_text(encoding="utf-8") for file in (recipes / "github/workflows").iterdir())
    uses = [line.split("uses: ")[1] for line in text.splitlines() if "uses: " in line]
    assert uses
    for one in uses:
        assert re.search(r"@[0-9a-f]{40} # v\d", one)
        assert f"uses: {one}\n" in told
    assert (recipes / "scripts" / "install.sh").is_file()


@pytest.mark.parametrize("name", ["github.yaml", "gitlab.yaml"])
def test_cozeops_comes_from_where_the_user_says(name: str) -> None:
    """From a commit, never from whoever has that name on an index."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert not re.search(r"pip install (-\S+ )*cozeops\b", text)
    assert "COMMIT" in text


def _into_git(folder: Path, remote: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    for line in (
        ["init", "-q"],
        ["remote", "add", "origin", str(remote)],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "a"],
        ["push", "-q", "origin", "HEAD:main"],
    ):
        subprocess.run(
            ["git", "-C", str(folder), *line],
            check=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"},
        )


def _jobs(pipeline: dict, ci: str) -> tuple[dict, dict]:  # type: ignore[type-arg]
    found = pipeline["jobs"] if ci == "github" else pipeline
    return found["plan"], found["apply"]


def _commands(job: dict) -> list[str]:  # type: ignore[type-arg]
    lines = job.get("script") or [step["run"] for step in job["steps"] if "run" in step]
    return [line for line in lines if "install.sh" not in line]


def _runs(shell: Shell, command: str) -> None:
    """A line of a shell; what it prints goes where the line says."""
    words = shlex.split(command)
    target = None
    if ">>" in words or ">" in words:
        at = words.index(">>") if ">>" in words else words.index(">")
        words, target = words[:at], Path(os.path.expandvars(words[at + 1]))
    shell._capsys.readouterr()
    code = exit_code_of(lambda: cli.main(args=words[1:], prog_name="cozeops", standalone_mode=False))
    out, err = shell._capsys.readouterr()
    assert code == 0, (command, out, err)
    if target:
        target.write_text(out, encoding="utf-8")
