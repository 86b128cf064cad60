"""Every option of the emulator under the project with every field: plan, apply, plan, drift, export.

Each value alone, and pairs of values by a covering array: greedy, from a seed, so that it is the same always.
The default run takes a sample; `-m long` runs all of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import combinations, product
from pathlib import Path
from typing import Any

import httpx
import pytest

import cozeops.api.client
from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of
from cozeops.emulator import PROFILES, options_table
from tests.engine.full import PROJECT, write
from tests.kit import OPTIONS, Bench

VALUES: dict[str, tuple[Any, ...]] = {
    "profile": ("documented",),
    "page_cap": (3,),
    "processing_seconds": (0.3,),
    "unpublished_code": (4000,),
    "retry_after": (0.0,),
    "copy_seconds": (0.0,),
    "chat_seconds": (0.1,),
    "default_model": ("42",),
    "member_limit": (20,),
}
"""Other values of options that have neither choices nor two sides."""

LEFT_OUT = {
    "edition": "the project has what only the flagship edition has",
    "foreign_callbacks": "the project's callbacks are not on loopback",
    "foreign_references": "the seed plants the workflows of a workspace that is still to be made elsewhere",
    "custom_audit": "a publication waits for somebody who approves it",
    "unready_seconds": "a bot is published as soon as it is made: the refusal is the point",
    "publish_seconds": "values of a bot that is not online yet are refused: they take a second apply",
    "fail_documents": "failing is the point",
    "unreachable_pages": "failing is the point",
    "fail_copies": "failing is the point",
}
SAMPLE = 4
COZEOPS = """
kind: Project
metadata: {name: full}
spec:
  manifests: [manifests]
  state: {backend: local}
"""

_DEFAULT: Any = object()
Setting = tuple[tuple[str, Any], ...]


def others() -> dict[str, tuple[Any, ...]]:
    """Option -> its values that are not the default."""
    found = {}
    for item in options_table():
        if item.name in LEFT_OUT:
            continue
        sides = item.choices or ((True, False) if isinstance(item.default, bool) else ())
        values = VALUES.get(item.name, sides)
        found[item.name] = tuple(value for value in values if value != getattr(OPTIONS, item.name, None))
    return found


def singles() -> list[Setting]:
    """Each value alone."""
    return [((name, value),) for name, values in others().items() for value in values]


def pairs() -> list[Setting]:
    """Settings in which any two values of two options, defaults included, stand together somewhere."""
    chance = random.Random(20)
    known = {name: (_DEFAULT, *values) for name, values in others().items() if values}
    open_pairs = {
        frozenset({(a, x), (b, y)}) for a, b in combinations(known, 2) for x, y in product(known[a], known[b])
    }
    settings = []
    while open_pairs:
        best: tuple[int, Setting] = (0, ())
        for _ in range(20):
            row = _row(known, chance)
            best = max(best, (sum(pair <= set(row) for pair in open_pairs), row), key=lambda one: one[0])
        row = best[1] or tuple(next(iter(open_pairs)))
        open_pairs = {pair for pair in open_pairs if not pair <= set(row)}
        settings.append(row)
    return [tuple(one for one in row if one[1] is not _DEFAULT) for row in settings]


def _row(known: dict[str, tuple[Any, ...]], chance: random.Random) -> Setting:
    return tuple((name, chance.choice(values)) for name, values in known.items())


def named(setting: Setting) -> str:
    """For the name of a test."""
    return ",".join(f"{name}={value}" for name, value in setting) if len(setting) < 3 else "pairs"


Run = Callable[..., int]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """A project with every field before an emulator with options, and its command line."""

    def start(setting: Setting) -> tuple[Bench, Run]:
        values = dict(setting)
        changes = {**PROFILES[values.pop("profile", "plain")], **values}
        folder = tmp_path / "project"
        write(folder / "manifests", PROJECT)
        (folder / "cozeops.yaml").write_text(COZEOPS, encoding="utf-8")
        bench = Bench(folder, source=None)
        bench.set_options(**changes)
        bench.seed()
        transport = httpx.WSGITransport(app=bench.emulator)
        client = partial(cozeops.api.client.Client, transport=transport, sleep=bench.emulator.advance)
        monkeypatch.setattr(cozeops.api.client, "Client", client)
        monkeypatch.setattr("cozeops.cli.connected.sleep", bench.emulator.advance)
        monkeypatch.setattr("cozeops.cli.connected.monotonic", bench.emulator.now)
        monkeypatch.setenv("COZE_API_TOKEN", "pat_emulator")
        monkeypatch.setenv("COZE_API_BASE", "http://127.0.0.1")

        def run(*line: str) -> int:
            words = ["-C", str(folder), *line]
            code = exit_code_of(lambda: cli.main(args=words, prog_name="cozeops", standalone_mode=False))
            told = capsys.readouterr()
            assert code == 0, f"{line}: {told.out[-2000:]}\n{told.err}"
            return code

        return bench, run

    return start


def carried(on: Any, setting: Setting, tmp_path: Path) -> None:
    """The whole way, and no server error on it."""
    bench, run = on(setting)
    plan = str(tmp_path / "plan.json")
    run("plan", "--out", plan)
    run("apply", plan, "--ack", "COZE140")  # a voice costs
    bench.emulator.advance(60)
    run("plan", "--detailed-exitcode")
    run("drift")
    run("export", "厨房", "--out", str(tmp_path / "out"))
    assert [one for one in bench.emulator.requests if one.status >= 500] == []


ROWS = [*singles(), *pairs()]
CHOSEN = [*random.Random(1).sample(singles(), SAMPLE), (("profile", "documented"),), pairs()[0]]


@pytest.mark.parametrize("setting", CHOSEN, ids=named)
def test_a_sample_of_the_options(on: Any, setting: Setting, tmp_path: Path) -> None:
    """Some alone, the documented profile, and one row of pairs."""
    carried(on, setting, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("setting", [row for row in ROWS if row not in CHOSEN], ids=named)
def test_all_the_options(on: Any, setting: Setting, tmp_path: Path) -> None:
    """Each value alone, and any two together."""
    carried(on, setting, tmp_path)


def test_each_option_is_in_the_matrix_or_left_out_for_a_reason() -> None:
    """A new one asks for a decision."""
    known = {item.name for item in options_table()}
    assert known - {name for name, values in others().items() if values} == LEFT_OUT.keys()
