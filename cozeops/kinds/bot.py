"""Bots: drafts that people edit, and published copies that users talk to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.fields import (
    UNREADABLE,
    Absent,
    Convert,
    File,
    Flaw,
    Hidden,
    Is,
    Ref,
    Size,
    Spec,
    Wire,
    codes,
)
from cozeops.declare.kind import Kind
from cozeops.declare.publication import Publication
from cozeops.declare.refs import Named
from cozeops.declare.text import PrefixPrompt, Text
from cozeops.kinds.parts.channels import API, CHANNELS, LEAVABLE, OFFICIAL, OFFICIAL_IDS
from cozeops.kinds.parts.collaboration import Mode, collaboration_flaws, collaborators_of, mode_of
from cozeops.kinds.parts.images import icon_flaws
from cozeops.kinds.parts.model import Model, model_flaws
from cozeops.values import Json, Reference

_SINGLE_AGENT = "0"


def _encode_prompt(prompt: str | Json) -> Json:
    if isinstance(prompt, str):
        return {"prompt": prompt, "prompt_mode": "standard"}
    parts = {"prefix_prompt": prompt["prefix"], "dynamic_prompt": prompt.get("dynamic", "")}
    return {"prompt_mode": "prefix", "prefix_prompt_info": parts}


def _decode_prompt(wire: Json) -> Any:
    # The older shape of the reply has neither prompt_mode nor prefix_prompt_info.
    if wire.get("prompt_mode") == "prefix":
        parts = wire.get("prefix_prompt_info") or {}
        return {"prefix": parts.get("prefix_prompt") or "", "dynamic": parts.get("dynamic_prompt") or ""}
    return wire["prompt"] or "" if "prompt" in wire else UNREADABLE


def _encode_plugins(uses: list[Json]) -> list[Json]:
    return [{"plugin_id": use["plugin"], "api_id": use["tool"]} for use in uses]


def _decode_plugins(wire: list[Json]) -> list[Json]:
    # Tools are compared by name: the id in this reply is "0" for plugins of the store.
    return [
        {"plugin": plugin["plugin_id"], "tool": tool.get("name") or tool.get("api_id")}
        for plugin in wire
        for tool in plugin.get("api_info_list") or []
    ]


def _encode_publish(uses: Sequence[Json]) -> Json:
    body: Json = {"connector_ids": [use["connector"] for use in uses]}
    params = {use["connector"]: use["params"] for use in uses if use["params"]}
    return body | ({"connectors": params} if params else {})


def _hides_questions(wire: Json, there: bool) -> bool:
    """Coze gives none while no follow-ups are suggested. Where it does not tell that, there may be some."""
    mode = (wire.get("suggest_reply_info") or {}).get("reply_mode")
    return mode == "disable" or not (there or mode)


class Onboarding(Spec):
    """What a user sees before the first message."""

    prologue: Annotated[str | None, Size(300), Wire(read=["prologue", "Prologue"])] = None
    """The opening words, at most 300 characters."""
    suggested_questions: Annotated[
        list[Annotated[str, Size(50)]] | None,
        Wire(read=["suggested_questions", "SuggestedQuestions"]),
        Hidden(_hides_questions),
    ] = None
    """Questions to tap, each at most 50 characters. With `suggest_reply.mode: disable` Coze tells none."""


class Knowledge(Spec):
    """The knowledge bases that the bot may search. Not part of a create: set by the update after it."""

    datasets: Annotated[
        list[Annotated[Named, Ref("KnowledgeBase")]] | None,
        Wire(write="dataset_ids", read="knowledge_infos.*.id", on_create=False),
        Is.UNORDERED,
        Size(150),
    ] = None
    """KnowledgeBase resources, or `{id: ...}` / `{name: ...}`."""
    auto_call: Annotated[bool | None, Wire(read=None, on_create=False)] = None
    """Search on every message (true, the default) or only when the model asks for it."""
    search_strategy: Annotated[
        Literal["semantic", "hybrid", "full_text"] | None,
        Wire(read=None, on_create=False),
        codes({"semantic": 0, "hybrid": 1, "full_text": 20}),
    ] = None
    """How the knowledge is searched."""


class PluginUse(Spec):
    """A plugin and the tools of it that the bot may call."""

    plugin: Annotated[Named, Ref("Plugin")]
    """A Plugin resource, or `{id: ...}`."""
    tools: Annotated[list[str], Size(100, least=1)]
    """Names of tools; resolved to ids through `GET /v1/plugins`."""


class SuggestReply(Spec):
    """Questions that Coze suggests after an answer."""

    mode: Annotated[
        Literal["enable", "disable", "customized"] | None, Wire("reply_mode"), Absent(UNREADABLE)
    ] = None
    """`customized` needs a prompt."""
    prompt: Annotated[Text | None, Wire("customized_prompt"), Is.TEXT, Absent(UNREADABLE)] = None
    """How the questions are made, with `mode: customized`."""


class Collaboration(Spec):
    """Who may edit the bot (enterprise editions). Cannot be read back from Coze."""

    mode: Annotated[Mode | None, mode_of("Bot", "/v1/bots/{bot_id}")] = None
    """Whether others than the owner may edit the bot."""
    collaborators: Annotated[list[str] | None, Is.UNORDERED, collaborators_of("Bot", "/v1/bots/{bot_id}")] = (
        None
    )
    """User ids; each must be a member of the workspace."""


class CustomChannel(Spec):
    """A custom channel with its parameters."""

    connector: Annotated[str, Ref("Connector", builtin=CHANNELS)]
    """A Connector resource."""
    params: dict[str, Any] | None = None
    """Parameters of the channel, such as `device_id: [\"51237825\"]`."""


class Publish(Spec):
    """Where users reach the bot. A channel that is not listed is left (`unpublish`).

    Coze's other channels are looked at only where `never` names them.
    """

    connectors: list[Annotated[str, Ref("Connector", builtin=CHANNELS)] | CustomChannel] | None = None
    """`api`, `chat_sdk`, Connector resources, or `{connector, params}`. Empty: no channel at all. Absent:
    wherever it is published, it stays (but for `never`), and nothing is published."""
    never: list[Annotated[str, Ref("Connector", builtin=OFFICIAL, ids=True)]] | None = None
    """Channels that the bot must not be on, whoever published it there: it is taken off them.

    `coze_store`, `wechat_customer_service`, `wechat_service_account`, `wechat_subscription_account`,
    `douyin_mini_program`, `wechat_mini_program`, `feishu`, `feishu_base`, `juejin`, or the id of another one.
    Doubao is not among them: the API cannot take a bot off it."""
    unpublish_reason: Annotated[str | None, Size(1024)] = None
    """Why, when the bot is taken off a channel: Coze shows it beside the channel. Sent with `unpublish`."""


class BotSpec(Spec):
    """An agent: its draft, and the channels that it is published to."""

    id: Annotated[str | None, Field(pattern=r"^\d+$", examples=["7342866812345"])] = None
    """Exactly this live bot, whatever its name."""
    name: Annotated[str | None, Size(20, least=1, line=True)] = None
    """The name on Coze; `metadata.name` where it is absent."""
    description: Annotated[str | None, Size(500)] = None
    """What the bot is for, as people see it."""
    icon: Annotated[str | None, File(), Wire(write="icon_file_id", read=None)] = None
    """An image file; uploaded when its content changes."""
    prompt: Annotated[
        Text | PrefixPrompt | None,
        Wire("prompt_info"),
        Convert(_encode_prompt, _decode_prompt),
        Is.TEXT,
        Size(20_000),
        Absent(UNREADABLE),
    ] = None
    """The system prompt: text, `{file}`, `{ref, vars}`, or `{prefix, dynamic}` with prefix caching."""
    onboarding: Annotated[Onboarding | None, Wire("onboarding_info")] = None
    knowledge: Annotated[Knowledge | None, Wire("knowledge")] = None
    plugins: Annotated[
        list[PluginUse] | None,
        Wire(write="plugin_id_list.id_list", read="plugin_info_list"),
        Convert(_encode_plugins, _decode_plugins),
        Is.UNORDERED,
        Absent([]),
    ] = None
    workflows: Annotated[
        list[Annotated[Named, Ref("Workflow")]] | None,
        Wire(write="workflow_id_list.ids.*.id", read="workflow_info_list.*.id"),
        Is.UNORDERED,
        Absent([]),
    ] = None
    """Workflow resources, or `{id: ...}` / `{name: ...}`."""
    model: Annotated[Model | None, Wire(write="model_info_config", read="model_info")] = None
    suggest_reply: Annotated[SuggestReply | None, Wire("suggest_reply_info")] = None
    voice_call: Annotated[
        bool | None,
        Wire("media_config.is_voice_call_closed"),
        codes({True: False, False: True}),
        Absent(UNREADABLE),
    ] = None
    """Whether users may call the bot by voice."""
    collaboration: Collaboration | None = None
    publish: Annotated[
        Publish | None,
        Publication(
            publish=Call("publishBot", "POST", "/v1/bot/publish", names_object=True, result=("version",)),
            unpublish=Call("unpublishBot", "POST", "/v1/bots/{bot_id}/unpublish", repeatable=True),
            listing=Page(
                Call(
                    "listBots",
                    "GET",
                    "/v1/bots",
                    {"publish_status": "published_online"},
                    scope="workspace_id",
                ),
                items=("items",),
                id="id",
                total=("total",),
                size=20,
                larger=200,
            ),
            published=Call("getBot", "GET", "/v1/bots/{bot_id}", {"is_published": "true"}),
            versions=Page(
                Call(
                    "listBotVersions",
                    "GET",
                    "/v1/bots/{bot_id}/versions",
                    {"publish_status": "published_online"},
                ),
                items=("items",),
                id="version",
                more=("has_more",),
                size=30,
            ),
            required=API,
            encode=_encode_publish,
            leaving="connector_id",
            builtin=CHANNELS,
            leavable=LEAVABLE,
            reason="unpublish_reason",
        ),
    ] = None
    """Absent: publication is not managed. `connectors: []`: on no channel."""


def _check(values: Json) -> Iterator[Flaw]:
    yield from icon_flaws(values)
    yield from collaboration_flaws(values)
    yield from model_flaws(values)
    yield from _check_suggestions(values.get("suggest_reply", {}))
    yield from _check_publish(values.get("publish", {}).get("connectors") or [])
    yield from _check_never(values.get("publish", {}))


def _check_suggestions(suggest: Json) -> Iterator[Flaw]:
    mode, prompt = suggest.get("mode"), suggest.get("prompt")
    if mode == "customized" and not prompt:
        yield Flaw(("suggest_reply", "mode"), "mode customized needs a prompt", "add suggest_reply.prompt")
    if mode in ("enable", "disable") and prompt:
        message = f"mode {mode} takes no prompt: only mode customized does"
        yield Flaw(("suggest_reply", "prompt"), message, "write mode: customized, or take the prompt out")


def _check_publish(connectors: list[Any]) -> Iterator[Flaw]:
    ids = [(one["connector"] if isinstance(one, dict) else one) for one in connectors]
    custom = [ref for ref in ids if ref.id not in CHANNELS.values()]
    if custom and not any(ref.id == API for ref in ids):
        yield Flaw(
            ("publish", "connectors"),
            f"{custom[0]} is a custom channel: Coze publishes it only together with api",
            "add api to the list",
        )
    seen: set[str] = set()
    for index, (one, ref) in enumerate(zip(connectors, ids, strict=True)):
        if isinstance(one, dict) and one.get("params") and ref.id in CHANNELS.values():
            message = f"{OFFICIAL_IDS[ref.id]} takes no params: only custom channels do"
            yield Flaw(("publish", "connectors", index, "params"), message, "take them out")
        if str(ref) in seen:
            yield Flaw(("publish", "connectors"), f"{ref} is listed twice", "keep one of them")
        seen.add(str(ref))


def _check_never(publish: Json) -> Iterator[Flaw]:
    never = publish.get("never", [])
    connectors = publish.get("connectors", [])
    listed = {str(one["connector"] if isinstance(one, dict) else one) for one in connectors}
    for index, ref in enumerate(never):
        if str(ref) in listed:
            message = f"{OFFICIAL_IDS.get(ref.id, ref)} is listed under connectors, too"
            yield Flaw(("publish", "never", index), message, "take it out of one of them")
        if ref in never[:index]:
            yield Flaw(("publish", "never", index), f"{ref} is listed twice", "keep one of them")


def _settle(values: Json, name: str) -> Json:
    """One entry per tool, and one shape for connectors: `{connector, params: {key: JSON text}}`."""
    settled = dict(values)
    if "plugins" in values:
        settled["plugins"] = [
            {"plugin": use["plugin"], "tool": _tool(use["plugin"], tool)}
            for use in values["plugins"]
            for tool in use["tools"]
        ]
    if "connectors" in values.get("publish", {}):
        connectors = [_channel(one) for one in values["publish"]["connectors"]]
        settled["publish"] = {**values["publish"], "connectors": connectors}
    return settled


def _written(values: Json) -> Json:
    """One entry per plugin."""
    if "plugins" not in values:
        return values
    tools: dict[str, list[str]] = {}
    for use in values["plugins"]:
        tools.setdefault(use["plugin"], []).append(use["tool"])
    return {**values, "plugins": [{"plugin": plugin, "tools": named} for plugin, named in tools.items()]}


def _foreign(wire: Json) -> str:
    # The API neither shows nor takes what such a bot is made of.
    single = str(wire.get("bot_mode") or 0) == _SINGLE_AGENT
    return "" if single else "it is made of several agents, or of a workflow"


def _tool(plugin: Reference, tool: str) -> Reference:
    return Reference(plugin.kind, plugin.address, plugin.id, plugin.name, part=tool)


def _channel(one: Reference | Json) -> Json:
    if isinstance(one, Reference):
        return {"connector": one, "params": {}}
    params = {key: json.dumps(value, ensure_ascii=False) for key, value in (one.get("params") or {}).items()}
    return {"connector": one["connector"], "params": params}


KIND = Kind(
    name="Bot",
    summary="agent: draft, published versions per connector, collaboration",
    spec=BotSpec,
    id="bot_id",
    scope="Workspace",
    # Drafts are hidden unless asked for. 20 is the default page; the largest one is undocumented.
    listing=Page(
        Call("listBots", "GET", "/v1/bots", {"publish_status": "all"}, scope="workspace_id"),
        items=("items",),
        id="id",
        total=("total",),
        size=20,
        larger=200,
    ),
    get=Call("getBot", "GET", "/v1/bots/{bot_id}", {"is_published": "false"}),
    create=Call("createBot", "POST", "/v1/bot/create", scope="space_id", result=("bot_id",)),
    update=Call("updateBot", "POST", "/v1/bot/update", names_object=True, repeatable=True),
    marks=("updated_at",),
    edited="update_time",
    owner="owner_user_id",
    folder="folder_id",
    parts=(("variables",), "keyword", "keyword"),
    check=_check,
    settle=_settle,
    written=_written,
    foreign=_foreign,
)
