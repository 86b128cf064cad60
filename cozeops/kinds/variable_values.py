"""Values of user variables: what a bot or an app remembers of one user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from cozeops.declare.calls import Call
from cozeops.declare.fields import Convert, Flaw, Is, Ref, Spec, Wire, codes
from cozeops.declare.kind import Keyed, Kind
from cozeops.declare.refs import ById
from cozeops.values import Json

_OWNERS = ("bot", "app")
_WHOSE = ("bot_id", "app_id", "connector_id", "connector_uid")


def _encode(values: dict[str, str]) -> list[Json]:
    return [{"keyword": keyword, "value": value} for keyword, value in values.items()]


def _decode(wire: list[Json]) -> dict[str, str]:
    return {item["keyword"]: item.get("value") or "" for item in wire}


class VariableValuesSpec(Spec):
    """Values of variables for one user of a published bot or app. Other variables keep theirs.

    Coze keeps them apart for each user of a token, too: another token sees other values. There is no
    call that removes one.
    """

    bot: Annotated[str | ById | None, Ref("Bot"), Wire("bot_id"), Is.FIXED] = None
    """Whose variables they are: a bot that is published, or else `app`."""
    app: Annotated[str | ById | None, Ref("App"), Wire("app_id"), Is.FIXED] = None
    """Whose variables they are: an app that is published, or else `bot`."""
    connector: Annotated[
        Literal["api", "chat_sdk"] | None,
        Wire("connector_id"),
        codes({"api": "1024", "chat_sdk": "999"}),
        Is.FIXED,
    ] = None
    """The channel on which they hold; api where it is absent."""
    connector_uid: Annotated[str, Field(min_length=1, examples=["user-7"]), Is.FIXED]
    """The user, as the channel calls people."""
    values: Annotated[
        dict[str, str],
        Field(min_length=1, examples=[{"diet": "vegan"}]),
        Wire(write="data", read="items"),
        Convert(_encode, _decode),
    ]
    """Names of variables, which are made in the console, and their values."""


def _check(values: Json) -> Iterator[Flaw]:
    if sum(owner in values for owner in _OWNERS) != 1:
        yield Flaw((), "variables belong to a bot or to an app", "write one of bot and app")


def _settle(values: Json, name: str) -> Json:
    return {"connector": "api", **values}


def _asks(params: Json) -> Sequence[Json]:
    keywords = ",".join(item["keyword"] for item in params["data"])
    return [{name: params[name] for name in _WHOSE if name in params} | {"keywords": keywords}]


def _refuses(wanted: Json, live: Json) -> Iterator[Flaw]:
    for keyword in wanted["values"].keys() - live.get("values", {}).keys():
        owner = next(wanted[owner] for owner in _OWNERS if owner in wanted)
        hint = "make and enable it in the console, or look for a slip"
        yield Flaw(("values", keyword), f"{owner} has no variable {keyword!r}", hint)


KIND = Kind(
    name="VariableValues",
    summary="values of the variables of one user",
    spec=VariableValuesSpec,
    id="connector_uid",
    get=Call("getVariables", "GET", "/v1/variables"),
    keyed=Keyed(
        asks=_asks,
        key=lambda params: "/".join(params[name] for name in _WHOSE if name in params),
        published=("bot",),
        refuses=_refuses,
    ),
    update=Call("updateVariables", "PUT", "/v1/variables", repeatable=True),
    replaces_whole=True,
    check=_check,
    settle=_settle,
    uncreatable="make the variables in the console once the bot is there, then write their values",
)
