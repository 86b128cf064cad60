"""The README is true: its commands run, its manifests validate, its tables are those of the code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

import cozeops
from cozeops.cli import cli
from cozeops.emulator import Emulator
from cozeops.engine.policy.builtin import CHECKS
from cozeops.errors import ExitCode
from cozeops.kinds import kinds
from cozeops.manifests.load import load_project
from cozeops.report.terminal.cells import width
from tests.cli import warm
from tests.cli.conftest import Shell
from tests.cli.test_help import COMMANDS
from tests.kit import Bench

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_USE = re.compile(r"cozeops(?: -C \S+)? ([a-z-]+)([^\n`#|]*)")
# Installing, another account's token, a server that does not end, the whole suite: not run here.
_NOT_RUN = ("pip install", "export COZE_API", "cozeops emulator")


@dataclass(frozen=True)
class Block:
    """A fenced block, and the heading that it is under."""

    language: str
    text: str
    section: str


def blocks() -> Iterator[Block]:
    """Every fenced block in its order."""
    for match in _BLOCK.finditer(README):
        before = _BLOCK.sub("", README[: match.start()])
        heading = re.findall(r"^## (.+)$", before, re.MULTILINE)
        yield Block(match[1], match[2], heading[-1] if heading else "")


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    part = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"(?:^\|.*\n)+", part, re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def marked(name: str) -> str:
    """The line in the block after a marker, as a script finds it."""
    found = re.search(rf"^<!-- {name} -->\n```sh\n(.+)\n```$", README, re.MULTILINE)
    assert found, name
    return found[1]


@pytest.mark.parametrize(("name", "end"), [("demo", ".venv/bin/cozeops demo"), ("test", "pytest -q -n auto")])
def test_both_lines_do_all_the_set_up(name: str, end: str) -> None:
    line = marked(name)
    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -q -e '.[")
    assert line.endswith(end)


def test_ci_runs_the_readmes_own_line() -> None:
    script = ROOT / ".ci" / "run"
    if not script.exists():
        pytest.skip(".ci is not part of this copy")
    command = re.search(r"test_line=\$\((.+)\)", script.read_text("utf-8"))
    assert command
    ran = subprocess.run(
        ["bash", "-c", command[1]], cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert ran.stdout.strip() == marked("test")


def test_the_demo_runs() -> None:
    """The second half of the first line; the first half is how this environment was made."""
    ran = subprocess.run(
        [sys.executable, "-m", "cozeops", "demo"],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "今天的主题" in ran.stdout
    own = [line for line in ran.stdout.splitlines() if not line.startswith((" ", "Plan", "What"))]
    assert [line for line in own if width(line) > 80] == []


def test_the_first_project_works_as_it_is_told(tmp_path: Path) -> None:
    """Every block in its order: files are written, commands are run against an emulator."""
    with Emulator().serve() as url:
        home = tmp_path / "kitchen-bots"
        for block in blocks():
            if block.section in ("Your first project", "How it behaves", "The emulator"):
                _carry_out(block, home if home.is_dir() else tmp_path, url)
        ran = _run("cozeops plan --detailed-exitcode", home, url)
    assert json.loads((home / "run.json").read_text("utf-8"))["exit_code"] == 0
    assert "No changes" in ran


def _carry_out(block: Block, folder: Path, url: str) -> None:
    if block.language == "yaml":
        _write(block, folder)
    elif block.language == "sh" and not any(words in block.text for words in _NOT_RUN):
        _run(block.text, folder, url)


def _write(block: Block, folder: Path) -> None:
    file = folder / re.match(r"# (\S+)\n", block.text)[1]  # type: ignore[index]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, encoding="utf-8")


def _run(script: str, folder: Path, url: str) -> str:
    if "curl" in script and not shutil.which("curl"):
        return ""
    environment = {
        **os.environ,
        "PATH": warm.path(),
        "COZE_API_BASE": url,
        "COZE_API_TOKEN": "pat_emulator",
    }
    ran = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, script + ran.stdout + ran.stderr
    return ran.stdout


def test_the_environments_validate(tmp_path: Path) -> None:
    """The second cozeops.yaml takes the place of the first; both environments are whole."""
    prompt = tmp_path / "manifests" / "prompts" / "chef.md"
    prompt.parent.mkdir(parents=True)
    prompt.write_text("角色", encoding="utf-8")
    for block in blocks():
        if block.language == "yaml" and block.section != "Checks":
            _write(block, tmp_path)
    environ = {"COZE_PROD_TOKEN": "pat_x"}
    dev = load_project(tmp_path, environment=None, environ=environ)
    prod = load_project(tmp_path, environment="prod", environ=environ)
    assert dev.environment == "dev"
    names = {str(one.address): one.name for one in dev.resources}
    assert names["Bot/guide"] == "导览员（测试）"
    chef = next(one for one in prod.resources if str(one.address) == "Bot/chef")
    assert chef.values["model"] == {"id": "1706077826", "temperature": 0.3}


def test_the_plan_is_one_that_was_made(applied: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of the excerpt stands in the plan of these edits, in this order."""
    monkeypatch.setenv("COLUMNS", "80")
    bench: Bench = applied.bench
    line = "今天的主题是“一锅到底”：优先推荐只用一口锅的菜。"
    bench.edit("manifests/prompts/chef.md", "# 角色", f"# 角色\n\n{line}")
    bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temperature: 0.8")
    bench.edit("manifests/bots/nutritionist.yaml", "connectors: [api, chat_sdk]", "connectors: [api]")
    shown = iter(_without_ids(applied("plan").out))
    excerpt = next(block.text for block in blocks() if block.section == "What it is for")
    for wanted in _without_ids(excerpt):
        assert wanted in shown, f"the plan has no line {wanted!r} (here)"


