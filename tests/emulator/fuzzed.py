"""An emulator with one of everything, for schemathesis; see the README of the tests.

    python -m tests.emulator.fuzzed PORT CONFIG

CONFIG is written: the ids of what there is, so that generated requests reach it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cozeops.emulator import DEFAULT_USER, DEFAULT_WORKSPACE, ENTERPRISE, Emulator, Options

from .conftest import SEED, Clock, Coze

MORE = {
    "folders": [{"id": "20", "name": "菜"}],
    "templates": [{"template_id": "60", "name": "客服"}],
    "lives": [{"live_id": "5"}],
    "bots": [{"bot_id": "1000", "name": "x", "publish": ["1024"], "variables": [{"keyword": "diet"}]}],
    "store_plugins": [{"plugin_id": "500"}],
    "chat_rules": [{"pattern": "0", "requires_action": [{"name": "weather"}], "answer": "{outputs}"}],
    "workflow_rules": [{"pattern": "0", "interrupt": {"type": 2}}],
}


def furnish(coze: Coze) -> dict[str, str]:
    """Make one of everything; return its ids by the names of parameters."""
    dataset, space = coze.dataset(DEFAULT_WORKSPACE, 2), DEFAULT_WORKSPACE
    app = coze.post("/v1/api_apps", app_type="normal", name="hook")["id"]
    coze.post(f"/v1/api_apps/{app}/events", event_types=["bot.deleted"])
    terms = {"active_mode": "absolute_time", "started_at": 1, "ended_at": 2, "limit": 1}
    quota = {"benefit_type": "resource_point", **terms}
    single = {"entity_type": "single_device", "entity_id": "d"}
    benefit = coze.post("/v1/commerce/benefit/limitations", **single, benefit_info=quota)["benefit_id"]
    copy = coze.post("/v1/entities/copy_tasks", entity_id="800", entity_type="app")["task_id"]
    asked = [{"role": "user", "content": "0", "content_type": "text"}]
    chat = coze.post("/v3/chat", bot_id="1000", user_id="u", additional_messages=asked)
    text = {"role": "user", "content": "x", "content_type": "text"}
    path = "/v1/conversation/message/create"
    message = coze.call("POST", path, text, conversation_id=chat["conversation_id"])["data"]["id"]
    run = coze.call("POST", "/v1/workflow/run", {"workflow_id": "700"})["execute_id"]
    group = coze.post("/v1/audio/voiceprint_groups", name="x")["id"]
    features = f"/v1/audio/voiceprint_groups/{group}/features"
    audio = {"file": ("a.wav", b"a"), "name": (None, "x")}
    feature = coze.http.post(features, files=audio).json()["data"]["id"]
    file = coze.http.post("/v1/files/upload", files={"file": ("a.png", b"a")}).json()["data"]["id"]
    return {
        "workspace_id": space, "space_id": space, "bot_id": "1000", "workflow_id": "700", "app_id": "800",
        "plugin_id": "500", "connector_id": "900", "dataset_id": dataset, "api_app_id": app, "live_id": "5",
        "template_id": "60", "folder_id": "20", "benefit_id": benefit, "task_id": copy, "user_id": "101",
        "conversation_id": chat["conversation_id"], "chat_id": chat["id"], "message_id": message,
        "execute_id": run, "node_execute_uuid": f"{run}-end", "group_id": group, "feature_id": feature,
        "file_id": file, "enterprise_id": ENTERPRISE, "organization_id": "7300000000000000002",
        "connector_uid": DEFAULT_USER,
    }  # fmt: skip


def main(port: int, config: Path) -> None:
    """Serve until interrupted."""
    emulator = Emulator(options=Options(qps_limits=False))
    emulator.seed(SEED)
    emulator.seed(MORE)
    ids = furnish(Coze(emulator, Clock()))
    # `connector_id` of lists is a channel that bots are on, the one of paths is custom
    names = {f"path.{name}": ident for name, ident in ids.items()}
    names |= {f"query.{name}": ident for name, ident in ids.items() if name != "connector_id"}
    lines = [f'"{name}" = "{ident}"' for name, ident in names.items()]
    config.write_text("\n".join(["[parameters]", *lines, ""]), encoding="utf-8")
    emulator.serve_forever(port=port, ready=lambda url: print(url, flush=True))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
