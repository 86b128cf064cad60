"""The walk in the README is one that was made: its commands run, and say what stands below them."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli import warm
from tests.cli.terminal import plain_environment

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
LEFT_OUT = "[...]"
"""A line that stands for lines that were left out."""
PORT = "8642"
"""The port of the walk; here a free one takes its place."""
MARK = "-- the end of a step --"
READY = "until curl -sf -o /dev/null {url}; do sleep 0.1; done"
"""Somebody who types is slower than the emulator; a script is not."""


@dataclass(frozen=True)
class Step:
    """What somebody types, and what is said to have come of it."""

    typed: str
    said: tuple[str, ...]


def _steps(heading: str) -> Iterator[Step]:
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            length = next(number for number, line in enumerate(lines, 1) if not line.endswith("\\"))
            yield Step("\n".join(lines[:length]), tuple(line for line in lines[length:] if line.strip()))


def _walked(steps: list[Step], folder: Path) -> list[list[str]]:
    """What each step says, in one shell in an empty folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    script = ["trap 'kill $(jobs -p)' EXIT"]
    for step in steps:
        script.append(step.typed.replace(PORT, port))
        if step.typed.endswith("&"):
            script.append(READY.format(url=f"http://127.0.0.1:{port}/_emulator/"))
        script.append(f"echo; echo '{MARK}'")
    environment = plain_environment(COLUMNS="80")
    # What is said on both streams stands in its order, as on a terminal.
    environment |= {"PATH": warm.path(), "PYTHONUNBUFFERED": "1"}
    ran = subprocess.run(
        ["bash", "-uc", "\n".join(script)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    said = ran.stdout.decode().replace(port, PORT)
    return [[line for line in one.splitlines() if line.strip()] for one in said.split(MARK)[:-1]]


def _same(line: str) -> str:
    """A line without what differs from run to run."""
    return re.sub(r"\bid \d+|\d+\.\d+ ?s\b|^\[\d+\] \d+$", "·", line.rstrip())


def _matches(wanted: tuple[str, ...], said: list[str]) -> bool:
    """Whether the lines are these, where LEFT_OUT stands for any number of them."""
    pattern = "".join("(?:.*\n)*" if one == LEFT_OUT else re.escape(_same(one)) + "\n" for one in wanted)
    return re.fullmatch(pattern, "".join(f"{_same(one)}\n" for one in said)) is not None


WALKS = {
    "A walk": ["cozeops init", "cozeops validate", "cozeops plan", "--format markdown", "cozeops drift"],
    "A gate": ["cozeops init", "chat_rules", "cozeops apply --yes --check", "cozeops check --compare"],
}


@pytest.mark.parametrize(("heading", "order"), WALKS.items(), ids=WALKS)
def test_the_walk_is_one_that_was_made(tmp_path: Path, heading: str, order: list[str]) -> None:
    """Every command in its order, in one shell; what was abridged is marked, the rest is word for word."""
    if not shutil.which("curl"):
        pytest.skip("the walk uses curl")
    steps = list(_steps(heading))
    typed = " ".join(step.typed for step in steps)
    assert [typed.index(one) for one in order] == sorted(typed.index(one) for one in order)
    walked = _walked(steps, tmp_path)
    assert len(walked) == len(steps), walked
    for step, said in zip(steps, walked, strict=True):
        assert _matches(step.said, said), f"$ {step.typed}\n" + "\n".join(said)
