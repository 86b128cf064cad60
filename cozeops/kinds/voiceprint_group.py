"""Voiceprint groups: people whom Coze knows by their voices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from cozeops.declare.calls import Call, Page
from cozeops.declare.collections import Adding, Changing, Collection, Content, Export, Item, Listed, Removal
from cozeops.declare.fields import File, Flaw, Is, Size, Spec, Wire
from cozeops.declare.kind import Kind
from cozeops.kinds.parts.audio import sound_flaws
from cozeops.kinds.parts.images import suffix
from cozeops.values import Json

_GROUPS = "/v1/audio/voiceprint_groups"
_GROUP = f"{_GROUPS}/{{group_id}}"
_FEATURES = f"{_GROUP}/features"
_FEATURE = f"{_FEATURES}/{{feature_id}}"
_GONE = frozenset({4200})
_FORMATS = frozenset({"wav", "pcm"})
_MEGABYTES = 4
_PCM_ONLY = ("sample_rate", "channel")


class Feature(Spec):
    """The voice of one person."""

    name: Annotated[str, Size(20, least=1, line=True)] = Field(examples=["小王"])
    """Who it is; the only one of that name in the group."""
    file: Annotated[str, File(upload=False)] = Field(examples=["voices/wang.wav"])
    """A .wav or .pcm file (16 kHz, one channel, 16 bit) of at most 4 MB. It cannot be read back."""
    description: Annotated[str | None, Size(500)] = None
    """More about the person."""
    sample_rate: Annotated[int | None, Field(ge=1)] = None
    """Of a .pcm file, in Hz (16000)."""
    channel: Annotated[int | None, Field(ge=1)] = None
    """Of a .pcm file (1)."""


def _live(wire: Json) -> Item:
    fields = {"description": wire.get("desc") or ""}
    return Item(wire.get("name") or "", str(wire["id"]), fields, stamp=wire.get("updated_at") or 0)


def _form(item: Json) -> Json:
    described = {"desc": item["description"]} if "description" in item else {}
    sampled = {name: item[name] for name in _PCM_ONLY if name in item}
    return {"name": item["name"], "file": item["file"], **described, **sampled}


def _written(item: Item, file: str) -> Json:
    return {"name": item.key, "file": file} | {key: text for key, text in item.fields.items() if text}


def _content(item: Json) -> Json:
    return {"sha256": item["file"].sha256} | {name: item[name] for name in _PCM_ONLY if name in item}


def _removed(items: Sequence[Item]) -> Json:
    return {"feature_id": items[0].id}


FEATURES = Collection(
    listed=Listed(
        page=Page(
            Call("listVoiceprintFeatures", "GET", _FEATURES),
            items=("items",),
            id="id",
            total=("total",),
            size=200,
        ),
        decode=_live,
    ),
    key=lambda item: str(item["name"]),
    compare=lambda item, values: {key: item[key] for key in ("description",) if key in item},
    export=Export(write=_written, types=_FORMATS),
    add=Adding(
        call=Call("createVoiceprintFeature", "POST", _FEATURES, file="file"),
        encode=lambda items, values: _form(items[0]),
    ),
    remove=Removal(
        call=Call("deleteVoiceprintFeature", "DELETE", _FEATURE, repeatable=True, already=_GONE),
        encode=_removed,
    ),
    change=Changing(
        call=Call("updateVoiceprintFeature", "PUT", _FEATURE, file="file", repeatable=True),
        encode=lambda live, item, values: {"feature_id": live.id, **_form(item)},
        fields=frozenset({"description", "sound"}),
    ),
    content=Content(name="sound", of=_content),
)


class VoiceprintGroupSpec(Spec):
    """A group of voiceprints, with all of its features. It belongs to the token's user."""

    id: Annotated[str | None, Field(pattern=r"^\d+$")] = None
    """Exactly this live group, whatever its name."""
    name: Annotated[str | None, Size(20, least=1, line=True)] = None
    """The name on Coze; `metadata.name` where it is absent."""
    description: Annotated[str | None, Size(500), Wire("desc")] = None
    """Who is in the group."""
    features: Annotated[list[Feature] | None, Size(10), Is.UNORDERED, FEATURES] = None
    """All features of the group; what is not listed is removed."""


def _check(values: Json) -> Iterator[Flaw]:
    seen: set[str] = set()
    for index, item in enumerate(values.get("features") or []):
        path = ("features", index)
        if item["name"] in seen:
            yield Flaw((*path, "name"), f"{item['name']} is listed twice", "give one of them another name")
        seen.add(item["name"])
        yield from sound_flaws(item["file"], (*path, "file"), _FORMATS, _MEGABYTES)
        for name in _PCM_ONLY:
            if name in item and suffix(item["file"].path) != "pcm":
                yield Flaw(
                    (*path, name), f"{name} is for .pcm files", "a .wav file says it itself: remove it"
                )


KIND = Kind(
    name="VoiceprintGroup",
    summary="voiceprints that speakers are recognised by",
    spec=VoiceprintGroupSpec,
    id="group_id",
    listing=Page(
        Call("listVoiceprintGroups", "GET", _GROUPS), items=("items",), id="id", total=("total",), size=200
    ),
    create=Call("createVoiceprintGroup", "POST", _GROUPS, result=("id",)),
    update=Call("updateVoiceprintGroup", "PUT", _GROUP, repeatable=True),
    delete=Call("deleteVoiceprintGroup", "DELETE", _GROUP, repeatable=True, already=_GONE),
    check=_check,
)
