"""How people name resources on a command line."""

from __future__ import annotations

import json

import pytest

from cozeops.address import Address
from cozeops.errors import UsageError
from cozeops.operations.handles import named
from tests.cli.conftest import Shell
from tests.engine.made import CHEF, GUIDE, KITCHEN, RECIPES, resource

PERSONA = Address("Prompt", "persona")
TWIN = Address("Prompt", "chef")
PROJECT = [
    resource(KITCHEN),
    resource(RECIPES, scope=KITCHEN),
    resource(CHEF, scope=KITCHEN),
    resource(GUIDE, scope=KITCHEN),
    resource(PERSONA),
]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Bot/chef", [CHEF]),
        ("chef", [CHEF]),
        ("Bot/*", [CHEF, GUIDE]),
        ("Bot/c*", [CHEF]),
        ("*e", [GUIDE]),
        ("*/persona", [PERSONA]),
        ("[ck]*", [KITCHEN, CHEF]),
        ("Workspace/kitchen", [KITCHEN]),
        ("Workspace/kitchen/", [KITCHEN, RECIPES, CHEF, GUIDE]),
    ],
)
def test_what_is_meant(text: str, meant: list[Address]) -> None:
    assert named([text], PROJECT) == meant


def test_what_is_meant_twice_is_meant_once() -> None:
    assert named(["chef", "Bot/*"], PROJECT) == [CHEF, GUIDE]


def test_a_name_of_two_is_nobodys() -> None:
    with pytest.raises(UsageError, match="chef may be Bot/chef, Prompt/chef"):
        named(["chef"], [*PROJECT, resource(TWIN)])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Bot/chief", "did you mean Bot/chef? there is: Bot/chef, Bot/guide"),
        ("guid", "did you mean guide?"),
        ("Bot/x*", "there is: Bot/chef, Bot/guide"),
        ("Workspace/kitchn/", "did you mean Workspace/kitchen?"),
        ("App/x", "Bot/chef"),
    ],
)
def test_what_means_nothing_is_told_with_what_is_near(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match="is not in the project") as caught:
        named([text], PROJECT)
    assert hint in caught.value.hint


def test_a_plan_takes_them(shell: Shell) -> None:
    def planned(*arguments: str) -> set[str]:
        ran = shell("plan", "--format", "json", *arguments)
        assert ran.code == 0, ran.err
        return {one["address"] for one in json.loads(ran.out)["changes"]}

    chef = planned("--target", "Bot/chef")
    assert planned("--target", "chef") == chef
    assert planned("--target", "Bot/che*") == chef
    assert planned("--target", "Workspace/kitchen/") >= chef
    assert planned("--exclude", "Bot/*").isdisjoint({"Bot/chef", "Bot/translator"})
    assert shell("plan", "--target", "chief").code == 3
