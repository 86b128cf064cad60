"""What goes into one request: as many items as Coze takes, and as many bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cozeops.declare.calls import LARGEST_BODY
from cozeops.engine.run.requests import Task, requests_of
from cozeops.errors import InvalidProject
from cozeops.kinds.parts.documents import LARGEST_FILE
from tests.kit import Bench

HOME = "kind: Workspace\nmetadata: {name: home}\nspec: {name: 家, description: 家}\n---\n"
BASE = "kind: KnowledgeBase\nmetadata: {name: docs, workspace: home}\nspec:\n  format: text\n  documents:\n"
MEGABYTE = 1_000_000


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty project."""
    return Bench(tmp_path, source=None)


def declare(bench: Bench, *sizes: int) -> None:
    """A base with a document of each size."""
    for number, size in enumerate(sizes):
        (bench.folder / f"{number}.txt").write_bytes(b"x" * size)
    entries = "".join(f"    - {{file: {number}.txt}}\n" for number in range(len(sizes)))
    bench.write("m.yaml", HOME + BASE + entries)


def bodies(bench: Bench) -> list[tuple[int, int]]:
    """Documents and bytes of each request that would add some."""
    plan, snapshot = bench.look()
    run = bench.run(snapshot)
    change = next(one for one in plan.changes if one.address.kind == "KnowledgeBase")
    task = Task(change, run.resources[change.address], snapshot, None)
    made = [request for step in change.steps for request in requests_of(step, task)]
    adding = [one.params for one in made if one.call.operation == "createDocuments"]
    return [(len(one["document_bases"]), len(json.dumps(one).encode())) for one in adding]


def test_documents_share_a_request_as_far_as_its_bytes_go(bench: Bench) -> None:
    """Three documents of 4 MB are 16 MB of letters: two requests, and no byte too many."""
    declare(bench, *[4 * MEGABYTE] * 3)
    sent = bodies(bench)
    assert [count for count, _ in sent] == [2, 1]
    assert all(size <= LARGEST_BODY for _, size in sent)
    bench.settle()
    assert bench.plan().pending == ()
    assert [one.operation for one in bench.emulator.requests].count("createDocuments") == 2


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [
        ([1] * 11, [10, 1]),
        ([LARGEST_FILE], [1]),
        ([1, LARGEST_FILE, 1], [1, 1, 1]),
        ([5 * MEGABYTE, 5 * MEGABYTE, 5 * MEGABYTE, 1], [2, 2]),
    ],
)
def test_each_request_is_as_full_as_it_can_be(bench: Bench, sizes: list[int], counts: list[int]) -> None:
    declare(bench, *sizes)
    sent = bodies(bench)
    assert [count for count, _ in sent] == counts
    assert all(size <= LARGEST_BODY for _, size in sent)


def test_a_document_that_no_request_can_carry_is_refused_at_its_place(bench: Bench) -> None:
    declare(bench, 1, LARGEST_FILE + 1)
    with pytest.raises(InvalidProject) as caught:
        bench.project()
    [problem] = caught.value.problems
    assert str(problem.position) == "m.yaml:11:14"
    assert (
        problem.message == f"1.txt has {LARGEST_FILE + 1:,} bytes; a request carries at most {LARGEST_FILE:,}"
    )
    assert "split it" in problem.hint
