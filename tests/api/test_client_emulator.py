"""The client against the emulator: the kinds' own calls, real pages, faults, and sockets that break."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.declare.calls import UPLOAD, Call, Page
from cozeops.declare.collections import Collection
from cozeops.emulator import DEFAULT_WORKSPACE, Emulator, Options
from cozeops.errors import ApiError, DeniedError, LostReplyError, NotFoundError
from cozeops.kinds import kinds

BOT, WORKSPACE, BASE = (kinds()[name] for name in ("Bot", "Workspace", "KnowledgeBase"))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@contextmanager
def session(
    emulator: Emulator, *, token: str = "pat_emulator", sleep: Any = None, **settings: Any
) -> Iterator[Client]:
    """A client in process; where it would sleep, the emulator's clock moves instead."""
    connection = connect({}, base_url="http://127.0.0.1:1", token=token)
    transport = httpx.WSGITransport(emulator)
    with Client(connection, transport=transport, sleep=sleep or emulator.advance, **settings) as coze:
        yield coze


def page(found: Page | None) -> Page:
    """A listing that the kind has."""
    assert found is not None
    return found


def call(found: Call | None) -> Call:
    """A capability that the kind has."""
    assert found is not None
    return found


def fill(coze: Client, count: int) -> list[str]:
    """Create bots; their ids."""
    return [
        coze.send(call(BOT.create), {"space_id": DEFAULT_WORKSPACE, "name": f"助手 {number}"}).payload[
            "bot_id"
        ]
        for number in range(count)
    ]


@pytest.mark.parametrize("cap", [0, 7])
def test_bots_are_created_listed_and_read(cap: int) -> None:
    """Also when the server cuts pages to seven."""
    emulator = Emulator(options=Options(page_cap=cap))
    with session(emulator) as coze:
        made = fill(coze, 45)
        listing = coze.listing(page(BOT.listing), {"workspace_id": DEFAULT_WORKSPACE})
        reply = coze.send(call(BOT.get), {"bot_id": made[7]})
    assert listing.complete
    assert sorted(item["id"] for item in listing.items) == sorted(made)
    assert reply.payload["name"] == "助手 7"
    assert reply.log_id
    assert reply.date is not None
    assert coze.stats.requests["listBots"] == (7 if cap else 1)


def test_an_upload_is_used_as_an_icon() -> None:
    """Multipart in, id out."""
    with session(Emulator()) as coze:
        (bot,) = fill(coze, 1)
        uploaded = coze.send(UPLOAD.call, {}, upload=("图标.png", PNG)).payload
        coze.send(call(BOT.update), {"bot_id": bot, "icon_file_id": uploaded["id"]})
        assert coze.send(call(BOT.get), {"bot_id": bot}).payload["icon_url"]


def test_documents_are_listed_by_post() -> None:
    """Ids stay text, thanks to the header that the calls carry."""
    rows = kinds()["KnowledgeBase"].spec.model_fields["documents"].metadata
    listing = next(trait.listed.page for trait in rows if isinstance(trait, Collection) and trait.listed)
    with session(Emulator(options=Options(id_numbers=True))) as coze:
        base = {"space_id": DEFAULT_WORKSPACE, "name": "菜谱", "format_type": 0}
        dataset = coze.send(call(BASE.create), base).payload["dataset_id"]
        found = coze.listing(page(listing), {"dataset_id": dataset})
    assert (found.items, found.complete) == ((), True)


@pytest.mark.parametrize("reply", ["401", "200"])
def test_a_wrong_token_is_denied(reply: str) -> None:
    """Whichever way Coze says it."""
    with (
        session(Emulator(options=Options(auth_reply=reply)), token="pat_wrong") as coze,
        pytest.raises(DeniedError),
    ):
        coze.listing(page(WORKSPACE.listing), {})


def test_a_token_that_may_only_read() -> None:
    """Reads work, writes are denied."""
    with session(Emulator(), token="pat_emulator_readonly") as coze:
        assert coze.listing(page(WORKSPACE.listing), {}).complete
        with pytest.raises(DeniedError):
            fill(coze, 1)


@pytest.mark.parametrize("status", ["envelope", "http"])
def test_what_is_not_there_is_not_found(status: str) -> None:
    """On HTTP 200 or 404."""
    with (
        session(Emulator(options=Options(error_status=status))) as coze,
        pytest.raises(NotFoundError) as caught,
    ):
        coze.send(call(BOT.get), {"bot_id": "1"})
    assert caught.value.code == 4200


def test_a_path_that_coze_does_not_have() -> None:
    """The hint is about the base URL."""
    with session(Emulator()) as coze, pytest.raises(ApiError, match="HTTP 404") as caught:
        coze.send(Call("getNothing", "GET", "/v9/nothing"), {})
    assert "base URL" in caught.value.hint


