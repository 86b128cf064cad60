"""Voiceprint groups, their features, and the matching of a speaker: by equal bytes, the emulator is deaf."""

from __future__ import annotations

from ..fields import Fields, ident, integer, text
from ..forms import formed, one_file
from ..icons import signed
from ..paging import cut, numbered
from ..routing import Call, Route
from ..store import TableSpec
from ..wire import Row, invalid, not_found

TABLES = (
    TableSpec("voiceprint_groups", "id", {"user": lambda row: (row["user_id"],)}),
    TableSpec("voiceprint_features", "id", {"group": lambda row: (row["group_id"],)}),
)

_GROUPS_MOST, _FEATURES_MOST = 1000, 10
_AUDIO_MOST = 10 * 1024 * 1024
_SAME, _RANGE = 99.0, 60


def create_group(call: Call) -> Row:
    """Make a group."""
    if len(call.store["voiceprint_groups"].where("user", call.caller.user_id)) >= _GROUPS_MOST:
        raise invalid(f"There are at most {_GROUPS_MOST} voiceprint groups")
    return {"id": call.store["voiceprint_groups"].put(_new(call))["id"]}


def _new(call: Call) -> Row:
    return {
        "id": call.store.new_id(),
        "name": call.body["name"],
        "desc": call.body.get("desc", ""),
        "user_id": call.caller.user_id,
        "created_at": call.seconds,
        "updated_at": call.seconds,
    }


def _group(call: Call) -> Row:
    row = call.store["voiceprint_groups"].get(call.path["group_id"])
    if row is None or row["user_id"] != call.caller.user_id:
        raise not_found("group_id", call.path["group_id"])
    return row


def list_groups(call: Call) -> Row:
    """List the caller's groups; the name filter is fuzzy."""
    query = call.query
    rows = [
        row
        for row in call.bucket("voiceprint_groups", "user", call.caller.user_id)
        if query.get("name", "") in row["name"]
        and query.get("group_id", row["id"]) == row["id"]
        and query.get("user_id", row["user_id"]) == row["user_id"]
    ]
    page = cut(call, rows, lambda row: _shown_group(call, row))
    return {"items": page.items, "total": page.total}


def _shown_group(call: Call, row: Row) -> Row:
    count = len(call.store["voiceprint_features"].where("group", row["id"]))
    return {**_shown(call, row), "feature_count": count}


def _shown(call: Call, row: Row) -> Row:
    user = call.store["users"].get(row["user_id"]) or {"nick_name": "", "user_name": ""}
    return {
        **{key: row[key] for key in ("id", "name", "desc", "created_at", "updated_at")},
        "icon_url": signed(call, f"voiceprint/{row['id']}"),
        "user_info": {
            "id": row["user_id"],
            "name": user["user_name"],
            "nickname": user["nick_name"],
            "avatar_url": signed(call, f"avatar/{row['user_id']}"),
        },
    }


def update_group(call: Call) -> None:
    """Change what is given."""
    row = _group(call)
    call.store["voiceprint_groups"].change(row["id"], **_given(call), updated_at=call.seconds)


def _given(call: Call) -> Row:
    if call.body.get("name") == "":
        raise invalid("Invalid parameter name: must not be empty")
    return {name: call.body[name] for name in ("name", "desc") if name in call.body}


def delete_group(call: Call) -> None:
    """Delete a group with its features."""
    row = _group(call)
    for feature in list(call.store["voiceprint_features"].where("group", row["id"])):
        call.store["voiceprint_features"].drop(feature["id"])
    call.store["voiceprint_groups"].drop(row["id"])


def create_feature(call: Call) -> Row:
    """Add a voiceprint to a group."""
    group = _group(call)
    audio = one_file(call, most=_AUDIO_MOST)
    if len(call.store["voiceprint_features"].where("group", group["id"])) >= _FEATURES_MOST:
        raise invalid(f"A voiceprint group has at most {_FEATURES_MOST} features")
    row = {**_new(call), "group_id": group["id"], "sha256": audio.digest if audio else ""}
    return {"id": call.store["voiceprint_features"].put(row)["id"]}


