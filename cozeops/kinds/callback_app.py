"""Callback apps: where Coze sends its events, and which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.collections import Adding, Collection, Export, Item, Listed, Removal
from cozeops.declare.fields import UNREADABLE, Absent, Flaw, Is, Ref, Size, Spec, Wire
from cozeops.declare.kind import Kind
from cozeops.declare.refs import ById
from cozeops.values import Json

_GONE = frozenset({4200})

Event = Literal[
    "bot.published",
    "bot.deleted",
    "bot.unpublished",
    "benefit.usage",
    "benefit.plugin.scale.requested",
    "benefit.plugin.scale.expired",
]


def _event(wire: Json) -> Item:
    return Item(wire["event_type"], wire["event_type"], {})


def _subscribed(items: Sequence[Json], values: Json) -> Json:
    return {"event_types": list(items)}


def _unsubscribed(items: Sequence[Item]) -> Json:
    return {"event_types": [item.key for item in items]}


EVENTS = Collection(
    listed=Listed(
        page=Page(
            Call("listApiAppEvents", "GET", "/v1/api_apps/{api_app_id}/events"),
            items=("items",),
            id="event_type",
            more=("has_more",),
            number="page_token",
            size=50,
            confirm=True,
        ),
        decode=_event,
    ),
    export=Export(write=lambda item, file: item.key),
    add=Adding(
        call=Call("subscribeApiAppEvents", "POST", "/v1/api_apps/{api_app_id}/events"),
        encode=_subscribed,
        batch=50,
    ),
    remove=Removal(
        # One by one: whether one that is not subscribed to spoils the others is not documented.
        call=Call(
            "unsubscribeApiAppEvents",
            "DELETE",
            "/v1/api_apps/{api_app_id}/events",
            repeatable=True,
            already=_GONE,
        ),
        encode=_unsubscribed,
    ),
)


class CallbackAppSpec(Spec):
    """An app that receives events of the account (normal) or of one channel (connector)."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live app, whatever its name."""
    name: Annotated[str | None, Size(128, least=1, line=True)] = None
    """The name on Coze; `metadata.name` where it is absent. An app of a channel has none of its own."""
    app_type: Annotated[
        Literal["normal", "connector"] | None, Wire(on_update=False), Is.FIXED, Is.NEEDED_TO_CREATE
    ] = None
    """`normal`: events of the account; `connector`: those of a custom channel. Never changes."""
    connector: Annotated[
        str | ById | None, Ref("Connector"), Wire("connector_id", on_update=False), Is.FIXED, Is.DEFINING
    ] = None
    """The channel of an app with `app_type: connector`, which is called as the channel is. Never changes."""
    callback_url: Annotated[
        str | None,
        Field(pattern=r"^https?://"),
        Wire(on_create=False),
        Field(examples=["https://example.com/coze"]),
    ] = None
    """Where the events go. Coze POSTs a challenge there, which must be echoed within 3 seconds."""
    verify_token: Annotated[
        str | None,
        Wire(on_create=False, on_update=False),
        Is.SECRET,
        Is.GENERATED,
        Absent(UNREADABLE),
        Field(examples=["${env:COZEOPS_SECRET_KITCHEN}"]),
    ] = None
    """What events are signed with. Coze makes it: say what the receiver has, to learn when it differs.

    Where the variable is not set, it is not compared."""
    events: Annotated[list[Event] | None, Is.UNORDERED, EVENTS] = None
    """All event types that it is subscribed to; what is not listed is unsubscribed."""


def _check(values: Json) -> Iterator[Flaw]:
    kind, connector = values.get("app_type"), "connector" in values
    if kind == "connector" and not connector:
        yield Flaw(("app_type",), "an app of type connector needs its channel", "add connector")
    if kind == "normal" and connector:
        yield Flaw(("connector",), "an app of type normal has no channel", "write app_type: connector")
    if (kind == "connector" or connector) and "name" in values:
        message = "Coze calls the app of a channel as it calls the channel"
        yield Flaw(("name",), message, "remove name: the app is found by its channel")
    events = values.get("events", [])
    for index, event in enumerate(events):
        if event in events[:index]:
            yield Flaw(("events", index), f"{event} is listed twice", "keep one of them")


def _written(values: Json) -> Json:
    """Without the name that Coze gave it."""
    return {key: one for key, one in values.items() if key != "name" or "connector" not in values}


KIND = Kind(
    name="CallbackApp",
    summary="api_app with its callback URL and event subscriptions",
    spec=CallbackAppSpec,
    id="api_app_id",
    listing=Page(
        Call("listApiApps", "GET", "/v1/api_apps"),
        items=("items",),
        id="id",
        more=("has_more",),
        number="page_token",
        size=50,
        confirm=True,
    ),
    create=Call("createApiApp", "POST", "/v1/api_apps", result=("id",)),
    # Nothing is lost when the same name and URL are sent again; Coze challenges the URL once more.
    update=Call("updateApiApp", "PUT", "/v1/api_apps/{api_app_id}", repeatable=True),
    delete=Call("deleteApiApp", "DELETE", "/v1/api_apps/{api_app_id}", repeatable=True, already=_GONE),
    named_after=("connector",),
    check=_check,
    written=_written,
)
