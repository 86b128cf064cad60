"""Checks: conversations with a bot, runs of a workflow, and what is expected of the answers.

Nothing on Coze. What judges the plan (what is written) stands under `spec.checks` of cozeops.yaml; a Check
judges what the bot says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from cozeops.codes import Code
from cozeops.declare.fields import Flaw, Is, Ref, Size, Spec
from cozeops.declare.kind import Kind
from cozeops.declare.text import Text
from cozeops.kinds.parts.expect import Expect, flaws_of
from cozeops.values import Json

_OF_A_BOT = ("turns", "variables")
_OF_A_WORKFLOW = ("parameters", "expect")
# What only a bot's answer has.
_SPOKEN = ("tools", "no_tools", "knowledge", "follow_ups")


class Turn(Spec):
    """One thing that a user says, and what is expected of the answer."""

    say: Annotated[Text, Is.TEXT]
    """What the user says."""
    expect: Expect | None = None
    """Absent: any answer will do, and the next turn goes on from it."""


class CheckSpec(Spec):
    """A conversation with a bot, or a run of a workflow. (`spec.checks` of cozeops.yaml judges plans.)"""

    bot: Annotated[str | None, Ref("Bot")] = None
    """The Bot resource that is talked to."""
    turns: Annotated[
        list[Turn] | None,
        Size(50, least=1),
        Field(examples=[[{"say": "...", "expect": {"contains": ["..."]}}]]),
    ] = None
    """The conversation, one turn after the other."""
    variables: dict[str, str] | None = None
    """Values of the bot's variables in this conversation."""
    workflow: Annotated[str | None, Ref("Workflow")] = None
    """The Workflow resource that is run; only what is published can run."""
    parameters: dict[str, Any] | None = None
    """What the workflow gets."""
    expect: Expect | None = None
    """What is expected of the workflow's output."""
    stream: bool | None = None
    """Take the answer as it comes (false): the only way to know when the first token came."""
    repeat: Annotated[int | None, Field(ge=1, le=100)] = None
    """How often it is done anew (1), for answers that vary."""
    pass_share: Annotated[str | None, Field(pattern=r"^(100|[1-9][0-9]?)%$", examples=["80%"])] = None
    """How many of the repetitions must pass (100%)."""
    timeout_seconds: Annotated[int | None, Field(ge=1, le=600)] = None
    """How long one answer may take (60)."""


def _check(values: Json) -> Iterator[Flaw]:
    about = [name for name in ("bot", "workflow") if name in values]
    if len(about) != 1:
        message = "a Check is about a bot or a workflow: " + ("this is about both" if about else "name one")
        hint = "write two Checks" if about else "write bot: NAME and turns, or workflow: NAME and expect"
        yield Flaw((about[-1],) if about else (), message, hint, Code.CHECK_SUBJECT)
        return
    foreign = _OF_A_WORKFLOW if about == ["bot"] else _OF_A_BOT
    for name in foreign:
        if name in values:
            message = f"{name} is not for a {about[0]}"
            hint = (
                "a bot has turns, each with its expect" if about == ["bot"] else "a workflow has parameters"
            )
            yield Flaw((name,), message, hint, Code.CHECK_SUBJECT)
    if about == ["bot"] and "turns" not in values:
        yield Flaw(
            ("bot",),
            "nothing is said to the bot",
            "write turns: [{say: ..., expect: ...}]",
            Code.CHECK_SUBJECT,
        )
    yield from _expectations(values)


def _expectations(values: Json) -> Iterator[Flaw]:
    asked: list[tuple[tuple[str | int, ...], Json | None]] = [
        (("turns", index, "expect"), turn.get("expect")) for index, turn in enumerate(values.get("turns", []))
    ]
    if "workflow" in values:
        asked = [(("expect",), values.get("expect"))]
        for name in _SPOKEN:
            if name in (values.get("expect") or {}):
                yield Flaw(
                    ("expect", name), f"a workflow's output has no {name}", "leave it out", Code.CHECK_SUBJECT
                )
    if asked and not any(expect for _, expect in asked):
        yield Flaw((), "it expects nothing, so it could never fail", "write expect", Code.EXPECTS_NOTHING)
    for at, expect in asked:
        yield from flaws_of(expect or {}, at, streams=bool(values.get("stream")))


KIND = Kind(
    name="Check",
    summary="a conversation with a bot, or a run of a workflow, and what the answers must be",
    spec=CheckSpec,
    serves="`cozeops check` and `apply --check` carry it out",
    check=_check,
)
