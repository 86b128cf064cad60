"""The wheel, as a user installs it: no tests, no tools of ours, not even a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from cozeops.version import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VERSIONS = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
OURS = "{}.{}".format(*sys.version_info)


@dataclass(frozen=True)
class Ran:
    """What a process gave."""

    code: int
    out: str
    err: str


def run(*command: str | Path, folder: Path) -> Ran:
    """Run something outside the repository, with nothing of this process but its path and pip's settings."""
    kept = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "LANG")
    environ = {name: value for name, value in os.environ.items() if name in kept or name.startswith("PIP_")}
    ran = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def interpreter(version: str) -> str:
    """A Python of this version, from the path or from pyenv. Skips where there is none."""
    if version == OURS:
        return sys.executable
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    for found in (shutil.which(f"python{version}"), *map(str, pyenv)):
        if found and run(found, "-c", "import ensurepip", folder=ROOT).code == 0:
            return found
    pytest.skip(f"no Python {version} with pip on this machine")


def fresh(version: str, folder: Path) -> Path:
    """The `bin` of a new environment with nothing in it: not even pip, which works from outside."""
    made = run(interpreter(version), "-m", "venv", "--without-pip", folder, folder=folder.parent)
    if made.code:
        pytest.skip(f"Python {version} makes no environments here: {made.out}{made.err}")
    return folder / "bin"


def pip(*line: str | Path, folder: Path, there: Path | None = None) -> Ran:
    """Run pip, for the environment of `there` where that is given."""
    where = ("--python", there / "python") if there else ()
    return run(sys.executable, "-m", "pip", *where, *line, folder=folder)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the sources as they are."""
    folder = tmp_path_factory.mktemp("wheel")
    index = pip("download", "-q", "--no-deps", "-d", folder / "index", "hatchling", folder=folder)
    if index.code:
        pytest.skip(f"no package index: {index.err.splitlines()[-1]}")
    built = pip("wheel", "-q", "--no-deps", "-w", folder, ROOT, folder=folder)
    assert built.code == 0, built.err
    (file,) = folder.glob("*.whl")
    return file


def named(requirement: str) -> str:
    """The name of what is required, as the index has it."""
    return re.split(r"[\[<>=~! ]", requirement)[0].lower().replace(".", "-")


def test_what_is_in_it(wheel: Path) -> None:
    """The package with its types and the demo's project; its license; no tests."""
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        metadata = file.read(f"cozeops-{__version__}.dist-info/METADATA").decode()
    assert {name.partition("/")[0] for name in names} == {"cozeops", f"cozeops-{__version__}.dist-info"}
    assert {"cozeops/py.typed", "cozeops/quickstart/cozeops.yaml"} <= names
    assert {"cozeops/report/forms/page.css", "cozeops/report/forms/page.js"} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "cozeops").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} >= modules
    needed = re.findall(r"^Requires-Dist: ([^;\n]+)$", metadata, re.MULTILINE)
    assert set(map(named, needed)) == set(map(named, PROJECT["dependencies"]))


@pytest.mark.parametrize(
    "version", [one if one == OURS else pytest.param(one, marks=pytest.mark.long) for one in VERSIONS]
)
def test_it_works_without_anything_of_ours(wheel: Path, version: str, tmp_path: Path) -> None:
    """Installed with what it requires, and for the demo with the emulator; nothing is left to chance."""
    there = fresh(version, tmp_path / "user")
    installed = pip("install", "-q", "--no-compile", wheel, folder=tmp_path, there=there)
    assert installed.code == 0, installed.err
    others = pip("list", "--format=freeze", folder=tmp_path, there=there).out.lower()
    assert f"cozeops=={__version__}" in others
    assert not re.search(r"^(pytest|hypothesis|werkzeug|jsonschema|google-re2|mypy)==", others, re.MULTILINE)

    cozeops = there / "cozeops"
    assert run(cozeops, "--version", folder=tmp_path).out.split()[-1] == __version__
    shown = run(cozeops, "--help", folder=tmp_path)
    assert shown.code == 0
    assert "Commands:" in shown.out
    assert run(there / "python", "-m", "cozeops", "--help", folder=tmp_path) == shown

    shutil.copytree(ROOT / "examples" / "quickstart", tmp_path / "quickstart")
    valid = run(cozeops, "-C", "quickstart", "validate", folder=tmp_path)
    assert (valid.code, valid.err) == (0, "")
    assert "all valid" in valid.out
    schema = run(cozeops, "schema", folder=tmp_path)
    assert schema.out == (ROOT / "schemas" / "cozeops.schema.json").read_text("utf-8")

    lacking = run(cozeops, "demo", folder=tmp_path)
    assert lacking.code != 0
    assert "cozeops[emulator]" in lacking.err
    assert pip("install", "-q", "--no-compile", f"{wheel}[emulator]", folder=tmp_path, there=there).code == 0
    demo = run(cozeops, "demo", folder=tmp_path)
    assert (demo.code, demo.err.count("Traceback")) == (0, 0), demo.err
