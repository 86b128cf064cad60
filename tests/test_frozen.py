"""Classes of values: what they have of a frozen dataclass, and what they do not."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mypy import api as mypy

from cozeops.frozen import frozen


def declared(decorate: Callable[[type], type]) -> type:
    """The same class, made by one decorator or another."""

    @decorate
    class Point:
        x: int
        y: int = 0
        note: str = field(default="", compare=False)
        hidden: str = field(default="", repr=False)
        tags: dict[str, str] = field(default_factory=dict, hash=False)

    return Point


Point: Any = declared(frozen)
Like: Any = declared(dataclass(frozen=True, slots=True))


@frozen(eq=False)
class Thing:
    name: str


@frozen
class Nothing:
    pass


@frozen
class Node:
    below: list["Node"]


@frozen
class Shown:
    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


VALUES = [
    {"x": 1},
    {"x": 1, "y": 0, "note": "another"},
    {"x": 1, "y": 2},
    {"x": 1, "hidden": "secret"},
    {"x": 1, "tags": {"a": "b"}},
]


PROGRAM = """\
from cozeops.frozen import frozen
@frozen
class Point:
    x: int
    y: int = 0

point = Point(1)
point.x = 2
"""


@pytest.mark.parametrize("left", VALUES)
@pytest.mark.parametrize("right", VALUES)
def test_it_compares_as_a_frozen_dataclass_does(left: dict[str, object], right: dict[str, object]) -> None:
    ours = Point(**left), Point(**right)
    theirs = Like(**left), Like(**right)
    assert (ours[0] == ours[1]) is (theirs[0] == theirs[1])
    assert (hash(ours[0]) == hash(ours[1])) is (hash(theirs[0]) == hash(theirs[1]))
    assert repr(ours[0]) == repr(theirs[0])


def test_another_class_is_never_equal() -> None:
    assert Point(1) != Like(1)
    assert Point.__eq__(Point(1), Like(1)) is NotImplemented


def test_without_equality_it_is_itself_alone() -> None:
    one, same = Thing("a"), Thing("a")
    assert one != same
    assert len({one, same}) == 2
    assert repr(one) == "Thing(name='a')"


def test_without_fields_all_are_one() -> None:
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())


def test_its_own_way_to_be_shown_stays() -> None:
    assert repr(Shown("a")) == "<a>"


def test_one_that_contains_itself_can_be_shown() -> None:
    node = Node([])
    node.below.append(node)
    assert repr(node) == "Node(below=[...])"


def test_it_is_a_dataclass_with_slots() -> None:
    point = Point(1, tags={"a": "b"})
    assert dataclasses.replace(point, x=2) == Point(2, tags={"a": "b"})
    assert dataclasses.asdict(point)["tags"] == {"a": "b"}
    assert copy.deepcopy(point) == point
    assert pickle.loads(pickle.dumps(Shown("a"))) == Shown("a")
    assert not hasattr(point, "__dict__")
    with pytest.raises(AttributeError):
        point.other = 1
    match point:
        case Point(x, y):
            assert (x, y) == (1, 0)


def test_it_is_the_type_checker_that_keeps_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    told, _, _ = mypy.run(["--strict", "--cache-dir", str(tmp_path / "cache"), str(program)])
    assert [line.split(":")[1] for line in told.splitlines()[:-1]] == ["8"]
    assert "read-only" in told
