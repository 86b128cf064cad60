"""Random lives of two projects on one remote and one account: none touches what the other made.

Their bots and knowledge bases have the same names, each in a workspace of its own, and sometimes the
projects have one name, as two that `init` wrote. Addresses are renamed, environments come later, objects are
deleted by hand, and what the tool hints at is done to the letter.
"""

from __future__ import annotations

import json
import random
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, served
from tests.cli.test_state_places import Repository
from tests.kit import Bench

NAMES = ("店员", "厨师", "导游")
PASSING = {"tokens", "files", "users"}
Key = tuple[str, str]


@dataclass
class Owner:
    """One of the projects: its files are written anew after each move."""

    place: str
    name: str
    workspace: str
    rng: random.Random
    environments: bool = False
    docs: dict[str, str] = field(default_factory=dict)
    """Kind and the name on Coze -> the name of the address."""
    edits: int = 0

    def write(self, root: Path) -> None:
        """The project as it is now."""
        folder = root / self.place
        (folder / "manifests").mkdir(parents=True, exist_ok=True)
        spec = {"manifests": ["manifests"], "state": {"backend": "git"}}
        if self.environments:
            spec["environments"] = {"prod": {"default": True}}  # type: ignore[assignment]
        documents = [{"kind": "Workspace", "metadata": {"name": "home"}, "spec": self._home()}]
        for key, address in sorted(self.docs.items()):
            kind, _, name = key.partition("/")
            documents.append(
                {
                    "kind": kind,
                    "metadata": {"name": address, "workspace": "home"},
                    "spec": self._spec(kind, name),
                }
            )
        project = {"kind": "Project", "metadata": {"name": self.name}, "spec": spec}
        (folder / "cozeops.yaml").write_text(json.dumps(project), "utf-8")
        text = "\n---\n".join(json.dumps(one, ensure_ascii=False) for one in documents)
        (folder / "manifests" / "all.yaml").write_text(text, "utf-8")

    def _home(self) -> dict[str, Any]:
        return {"name": self.workspace, "description": "一个小组"}

    def _spec(self, kind: str, name: str) -> dict[str, Any]:
        if kind == "KnowledgeBase":
            return {"name": name, "format": "text", "description": "资料"}
        prompt = f"{self.place} {self.edits}"
        return {"name": name, "prompt": prompt, "publish": {"connectors": ["api"]}}


class Life:
    """Two owners, one remote, one live side; `story` says what happened."""

    def __init__(self, seed: int, repository: Repository) -> None:
        self.rng, self.repository = random.Random(seed), repository
        names = ("team", "team") if self.rng.random() < 0.3 else ("north", "south")
        pairs = zip("ab", names, ("北方", "南方"), strict=True)
        self.owners = [Owner(place, name, home, self.rng) for place, name, home in pairs]
        self.owned: dict[Key, str] = {}
        self.story: list[str] = [f"seed {seed}"]
        for owner in self.owners:
            owner.docs = {f"Bot/{NAMES[0]}": "first", f"KnowledgeBase/{NAMES[0]}": "first"}
            owner.write(repository.root)

    def rows(self) -> dict[Key, Any]:
        """All that is live and somebody's."""
        tables = self.repository.bench.emulator.dump()["tables"]
        return {
            (name, id): row
            for name, rows in tables.items()
            if name not in PASSING
            for id, row in rows.items()
        }

    def run(self, owner: Owner, *words: str) -> Ran:
        """A command of one owner: what the other made is as it was, and what appears is his who ran it."""
        before = self.rows()
        ran = self.repository(owner.place, *words)
        self.story.append(f"{owner.place}: {' '.join(words)} -> {ran.code}")
        assert "a defect of cozeops" not in ran.err, self.told(ran)
        after = self.rows()
        for key, whose in self.owned.items():
            if whose != owner.place:
                assert after.get(key) == before.get(key), self.told(ran, f"{key} of {whose} was touched")
        for key in after.keys() - self.owned.keys():
            self.owned[key] = owner.place
        return ran

    def told(self, ran: Ran, why: str = "") -> str:
        """The story, for a failure."""
        return "\n".join([why, *self.story, ran.out, ran.err])

    def move(self) -> None:
        """One thing that an owner does."""
        owner = self.rng.choice(self.owners)
        moves = (
            self.apply, self.apply, self.apply, self.prune, self.edit, self.rename, self.rename, self.add,
            self.drop, self.by_hand, self.environments, self.call, self.obey, self.obey,
        )  # fmt: skip
        self.rng.choice(moves)(owner)
        owner.write(self.repository.root)

    def apply(self, owner: Owner) -> None:
        self.run(owner, "apply", "--yes")

    def prune(self, owner: Owner) -> None:
        self.run(owner, "apply", "--yes", "--prune")

    def edit(self, owner: Owner) -> None:
        owner.edits += 1

    def rename(self, owner: Owner) -> None:
        """Another address for the same object, as an export made again gives."""
        if owner.docs:
            key = self.rng.choice(sorted(owner.docs))
            owner.docs[key] = f"n{self.rng.randrange(100)}"
            self.story.append(f"{owner.place}: {key} has the address {owner.docs[key]}")

    def add(self, owner: Owner) -> None:
        kind = self.rng.choice(("Bot", "KnowledgeBase"))
        key = f"{kind}/{self.rng.choice(NAMES)}"
        owner.docs.setdefault(key, f"n{self.rng.randrange(100)}")

    def drop(self, owner: Owner) -> None:
        if owner.docs:
            gone = self.rng.choice(sorted(owner.docs))
            self.story.append(f"{owner.place}: {gone} left the manifests")
            del owner.docs[gone]

    def by_hand(self, owner: Owner) -> None:
        """Somebody deletes an object of this owner in the console."""
        mine = [key for key, whose in self.owned.items() if whose == owner.place and key in self.rows()]
        mine = sorted(key for key in mine if key[0] in ("bots", "datasets"))
        if mine:
            table, id = self.rng.choice(mine)
            self.repository.bench.emulator.remove(table, id)
            self.story.append(f"{table} {id} of {owner.place} is deleted by hand")

    def environments(self, owner: Owner) -> None:
        owner.environments = True
        self.story.append(f"{owner.place} has environments")

    def call(self, owner: Owner) -> None:
        """Another name for the project, sometimes that of the other one."""
        owner.name = self.rng.choice(("north", "south", "team", f"p{self.rng.randrange(9)}"))
        self.story.append(f"{owner.place} is called {owner.name}")

    def obey(self, owner: Owner) -> None:
        """Do each command that a plan hints at, to the letter."""
        ran = self.run(owner, "plan", "--format", "json")
        hints = [ran.err] if ran.code else [one["hint"] for one in json.loads(ran.out)["findings"]]
        for command in commands_in("\n".join(hints)):
            self.run(owner, *command)


