"""Voices, voiceprints and the audio of the runtime plane."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Coze, Make

Row = dict[str, Any]
CLONE = {"voice_name": "小厨", "audio_format": "wav"}
GROUPS = "/v1/audio/voiceprint_groups"


def sent(coze: Coze, method: str, path: str, audio: bytes | None = b"audio", **form: str) -> Row:
    """Send a multipart body."""
    files: list[tuple[str, Any]] = [(name, (None, value)) for name, value in form.items()]
    if audio is not None:
        files.append(("file", ("a.wav", audio)))
    reply: Row = coze.http.request(method, path, files=files).json()
    return reply


def clone(coze: Coze, audio: bytes | None = b"audio", **form: str) -> Row:
    """Clone a voice."""
    return sent(coze, "POST", "/v1/audio/voices/clone", audio, **{**CLONE, **form})


def test_a_cloned_voice_is_listed(coze: Coze) -> None:
    """With what was said of it; the audio is not kept."""
    ident = clone(coze, language="en", preview_text="hello")["data"]["voice_id"]
    own = coze.get("/v1/audio/voices", filter_system_voice=True)["voice_list"]
    assert [voice["voice_id"] for voice in own] == [ident]
    assert (own[0]["name"], own[0]["language_name"], own[0]["available_training_times"]) == (
        "小厨",
        "英语",
        9,
    )
    assert "space_id" not in own[0]
    assert coze.as_token("pat_101").get("/v1/audio/voices", filter_system_voice=True)["voice_list"] == []


def test_voices_by_kind(coze: Coze) -> None:
    """System voices first; by model and state; no total, only has_more."""
    coze.emulator.seed({"voices": [{"voice_id": "77", "name": "未训练", "state": "init"}]})
    page = coze.get("/v1/audio/voices", page_size=2)
    assert ([voice["is_system_voice"] for voice in page["voice_list"]], page["has_more"]) == (
        [True] * 2,
        True,
    )
    small = coze.get("/v1/audio/voices", model_type="small")["voice_list"]
    assert [voice["name"] for voice in small] == ["Brayan"]
    fresh = coze.get("/v1/audio/voices", voice_state="init", filter_system_voice=True)["voice_list"]
    assert [voice["voice_id"] for voice in fresh] == ["77"]
    assert clone(coze, voice_id="77")["data"]["voice_id"] == "77"
    assert len(coze.get("/v1/audio/voices", filter_system_voice=True)["voice_list"]) == 1


def test_a_voice_is_trained_ten_times(coze: Coze) -> None:
    """The first time included."""
    ident = clone(coze)["data"]["voice_id"]
    assert {clone(coze, voice_id=ident)["code"] for _ in range(9)} == {0}
    assert clone(coze, voice_id=ident)["code"] == 4000


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"voice_name": "厨" * 43}, 4000),
        ({"voice_name": ""}, 4000),
        ({"text": "字" * 342}, 4000),
        ({"text": "音频不符"}, 1109),
        ({"audio_format": "flac"}, 4000),
        ({"language": "de"}, 4000),
        ({"voice_id": "404"}, 4200),
        ({"space_id": "404"}, 4200),
    ],
)
def test_what_cloning_refuses(coze: Coze, form: dict[str, str], code: int) -> None:
    """Lengths are in bytes."""
    assert clone(coze, **form)["code"] == code


def test_cloning_needs_audio_and_an_enterprise(coze: Coze, make: Make) -> None:
    """Of at most 10 MB, and only one."""
    assert clone(coze, None)["code"] == 4300
    assert clone(coze, b"x" * (10 * 1024 * 1024 + 1))["code"] == 4302
    two = [("file", ("a", b"a")), ("file", ("b", b"b")), *((k, (None, v)) for k, v in CLONE.items())]
    assert coze.http.post("/v1/audio/voices/clone", files=two).json()["code"] == 4301
    stray = [("audio", ("a", b"a")), *((k, (None, v)) for k, v in CLONE.items())]
    assert coze.http.post("/v1/audio/voices/clone", files=stray).json()["code"] == 4000
    assert clone(make(edition="pro_personal"))["code"] == 4101


def test_the_life_of_a_voiceprint_group(coze: Coze) -> None:
    """Create, list by name, change, delete with its features."""
    group = coze.post(GROUPS, name="家人", desc="在家")["id"]
    coze.post(GROUPS, name="同事")
    coze.put(f"{GROUPS}/{group}", desc="都在家")
    feature = sent(coze, "POST", f"{GROUPS}/{group}/features", name="妈妈", sample_rate="16000")["data"]["id"]
    shown = coze.get(GROUPS, name="家")["items"]
    assert [(one["name"], one["desc"], one["feature_count"]) for one in shown] == [("家人", "都在家", 1)]
    assert shown[0]["user_info"]["nickname"] == "模拟器"
    assert coze.get(GROUPS, group_id=group, user_id=shown[0]["user_info"]["id"])["total"] == 1
    path = f"{GROUPS}/{group}/features"
    assert sent(coze, "PUT", f"{path}/{feature}", None, name="母亲")["code"] == 0
    features = coze.get(path)
    assert [(one["name"], one["group_id"]) for one in features["items"]] == [("母亲", group)]
    coze.delete(f"{path}/{feature}")
    assert coze.code("DELETE", f"{path}/{feature}") == 4200
    sent(coze, "POST", path, name="爸爸")
    coze.delete(f"{GROUPS}/{group}")
    assert coze.code("GET", path) == 4200
    assert len(coze.emulator.store["voiceprint_features"]) == 0
    assert coze.as_token("pat_101").get(GROUPS)["total"] == 0


def test_limits_of_voiceprints(coze: Coze) -> None:
    """Names, descriptions, ten features per group."""
    assert coze.code("POST", GROUPS, {"name": "x" * 21}) == 4000
    assert coze.code("POST", GROUPS, {"name": "x", "desc": "x" * 501}) == 4000
    group = coze.post(GROUPS, name="x")["id"]
    assert coze.code("PUT", f"{GROUPS}/{group}", {"name": ""}) == 4000
    path = f"{GROUPS}/{group}/features"
    assert sent(coze, "POST", path, None, name="x")["code"] == 4300
    assert sent(coze, "POST", path, name="x", sample_rate="fast")["code"] == 4000
    assert {sent(coze, "POST", path, name=str(number))["code"] for number in range(10)} == {0}
    assert sent(coze, "POST", path, name="x")["code"] == 4000


def test_a_speaker_is_identified(coze: Coze) -> None:
    """The same audio scores highest."""
    group = coze.post(GROUPS, name="x")["id"]
    for name in ("a", "b", "c"):
        sent(coze, "POST", f"{GROUPS}/{group}/features", name.encode(), name=name)
    reply = sent(coze, "POST", f"{GROUPS}/{group}/speaker_identify", b"b", top_k="2")
    scores = reply["data"]["feature_score_list"]
    assert (len(scores), scores[0]["feature_name"], scores[0]["score"]) == (2, "b", 99.0)


def test_speech_is_audio(coze: Coze) -> None:
    """No envelope at all; a voice that is missing is one."""
    body = {"input": "你好", "voice_id": "7426720361732915209", "response_format": "wav", "sample_rate": 8000}
    reply = coze.http.post("/v1/audio/speech", json=body)
    assert (reply.headers["content-type"], reply.content[:4]) == ("audio/wav", b"RIFF")
    assert coze.code("POST", "/v1/audio/speech", {**body, "voice_id": "404"}) == 4200


def test_transcriptions_rooms_and_lives(coze: Coze) -> None:
    """They have the right shape, and are deterministic."""
    assert sent(coze, "POST", "/v1/audio/transcriptions")["data"]["text"].startswith("a.wav ")
    bot = coze.bot(coze.workspace())
    room = coze.post("/v1/audio/rooms", bot_id=bot, config={"room_mode": "podcast"})
    assert all(room[key] for key in ("room_id", "token", "uid", "app_id"))
    stream = {"stream_id": "1", "name": "原声", "live_type": "origin"}
    coze.emulator.seed({"lives": [{"live_id": "5", "stream_infos": [stream]}]})
    assert coze.get("/v1/audio/live/5")["stream_infos"] == [stream]
    assert coze.code("GET", "/v1/audio/live/6") == 4200
