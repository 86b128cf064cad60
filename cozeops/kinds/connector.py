"""Connectors: channel ids under a name, and the devices that are bound to them. Nothing can be read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from cozeops.declare.calls import Call
from cozeops.declare.collections import Adding, Collection, Content
from cozeops.declare.fields import Flaw, Is, Spec
from cozeops.declare.kind import Kind
from cozeops.kinds.parts.channels import CHANNELS, OFFICIAL_IDS
from cozeops.values import Json, is_line


class Device(Spec):
    """Devices that are known to a channel under one key."""

    key: str = Field(min_length=1, examples=["device_id"])
    """The parameter of the channel that takes the device."""
    values: dict[str, str] = Field(examples=[{"智能音箱-客厅": "51237824000"}])
    """What people call each device, and its id."""
    developer: Annotated[str | None, Field(pattern=r"^\d+$", examples=["4497462571000001"])] = None
    """The user id of the developer of bots whom the devices are bound for."""


def _bound(items: Sequence[Json], values: Json) -> Json:
    keys: dict[str, list[Json]] = {}
    for item in items:
        keys.setdefault(item["key"], []).append({"label": item["label"], "value": item["value"]})
    developer = items[0].get("developer")
    configs = [{"key": key, "enums": enums} for key, enums in keys.items()]
    return {"configs": configs} | ({"user_id": developer} if developer else {})


def _binding(item: Json) -> str | Json:
    """What is remembered of a binding, which nobody can read."""
    developer = item.get("developer")
    return {"label": item["label"], "developer": developer} if developer else str(item["label"])


DEVICES = Collection(
    add=Adding(
        call=Call(
            "bindConnectorUserConfigs", "POST", "/v1/connectors/{connector_id}/user_configs", repeatable=True
        ),
        encode=_bound,
        batch=100,
        # One request binds for one developer.
        group=lambda item: str(item.get("developer", "")),
    ),
    key=lambda item: f"{item['key']}={item['value']}",
    content=Content(name="label", of=_binding),
)


class ConnectorSpec(Spec):
    """A custom channel. `api` and `chat_sdk` need no declaration."""

    id: Annotated[str, Field(pattern=r"^\d+$", examples=["7470849514748000001"])]
    """The channel's id on Coze."""
    devices: Annotated[list[Device] | None, Is.UNORDERED, DEVICES] = None
    """Devices that are bound to the channel (Coze's staff switches that on). There is no unbinding."""


def _check(values: Json) -> Iterator[Flaw]:
    if (id := values.get("id")) in OFFICIAL_IDS:
        name = OFFICIAL_IDS[id]
        yield Flaw(("id",), f"{id} is Coze's own channel {name}, and no custom one", _instead(name))
    seen: set[tuple[str, str]] = set()
    for index, device in enumerate(values.get("devices") or []):
        for label, value in device["values"].items():
            path = ("devices", index, "values", label)
            if not (label and value):
                yield Flaw(path, "a device has a name and an id", "write both")
            elif not is_line(label):
                message = f"{label!r} is no name in one line, without blanks at its ends"
                yield Flaw(path, message, "write it without them")
            if (device["key"], value) in seen:
                yield Flaw(path, f"{value} is listed twice under {device['key']}", "keep one of them")
            seen.add((device["key"], value))


def _instead(official: str) -> str:
    if official in CHANNELS:
        return f"remove this resource and write {official} under publish.connectors of the bots"
    return "Coze's API publishes nothing there; remove this resource"


def _developer(device: Json) -> Json:
    return {"developer": device["developer"]} if "developer" in device else {}


def _settle(values: Json, name: str) -> Json:
    """One entry per device."""
    if "devices" not in values:
        return values
    devices = [
        {"key": device["key"], "label": label, "value": value, **_developer(device)}
        for device in values["devices"]
        for label, value in device["values"].items()
    ]
    return {**values, "devices": devices}


KIND = Kind(
    name="Connector",
    summary="a channel id, an alias for `publish`; device bindings",
    spec=ConnectorSpec,
    id="connector_id",
    uncreatable="register the channel in the Coze console and write its id",
    check=_check,
    settle=_settle,
)
