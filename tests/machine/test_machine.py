"""Random lives of random projects: edits in Git and on Coze, faults, kills. The laws hold throughout.

A failure prints the project and the steps that led to it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cozeops.emulator.faults import KINDS as FAULTS
from cozeops.kinds import kinds
from tests.machine import laws, live, projects
from tests.machine.world import TOKEN, Ran, World, read_json

ADDRESSES = sorted(projects.PIECES)
OPERATIONS = ("*", "create*", "update*", "add*", "remove*", "set*", "install*", "publish*", "unpublish*",
              "upload*", "delete*", "list*", "get*")  # fmt: skip
NUMBER = st.integers(0, 11)


def faults() -> st.SearchStrategy[dict[str, Any]]:
    """Every kind of fault that the emulator has, anywhere, once or for ever."""
    return st.fixed_dictionaries(
        {"kind": st.sampled_from(sorted(FAULTS)), "operation": st.sampled_from(OPERATIONS)},
        optional={
            "phase": st.sampled_from(["before", "after"]),
            "skip": st.integers(0, 8),
            "times": st.sampled_from([1, 1, 1, 2, 6]),
            "seconds": st.sampled_from([3.0, 20.0]),
            "status": st.sampled_from([200, 400, 500, 503]),
            "code": st.sampled_from([4000, 4100, 4101, 4200, 5000, 702042018]),
        },
    )


def told(step: Callable[..., None]) -> Callable[..., None]:
    """A failure of this step comes with the whole story."""

    @wraps(step)
    def telling(self: Lives, *arguments: Any, **named: Any) -> None:
        try:
            step(self, *arguments, **named)
        except AssertionError as error:
            error.add_note(self.world.told())
            raise

    return telling


class Lives(RuleBasedStateMachine):
    """A team, its project and its live side."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="cozeops-machine-"))

    @initialize(state=st.booleans(), first=st.sets(st.sampled_from(ADDRESSES), max_size=6), data=st.data())
    @told
    def begin(self, state: bool, first: set[str], data: st.DataObject) -> None:
        """A project of a few pieces, each with some of its fields."""
        self.world = World(self.home, state)
        docs = {}
        for address in projects.with_needs({"Workspace/home", *first}):
            docs[address] = deepcopy(projects.PIECES[address])
            fields = projects.labels(docs[address])
            for label in data.draw(st.lists(st.sampled_from(fields), max_size=5)) if fields else []:
                projects.drop(docs[address], label)
        if not self.world.write(docs):
            self.world.write({"Workspace/home": deepcopy(projects.PIECES["Workspace/home"])})

    # ------------------------------------------------------------------------------------------ Git

    def _pick(self, number: int) -> str:
        return sorted(self.world.docs)[number % len(self.world.docs)]

    def _edit(self, what: str, docs: projects.Docs) -> None:
        if self.world.write(docs):
            self.world.say(f"Git: {what}")

    @rule(address=st.sampled_from(ADDRESSES))
    @told
    def add(self, address: str) -> None:
        """One more manifest."""
        if address not in self.world.docs:
            pieces = {one: deepcopy(projects.PIECES[one]) for one in projects.with_needs([address])}
            docs = {**pieces, **deepcopy(self.world.docs)}
            self._edit(f"add {address}", docs)

    @rule(number=NUMBER, way=NUMBER)
    @told
    def change(self, number: int, way: int) -> None:
        """Another value for a field."""
        docs, address = deepcopy(self.world.docs), self._pick(number)
        choices = projects.choices(docs[address])
        if choices:
            label, value = choices[(way * 5 + number) % len(choices)]
            projects.put(docs[address], label, value)
            self._edit(f"{address} {label} = {value!r}", docs)

    @rule(number=NUMBER, way=NUMBER)
    @told
    def release(self, number: int, way: int) -> None:
        """A field is not managed any more."""
        docs, address = deepcopy(self.world.docs), self._pick(number)
        fields = projects.labels(docs[address])
        if fields:
            projects.drop(docs[address], fields[(way * 5 + number) % len(fields)])
            self._edit(f"{address} without {fields[(way * 5 + number) % len(fields)]}", docs)

    @rule(number=NUMBER)
    @told
    def remove(self, number: int) -> None:
        """A manifest less, with what cannot be without it."""
        docs, address = deepcopy(self.world.docs), self._pick(number)
        if len(docs) > 1:
            del docs[address]
            self._edit(f"remove {address}", docs)

    @rule(number=NUMBER)
    @told
    def rename(self, number: int) -> None:
        """Another name on Coze."""
        docs, address = deepcopy(self.world.docs), self._pick(number)
        spec = docs[address]["spec"]
        if "name" in spec and "id" not in spec and kinds()[docs[address]["kind"]].create:
            spec["name"] = spec["name"][:-1] if spec["name"].endswith("新") else f"{spec['name']}新"
            self._edit(f"{address} is called {spec['name']}", docs)

    @precondition(lambda self: self.world.state)
    @rule(number=NUMBER)
    @told
    def move(self, number: int) -> None:
        """Another address for the same object; whether the manifest says so or not."""
        docs, address = deepcopy(self.world.docs), self._pick(number)
        document = docs[address]
        if document["kind"] == "Bot":
            before = document["metadata"]["name"]
            after = before.removesuffix("移") if before.endswith("移") else f"{before}移"
            document["metadata"].pop("moved_from", None)
            document["metadata"] |= {"name": after} | ({"moved_from": before} if number % 2 else {})
            docs[f"Bot/{after}"] = docs.pop(address)
            self._edit(f"{address} moves to Bot/{after}" + ("" if number % 2 else ", unsaid"), docs)

    @rule()
    @told
    def turn(self) -> None:
        """The other environment from here on."""
        names = list(projects.ENVIRONMENTS)
        self.world.environment = names[1 - names.index(self.world.environment)]
        self.world.say(f"--env {self.world.environment} from here on")

    # ----------------------------------------------------------------------------------------- Coze

    @rule(number=NUMBER, way=NUMBER)
    @told
    def by_hand(self, number: int, way: int) -> None:
        """Somebody in the console."""
        what = live.edit(self.world, number, way)
        if what:
            self.world.say(f"Coze: {what}")

    # --------------------------------------------------------------------------------------- cozeops

    @rule(form=st.sampled_from(["text", "json", "markdown", "html"]), prune=st.booleans())
    @told
    def plan(self, form: str, prune: bool) -> None:
        """Looks, and changes nothing."""
        words = ["--prune"] if prune and self.world.state else []
        self.world.say(f"plan --format {form} {' '.join(words)}")
        before, memory = self._quiet()
        ran = self.world.run("plan", "--format", form, *words)
        assert ran.code in (0, 3), ran
        laws.demand_reads_only(self.world, before, memory)

    @rule(
        harm=st.lists(faults(), max_size=2),
        early=st.booleans(),
        aim=st.none() | NUMBER,
        exclude=st.none() | NUMBER,
        hand=st.none() | st.tuples(NUMBER, NUMBER),
        prune=st.booleans(),
        kill=st.none() | st.tuples(st.integers(0, 12), st.booleans()),
        parallelism=st.sampled_from(["1", "4"]),
        stale=st.sampled_from(["fail", "replan"]),
    )
    @told
    def apply(
        self,
        harm: list[dict[str, Any]],
        early: bool,
        aim: int | None,
        exclude: int | None,
        hand: tuple[int, int] | None,
        prune: bool,
        kill: tuple[int, bool] | None,
        parallelism: str,
        stale: str,
    ) -> None:
        """An apply to which anything may happen."""
        choice = self._choice(aim, exclude, prune)
        self.world.say(f"plan {' '.join(choice)}, apply" + (f" with {harm}" if harm else ""))
        if early:
            self._harm(harm)
        made = self._planned(*choice)
        if made is None:
            self.world.emulator.faults.clear()
            return
        self.world.emulator.faults.clear()  # what goes wrong goes wrong for us
        if hand and (what := live.edit(self.world, *hand)):
            self.world.say(f"... between plan and apply, on Coze: {what}")
        self._harm(harm)
        if kill:
            fate = "happened" if kill[1] else "got lost"
            self.world.say(f"... killed at write {kill[0] + 1}, which {fate}")
        after, heard = kill or (None, True)
        self._applied(made, "--parallelism", parallelism, "--on-stale", stale, kill=after, heard=heard)
        self.world.emulator.faults.clear()

    def _choice(self, aim: int | None, exclude: int | None, prune: bool) -> list[str]:
        addresses = [a for a in self.world.docs if kinds()[a.partition("/")[0]].lives]
        choice = [] if aim is None else ["--target", sorted(addresses)[aim % len(addresses)]]
        if exclude is not None and exclude % 3 == 0 and len(addresses) > 1:
            choice += ["--exclude", sorted(addresses)[exclude % len(addresses)]]
        return [*choice, "--prune"] if prune and self.world.state else choice

    def _harm(self, harm: list[dict[str, Any]]) -> None:
        for one in harm:
            self.world.emulator.faults.add(**one)

    def _quiet(self) -> tuple[Any, Any]:
        self.world.emulator.requests.clear()
        return self.world.tables(), self.world.memory()

    def _planned(self, *choice: str) -> Any:
        """A plan in its file; None where there is none, or where nobody may apply it."""
        before, memory = self._quiet()
        self.file = self.home / "plan.json"
        self.file.unlink(missing_ok=True)
        self.ran = self.world.run("plan", "--out", str(self.file), *choice)
        laws.demand_reads_only(self.world, before, memory)
        assert (self.ran.code == 0) == self.file.exists(), self.ran
        assert self.ran.code == 0 or "error" in self.ran.err or "COZE" in self.ran.err, self.ran
        if self.ran.code != 0:
            return None
        plan = read_json(self.file)
        laws.demand_one_owner(plan)
        return plan

    def _applied(self, plan: Any, *words: str, kill: int | None = None, heard: bool = True) -> Ran:
        """Apply the plan in its file, and hold what happened to the laws."""
        world, report = self.world, self.home / "run.json"
        report.unlink(missing_ok=True)
        before, _ = self._quiet()
        codes = sorted({one["code"] for one in plan["findings"] if one["severity"] == "block"})
        acks = [word for code in codes for word in ("--ack", code)]
        patience = ("--unknown-wait", "2", "--wait-timeout", "5", "--report", str(report))
        ran = world.run("apply", str(self.file), *acks, *patience, *words, kill=kill, heard=heard)
        after, written = world.tables(), world.written()
        if ran.code in (1, 3, 5) or (ran.code in (4, 6) and not report.exists()):
            assert written == [], f"{ran}, and yet {written}"
        laws.demand_shown(plan, written, before)
        laws.demand_no_doubles(before, after)
        laws.demand_untouched(world, plan, before, after)
        laws.demand_secret(world, TOKEN)
        if report.exists():
            laws.demand_code(read_json(report), ran.code)
            laws.demand_told(plan, read_json(report), written)
        return ran

    @rule()
    @told
    def settle(self) -> None:
        """Once nothing goes wrong any more, one apply does it."""
        self.world.say("plan, apply, plan: nothing is left to do")
        for _ in range(12):
            plan = self._planned("--prune") if self.world.state else self._planned()
            mended = live.mend(self.world, self.ran, plan)
            if not mended:
                break
            self.world.say(f"... mended: {mended}")
        else:
            raise AssertionError(f"it cannot be mended: {self.ran}")
        assert plan is not None, self.ran
        ran = self._applied(plan)
        assert ran.code == 0, ran
        again = self._planned()
        assert again is not None, self.ran
        left = [change for change in again["changes"] if change["action"] != "none"]
        assert left == [], f"after an apply that did everything there is {left}"
        if self.world.state:
            laws.demand_remembered(self.world)
            laws.demand_true(self.world, again)

    def teardown(self) -> None:
        """Whatever happened, it ends well."""
        try:
            if hasattr(self, "world") and self.world.story:
                self.settle()
        finally:
            if hasattr(self, "world"):
                self.world.close()
            shutil.rmtree(self.home)


BOUNDED = settings(
    max_examples=8,
    stateful_step_count=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


def test_random_lives() -> None:
    """A sample, the same every time."""
    run_state_machine_as_test(Lives, settings=BOUNDED)  # type: ignore[no-untyped-call]


@pytest.mark.long
def test_many_random_lives() -> None:
    """Others every time."""
    many = settings(
        BOUNDED,
        max_examples=300,
        stateful_step_count=14,
        derandomize=False,
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(Lives, settings=many)  # type: ignore[no-untyped-call]
