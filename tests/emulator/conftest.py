"""An emulator on a clock of its own, and a client whose every exchange is held to the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from cozeops.emulator import Emulator, Options
from tests.contract import Checked

Row = dict[str, Any]


class Clock:
    """Time that only tests move."""

    def __init__(self) -> None:
        self.time = 1_760_000_000.0

    def __call__(self) -> float:
        return self.time


class Coze:
    """A client of one emulator that speaks in payloads and codes."""

    def __init__(
        self, emulator: Emulator, clock: Clock, *, token: str = "pat_emulator", strict: bool = False
    ) -> None:
        self.emulator, self.clock = emulator, clock
        transport = Checked(httpx.WSGITransport(app=emulator), requests=strict)
        headers = {"Authorization": f"Bearer {token}", "Agw-Js-Conv": "str"}
        self.http = httpx.Client(
            transport=transport, base_url="http://127.0.0.1", headers=headers, trust_env=False
        )

    def as_token(self, token: str) -> Coze:
        """Return a client of the same emulator with another token."""
        return Coze(self.emulator, self.clock, token=token)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Row:
        """Return the whole reply."""
        params = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()
        }
        reply: Row = self.http.request(method, path, json=body, params=params).json()
        return reply

    def get(self, path: str, **query: Any) -> Row:
        """GET and return data; the call must succeed."""
        return self._data(self.call("GET", path, **query))

    def post(self, path: str, **body: Any) -> Row:
        """POST and return data; the call must succeed."""
        return self._data(self.call("POST", path, body))

    def put(self, path: str, **body: Any) -> Row:
        """PUT and return data; the call must succeed."""
        return self._data(self.call("PUT", path, body))

    def delete(self, path: str, body: Any = None) -> Row:
        """DELETE and return data; the call must succeed."""
        return self._data(self.call("DELETE", path, body))

    def code(self, method: str, path: str, body: Any = None, **query: Any) -> int:
        """Return the code of a call."""
        code: int = self.call(method, path, body, **query)["code"]
        return code

    def workspace(self, name: str = "厨房") -> str:
        """Make a workspace."""
        ident: str = self.post("/v1/workspaces", name=name, description="")["id"]
        return ident

    def bot(self, space_id: str, name: str = "每日学一菜", **fields: Any) -> str:
        """Make a bot."""
        ident: str = self.post("/v1/bot/create", space_id=space_id, name=name, **fields)["bot_id"]
        return ident

    def draft(self, bot_id: str) -> Row:
        """Read the draft of a bot."""
        return self.get(f"/v1/bots/{bot_id}", is_published=False)

    def dataset(self, space_id: str, format_type: int = 0, **fields: Any) -> str:
        """Make a dataset."""
        body = {"name": "菜谱", "space_id": space_id, "format_type": format_type, **fields}
        ident: str = self.post("/v1/datasets", **body)["dataset_id"]
        return ident

    def document(self, dataset_id: str, name: str = "川菜", **fields: Any) -> Row:
        """Upload a text document."""
        source = {"file_base64": "6bq75amG6LGG6IWQ", "file_type": "txt"}
        body = {
            "dataset_id": dataset_id,
            "format_type": 0,
            "chunk_strategy": {"chunk_type": 0},
            "document_bases": [{"name": name, "source_info": source}],
            **fields,
        }
        reply = self.call("POST", "/open_api/knowledge/document/create", body)
        assert reply["code"] == 0, reply
        shown: Row = reply["document_infos"][0]
        return shown

    @staticmethod
    def _data(reply: Row) -> Row:
        assert reply["code"] == 0, reply
        data: Row = reply.get("data", {})
        return data


SEED: Row = {
    "users": [
        {"user_id": "101", "nick_name": "小厨"},
        {"user_id": "102"},
        {"user_id": "103", "enterprise_role": "none"},
    ],
    "tokens": [{"token": "pat_101", "user_id": "101"}, {"token": "pat_102", "user_id": "102"}],
    "plugins": [
        {
            "plugin_id": "500",
            "name": "news",
            "tools": [{"tool_id": "501", "name": "top"}, {"tool_id": "502", "name": "all"}],
        },
        {"plugin_id": "600", "name": "mail", "tools": [{"tool_id": "601", "name": "send"}]},
    ],
    "workflows": [
        {"workflow_id": "700", "workflow_name": "order-lookup"},
        {"workflow_id": "701", "workflow_name": "draft", "published": False},
        {"workflow_id": "702", "workflow_name": "inside", "app_id": "800"},
    ],
    "apps": [{"id": "800", "name": "shop"}],
    "connectors": [{"connector_id": "900", "name": "kiosk"}, {"connector_id": "901", "name": "wall"}],
}

Make = Callable[..., Coze]


@pytest.fixture
def clock() -> Clock:
    """The emulator's clock."""
    return Clock()


@pytest.fixture
def make(clock: Clock) -> Iterator[Make]:
    """Make a client of a seeded emulator with options."""

    def build(**options: Any) -> Coze:
        emulator = Emulator(options=Options(**options), clock=clock)
        emulator.seed(SEED)
        return Coze(emulator, clock)

    return build


@pytest.fixture
def coze(make: Make) -> Coze:
    """A client of a seeded emulator with default options."""
    return make()
