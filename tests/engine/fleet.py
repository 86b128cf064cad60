"""A fleet that no manifest ever knew: made through the API, with names and texts that mean harm."""

from __future__ import annotations

import random
from typing import Any

from cozeops.api.client import Client
from cozeops.declare.calls import Call
from cozeops.emulator import Emulator

NAMES = [
    "../../etc/passwd", "a/b", "C:\\x", "CON", "con", "nul.txt", "aux", "Chef", "CHEF", "ＣＨＥＦ", "chef",
    "\x1b[31m红", "两\n行", "null", "yes", "012", "1:30", "${values.x}", "$${x}", "🍳", "🍳🍳", "厨 师",
    ".hidden", "-dash-", "a: b # c", "'\"", "\u202eevil", "é", "e\u0301", " ", "trailing ", "x" * 20,
    "文" * 20, "𠮷" * 20, "a.prefix", "a", "~root", "*?<>|",
]  # fmt: skip
PROMPTS = [
    "", "你是厨师。\n一步一步来。", "${values.x} {{name}} $${y} ${", "a\r\nb\r\n", "\ufeffBOM", "zero\0byte",
    "\n\n", "  led by spaces\nb", "---\n# not a document\n", "\ttab", "lone\rreturn", "字" * 20_000,
    "x" * 19_999, "key: [value", "bell\x07",
]  # fmt: skip
ONBOARDING = [
    {"prologue": "", "suggested_questions": []},
    {"prologue": "欢迎\r\n你", "suggested_questions": ["吃？", "no", "", "a, b"]},
    {
        "prologue": "- a",
        "suggested_questions": ["很长很长很长很长很长的问题" + str(number) for number in range(9)],
    },
]
PARAMETERS: list[dict[str, Any]] = [{}, {"thinking_type": "auto", "a": {"${x}": ["${x}", {"b": 1.5}]}}]


class Fleet:
    """Objects made through the API, as other people and other tools make them."""

    def __init__(self, client: Client, emulator: Emulator, seed: int = 7) -> None:
        self._client, self._emulator, self._random = client, emulator, random.Random(seed)

    def send(self, operation: str, method: Any, path: str, **params: Any) -> Any:
        """Make a call; its payload."""
        payload = ("data",) if path.startswith("/v1") else ()
        return self._client.send(
            Call(operation, method, path, payload=payload, headers={"Agw-Js-Conv": "str"}), params
        ).payload

    def make(self) -> None:
        """Some sixty objects in three workspaces."""
        self._emulator.seed(self._outside())
        self._homes = [
            self.send("createWorkspace", "POST", "/v1/workspaces", name=name, description="")["id"]
            for name in ("../厨房", "厨房/..", "Chef")
        ]
        for home in self._homes:
            self.send("installConnector", "POST", "/v1/connectors/900/install", workspace_id=home)
        self._bases = [self._base(name) for name in NAMES[:14]]
        for number, name in enumerate(NAMES):
            self._bot(name, number)

    def _outside(self) -> dict[str, Any]:
        tools = [
            {"tool_id": f"50{number}", "name": name} for number, name in enumerate(["top", "搜索", "a b"])
        ]
        return {
            "plugins": [
                {"plugin_id": str(id), "name": NAMES[id % 5], "tools": tools} for id in range(300, 304)
            ],
            "workflows": [{"workflow_id": str(id), "workflow_name": NAMES[id % 7]} for id in range(400, 406)],
            "connectors": [{"connector_id": "900", "name": "kiosk"}],
            "users": [{"user_id": "101"}, {"user_id": "102"}],
        }

    def _base(self, name: str) -> tuple[str, str]:
        home = self._random.choice(self._homes)
        image = self._random.random() < 0.2
        made = self.send(
            "createDataset", "POST", "/v1/datasets", name=name, space_id=home, format_type=2 if image else 0,
            description=self._random.choice(["", "川菜: ${x}\n二", " # "]),
        )  # fmt: skip
        if not image:
            for document in range(self._random.randrange(4)):
                self.document(made["dataset_id"], f"{name}{document}")
        return made["dataset_id"], home

    def document(self, base: str, name: str) -> None:
        chunks = {"chunk_type": 1, "separator": "\n", "max_tokens": 800}
        self.send(
            "createDocuments", "POST", "/open_api/knowledge/document/create", dataset_id=base, format_type=0,
            chunk_strategy=self._random.choice([chunks, chunks, {"chunk_type": 0}]),
            document_bases=[{"name": name, "source_info": {"file_base64": "eA==", "file_type": "txt"}}],
        )  # fmt: skip

    def _bot(self, name: str, number: int) -> None:
        choice, home = self._random.choice, self._random.choice(self._homes)
        bot = self.send("createBot", "POST", "/v1/bot/create", space_id=home, name=name)["bot_id"]
        prefix = {"prefix_prompt": choice(PROMPTS[1:4]), "dynamic_prompt": choice(["", "现在"])}
        tool = {"plugin_id": choice(["300", "301", "302", "303"]), "api_id": choice(["500", "501", "502"])}
        model = {"model_id": "1706077826", "temperature": choice([0, 0.7, 1, 1e-7])}
        reply = {"reply_mode": "customized", "customized_prompt": choice(["短", "长\n长 ${x}"])}
        self.send(
            "updateBot",
            "POST",
            "/v1/bot/update",
            bot_id=bot,
            description=choice(["", "每天\n一道菜 ", "null", "${env:HOME}", "\t#"]),
            prompt_info={"prompt": PROMPTS[number % len(PROMPTS)]}
            if number % 5
            else {"prompt_mode": "prefix", "prefix_prompt_info": prefix},
            onboarding_info=choice(ONBOARDING),
            knowledge={"dataset_ids": [id for id, where in self._bases if where == home][:3]},
            plugin_id_list={"id_list": [tool]},
            workflow_id_list={"ids": [{"id": str(choice(range(400, 406)))}]},
            model_info_config={**model, "parameters": choice(PARAMETERS)},
            suggest_reply_info=reply,
        )
        self._publish(bot, number)

    def _publish(self, bot: str, number: int) -> None:
        channels = [["1024"], ["1024", "999"], ["999"], ["1024", "900"], []][number % 5]
        if channels:
            self.send("publishBot", "POST", "/v1/bot/publish", bot_id=bot, connector_ids=channels)
        if number % 3 == 0:
            self._emulator.advance(10)
            self._emulator.edit("bots", bot, description=f"edited {number}")