def _feature(call: Call) -> Row:
    group = _group(call)
    row = call.store["voiceprint_features"].get(call.path["feature_id"])
    if row is None or row["group_id"] != group["id"]:
        raise not_found("feature_id", call.path["feature_id"])
    return row


def list_features(call: Call) -> Row:
    """List the voiceprints of a group."""
    rows = call.bucket("voiceprint_features", "group", _group(call)["id"])
    page = cut(call, rows, lambda row: _shown_feature(call, row))
    return {"items": page.items, "total": page.total}


def _shown_feature(call: Call, row: Row) -> Row:
    audio = signed(call, f"voiceprint/{row['id']}.wav")
    return {**_shown(call, row), "group_id": row["group_id"], "audio_url": audio}


def update_feature(call: Call) -> Row:
    """Change what is given, the audio included."""
    row = _feature(call)
    audio = one_file(call, most=_AUDIO_MOST, required=False)
    changes = {**_given(call), "updated_at": call.seconds}
    if audio is not None:
        changes["sha256"] = audio.digest
    call.store["voiceprint_features"].change(row["id"], **changes)
    return {"id": row["id"]}


def delete_feature(call: Call) -> None:
    """Delete a voiceprint."""
    call.store["voiceprint_features"].drop(_feature(call)["id"])


def identify(call: Call) -> Row:
    """Rank the voiceprints of a group; the same audio scores highest."""
    group = _group(call)
    audio = one_file(call, most=_AUDIO_MOST)
    digest = audio.digest if audio else ""
    scores = [
        {
            "feature_id": row["id"],
            "feature_name": row["name"],
            "feature_desc": row["desc"],
            "score": _SAME if row["sha256"] == digest else float(int(row["sha256"][:8], 16) % _RANGE),
        }
        for row in call.store["voiceprint_features"].where("group", group["id"])
    ]
    scores.sort(key=lambda item: (-item["score"], item["feature_id"]))
    return {"feature_score_list": scores[: call.body.get("top_k", len(scores))]}


_AUDIO: Fields = {"sample_rate": formed(integer(1)), "channel": formed(integer(1))}
_NAMED: Fields = {"name": text(0, 20), "desc": text(0, 500)}
_GROUPS = "/v1/audio/voiceprint_groups"
_GROUP = f"{_GROUPS}/{{group_id}}"
_FEATURES = f"{_GROUP}/features"
_FEATURE = f"{_FEATURES}/{{feature_id}}"

ROUTES = (
    Route(
        "POST", _GROUPS, "createVoiceprintGroup", "createVoicePrintGroup", create_group,
        body={"name*": text(1, 20), "desc": text(0, 500)},
    ),
    Route(
        "GET", _GROUPS, "listVoiceprintGroups", "listVoicePrintGroup", list_groups,
        query={**numbered(10, 200), "name": text(), "user_id": ident(), "group_id": ident()},
    ),
    Route("PUT", _GROUP, "updateVoiceprintGroup", "updateVoicePrintGroup", update_group, body=_NAMED),
    Route("DELETE", _GROUP, "deleteVoiceprintGroup", "deleteVoicePrintGroup", delete_group),
    Route(
        "POST", _FEATURES, "createVoiceprintFeature", "createVoicePrintGroupFeature", create_feature,
        body={"name*": text(1, 20), "desc": text(0, 500), **_AUDIO}, multipart=True,
    ),
    Route(
        "GET", _FEATURES, "listVoiceprintFeatures", "listVoicePrintGroupFeature", list_features,
        query=numbered(10, 200),
    ),
    Route(
        "PUT", _FEATURE, "updateVoiceprintFeature", "updateVoicePrintGroupFeature", update_feature,
        body={**_NAMED, **_AUDIO}, multipart=True,
    ),
    Route("DELETE", _FEATURE, "deleteVoiceprintFeature", "deleteVoicePrintGroupFeature", delete_feature),
    Route(
        "POST", f"{_GROUP}/speaker_identify", "identifySpeaker", "speakerIdentify", identify,
        body={"top_k": formed(integer(1)), **_AUDIO}, multipart=True, reads=True,
    ),
)  # fmt: skip
