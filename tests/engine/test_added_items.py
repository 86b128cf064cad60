"""Documents that a run added, while lists do not show it yet: added once, known as ours, cleaned up."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cozeops.address import Address
from cozeops.engine.model.outcome import Event, Status
from cozeops.engine.model.plan import Severity
from cozeops.engine.prior.items import LAG
from cozeops.errors import IncompleteError
from cozeops.kinds.parts.documents import DOCUMENTS
from cozeops.values import FileContent
from tests.kit import KeptBench, change

BASE = Address("KnowledgeBase", "k")
PROJECT = """\
kind: Workspace
metadata: {name: w}
spec: {name: W, description: d}
---
kind: KnowledgeBase
metadata: {name: k, workspace: w}
spec: {format: text, documents: [{file: d.md}]}
"""
NEVER: dict[str, Any] = {"kind": "throttle", "operation": "deleteDocuments"}
LOST: dict[str, Any] = {"kind": "error", "status": 502, "phase": "after", "operation": "createDocuments"}
BEHIND: dict[str, Any] = {"kind": "lag", "operation": "listDocuments", "seconds": 300.0}


@pytest.fixture
def bench(tmp_path: Path) -> KeptBench:
    """A base with one document, which Git has with other content by now."""
    made = KeptBench(tmp_path, source=None)
    made.write("project.yaml", PROJECT)
    made.write("d.md", "one\n")
    made.settle()
    made.emulator.advance(1000)
    made.write("d.md", "two\n")
    return made


def ends(bench: KeptBench, *faults: dict[str, Any]) -> Status:
    """How the change of the base ends under these faults."""
    for fault in faults:
        bench.emulator.faults.add(**fault)
    (outcome,) = [one for one in bench.apply() if one.address == BASE]
    bench.emulator.faults.clear()
    return outcome.status


def blocks(bench: KeptBench) -> list[str]:
    """What would keep the next apply from going on."""
    return [one.name for one in bench.plan().findings if one.severity is Severity.BLOCK]


def converges(bench: KeptBench) -> None:
    """Nobody is asked, one document is left, and there is nothing to do."""
    assert blocks(bench) == []
    bench.settle()
    assert len(bench.table("documents")) == 1
    assert bench.plan().pending == ()


def test_what_is_long_gone_is_forgotten(bench: KeptBench) -> None:
    """However often a document is replaced, the state has the one before and no older ones."""
    for text in ("two\n", "three\n", "four\n"):
        bench.write("d.md", text)
        (before,) = bench.table("documents")
        bench.settle()
        assert bench.records[BASE].items["spec.documents"]["d.md"].older == (before,)


def test_a_first_document_that_nobody_heard_of_is_new(tmp_path: Path) -> None:
    """Nobody on Coze took away what was never seen there."""
    bench = KeptBench(tmp_path, source=None)
    bench.write("project.yaml", PROJECT)
    bench.write("d.md", "one\n")
    bench.settle()
    bench.write("project.yaml", PROJECT.replace("{file: d.md}", "{file: d.md}, {file: e.md}"))
    bench.write("e.md", "two\n")
    bench.emulator.faults.add("error", status=502, operation="createDocuments")
    (outcome,) = [one for one in bench.apply() if one.address == BASE]
    bench.emulator.faults.clear()
    assert outcome.status is Status.UNKNOWN
    (field,) = change(bench.plan(), str(BASE)).fields
    assert (field.path, field.origin) == ("spec.documents[e.md]", "git")


def test_a_replacement_that_stopped_half_way_goes_on(bench: KeptBench) -> None:
    """The new document is there: it is not added once more, and the old one goes unasked."""
    assert bench.records[BASE].observed
    assert ends(bench, NEVER) is Status.FAILED
    assert bench.records[BASE].observed == {}  # its entry in a lagging list proves nothing now
    assert [step.operation for step in change(bench.plan(), str(BASE)).steps] == ["deleteDocuments"]
    converges(bench)


def test_what_a_list_does_not_show_yet_is_not_added_twice(bench: KeptBench) -> None:
    """Asked for by its id it is there: the plan says so, and says to try again."""
    assert ends(bench, NEVER) is Status.FAILED
    bench.emulator.faults.add(**BEHIND)
    with pytest.raises(IncompleteError, match=r"KnowledgeBase/k: \d+ was added .* does not show it") as told:
        bench.plan()
    assert "try again" in told.value.hint
    bench.emulator.faults.clear()
    converges(bench)


def test_a_list_that_falls_behind_after_an_apply(bench: KeptBench) -> None:
    """Also what went well is not done again."""
    bench.settle()
    bench.emulator.faults.add(**BEHIND)
    with pytest.raises(IncompleteError):
        bench.plan()
    bench.emulator.faults.clear()
    converges(bench)


def test_what_was_replaced_is_ours_until_the_new_one_is_ready(bench: KeptBench) -> None:
    """It goes in a later apply, and nobody is asked for leave."""
    (old,) = bench.table("documents")
    bench.emulator.options = replace(bench.emulator.options, processing_seconds=3600.0)
    assert ends(bench) is Status.PENDING
    bench.emulator.advance(4000)
    assert [step.ids for step in change(bench.plan(), str(BASE)).steps] == [(old,)]
    converges(bench)


def test_a_run_that_is_killed_right_after_an_addition(bench: KeptBench) -> None:
    """What was added is known by then: neither doubled nor somebody else's."""

    def die(event: Event) -> None:
        if event.detail == "deleteDocuments":
            raise SystemExit

    plan, snapshot = bench.look()
    with pytest.raises(SystemExit):
        bench.carry_out(plan, replace(bench.run(snapshot), listen=die))
    bench.emulator.faults.add(**BEHIND)
    with pytest.raises(IncompleteError):
        bench.plan()
    bench.emulator.faults.clear()
    converges(bench)


