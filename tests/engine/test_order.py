"""Who goes first, and how files travel."""

from __future__ import annotations

import tracemalloc
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from cozeops.address import Address
from cozeops.declare.calls import UPLOAD
from cozeops.engine.model.graph import critical_paths
from cozeops.values import FileContent
from tests.api.fakes import client, ok, refusal
from tests.kit import Bench


def _addresses(**needs: str) -> dict[Address, list[Address]]:
    return {Address("Bot", name): [Address("Bot", one) for one in of.split()] for name, of in needs.items()}


def test_the_longest_chain_that_waits_is_the_weight() -> None:
    """The work counts, not the number of resources."""
    needs = _addresses(base="", reader="base", writer="base", last="writer", alone="")
    work = dict(zip(needs, (3, 5, 1, 1, 4), strict=True))
    found = critical_paths(work, needs)
    assert {address.name: weight for address, weight in found.items()} == {
        "base": 8,
        "reader": 5,
        "writer": 2,
        "last": 1,
        "alone": 4,
    }


def test_what_a_chain_waits_for_goes_first(tmp_path: Path) -> None:
    """One at a time: a base that a bot waits for, and the bot with most to do, come before the others."""
    bench = Bench(tmp_path / "project", source=None)
    bot = "kind: Bot\nmetadata: {{name: {0}, workspace: home}}\nspec: {{prompt: 你好{1}}}\n"
    bench.write(
        "all.yaml",
        "---\n".join(
            [
                "kind: Workspace\nmetadata: {name: home}\nspec: {name: 家, description: 一}\n",
                bot.format("a", ""),
                bot.format("b", ""),
                bot.format("z", ", knowledge: {datasets: [zz]}"),
                "kind: KnowledgeBase\nmetadata: {name: zz, workspace: home}\nspec: {format: text}\n",
            ]
        ),
    )
    plan, snapshot = bench.look()
    bench.carry_out(plan, bench.run(snapshot), parallelism=1)
    started = [str(event.address) for event in bench.events if event.what == "started"]
    assert started == ["Workspace/home", "KnowledgeBase/zz", "Bot/z", "Bot/a", "Bot/b"]


@pytest.fixture
def large(tmp_path: Path) -> FileContent:
    """A file of 32 MiB that takes no room on the disk."""
    path = tmp_path / "large.bin"
    with path.open("wb") as stream:
        stream.truncate(32 * 1024 * 1024)
    digest = sha256()
    for _ in range(32):
        digest.update(bytes(1024 * 1024))
    return FileContent("large.bin", digest.hexdigest(), path.stat().st_size, path)


def test_an_upload_is_never_in_memory_as_a_whole(large: FileContent) -> None:
    """Nor at a repeat, which sends all of it again."""
    sent: list[tuple[int, str]] = []

    class Counts(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            assert isinstance(request.stream, httpx.SyncByteStream)
            sent.append((sum(map(len, request.stream)), request.headers["Content-Length"]))
            return (refusal(4009, 429) if len(sent) == 1 else ok({"id": "7"}))(request)

    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError("another transport is used")

    with client(never) as coze, large.open() as stream:
        coze._http._transport = Counts()
        tracemalloc.start()
        reply = coze.send(UPLOAD.call, {}, upload=("large.bin", stream))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert reply.payload == {"id": "7"}
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert sent[0][0] == int(sent[0][1]) > large.size
    assert most < 4 * 1024 * 1024


def test_a_file_that_changed_is_not_sent(large: FileContent) -> None:
    """The project was read, and then somebody edited it."""
    large.location.write_bytes(b"other")
    with pytest.raises(ValueError, match=r"large\.bin changed while cozeops was running"), large.open():
        pass


def test_no_content_is_uploaded_twice(tmp_path: Path, large: FileContent) -> None:
    """Two changes that need it wait for one upload; another content does not wait."""
    bench = Bench(tmp_path / "project")
    run = bench.run(bench.look()[1])
    order: list[str] = []
    other = FileContent("other", "1" * 64, 1, large.location)

    def first() -> str:
        run.upload_once(other, lambda: order.append("other") or "2")  # type: ignore[func-returns-value]
        order.append("first")
        return "1"

    run.upload_once(large, first)
    run.upload_once(large, lambda: order.append("again") or "3")  # type: ignore[func-returns-value]
    assert order == ["other", "first"]
    assert run.file_id(large) == "1"
