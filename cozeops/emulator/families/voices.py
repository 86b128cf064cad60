"""Voices: system ones that everybody has, and cloned ones. There is neither rename nor delete.

The emulator cannot listen: a `text` that contains 音频不符 stands for one that does not match its audio.
"""

from __future__ import annotations

from typing import Any

from ..access import workspace
from ..fields import At, Check, choice, flag, ident, text
from ..forms import one_file
from ..icons import signed
from ..paging import cut, numbered
from ..routing import Call, Planting, Route, Seed
from ..seed import DEFAULT_USER
from ..store import TableSpec
from ..wire import CozeError, Row, forbidden, invalid, not_found

TABLES = (TableSpec("voices", "voice_id"),)

_MISMATCH_CODE = 1109
_MISMATCH = "音频不符"
_TRAININGS = 10
_AUDIO_MOST = 10 * 1024 * 1024
_LANGUAGES = {"zh": "中文", "en": "英语", "ja": "日语", "es": "西班牙语", "id": "印尼语", "pt": "葡萄牙语"}
_PREVIEW = "你好，很高兴认识你。"


def _new(ident: str, owner: str, entry: Row, now: int, *, system: bool = False) -> Row:
    return {
        "voice_id": ident,
        "name": entry["name"],
        "owner_user_id": owner,
        "state": entry.get("state", "cloned"),
        "model_type": entry.get("model_type", "big"),
        "language_code": entry.get("language_code", "zh"),
        "preview_text": entry.get("preview_text") or _PREVIEW,
        "is_system_voice": system,
        "available_training_times": 0 if system else entry.get("available_training_times", _TRAININGS),
        "create_time": now,
        "update_time": now,
    }


SYSTEM = tuple(
    _new(
        ident, "", {"name": name, "model_type": model, "language_code": language}, 1_700_000_000, system=True
    )
    for ident, name, model, language in (
        ("7426720361732915209", "温柔小哥", "big", "zh"),
        ("7426720361732931593", "甜美小源", "big", "zh"),
        ("7426720361753903141", "Brayan", "small", "en"),
    )
)


def list_voices(call: Call) -> Row:
    """List system voices, and the caller's own in a state."""
    state, model = call.query["voice_state"], call.query.get("model_type")
    own = [
        row
        for row in call.listed("voices")
        if row["owner_user_id"] == call.caller.user_id and state in ("all", row["state"])
    ]
    rows = [*(() if call.query["filter_system_voice"] else SYSTEM), *own]
    page = cut(
        call, [row for row in rows if model in (None, row["model_type"])], lambda row: _shown(call, row)
    )
    return {"voice_list": page.items, "has_more": page.has_more}


def _shown(call: Call, row: Row) -> Row:
    shown = {key: value for key, value in row.items() if key != "owner_user_id"}
    return {
        **shown,
        "language_name": _LANGUAGES[row["language_code"]],
        "model_name": "语音合成大模型" if row["model_type"] == "big" else "语音合成",
        "preview_audio": signed(call, f"voice/{row['voice_id']}"),
        "support_emotions": [],
    }


def clone(call: Call) -> Row:
    """Clone a voice from audio, or train one of one's own again."""
    if not call.options.is_enterprise:
        raise forbidden("Voices are cloned on team and enterprise editions only")
    one_file(call, most=_AUDIO_MOST)
    body = call.body
    if "space_id" in body:
        workspace(call, body["space_id"])
    if _MISMATCH in body.get("text", ""):
        raise CozeError(_MISMATCH_CODE, "The text does not match the audio")
    row = _retrained(call, body["voice_id"]) if "voice_id" in body else _cloned(call)
    if body.get("preview_text"):
        row = {**row, "preview_text": body["preview_text"]}
    row = {
        **row,
        "name": body["voice_name"],
        "state": "cloned",
        "available_training_times": row["available_training_times"] - 1,
    }
    call.store["voices"].put({**row, "language_code": body["language"], "update_time": call.seconds})
    return {"voice_id": row["voice_id"]}


def _cloned(call: Call) -> Row:
    return _new(call.store.new_id(), call.caller.user_id, {"name": ""}, call.seconds)


def _retrained(call: Call, voice_id: str) -> Row:
    row = call.store["voices"].get(voice_id)
    if row is None or row["owner_user_id"] != call.caller.user_id:
        raise not_found("voice_id", voice_id)
    if not row["available_training_times"]:
        raise invalid(f"Invalid parameter voice_id: was trained {_TRAININGS} times already")
    return row


def _plant(planting: Planting, entry: Row) -> None:
    owner = entry.pop("user_id")
    planting.store["voices"].put(_new(entry["voice_id"], owner, entry, planting.seconds))


def _bytes(lowest: int, longest: int) -> Check:
    def take(value: Any, at: At) -> str:
        taken: str = text(lowest).take(value, at)
        if len(taken.encode()) > longest:
            raise at.refuse(f"must have at most {longest} bytes")
        return taken

    return Check(take)


_STATES = ("init", "cloned")
_LANGUAGE = choice(*_LANGUAGES)

SEEDS = (
    Seed(
        "voices",
        {
            "voice_id*": ident(), "name*": text(1), "state": choice(*_STATES),
            "model_type": choice("big", "small"), "language_code": _LANGUAGE,
            "preview_text": text(), "user_id": ident().otherwise(DEFAULT_USER),
        },
        _plant,
    ),
)  # fmt: skip

ROUTES = (
    Route(
        "GET", "/v1/audio/voices", "listVoices", "listVoice", list_voices,
        query={
            **numbered(100, 100), "filter_system_voice": flag().otherwise(False),
            "model_type": choice("big", "small"), "voice_state": choice(*_STATES, "all").otherwise("cloned"),
        },
    ),
    Route(
        "POST", "/v1/audio/voices/clone", "cloneVoice", "createVoice", clone, multipart=True,
        body={
            "voice_name*": _bytes(1, 128), "audio_format*": choice("wav", "mp3", "ogg", "m4a", "aac", "pcm"),
            "language": _LANGUAGE.otherwise("zh"), "voice_id": ident(), "preview_text": text(),
            "text": _bytes(0, 1024), "space_id": ident(), "description": text(), "audio": text(),
        },
    ),
)  # fmt: skip
