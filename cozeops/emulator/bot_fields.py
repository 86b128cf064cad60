"""What can be written into a bot's draft, what the server fills in, and the rules between fields.

An update keeps absent top-level fields. A sub-object that is given replaces the old one whole: its absent
siblings go back to the server's defaults.
"""

from __future__ import annotations

import json
from typing import Any

from .fields import (
    At,
    Check,
    Fields,
    anything,
    choice,
    each,
    flag,
    ident,
    integer,
    mapping,
    number,
    obj,
    text,
)
from .options import Options
from .wire import Row, invalid

_CACHING_LONGEST = 259_200


def _parameters(value: Any, at: At) -> Row:
    given: Row = mapping(anything()).take(value, at)
    if "thinking_type" in given:
        choice("enabled", "disabled", "auto").take(given["thinking_type"], at / "thinking_type")
    obj({"type": choice("enabled", "disabled")}).take(
        _caching(given), (at / "caching")._replace(strict=False)
    )
    expire = given.get("caching_expire_time", 0)
    # a map of strings by the table of fields, of numbers by the example beside it
    seconds = int(expire) if isinstance(expire, str) and expire.isdecimal() else expire
    integer(0, _CACHING_LONGEST).take(seconds, at / "caching_expire_time")
    return given


def _caching(parameters: Row) -> Any:
    caching = parameters.get("caching", {})
    try:
        return json.loads(caching) if isinstance(caching, str) else caching
    except ValueError:
        return caching


_MODEL = {
    "model_id*": ident(),
    "temperature": number(),
    "top_p": number(),
    "presence_penalty": number(),
    "frequency_penalty": number(),
    "top_k": integer(),
    "max_tokens": integer(),
    "context_round": integer(),
    "response_format": choice("text", "markdown", "json"),
    "cache_type": choice("closed", "prefix"),
    "api_mode": choice("chat_api", "responses_api"),
    "sp_anti_leak": flag(),
    "sp_current_time": flag(),
    "parameters": Check(_parameters),
}

CREATED: Fields = {
    "name*": text(1, 20),
    "description": text(0, 500),
    "icon_file_id": text(),
    "prompt_info": obj(
        {
            "prompt": text(0, 20000),
            "prompt_mode": choice("standard", "prefix"),
            "prefix_prompt_info": obj({"prefix_prompt": text(), "dynamic_prompt": text()}),
        }
    ),
    "onboarding_info": obj({"prologue": text(0, 300), "suggested_questions": each(text(0, 50))}),
    "plugin_id_list": obj({"id_list": each(obj({"plugin_id*": ident(), "api_id*": ident()}))}),
    "workflow_id_list": obj({"ids": each(obj({"id*": ident()}))}),
    "model_info_config": obj(_MODEL),
    "suggest_reply_info": obj(
        {"reply_mode": choice("enable", "disable", "customized"), "customized_prompt": text()}
    ),
    "media_config": obj({"is_voice_call_closed": flag()}),
}

UPDATED: Fields = {
    **{name.removesuffix("*"): rule for name, rule in CREATED.items()},
    # knowledge cannot be bound at create
    "knowledge": obj(
        {"dataset_ids": each(ident(), 0, 150), "auto_call": flag(), "search_strategy": choice(0, 1, 20)}
    ),
}

_PREFIX = {"prefix_prompt": "", "dynamic_prompt": ""}

DEFAULTS: Row = {
    "name": "",
    "description": "",
    "icon_file_id": "",
    "prompt_info": {"prompt": "", "prompt_mode": "standard", "prefix_prompt_info": _PREFIX},
    "onboarding_info": {"prologue": "", "suggested_questions": []},
    "knowledge": {"dataset_ids": [], "auto_call": True, "search_strategy": 0},
    "plugin_id_list": {"id_list": []},
    "workflow_id_list": {"ids": []},
    "model_info_config": {
        "temperature": 0.8,
        "max_tokens": 4096,
        "context_round": 3,
        "response_format": "text",
        "cache_type": "closed",
        "api_mode": "chat_api",
        "sp_anti_leak": False,
        "sp_current_time": False,
    },
    "suggest_reply_info": {"reply_mode": "enable", "customized_prompt": ""},
    "media_config": {"is_voice_call_closed": False},
}


def blank(options: Options) -> Row:
    """Return the draft of a bot of which nothing was said."""
    return merged(DEFAULTS, {"model_info_config": {"model_id": options.default_model}})


def merged(draft: Row, given: Row, *, keep_empty: bool = False) -> Row:
    """Return a draft after an update; `keep_empty` lets empty strings and lists keep what is there."""
    after = dict(draft)
    for name, value in given.items():
        if keep_empty:
            value = _without_empty(value, draft[name])
        default = DEFAULTS[name]
        after[name] = {**default, **value} if isinstance(default, dict) else value
    return after


def _without_empty(value: Any, before: Any) -> Any:
    if isinstance(value, dict):
        kept = before if isinstance(before, dict) else {}
        return {name: _without_empty(item, kept.get(name)) for name, item in value.items()}
    return before if value in ("", []) and before is not None else value


_CACHED = {"enabled": "prefix"}


def check_rules(draft: Row, given: Row) -> None:
    """Enforce what the documentation says between fields."""
    prompt, model = draft["prompt_info"], draft["model_info_config"]
    if "prompt_info" in given and prompt["prompt_mode"] == "prefix" and prompt["prompt"]:
        raise invalid("Invalid parameter prompt_info.prompt: is not used together with prompt_mode prefix")
    if model["cache_type"] == "prefix" and model["api_mode"] == "responses_api":
        raise invalid("Invalid parameter model_info_config.cache_type: prefix is not for responses_api")
    caching = _caching(model.get("parameters", {}))
    if prompt["prompt"] and "prefix" in (model["cache_type"], _CACHED.get(caching.get("type"))):
        raise invalid("Invalid parameter prompt_info.prompt: is not used together with prefix caching")
    reply = draft["suggest_reply_info"]
    if reply["reply_mode"] == "customized" and not reply["customized_prompt"]:
        raise invalid(
            "Invalid parameter suggest_reply_info.customized_prompt: is required by reply_mode customized"
        )