def _without_ids(text: str) -> list[str]:
    return [re.sub(r"id \d+", "id", line.rstrip()) for line in text.splitlines() if line.strip()]


def test_exit_codes() -> None:
    assert [int(code) for code, _ in table("Exit codes")] == [int(code) for code in ExitCode]


def test_checks(tmp_path: Path) -> None:
    """All of them with their usual weight, and the example is a valid project."""
    codes = [one.code for one in CHECKS]
    assert [(row[0], row[1], row[3]) for row in table("Checks")] == [
        (code.value, f"`{code.slug}`", str(code.severity)) for code in codes
    ]
    _write(next(block for block in blocks() if block.section == "Checks"), tmp_path)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.yaml").write_text("kind: Workspace\nmetadata: {name: a}\nspec: {name: a}\n")
    project = load_project(tmp_path, environment=None, environ={})
    assert project.settings.checks["rules"] == {"prompt-near-limit": "warn", "thinking-with-tools": "off"}


def test_the_tables_of_options_are_whole() -> None:
    """What only plan has, what only apply has, and what both have."""
    has = {
        name: {one.opts[0] for one in COMMANDS[name].params if isinstance(one, click.Option)}
        for name in ("plan", "apply")
    }
    both = has["plan"] & has["apply"]
    for heading, wanted in (
        ("`plan` and `apply`", both - {"-C", "--env"}),
        ("`plan`", has["plan"] - both),
        ("`apply`", has["apply"] - both),
    ):
        rows = README.partition(f"| Of {heading} | |\n")[2].partition("\n\n")[0]
        assert set(re.findall(r"`(--?[a-z][a-z-]*)", rows)) == wanted, heading


def test_kinds() -> None:
    assert {row[0] for row in table("Kinds")} == {"Project", *kinds()}


def test_kinds_can_what_the_table_says() -> None:
    for name, _, can in table("Kinds"):
        if name != "Project" and (kind := kinds()[name]).lives:
            for verb in ("create", "update", "delete"):
                assert (verb in can) is (getattr(kind, verb) is not None), (name, verb)


def test_commands() -> None:
    """All of them, and none that is not there."""
    named = {re.match(r"`cozeops ([a-z -]+)`", row[0])[1] for row in table("Commands")}  # type: ignore[index]
    assert {name.split()[0] for name in named} == set(cli.commands)


def uses() -> Iterator[tuple[str, str]]:
    """Each command that is named somewhere, with what follows it."""
    for row in table("Commands"):
        name = re.match(r"`cozeops ([a-z-]+)`", row[0])
        assert name
        yield name[1], row[1]
    for name, rest in _USE.findall(README):
        if name in cli.commands:
            yield name, rest


@pytest.mark.parametrize(("name", "rest"), sorted(set(uses())))
def test_options_exist(name: str, rest: str) -> None:
    command = COMMANDS[name]
    known = {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
    for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rest):
        assert option in known | {"--help", "-C", "--env"}, f"cozeops {name} {option}"


_TEST = re.compile(r"`([a-z_]+/test_[a-z_]+\.py)::(test_[a-z_]+)`")


def _rows_with_tests() -> list[str]:
    parts = [README.partition(f"\n{heading}\n")[2] for heading in ("## Threat model", "### Proof")]
    tables = [re.findall(r"(?:^\|.*\n)+", part, re.MULTILINE)[0] for part in parts]
    return [row for text in tables for row in text.splitlines()[2:]]


@pytest.mark.parametrize("row", _rows_with_tests(), ids=lambda row: row[:60])
def test_each_threat_and_promise_has_its_tests(row: str) -> None:
    """They are named, and they are there."""
    named = _TEST.findall(row)
    assert named
    assert len(named) == row.count(".py::"), "every test that is named has this form"
    for file, name in named:
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text("utf-8"), f"{file}::{name}"


def test_files_that_it_links_to_exist() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_the_tree_is_that_of_the_folders() -> None:
    package = Path(cozeops.__file__).parent
    text = README.partition("<!-- tree -->\n```text\n")[2].partition("```")[0]
    told, above = [], ""
    for line in text.splitlines():
        name = line.split("/")[0].strip()
        above = above if line.startswith(" ") else name
        told.append(f"{above}/{name}" if line.startswith(" ") else name)
    folders = (path.relative_to(package) for path in package.rglob("*") if path.is_dir())
    there = [path.as_posix() for path in folders if "__pycache__" not in path.parts and len(path.parts) < 3]
    assert sorted(told) == sorted(there)
