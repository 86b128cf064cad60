"""Every broken project ends with its place, a clear message and exit code 3, and with nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from unicodedata import category
from xml.etree import ElementTree

import pytest

from cozeops.cli.files.formats import VALIDATE_FORMATS
from cozeops.kinds import kinds
from tests.corpus import every, files, typed
from tests.corpus.case import HOME, Bad
from tests.corpus.run import Ran, run, run_in

CASES = every.cases()
HOSTILE = [name for name in CASES if name.startswith(("hostile: ", "file name: "))]
# A number that has no divisor in common with the places or the texts: all of them are met.
SAMPLE = [name for name in CASES if name not in HOSTILE] + HOSTILE[::5]
REST = sorted(set(CASES) - set(SAMPLE))
TYPED = typed.cases()
# Words of ours inside, not of the project.
INTERNAL = re.compile(r"Traceback|defect|pydantic|Input should|NoneType|<class|\bdict\b|\bNone\b|Error\b")
_PLACE = re.compile(r".+?:\d+:\d+: COZE0\d\d ")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


def _long(names: list[str]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.long) for name in names]


@pytest.mark.parametrize("name", [*SAMPLE, *_long(REST)])
def test_it_is_told(name: str) -> None:
    """Code, place, words, hint, exit code; no request, no character that acts."""
    case = CASES[name]
    ran = run(case, "plan")
    demand_told(case, ran)
    demand_harmless(ran.out + ran.err)
    assert not INTERNAL.search(ran.err), ran.err
    assert files.SECRET not in ran.err


@pytest.mark.parametrize("name", [*list(TYPED)[::31], *_long(list(TYPED))])
def test_a_wrong_type_is_told_at_its_place(name: str) -> None:
    """Each field of each kind, of metadata and of the project, with each value that it cannot have."""
    ran = run(TYPED[name], "validate")
    demand_told(TYPED[name], ran)
    assert not INTERNAL.search(ran.err), ran.err


@pytest.mark.parametrize("kind", kinds())
def test_all_wrong_types_of_a_kind_at_once(tmp_path: Path, kind: str) -> None:
    """One project with all of them: each is told, and none hides another."""
    some = [case for name, case in TYPED.items() if re.match(rf"{kind}\b", name)]
    wanted: dict[str, Bad] = {}
    (tmp_path / "home.yaml").write_text(HOME, encoding="utf-8")
    for number, case in enumerate(some):
        text = str(case.files["m.yaml"]).removeprefix(HOME).replace("name: x", f"name: x{number}", 1)
        (tmp_path / f"{number:04}.yaml").write_text(text, encoding="utf-8")
        line = int(case.where.split(":")[1]) - HOME.count("\n")
        wanted[f"{number:04}.yaml:{line}"] = case
    ran = run_in(tmp_path, "validate", "--format", "json")
    assert ran.code == 3
    told: dict[str, list[dict[str, str]]] = {}
    for problem in json.loads(ran.out)["problems"]:
        told.setdefault(f"{problem['file']}:{problem['line']}", []).append(problem)
    for place, case in wanted.items():
        assert any(
            # What is a secret anywhere in the project is hidden in every message.
            (case.says in problem["message"] or "*" in problem["message"])
            and case.code in problem["code"]
            and problem["hint"]
            for problem in told.get(place, [])
        ), (place, case, told.get(place))


def demand_told(case: Bad, ran: Ran) -> None:
    """The expected problem is among those of its place, and every problem has a hint."""
    assert ran.code == 3, ran
    assert ran.requests == 0
    assert ran.out == ""
    blocks = [" ".join(block.split()) for block in ran.err.split("\n\n")[:-1]]
    assert blocks
    for block in blocks:
        assert " hint: " in block, block
    told = [block for block in blocks if _PLACE.match(block) or not case.where]
    told = [block for block in told if block.startswith(case.where) and f"{case.code} " in block]
    assert told, (case.where, case.code, ran.err)
    assert any(case.says in block.partition(" hint: ")[0] for block in told), (case.says, told)
    assert any(case.hint in block.partition(" hint: ")[2] for block in told), (case.hint, told)


def demand_harmless(text: str) -> None:
    """What is printed does nothing: no control character, none that turns text around or hides."""
    for char in text:
        # Other spaces than ours stand in what is quoted.
        assert char == "\n" or char.isprintable() or category(char) == "Zs", ascii(char)


@pytest.mark.parametrize("form", VALIDATE_FORMATS)
@pytest.mark.parametrize("name", HOSTILE[3::61])
def test_hostile_names_do_nothing_in_any_format(name: str, form: str) -> None:
    """What is for programs is well-formed; what people see has no character that acts."""
    ran = run(CASES[name], "validate", "--format", form)
    assert (ran.code, ran.requests) == (3, 0)
    demand_harmless(ran.err)
    if form in ("json", "sarif"):
        assert json.loads(ran.out)
        ran.out.encode("utf-8")  # no half characters
        demand_harmless(ran.out)
    elif form == "junit":
        assert ElementTree.fromstring(ran.out).get("failures")
        demand_harmless(ran.out)
    else:
        demand_harmless(ran.out)


@pytest.mark.parametrize("name", HOSTILE[5::89])
def test_colours_are_ours_alone(name: str) -> None:
    """With colours, too, nothing of the project acts."""
    ran = run(CASES[name], "validate", environ={"NO_COLOR": "", "FORCE_COLOR": "1"})
    assert ran.code == 3
    assert _COLOR.search(ran.err)
    demand_harmless(_COLOR.sub("", ran.err))


COMMANDS = [
    ("apply", "--yes"),
    ("drift",),
    ("fmt", "--check"),
    ("graph",),
    ("explain-value", "Bot/chef", "spec.name"),
    ("state", "list"),
    ("history",),
    ("export",),
    ("import", "Bot/chef", "1"),
    ("whoami",),
    ("plan", "--all-envs"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    "name", ["link: project", "encoding: GBK", "size: open braces", "keyboard: full-width comma"]
)
def test_no_command_trips(name: str, command: tuple[str, ...]) -> None:
    """Other commands stop as decently: nothing is told of what is outside, nothing is written."""
    ran = run(CASES[name], *command)
    assert not re.search(r"Traceback|defect", ran.err), ran.err
    assert files.SECRET not in ran.out + ran.err
    demand_harmless(ran.out + ran.err)
    if name == "link: project" and command[0] != "fmt":
        assert (ran.code, ran.requests) == (3, 0), ran


@pytest.mark.parametrize(
    "name",
    ["encoding: UTF-16", "link: pipe", "link: documents in a maze"],
)
def test_as_a_process_of_its_own(tmp_path: Path, name: str) -> None:
    """As people run it."""
    root = tmp_path / "project"
    root.mkdir()
    CASES[name].write(root)
    ran = subprocess.run(
        [sys.executable, "-m", "cozeops", "-C", str(root), "validate"],
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    demand_told(CASES[name], Ran(ran.returncode, ran.stdout, ran.stderr, 0))


def test_there_are_enough() -> None:
    """Broken projects by hand, and generated ones."""
    assert len(SAMPLE) >= 300
    assert len(TYPED) >= 1000