def test_who_removes_a_new_document_by_hand_is_believed(bench: KeptBench) -> None:
    """Neither listed nor there when it is asked for: it is drift, at once."""
    bench.settle()
    (id,) = bench.table("documents")
    bench.emulator.remove("documents", id)
    operations = [step.operation for step in change(bench.plan(), str(BASE)).steps]
    assert operations == ["createDocuments"]


def test_a_list_is_believed_after_a_while(bench: KeptBench) -> None:
    """Nothing is asked for by its id any more."""
    bench.settle()
    bench.emulator.advance(LAG + 1)
    bench.emulator.requests.clear()
    bench.emulator.faults.add("lag", operation="listDocuments", seconds=LAG + 20.0)
    bench.plan()
    assert "getDocumentProgress" not in [one.operation for one in bench.emulator.requests]


def test_an_addition_that_nobody_heard_of_is_cleaned_up(bench: KeptBench) -> None:
    """Not shown, it is sent once more; when both show up, the one that is over goes unasked."""
    assert ends(bench, LOST, BEHIND) is Status.UNKNOWN
    assert bench.records[BASE].items["spec.documents"]["d.md"].lost
    assert ends(bench, BEHIND) is not Status.FAILED
    assert len(bench.table("documents")) == 2
    bench.emulator.advance(300)
    converges(bench)
    assert not bench.records[BASE].items["spec.documents"]["d.md"].lost


def test_several_additions_that_nobody_heard_of_are_cleaned_up(bench: KeptBench) -> None:
    """The doubt begins with the first of them."""
    for _ in range(2):
        assert ends(bench, LOST, BEHIND) is Status.UNKNOWN
    assert len(bench.table("documents")) == 3
    bench.emulator.advance(300)
    converges(bench)
    assert not bench.records[BASE].items["spec.documents"]["d.md"].lost


def test_a_lost_reply_is_looked_for_under_the_name_that_coze_gives(bench: KeptBench) -> None:
    """`d.md` is listed as `d.md.txt`."""
    assert ends(bench, LOST) is Status.DONE
    (row,) = bench.table("documents").values()
    assert row["name"] == "d.md.txt"
    assert bench.plan().pending == ()


def test_somebody_elses_document_of_the_same_name_is_not_ours(bench: KeptBench) -> None:
    """It was there before ours and was not sent by us: somebody is asked."""
    bench.settle()
    (ours,) = bench.table("documents")
    path = bench.folder / "d.md"
    file = FileContent("d.md", sha256(path.read_bytes()).hexdigest(), 4, path)
    params = DOCUMENTS.add.encode([{"name": "d.md", "file": file}], {})
    bench.client.send(DOCUMENTS.add.call, {"dataset_id": bench.records[BASE].id, **params})
    bench.emulator.edit("documents", ours, update_time=bench.emulator.seconds + 5)
    assert blocks(bench) == ["removes-unknown"]


def test_a_document_that_cannot_be_processed_is_not_remembered(bench: KeptBench) -> None:
    """It was taken away again: what was there before is what is known."""
    before = bench.records[BASE].items
    bench.write("d.md", "FAIL\n")
    bench.set_options(fail_documents="d.md*")
    assert ends(bench) is Status.FAILED
    assert bench.records[BASE].items == before
