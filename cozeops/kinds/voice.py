"""Voices: cloned from a recording. Cloning costs money, and there is neither rename nor delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.fields import File, Flaw, Is, Ref, Size, Spec, Wire
from cozeops.declare.kind import Kind
from cozeops.declare.refs import ById
from cozeops.kinds.parts.audio import sound_flaws
from cozeops.kinds.parts.images import suffix
from cozeops.values import FileContent, Json

_FORMATS = frozenset({"wav", "mp3", "ogg", "m4a", "aac", "pcm"})
_MEGABYTES = 10
_BYTES = {"name": 128, "text": 1024}
_VOICES = "/v1/audio/voices"


class VoiceSpec(Spec):
    """A voice of the token's user (team and enterprise editions). It is never deleted."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live voice, whatever its name."""
    name: Annotated[
        str | None, Size(128, least=1, line=True), Wire("voice_name", read="name"), Is.FIXED, Is.DEFINING
    ] = None
    """The name on Coze, at most 128 bytes; `metadata.name` where it is absent. Never changes."""
    file: Annotated[
        str | None,
        File(upload=False),
        Wire(read=None),
        Is.NEEDED_TO_CREATE,
        Is.NEEDED_TO_UPDATE,
        Is.PASSING,
    ] = None
    """The recording: .wav, .mp3, .ogg, .m4a, .aac or .pcm, at most 10 MB. Another trains the voice again."""
    language: Annotated[Literal["zh", "en", "ja", "es", "id", "pt"] | None, Wire(read="language_code")] = None
    """What is spoken; zh where it is absent."""
    text: Annotated[str | None, Wire(read=None), Is.PASSING] = None
    """What is said in the recording, at most 1024 bytes: Coze refuses one that differs too much."""
    preview_text: str | None = None
    """What the voice says when people try it."""
    description: Annotated[str | None, Wire(read=None)] = None
    """What the voice is for."""
    workspace: Annotated[
        str | ById | None, Ref("Workspace"), Wire("space_id", read=None, on_update=False)
    ] = None
    """The workspace of a new voice; absent: the personal one."""


def _check(values: Json) -> Iterator[Flaw]:
    for field, most in _BYTES.items():
        if (size := len(values.get(field, "").encode())) > most:
            yield Flaw((field,), f"spec.{field} has {size} bytes; Coze takes {most}", "shorten it")
    if "file" in values:
        yield from sound_flaws(values["file"], ("file",), _FORMATS, _MEGABYTES)


def _body(params: Json, creating: bool) -> Json:
    file = params.get("file")
    return params | ({"audio_format": suffix(file.path)} if isinstance(file, FileContent) else {})


KIND = Kind(
    name="Voice",
    summary="a voice that is cloned from a recording",
    spec=VoiceSpec,
    id="voice_id",
    # Also those whose training is not over: cloned once more, they would be paid for twice.
    listing=Page(
        Call("listVoices", "GET", _VOICES, {"filter_system_voice": "true", "voice_state": "all"}),
        items=("voice_list",),
        id="voice_id",
        more=("has_more",),
        size=100,
        confirm=True,
    ),
    create=Call("cloneVoice", "POST", f"{_VOICES}/clone", file="file", result=("voice_id",), edition="team"),
    update=Call("cloneVoice", "POST", f"{_VOICES}/clone", file="file", names_object=True, edition="team"),
    replaces_whole=True,
    costs="a training costs money and is one of 10 that the voice has; no call of the API deletes a voice",
    check=_check,
    body=_body,
)
