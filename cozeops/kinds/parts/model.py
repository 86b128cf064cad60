"""The model of a bot: its settings, and which of them go together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from cozeops.declare.fields import UNREADABLE, Absent, Flaw, Open, Spec, Wire
from cozeops.values import Json

THINKING = ("enabled", "disabled", "auto")
CACHING = ("enabled", "disabled")
LONGEST_CACHE = 259_200
"""Seconds: three days."""
_PARAMETERS = ("model", "parameters")

# A model's own range may be narrower. These are the widest that Coze's model settings have.
Temperature = Annotated[float | None, Field(ge=0, le=2)]
Share = Annotated[float | None, Field(ge=0, le=1)]
Penalty = Annotated[float | None, Field(ge=-2, le=2)]


class Model(Spec):
    """The model and its settings. A model's own ranges may be narrower: Coze checks those."""

    id: Annotated[str, Wire("model_id")] = Field(examples=["1706077826"])
    """The model's id, as the console or another bot shows it (the API lists no models)."""
    temperature: Temperature = None
    """How much the answers vary: the higher, the more. 0 to 2, for most models to 1."""
    top_p: Share = None
    """Only the likeliest words count, up to this share of probability."""
    top_k: Annotated[int | None, Field(ge=0)] = None
    """Only this many of the likeliest words count."""
    presence_penalty: Penalty = None
    """Above zero: new topics are favoured. -2 to 2."""
    frequency_penalty: Penalty = None
    """Above zero: words that were used already are avoided. -2 to 2."""
    max_tokens: Annotated[int | None, Field(ge=1)] = None
    """The longest answer, in tokens."""
    context_round: Annotated[int | None, Field(ge=0)] = None
    """How many rounds of the conversation the model sees."""
    response_format: Literal["text", "markdown", "json"] | None = None
    """The form of the answers."""
    cache_type: Annotated[Literal["closed", "prefix"] | None, Absent(UNREADABLE)] = None
    """Prefix caching (paid editions): the prompt is then written as `{prefix, dynamic}`.

    Not with `api_mode: responses_api`, which has `parameters.caching`."""
    api_mode: Annotated[Literal["chat_api", "responses_api"] | None, Absent(UNREADABLE)] = None
    """The API through which Coze calls the model."""
    sp_anti_leak: Annotated[bool | None, Absent(UNREADABLE)] = None
    """Guard the system prompt against being told."""
    sp_current_time: Annotated[bool | None, Absent(UNREADABLE)] = None
    """Tell the model the time."""
    parameters: Annotated[
        dict[str, Any] | None,
        Absent(UNREADABLE),
        # This one is documented to be read back. A reply may have all, as text or not, and defaults of Coze.
        Open(told=frozenset({"thinking_type"})),
        Field(examples=[{"caching": {"type": "enabled"}, "store": True, "caching_expire_time": 86400}]),
    ] = None
    """Further settings. `thinking_type`: enabled (it then calls no tools), disabled or auto.

    With `api_mode: responses_api` also `caching: {type: enabled}` (prefix caching; the prompt is then written
    as `{prefix, dynamic}`), `store` and `caching_expire_time` (seconds, at most 259200)."""


def model_flaws(values: Json) -> Iterator[Flaw]:
    """Settings of a bot's model that Coze does not take together, or not at all."""
    model = values.get("model", {})
    yield from _caching_flaws(model, values.get("prompt"))
    yield from _parameter_flaws(model.get("parameters", {}))


def _parameter(model: Json, name: str) -> Any:
    return model.get("parameters", {}).get(name)


def _caching(model: Json) -> Any:
    """The type of `parameters.caching`; None where it is not written."""
    caching = _parameter(model, "caching")
    return caching.get("type") if isinstance(caching, dict) else None


def _caching_flaws(model: Json, prompt: Any) -> Iterator[Flaw]:
    switch = _prefix_switch(model)
    responses = model.get("api_mode") == "responses_api"
    if switch and isinstance(prompt, str):
        yield Flaw(
            ("prompt",),
            f"with model.{switch} the prompt is written in two parts",
            "write prompt: {prefix: ..., dynamic: ...}",
        )
    if isinstance(prompt, dict) and (off := _prefix_off(model)):
        yield Flaw(
            ("model", *off),
            "a prompt in two parts needs prefix caching",
            "write cache_type: prefix (with api_mode: responses_api parameters: {caching: {type: enabled}}), "
            "or the prompt as one text",
        )
    if model.get("cache_type") == "prefix" and responses:
        yield Flaw(
            ("model", "cache_type"),
            "api_mode: responses_api does not take cache_type: prefix",
            "write parameters: {caching: {type: enabled}} instead",
        )
    if _caching(model) == "enabled" and model.get("api_mode") == "chat_api":
        yield Flaw(
            (*_PARAMETERS, "caching"),
            "api_mode: chat_api does not take parameters.caching",
            "write api_mode: responses_api, or cache_type: prefix instead",
        )
    if _caching(model) == "enabled" and _parameter(model, "store") in (False, "false"):
        yield Flaw((*_PARAMETERS, "store"), "prefix caching needs store: true", "write store: true")


def _prefix_switch(model: Json) -> str:
    """What switches prefix caching on; empty: nothing that is written."""
    if model.get("cache_type") == "prefix":
        return "cache_type: prefix"
    return "parameters.caching.type: enabled" if _caching(model) == "enabled" else ""


def _prefix_off(model: Json) -> tuple[str, ...]:
    """The setting that switches prefix caching off for sure; empty: it may be on."""
    if _prefix_switch(model):
        return ()
    if model.get("cache_type") == "closed" and model.get("api_mode") != "responses_api":
        return ("cache_type",)
    if _caching(model) == "disabled" and model.get("api_mode") == "responses_api":
        return ("parameters", "caching")
    return ()


def _parameter_flaws(parameters: Json) -> Iterator[Flaw]:
    """Values of the documented parameters; what else stands in the map is taken as it is."""
    yield from _choice(parameters.get("thinking_type", "auto"), THINKING, (*_PARAMETERS, "thinking_type"))
    caching = parameters.get("caching", {})
    if not isinstance(caching, dict):
        yield Flaw((*_PARAMETERS, "caching"), f"caching is a map, not {caching!r}", "write {type: enabled}")
    else:
        yield from _choice(caching.get("type", "disabled"), CACHING, (*_PARAMETERS, "caching", "type"))
    # Numbers and truth values come back as text from some servers: an export may have them so.
    if str(parameters.get("store", True)).lower() not in ("true", "false"):
        yield Flaw((*_PARAMETERS, "store"), "store is true or false", "write store: true")
    seconds = str(parameters.get("caching_expire_time", LONGEST_CACHE))
    if not (seconds.isascii() and seconds.isdecimal() and 0 < int(seconds) <= LONGEST_CACHE):
        yield Flaw(
            (*_PARAMETERS, "caching_expire_time"),
            f"caching_expire_time is {seconds}; Coze takes 1 to {LONGEST_CACHE} seconds",
            f"write at most {LONGEST_CACHE} (three days)",
        )


def _choice(value: Any, known: tuple[str, ...], path: tuple[str, ...]) -> Iterator[Flaw]:
    if value not in known:
        wanted = ", ".join(known)
        yield Flaw(path, f"{'.'.join(path[2:])} is {value!r}; Coze takes {wanted}", f"write one of {wanted}")
