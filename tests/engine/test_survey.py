"""Reading whole workspaces from a server that does not answer, or answers wrongly."""

from __future__ import annotations

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.engine.export.scan import Survey, places, survey
from cozeops.engine.observe.cache import Reader
from cozeops.errors import ApiError
from tests.engine.broken import Tampering, with_value
from tests.kit import Bench


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The quickstart, applied."""
    made = Bench(tmp_path_factory.mktemp("survey") / "project")
    made.seed()
    made.settle()
    return made


def read(bench: Bench, operation: str = "", path: tuple[str | int, ...] = (), value: object = None) -> Survey:
    """Everything, with one value otherwise in the replies to an operation."""
    tampering = Tampering(
        httpx.WSGITransport(app=bench.emulator), lambda: bench.emulator.requests[-1].operation
    )
    tampering.operation, tampering.change = operation, with_value(path, value) if path else None
    connection = connect({"COZE_API_TOKEN": "pat_emulator", "COZE_API_BASE": "http://127.0.0.1"})
    with Client(connection, transport=tampering, sleep=lambda _: None) as client:
        reader = Reader(client)
        return survey(reader, places(reader))


@pytest.fixture(scope="module")
def whole(applied: Bench) -> Survey:
    """What a good server tells."""
    found = read(applied)
    assert found.skipped == ()
    return found


def test_what_is_in_no_list_has_its_name(applied: Bench, whole: Survey) -> None:
    """Bots refer to plugins by id; the manifests call them as people do."""
    plugins = {id: row["name"] for id, row in applied.table("plugins").items()}
    assert plugins
    assert {one.id: one.name for one in whole.found if one.kind.name == "Plugin"} == plugins


@pytest.mark.parametrize("operation", ["listWorkspaces", "listBots", "getBot", "listDocuments", "getPlugin"])
def test_a_server_that_does_not_answer_ends_it(applied: Bench, operation: str) -> None:
    """Half a workspace would look like a whole one."""
    applied.emulator.faults.add("drop", operation=operation)
    try:
        with pytest.raises(ApiError, match=operation):
            read(applied)
    finally:
        applied.emulator.faults.clear()


def test_a_list_beside_an_object_that_does_not_add_up(applied: Bench, whole: Survey) -> None:
    """The rest of the object is read, and it is told what is missing."""
    found = read(applied, "listDocuments", ("total",), 999)
    assert len(found.found) == len(whole.found)
    (base,) = (one for one in found.found if one.unread)
    assert base.unread == (("spec.documents", "listDocuments: the pages of the list do not add up"),)


def test_a_list_of_objects_that_does_not_add_up(applied: Bench, whole: Survey) -> None:
    found = read(applied, "listDatasets", ("data", "total_count"), 999)
    assert {one.reason for one in found.skipped} == {"the list has gaps: some may be missing here"}
    assert len(found.found) == len(whole.found)


def test_objects_of_another_shape_are_left_out_and_told(applied: Bench, whole: Survey) -> None:
    found = read(applied, "getBot", ("data", "plugin_info_list"), 7)
    bots = [one for one in whole.found if one.kind.name == "Bot"]
    assert {one.id for one in found.skipped} == {one.id for one in bots}
    assert {one.reason for one in found.skipped} == {
        "getBot: the reply is not of the shape that the API describes"
    }