def commands_in(text: str) -> Iterator[list[str]]:
    """What a person would copy from a hint: from `cozeops` to the end of the sentence."""
    for line in text.splitlines():
        _, found, rest = line.partition("cozeops state ")
        if found:
            yield ["state", *shlex.split(rest.rstrip(".").split(";")[0].split(",")[0])]


@pytest.fixture
def lives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """Makes a life from a seed, on a remote and an account of its own."""
    stack: list[Any] = []

    def begin(seed: int) -> Life:
        home = tmp_path / str(seed)
        home.mkdir()
        bench = Bench(home / "unused", source=None)
        context = served(bench, monkeypatch)
        context.__enter__()
        stack.append(context)
        return Life(seed, Repository(home, bench, capsys))

    yield begin
    for context in reversed(stack):
        context.__exit__(None, None, None)


def live(life: Life, moves: int) -> None:
    """Live it, and apply both at the end: still nothing of one is the other's, and nothing is there twice."""
    for owner in life.owners:
        life.apply(owner)
    for _ in range(moves):
        life.move()
    for owner in life.owners:
        life.obey(owner)
        ran = life.run(owner, "apply", "--yes")
    homes: dict[tuple[str, str], list[str]] = {}
    for (table, id), row in life.rows().items():
        if table in ("bots", "datasets"):
            name = row["draft"]["name"] if table == "bots" else row["name"]
            homes.setdefault((row["space_id"], f"{table} {name}"), []).append(id)
    twice = {key: ids for key, ids in homes.items() if len(ids) > 1}
    assert not twice, life.told(ran, f"there twice: {twice}")


@pytest.mark.parametrize("seed", [3, 11, 42])
def test_neither_of_two_projects_touches_what_the_other_made(lives: Any, seed: int) -> None:
    live(lives(seed), 6)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_two_hundred_lives_of_two_projects(lives: Any, seed: int) -> None:
    live(lives(seed), 12)


def test_the_law_sees_a_touch(lives: Any) -> None:
    """A command of one that changes an object of the other fails the life."""
    life = lives(0)
    first, second = life.owners
    life.apply(first)
    (id,) = [id for table, id in life.owned if table == "bots"]
    real = life.repository.__class__.__call__

    def evil(self: Repository, place: str, *words: str) -> Ran:
        self.bench.emulator.edit("bots", id, description="touched")
        return real(self, place, *words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(life.repository.__class__, "__call__", evil)
        with pytest.raises(AssertionError, match="was touched"):
            life.run(second, "plan")
