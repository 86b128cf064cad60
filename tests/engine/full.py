"""A project in which every field of every kind is written, and another value for each field."""

from __future__ import annotations

import json
import struct
import zlib
from copy import deepcopy
from pathlib import Path
from typing import Any

Spec = dict[str, Any]

USERS = ["2069720456000011", "2069720456000012"]


def _resource(kind: str, name: str, spec: Spec, **metadata: Any) -> Spec:
    return {"kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


HOME = {"workspace": "home"}
PROJECT: dict[str, Spec] = {
    "Workspace/home": _resource(
        "Workspace",
        "home",
        {
            "name": "厨房",
            "description": "后厨",
            "icon": "icon.png",
            "coze_account_id": "food",
            "members": [{"user": user, "role": "member"} for user in USERS],
            "connectors": ["kiosk"],
        },
    ),
    "Connector/kiosk": _resource(
        "Connector",
        "kiosk",
        {
            "id": "7470849514748000001",
            "devices": [
                {"key": "device", "values": {"门口": "1", "里面": "2"}, "developer": USERS[0]},
                {"key": "group", "values": {}},
            ],
        },
    ),
    "EnterpriseMembers/company": _resource(
        "EnterpriseMembers",
        "company",
        {
            "id": "volcano_2100000001",
            "members": [{"user": USERS[0], "role": "admin"}, {"user": USERS[1]}],
            "receiver": USERS[0],
        },
    ),
    "Organization/food": _resource(
        "Organization",
        "food",
        {
            "name": "餐饮",
            "description": "所有厨房",
            "super_admin_user_id": USERS[0],
            "members": [{"user": USERS[0], "role": "super_admin"}, {"user": USERS[1], "role": "member"}],
            "receiver": USERS[0],
        },
        enterprise="company",
    ),
    "CallbackApp/events": _resource(
        "CallbackApp",
        "events",
        {
            "name": "事件",
            "app_type": "normal",
            "callback_url": "https://example.com/coze",
            "events": ["bot.published", "bot.unpublished", "benefit.usage"],
        },
    ),
    "CallbackApp/audit": _resource(
        "CallbackApp", "audit", {"app_type": "connector", "connector": "kiosk", "events": []}
    ),
    "Plugin/news": _resource("Plugin", "news", {"id": "7311989349275500001"}),
    "Workflow/flow": _resource(
        "Workflow",
        "flow",
        {"id": "7460491086110300001", "collaboration": {"mode": "collaboration", "collaborators": USERS}},
        **HOME,
    ),
    "Workflow/other": _resource("Workflow", "other", {"id": "7460491086110300002"}, **HOME),
    "Workspace/own": _resource("Workspace", "own", {"id": "7300000000000000001", "name": "个人空间"}),
    "App/shop": _resource(
        "App",
        "shop",
        {"id": "7460491086110300003", "collaboration": {"collaborators": [USERS[0]]}},
        workspace="own",
    ),
    "KnowledgeBase/text": _resource(
        "KnowledgeBase",
        "text",
        {
            "name": "菜谱",
            "description": "川菜与粤菜",
            "icon": "icon.png",
            "format": "text",
            "chunking": {
                "mode": "custom",
                "separator": "\n\n",
                "max_tokens": 800,
                "remove_extra_spaces": True,
                "remove_urls_emails": False,
            },
            "documents": [
                {"file": "a.md"},
                {"file": "b.txt", "name": "乙"},
                {
                    "url": "https://example.com/menu",
                    "name": "菜单",
                    "refresh": {"every_hours": 24, "mode": "replace"},
                },
            ],
        },
        **HOME,
    ),
    "KnowledgeBase/pictures": _resource(
        "KnowledgeBase",
        "pictures",
        {
            "name": "图库",
            "format": "image",
            "captions": "manual",
            "images": [
                {"file": "icon.png", "name": "豆腐", "caption": "麻婆豆腐"},
                {"file": "two.png", "caption": "鱼"},
            ],
        },
        **HOME,
    ),
    "VoiceprintGroup/staff": _resource(
        "VoiceprintGroup",
        "staff",
        {
            "name": "后厨的人",
            "description": "谁在说话",
            "features": [
                {"name": "小王", "file": "a.wav", "description": "主厨"},
                {"name": "小李", "file": "b.pcm", "sample_rate": 16000, "channel": 1},
            ],
        },
    ),
    "Bot/greeter": _resource(
        "Bot", "greeter", {"name": "迎宾", "publish": {"connectors": ["api"]}}, workspace="own"
    ),
    "VariableValues/vip": _resource(
        "VariableValues",
        "vip",
        {
            "bot": "greeter",
            "connector": "api",
            "connector_uid": "user-7",
            "values": {"diet": "素食", "level": "3"},
        },
    ),
    "VariableValues/shop": _resource(
        "VariableValues",
        "shop",
        {"app": "shop", "connector_uid": "user-7", "values": {"size": "L"}},
    ),
    "Quota/all": _resource(
        "Quota",
        "all",
        {
            "entity_type": "enterprise_all_devices",
            "benefit_type": "resource_point",
            "limit": 100,
            "started_at": 1767196800,
            "ended_at": 1798732800,
            "status": "valid",
            "trigger_unit": "hour",
            "trigger_time": 2,
        },
    ),
    "Quota/one": _resource(
        "Quota",
        "one",
        {
            "entity_type": "single_device",
            "entity_id": "51237824000",
            "benefit_type": "voice_unified_duration_system",
            "limit": 3600,
            "started_at": 1767196800,
            "ended_at": 1798732800,
        },
    ),
    "Voice/waiter": _resource(
        "Voice",
        "waiter",
        {
            "name": "服务员",
            "file": "a.wav",
            "language": "zh",
            "text": "您好",
            "preview_text": "请坐",
            "description": "前厅的声音",
            "workspace": "home",
        },
    ),
    "Bot/chef": _resource(
        "Bot",
        "chef",
        {
            "name": "每日学一菜",
            "description": "每天一道菜",
            "icon": "icon.png",
            "prompt": "你是厨师。\n一步一步来。\n",
            "onboarding": {"prologue": "欢迎", "suggested_questions": ["吃什么", "怎么做"]},
            "knowledge": {
                "datasets": ["text", "pictures"],
                "auto_call": False,
                "search_strategy": "hybrid",
            },
            "plugins": [{"plugin": "news", "tools": ["top", "search"]}],
            "workflows": ["flow", "other"],
            "model": {
                "id": "1706077826",
                "temperature": 0.7,
                "top_p": 0.9,
                "top_k": 5,
                "presence_penalty": 0.1,
                "frequency_penalty": 0.2,
                "max_tokens": 4096,
                "context_round": 30,
                "response_format": "markdown",
                "cache_type": "closed",
                "api_mode": "chat_api",
                "sp_anti_leak": True,
                "sp_current_time": True,
                "parameters": {"thinking_type": "disabled"},
            },
            "suggest_reply": {"mode": "customized", "prompt": "想三个问题"},
            "voice_call": True,
            "collaboration": {"mode": "collaboration", "collaborators": USERS},
            "publish": {
                "connectors": ["api", "chat_sdk", {"connector": "kiosk", "params": {"device": ["1"]}}]
            },
        },
        **HOME,
    ),
}

FLIPS: dict[str, dict[str, Any]] = {
    "Workspace/home": {"spec.name": "新厨房", "spec.description": "前厅"},
    "Organization/food": {"spec.name": "食品"},
    "CallbackApp/events": {"spec.name": "新事件", "spec.callback_url": "https://example.com/new"},
    "KnowledgeBase/text": {"spec.name": "新菜谱", "spec.description": "", "spec.description ": "别的"},
    "VoiceprintGroup/staff": {"spec.name": "前厅的人", "spec.description": "", "spec.description ": "别人"},
    "VariableValues/vip": {"spec.values": {"diet": "素食", "level": "4"}},
    "Quota/all": {
        "spec.limit": 0,
        "spec.started_at": 1767196801,
        "spec.ended_at": 1798732801,
        "spec.status": "frozen",
        "spec.trigger_unit": "day",
        "spec.trigger_time": 3,
    },
    "Voice/waiter": {"spec.language": "en", "spec.preview_text": "请慢走"},
    "Bot/chef": {
        "spec.name": "每日学两菜",
        "spec.description": "",
        "spec.description ": "每天两道菜",
        "spec.prompt": "你是大厨。",
        "spec.onboarding.prologue": "你好",
        "spec.onboarding.suggested_questions": ["怎么做", "吃什么"],
        "spec.onboarding.suggested_questions ": [],
        "spec.knowledge.datasets": ["text"],
        "spec.knowledge.datasets ": [],
        "spec.plugins": [{"plugin": "news", "tools": ["top"]}],
        "spec.plugins ": [],
        "spec.workflows": ["flow"],
        "spec.workflows ": [],
        "spec.model.id": "1706077827",
        "spec.model.temperature": 0.71,
        "spec.model.top_p": 0.8,
        "spec.model.top_k": 6,
        "spec.model.presence_penalty": 0.0,
        "spec.model.frequency_penalty": 0.3,
        "spec.model.max_tokens": 1024,
        "spec.model.context_round": 3,
        "spec.model.response_format": "text",
        "spec.model.api_mode": "responses_api",
        "spec.model.parameters": {"thinking_type": "auto"},
        "spec.suggest_reply": {"mode": "enable"},
        "spec.suggest_reply.prompt": "想两个问题",
        "spec.voice_call": False,
        "spec.publish": {"connectors": ["api", "chat_sdk"]},
        "spec.publish ": {"connectors": []},
    },
}
"""Address -> label -> another value. A blank at the end makes room for a second value."""

NAMED = {
    "spec.model.parameters": "spec.model.parameters.thinking_type",
    "spec.publish": "spec.publish.connectors",
    "spec.suggest_reply": "spec.suggest_reply.mode",
    "spec.values": "spec.values.level",
}
"""Where the plan is more exact than the field."""


def write(folder: Path, project: dict[str, Spec]) -> None:
    """Write the project (JSON is YAML) with its files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {
        "a.md": "# 麻婆豆腐\n",
        "b.txt": "乙\n",
        "a.wav": "RIFF a",
        "b.pcm": "b",
        "icon.png": _png(1),
        "two.png": _png(2),
    }.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    for address, resource in project.items():
        path = folder / f"{address.replace('/', '-')}.yaml"
        path.write_text(json.dumps(resource, ensure_ascii=False, indent=1), encoding="utf-8")


def flipped(address: str, label: str, value: Any) -> dict[str, Spec]:
    """The project with one field of one resource changed."""
    project = deepcopy(PROJECT)
    target = project[address]["spec"]
    *groups, name = label.strip().removeprefix("spec.").split(".")
    for group in groups:
        target = target[group]
    target[name] = value
    return project


def _png(shade: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes((0, shade)))), chunk(b"IEND", b""))
    )
