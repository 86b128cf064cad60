"""Reading a bot: the draft or the published copy, in the read shape.

Read is not what was written: dataset ids come back as `knowledge_infos`, flat plugin tools grouped by plugin;
search strategy, connectors, icon file, workspace, collaboration never come back.
"""

from __future__ import annotations

from typing import Any

from ..access import bot
from ..bot_fields import DEFAULTS
from ..fields import flag, ident
from ..icons import signed
from ..options import Options
from ..publication import online_copy, settle
from ..routing import Call, Route
from ..wire import CozeError, Row, encode

_HIDDEN_MODEL_KEYS = ("cache_type", "sp_anti_leak", "sp_current_time")
_SNAKE = {"Prologue": "prologue", "SuggestedQuestions": "suggested_questions"}
_NO_IMAGE: Row = {
    "canvas_position": {},
    "gradient_position": {},
    "image_url": "",
    "origin_image_url": "",
    "theme_color": "",
}
# what only the console sets
_CONSOLE_ONBOARDING: Row = {
    "CustomizedOnboardingPrompt": "",
    "OnboardingMode": 2,
    "SuggestedQuestionsShowMode": 0,
}


def get_bot(call: Call) -> Row:
    """Return the published copy (the default!) or the draft."""
    settle(call.store, call.now)
    row = bot(call, call.path["bot_id"])
    if call.query["is_published"]:
        return _published(call, row)
    return shown(call, row, {**row["draft"], "update_time": row["update_time"]}, version="")


def get_online_info(call: Call) -> Row:
    """Return the published copy (the old path)."""
    settle(call.store, call.now)
    old = _published(call, bot(call, call.query["bot_id"]))
    onboarding = old["onboarding_info"]
    # the names of the old path are those of writing
    return {**old, "onboarding_info": {_SNAKE.get(name, name): value for name, value in onboarding.items()}}


def _published(call: Call, row: Row) -> Row:
    copy = online_copy(call.store, row)
    if copy is None:
        msg = f"Requested resource bot_id={row['bot_id']} has not been published"
        raise CozeError(call.options.unpublished_code, msg)
    return shown(call, row, copy[0], version=copy[1])


def shown(call: Call, row: Row, config: Row, *, version: str) -> Row:
    """Return a configuration in the read shape."""
    reply: Row = {
        "bot_id": row["bot_id"],
        "name": config["name"],
        "description": config["description"],
        "icon_url": signed(call, f"bot/{config['icon_file_id'] or 'default'}"),
        "create_time": row["create_time"],
        "update_time": config["update_time"],
        "prompt_info": _prompt(call, config["prompt_info"]),
        "onboarding_info": _onboarding(config, call.options),
        "knowledge": {"knowledge_infos": _knowledge(call, config)},
        "bot_mode": 0,
        "plugin_info_list": _plugins(call, config),
        "workflow_info_list": _workflows(call, config),
        "model_info": _model(call, config["model_info_config"]),
        "owner_user_id": row["owner_user_id"],
        "folder_id": row["folder_id"] or "0",
        "variables": row["variables"],
        "shortcut_commands": [],
        # the table of fields has the first name, the example beside it has both
        "voice_info_list": [],
        "voice_data_list": [],
        "default_user_input_type": "text",
        "background_image_info": dict.fromkeys(
            ("web_background_image", "mobile_background_image"), _NO_IMAGE
        ),
        "version": version,
    }
    if call.options.unset_fields == "shown" or config["media_config"] != DEFAULTS["media_config"]:
        reply["media_config"] = config["media_config"]
    if call.options.suggest_reply:
        reply["suggest_reply_info"] = config["suggest_reply_info"]
    return reply


def _prompt(call: Call, prompt: Row) -> Row:
    if prompt["prompt_mode"] != "standard":
        return prompt
    names = ("prompt", "prompt_mode") if call.options.unset_fields == "shown" else ("prompt",)
    return {name: prompt[name] for name in names}


def _onboarding(config: Row, options: Options) -> Row:
    off = config["suggest_reply_info"]["reply_mode"] == "disable"
    hidden = ["suggested_questions"] if off and options.disabled_questions == "hidden" else []
    # an empty list of questions is absent, not empty
    shown = {
        name: value for name, value in config["onboarding_info"].items() if value != [] and name not in hidden
    }
    if not options.pascal_onboarding:
        return shown
    named = {"".join(part.title() for part in name.split("_")): value for name, value in shown.items()}
    return {**named, **_CONSOLE_ONBOARDING}


def _knowledge(call: Call, config: Row) -> list[Row]:
    datasets = (call.store["datasets"].get(ident) for ident in config["knowledge"]["dataset_ids"])
    return [{"id": found["dataset_id"], "name": found["name"]} for found in datasets if found]


def _plugins(call: Call, config: Row) -> list[Row]:
    tools: dict[str, list[Row]] = {}
    for pair in config["plugin_id_list"]["id_list"]:
        plugin = call.store["plugins"].get(pair["plugin_id"])
        known = {tool["tool_id"]: tool for tool in plugin["tools"]} if plugin else {}
        tool = known.get(pair["api_id"], {"name": "", "description": ""})
        api_id = "0" if call.options.store_api_id else pair["api_id"]
        entry = {"api_id": api_id, "name": tool["name"], "description": tool["description"]}
        tools.setdefault(pair["plugin_id"], []).append(entry)
    return [_plugin(call, plugin_id, apis) for plugin_id, apis in tools.items()]


def _plugin(call: Call, plugin_id: str, apis: list[Row]) -> Row:
    plugin: dict[str, Any] = call.store["plugins"].get(plugin_id) or {"name": "", "description": ""}
    return {
        "plugin_id": plugin_id,
        "name": plugin["name"],
        "description": plugin["description"],
        "icon_url": signed(call, f"plugin/{plugin_id}"),
        "api_info_list": apis,
    }


def _workflows(call: Call, config: Row) -> list[Row]:
    found = (call.store["workflows"].get(entry["id"]) for entry in config["workflow_id_list"]["ids"])
    return [
        {
            "id": row["workflow_id"],
            "name": row["workflow_name"],
            "description": row["description"],
            "icon_url": signed(call, f"workflow/{row['workflow_id']}"),
        }
        for row in found
        if row
    ]


def _model(call: Call, model: Row) -> Row:
    hidden = () if call.options.model_flags else _HIDDEN_MODEL_KEYS
    shown = {key: value for key, value in model.items() if key not in hidden}
    parameters = model.get("parameters", {})
    if call.options.thinking_default:
        parameters = {"thinking_type": "enabled", **parameters}
    if call.options.parameters_as_text:
        parameters = {name: _as_text(value) for name, value in parameters.items()}
    if parameters or "parameters" in model:
        shown["parameters"] = parameters
    return {"model_name": f"模型 {model['model_id']}", **shown}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()


ROUTES = (
    Route(
        "GET", "/v1/bots/{bot_id}", "getBot", "getMetadata", get_bot,
        query={"is_published": flag().otherwise(True)},
    ),
    Route(
        "GET", "/v1/bot/get_online_info", "getBotOnlineInfo", "getMetadata", get_online_info,
        query={"bot_id*": ident()},
    ),
)  # fmt: skip