FAULTS: list[dict[str, Any]] = [
    {"kind": "throttle"},
    {"kind": "throttle", "status": 200},
    {"kind": "throttle", "retry_after": 5},
    {"kind": "error", "status": 503},
    {"kind": "error", "status": 500, "phase": "after"},
    {"kind": "drop"},
    {"kind": "drop", "phase": "after"},
    {"kind": "garbage"},
    {"kind": "truncate"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_reads_come_through_every_fault(fault: dict[str, Any]) -> None:
    """Three times in a row."""
    emulator = Emulator()
    with session(emulator) as coze:
        made = fill(coze, 3)
        emulator.faults.add(**fault, operation="listBots", times=3)
        listing = coze.listing(page(BOT.listing), {"workspace_id": DEFAULT_WORKSPACE})
    assert {item["id"] for item in listing.items} == set(made)
    assert coze.stats.retries == 3


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_create_happens_at_most_once(fault: dict[str, Any]) -> None:
    """Throttled: it comes through. Anything else: lost, and perhaps there, but never twice."""
    emulator = Emulator()
    emulator.faults.add(**fault, operation="createBot", times=1)
    with session(emulator) as coze:
        if fault["kind"] == "throttle":
            fill(coze, 1)
        else:
            with pytest.raises(LostReplyError):
                fill(coze, 1)
        listing = coze.listing(page(BOT.listing), {"workspace_id": DEFAULT_WORKSPACE})
    assert len(listing.items) <= 1


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("kind", ["drop", "truncate"])
def test_a_socket_that_breaks(kind: str, phase: str) -> None:
    """The same over real connections: a read goes on, a create is lost."""
    emulator = Emulator()
    how = {"phase": phase} if kind == "drop" else {}
    with (
        emulator.serve() as url,
        Client(connect({}, base_url=url, token="pat_emulator"), random=lambda: 0.0) as coze,
    ):
        fill(coze, 2)
        emulator.faults.add(kind, operation="listBots", times=2, **how)
        emulator.faults.add(kind, operation="createBot", times=1, **how)
        listing = coze.listing(page(BOT.listing), {"workspace_id": DEFAULT_WORKSPACE})
        assert len(listing.items) == 2
        with pytest.raises(LostReplyError):
            fill(coze, 1)


def test_nobody_listens() -> None:
    """Five tries, then an error that was never a write."""
    waits: list[float] = []
    connection = connect({}, base_url="http://127.0.0.1:1", token="pat_emulator")
    with (
        Client(connection, sleep=waits.append) as coze,
        pytest.raises(ApiError, match="no connection") as caught,
    ):
        fill(coze, 1)
    assert not isinstance(caught.value, LostReplyError)
    assert len(waits) == 4


def test_many_threads_share_one_client() -> None:
    """Over sockets: every reply reaches the one who asked, and the counts are right."""
    emulator = Emulator()
    with emulator.serve() as url, Client(connect({}, base_url=url, token="pat_emulator")) as coze:
        made = fill(coze, 25)

        def read(number: int) -> bool:
            bot = made[number % 25]
            listing = coze.listing(page(BOT.listing), {"workspace_id": DEFAULT_WORKSPACE})
            return coze.send(call(BOT.get), {"bot_id": bot}).payload["bot_id"] == bot and listing.complete

        with ThreadPoolExecutor(24) as pool:
            assert all(pool.map(read, range(120)))
        stats = coze.stats
    assert stats.requests == {"createBot": 25, "getBot": 120, "listBots": 120}
    assert 1 < stats.most_in_flight <= 16
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("coze-pages")]


def test_a_reply_that_was_read_is_gone() -> None:
    """At once: cycles would be there until Python looks for them, and it looks seldom."""
    emulator = Emulator()
    with emulator.serve() as url, Client(connect({}, base_url=url, token="pat_emulator")) as coze:
        (bot,) = fill(coze, 1)
        gc.collect()
        before = replies()
        gc.disable()
        try:
            for _ in range(5):
                coze.send(call(BOT.get), {"bot_id": bot})
            assert replies() == before
        finally:
            gc.enable()


def replies() -> int:
    """How many there are in this process."""
    return sum(isinstance(one, httpx.Response) for one in gc.get_objects())


def test_the_known_limits_keep_us_below_cozes() -> None:
    """Twelve collaborators at five a second: not one is throttled."""
    emulator = Emulator()
    users = [str(2069720456000100 + number) for number in range(12)]
    emulator.seed({"users": [{"user_id": user} for user in users]})
    add = Call("addBotCollaborator", "POST", "/v1/bots/{bot_id}/collaborators")
    with session(emulator, clock=emulator.now) as coze:
        (bot,) = fill(coze, 1)
        join = Call("addWorkspaceMembers", "POST", "/v1/workspaces/{workspace_id}/members")
        members = [{"user_id": user, "role_type": "member"} for user in users]
        coze.send(join, {"workspace_id": DEFAULT_WORKSPACE, "users": members})
        mode = Call("setBotCollaborationMode", "POST", "/v1/bots/{bot_id}/collaboration_mode")
        coze.send(mode, {"bot_id": bot, "collaboration_mode": "collaboration"})
        for user in users:
            coze.send(add, {"bot_id": bot, "collaborators": [{"user_id": user}]})
    assert coze.stats.throttled == 0
    assert 0 < coze.stats.waited < 2.3  # less where the machine is slow by itself


def test_codes_that_no_page_explains_come_with_a_hint() -> None:
    """Seen live: a page that cannot be fetched, a publication right after the bot was made."""
    with session(Emulator(options=Options(unready_seconds=60))) as coze:
        (bot,) = fill(coze, 1)
        publication = Call("publishBot", "POST", "/v1/bot/publish")
        with pytest.raises(ApiError) as refused:
            coze.send(publication, {"bot_id": bot, "connector_ids": ["1024"]})
    assert (refused.value.code, "again in a moment" in refused.value.hint) == (702042078, True)
