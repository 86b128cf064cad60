"""Speech, transcription, rooms and live sessions: the answers have the right shape, nothing is heard."""

from __future__ import annotations

import struct

from ..access import bot
from ..fields import Fields, choice, each, ident, integer, number, obj, text
from ..forms import one_file
from ..routing import Call, Planting, Route, Seed
from ..store import TableSpec
from ..wire import Raw, Row, not_found
from .voices import SYSTEM

TABLES = (TableSpec("lives", "live_id"),)

_AUDIO_MOST = 25 * 1024 * 1024
_CONTENT_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "pcm": "audio/pcm", "ogg_opus": "audio/ogg"}
_APP_ID = "emulator"


def speak(call: Call) -> Raw:
    """Answer with silence, as long as the text."""
    voice_id = call.body["voice_id"]
    own = call.store["voices"].get(voice_id)
    if own is None and voice_id not in (row["voice_id"] for row in SYSTEM):
        raise not_found("voice_id", voice_id)
    rate = call.body["sample_rate"]
    silence = bytes(2 * (rate // 10) * max(1, len(call.body["input"])))
    kind = call.body["response_format"]
    head = _wav_head(len(silence), rate) if kind == "wav" else b""
    return Raw(_CONTENT_TYPES[kind], [head + silence])


def _wav_head(size: int, rate: int) -> bytes:
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + size)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + (b"data" + struct.pack("<I", size))
    )


def transcribe(call: Call) -> Row:
    """Answer the name and the digest of the file: deterministic, and different for different audio."""
    audio = one_file(call, most=_AUDIO_MOST)
    return {"text": f"{audio.name} {audio.digest[:8]}" if audio else ""}


def create_room(call: Call) -> Row:
    """Open a room for a bot."""
    bot(call, call.body["bot_id"])
    room = call.store.new_id()
    uid = call.body.get("uid") or call.caller.user_id
    return {"app_id": _APP_ID, "room_id": f"room_{room}", "token": f"room-token-{room}", "uid": uid}


def get_live(call: Call) -> Row:
    """Return the streams of a seeded live session."""
    row = call.store["lives"].get(call.path["live_id"])
    if row is None:
        raise not_found("live_id", call.path["live_id"])
    return {"app_id": row["app_id"], "stream_infos": row["stream_infos"]}


def _plant(planting: Planting, entry: Row) -> None:
    planting.store["lives"].put(entry)


_STREAM = obj({"stream_id*": ident(), "name*": text(), "live_type*": choice("origin", "translation")})

SEEDS = (
    Seed(
        "lives",
        {
            "live_id*": ident(), "app_id": text().otherwise(_APP_ID),
            "stream_infos": each(_STREAM).otherwise([]),
        },
        _plant,
    ),
)  # fmt: skip

_EMOTIONS = (
    "happy", "sad", "angry", "surprised", "fear", "hate", "excited", "coldness", "neutral",
)  # fmt: skip
_SPEECH: Fields = {
    "input*": text(0, 1024),
    "voice_id*": ident(),
    "response_format": choice(*_CONTENT_TYPES).otherwise("mp3"),
    "sample_rate": choice(8000, 16000, 22050, 24000, 32000, 44100, 48000).otherwise(24000),
    "speed": number(),
    "context_texts": text(),
    "emotion": choice(*_EMOTIONS),
    "emotion_scale": number(),
    "loudness_rate": integer(-50, 100),
}
_ROOM: Fields = {
    "audio_config": obj({"codec": text()}),
    "video_config": obj(
        {
            "codec": text(),
            "stream_video_type": choice("main", "screen"),
            "video_frame_expire_duration": integer(1, 10),
            "video_frame_rate": integer(1, 24),
        }
    ),
    "prologue_content": text(),
    "prologue_delay_duration_ms": integer(0, 5000),
    "room_mode": choice("default", "s2s", "podcast", "translate"),
    "translate_config": obj({"from": text(), "to": text(), "from_": text()}),
    "turn_detection": obj({"type": choice("server_vad", "client_vad", "client_interrupt", "semantic_vad")}),
}

ROUTES = (
    Route("POST", "/v1/audio/speech", "createSpeech", "createSpeech", speak, body=_SPEECH, reads=True),
    Route(
        "POST", "/v1/audio/transcriptions", "createTranscription", "createTranscription", transcribe,
        body={}, multipart=True, reads=True,
    ),
    Route(
        "POST", "/v1/audio/rooms", "createAudioRoom", "createRoom", create_room,
        body={
            "bot_id*": ident(), "voice_id": text(), "conversation_id": text(), "uid": text(),
            "workflow_id": text(), "connector_id": ident(), "config": obj(_ROOM),
        },
    ),
    Route("GET", "/v1/audio/live/{live_id}", "getAudioLive", None, get_live),
)  # fmt: skip
