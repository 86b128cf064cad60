"""Datasets, documents, images and files."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .conftest import Coze, Make, Row

DOCUMENTS = "/open_api/knowledge/document"


def listed(coze: Coze, dataset: str, **page: int) -> Row:
    """Return the reply of the document list."""
    return coze.call("POST", f"{DOCUMENTS}/list", {"dataset_id": dataset, **page})


def datasets(coze: Coze, space: str, **query: Any) -> list[Row]:
    """Return a page of datasets."""
    found: list[Row] = coze.get("/v1/datasets", space_id=space, **query)["dataset_list"]
    return found


def upload(coze: Coze, name: str = "mapo.jpg") -> str:
    """Upload a file and return its id."""
    ident: str = coze.http.post("/v1/files/upload", files={"file": (name, b"image")}).json()["data"]["id"]
    return ident


def add_image(coze: Coze, dataset: str, **chunks: int) -> Row:
    """Add an image to an image dataset; return the reply."""
    base = {"name": "麻婆豆腐", "source_info": {"source_file_id": upload(coze), "document_source": 5}}
    body = {"dataset_id": dataset, "format_type": 2, "chunk_strategy": chunks, "document_bases": [base]}
    return coze.call("POST", f"{DOCUMENTS}/create", body)


def test_a_dataset_put_replaces_everything(coze: Coze) -> None:
    """What is left out goes back to its default; the icon can not be read back."""
    space = coze.workspace()
    icon = upload(coze)
    dataset = coze.dataset(space, description="川菜", file_id=icon)
    assert icon in datasets(coze, space)[0]["icon_uri"]
    coze.put(f"/v1/datasets/{dataset}", name="新菜谱")
    shown = datasets(coze, space)[0]
    assert (shown["name"], shown["description"], shown["icon_uri"]) == ("新菜谱", "", "dataset/default")


def test_deleting_a_dataset_deletes_documents_and_unbinds_bots_silently(coze: Coze) -> None:
    """The bot's update time does not move."""
    space = coze.workspace()
    bot, dataset = coze.bot(space), coze.dataset(space)
    document = coze.document(dataset)
    coze.post("/v1/bot/update", bot_id=bot, knowledge={"dataset_ids": [dataset]})
    before = coze.draft(bot)["update_time"]
    coze.clock.time += 60
    coze.delete(f"/v1/datasets/{dataset}")
    assert coze.draft(bot)["knowledge"] == {"knowledge_infos": []}
    assert coze.draft(bot)["update_time"] == before
    assert datasets(coze, space) == []
    assert coze.code("POST", f"{DOCUMENTS}/delete", {"document_ids": [document["document_id"]]}) == 4200


def test_filters_and_counters_of_the_dataset_list(coze: Coze) -> None:
    """The name filter is fuzzy; counters follow the documents and the bots."""
    space = coze.workspace()
    dataset = coze.dataset(space, name="Sichuan 菜谱")
    coze.dataset(space, format_type=2, name="照片")
    coze.document(dataset)
    coze.post("/v1/bot/update", bot_id=coze.bot(space), knowledge={"dataset_ids": [dataset]})
    coze.clock.time += 1
    assert [item["name"] for item in datasets(coze, space, name="sichuan")] == ["Sichuan 菜谱"]
    assert [item["name"] for item in datasets(coze, space, format_type=2)] == ["照片"]
    shown = datasets(coze, space, format_type=0)[0]
    assert (shown["doc_count"], shown["bot_used_count"], shown["all_file_size"]) == (1, 1, "12")


def test_documents_are_processed_after_the_reply(make: Make) -> None:
    """Status 0, then 1; the payload of progress is nested twice."""
    coze = make(processing_seconds=2)
    dataset = coze.dataset(coze.workspace())
    document = coze.document(dataset)
    progress = {"document_ids": [document["document_id"]]}
    assert document["status"] == 0
    first = coze.post(f"/v1/datasets/{dataset}/process", **progress)["data"][0]
    assert (first["status"], first["progress"]) == (0, 0)
    coze.clock.time += 1
    assert coze.post(f"/v1/datasets/{dataset}/process", **progress)["data"][0]["progress"] == 50
    coze.clock.time += 1
    done = coze.post(f"/v1/datasets/{dataset}/process", **progress)["data"][0]
    assert (done["status"], done["progress"], done["remaining_time"]) == (1, 100, 0)
    assert listed(coze, dataset)["document_infos"][0]["slice_count"] == 1


def test_processing_can_fail_by_name(make: Make) -> None:
    """The failed one says so, others are done."""
    coze = make(fail_documents="坏*", processing_seconds=0)
    space = coze.workspace()
    dataset = coze.dataset(space)
    bad, good = coze.document(dataset, "坏菜"), coze.document(dataset, "好菜")
    body = {"document_ids": [bad["document_id"], good["document_id"]]}
    items = coze.post(f"/v1/datasets/{dataset}/process", **body)["data"]
    assert [item["status"] for item in items] == [9, 1]
    assert items[0]["status_descript"]
    assert datasets(coze, space)[0]["failed_file_list"] == [bad["name"]]


def test_the_type_is_appended_to_the_name(make: Make) -> None:
    """The documented list shows x.pdf.pdf."""
    for append, name in ((True, "a.txt.txt"), (False, "a.txt")):
        coze = make(append_type=append)
        assert coze.document(coze.dataset(coze.workspace()), "a.txt")["name"] == name


def test_an_update_changes_name_and_refresh_rule_only(coze: Coze) -> None:
    """The rule is written nested and read flat."""
    dataset = coze.dataset(coze.workspace())
    source = {"web_url": "https://example.com/menu", "document_source": 1}
    base = {"name": "菜单", "source_info": source, "update_rule": {"update_type": 1, "update_interval": 24}}
    web = coze.document(dataset, document_bases=[base])
    assert (web["update_type"], web["update_interval"], web["source_type"]) == (1, 24, 1)
    rule = {"update_type": 0, "update_interval": 48}
    coze.post(f"{DOCUMENTS}/update", document_id=web["document_id"], document_name="新菜单", update_rule=rule)
    shown = listed(coze, dataset)["document_infos"][0]
    assert (shown["name"], shown["update_type"], shown["update_interval"]) == ("新菜单", 0, 48)
    assert "web_url" not in shown


def test_numeric_ids_are_accepted_and_answered_as_asked(make: Make) -> None:
    """The Go SDK sends numbers; without the header, ids may come back as numbers."""
    coze = make(id_numbers=True)
    dataset = coze.dataset(coze.workspace())
    document = coze.document(dataset)["document_id"]
    assert isinstance(document, str)
    assert listed(coze, int(dataset))["document_infos"][0]["document_id"] == document  # type: ignore[arg-type]
    bare = coze.emulator
    http = httpx.Client(transport=httpx.WSGITransport(app=bare), base_url="http://127.0.0.1")
    headers = {"Authorization": "Bearer pat_emulator"}
    reply = http.post(f"{DOCUMENTS}/list", json={"dataset_id": dataset}, headers=headers).json()
    assert reply["document_infos"][0]["document_id"] == int(document)
    assert coze.code("POST", f"{DOCUMENTS}/delete", {"document_ids": [int(document)]}) == 0


def text_document(**changes: Any) -> Row:
    """Return a valid create body with changes."""
    base = {"name": "a", "source_info": {"file_base64": "YQ==", "file_type": "txt"}}
    return {"format_type": 0, "chunk_strategy": {"chunk_type": 0}, "document_bases": [base], **changes}


@pytest.mark.parametrize(
    "body",
    [
        text_document(format_type=2),
        text_document(chunk_strategy={"chunk_type": 1}),
        text_document(chunk_strategy={"chunk_type": 1, "separator": "\n", "max_tokens": 99}),
        text_document(chunk_strategy={"chunk_type": 1, "separator": "\n", "max_tokens": 2001}),
        text_document(document_bases=[]),
        text_document(document_bases=text_document()["document_bases"] * 11),
        text_document(document_bases=[{"name": "a", "source_info": {}}]),
        text_document(
            document_bases=[{"name": "a", "source_info": {"file_base64": "!", "file_type": "txt"}}]
        ),
        text_document(
            document_bases=[{"name": "a", "source_info": {"file_base64": "YQ==", "file_type": "md"}}]
        ),
        text_document(document_bases=[{"name": "a", "source_info": {"file_base64": "YQ=="}}]),
        text_document(document_bases=[{"name": "a", "source_info": {"web_url": "https://a.b"}}]),
        text_document(
            document_bases=[{"name": "a", "source_info": {"web_url": "ftp://a.b", "document_source": 1}}]
        ),
        text_document(
            document_bases=[
                {
                    "name": "a",
                    "source_info": {"web_url": "https://a.b", "document_source": 1},
                    "update_rule": {"update_type": 1, "update_interval": 23},
                }
            ]
        ),
        text_document(
            document_bases=[{"name": "a", "source_info": {"source_file_id": "1", "document_source": 5}}]
        ),
    ],
)
def test_limits_of_document_uploads(coze: Coze, body: Row) -> None:
    """Each is 4000 and uploads nothing."""
    dataset = coze.dataset(coze.workspace())
    assert coze.code("POST", f"{DOCUMENTS}/create", {"dataset_id": dataset, **body}) == 4000
    assert listed(coze, dataset)["total"] == 0


def test_custom_chunks_are_read_back_per_document(coze: Coze) -> None:
    """With the defaults of the two flags."""
    dataset = coze.dataset(coze.workspace())
    chunks = {"chunk_type": 1, "separator": "\n\n", "max_tokens": 800}
    coze.document(dataset, chunk_strategy=chunks)
    shown = listed(coze, dataset)["document_infos"][0]["chunk_strategy"]
    assert shown == {**chunks, "remove_extra_spaces": False, "remove_urls_emails": False}


def test_deleting_documents_is_all_or_nothing(make: Make) -> None:
    """A missing one is 4200, or passed over by option."""
    for missing, code, left in (("refuse", 4200, 1), ("ok", 0, 0)):
        coze = make(missing_document=missing)
        dataset = coze.dataset(coze.workspace())
        document = coze.document(dataset)["document_id"]
        assert coze.code("POST", f"{DOCUMENTS}/delete", {"document_ids": [document, "1"]}) == code
        assert listed(coze, dataset)["total"] == left
    assert coze.code("POST", f"{DOCUMENTS}/delete", {"document_ids": ["1"] * 101}) == 4000


def test_documents_of_another_dataset_have_no_progress_here(coze: Coze) -> None:
    """All ids must belong to the one dataset."""
    space = coze.workspace()
    here, there = coze.dataset(space), coze.dataset(space)
    document = coze.document(there)["document_id"]
    assert coze.code("POST", f"/v1/datasets/{here}/process", {"document_ids": [document]}) == 4200


def test_only_the_owner_of_a_dataset_changes_it(coze: Coze) -> None:
    """A member reads; an admin may delete any; a member only its own."""
    space = coze.workspace()
    dataset = coze.dataset(space)
    coze.post(f"/v1/workspaces/{space}/members", users=[{"user_id": "101", "role_type": "member"}])
    member = coze.as_token("pat_101")
    assert datasets(member, space)[0]["can_edit"] is False
    assert member.code("PUT", f"/v1/datasets/{dataset}", {"name": "x"}) == 4101
    assert member.code("DELETE", f"/v1/datasets/{dataset}") == 4101
    own = member.dataset(space)
    assert coze.code("PUT", f"/v1/datasets/{own}", {"name": "x"}) == 4101
    assert coze.code("DELETE", f"/v1/datasets/{own}") == 0


def test_images_have_captions_and_need_the_type_at_first(coze: Coze) -> None:
    """caption_type is required by the first upload; automatic captions come with processing."""
    dataset = coze.dataset(coze.workspace(), format_type=2)
    assert add_image(coze, dataset)["code"] == 4000
    assert add_image(coze, dataset, caption_type=0)["code"] == 0
    assert add_image(coze, dataset)["code"] == 0
    photos = f"/v1/datasets/{dataset}/images"
    assert [photo["caption"] for photo in coze.get(photos)["photo_infos"]] == ["", ""]
    coze.clock.time += 1
    first = coze.get(photos, has_caption=True, page_size=1)["photo_infos"][0]
    assert "麻婆豆腐" in first["caption"]
    coze.put(f"{photos}/{first['document_id']}", caption="川菜经典")
    found = coze.get(photos, keyword="经典")
    assert (found["total_count"], found["photo_infos"][0]["caption"]) == (1, "川菜经典")


def test_text_datasets_have_no_images(coze: Coze) -> None:
    """And image datasets take no text."""
    space = coze.workspace()
    text, image = coze.dataset(space), coze.dataset(space, format_type=2)
    assert coze.code("GET", f"/v1/datasets/{text}/images") == 4000
    assert (
        coze.code("POST", f"{DOCUMENTS}/create", {"dataset_id": image, **text_document(format_type=2)})
        == 4000
    )
    assert coze.code("POST", "/v1/datasets", {"name": "t", "space_id": space, "format_type": 1}) == 4000


def test_files_are_visible_to_their_uploader(coze: Coze) -> None:
    """Metadata only; for three months, or for good once used as an icon."""
    icon, other = upload(coze), upload(coze)
    assert coze.get("/v1/files/retrieve", file_id=icon)["file_name"] == "mapo.jpg"
    assert coze.as_token("pat_101").code("GET", "/v1/files/retrieve", file_id=icon) == 4200
    coze.bot(coze.workspace(), icon_file_id=icon)
    coze.clock.time += 91 * 24 * 3600
    assert coze.code("GET", "/v1/files/retrieve", file_id=icon) == 0
    assert coze.code("GET", "/v1/files/retrieve", file_id=other) == 4200


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([("Data", ("a", b"x"))], 0),
        ([("file", ("a", b""))], 4300),
        ([("other", ("a", b"x"))], 4300),
        ([("file", ("a", b"x")), ("file", ("b", b"y"))], 4301),
    ],
)
def test_uploads_take_exactly_one_file(coze: Coze, files: list[Any], code: int) -> None:
    """Under the name of the SDKs or of the documentation."""
    assert coze.http.post("/v1/files/upload", files=files).json()["code"] == code


@pytest.mark.parametrize("source", [{"document_source": 1}, {"source_file_id": "404"}])
def test_images_come_from_uploaded_files(coze: Coze, source: dict[str, Any]) -> None:
    """One's own, and said to be such."""
    dataset = coze.dataset(coze.workspace(), format_type=2)
    info = {"source_file_id": upload(coze), "document_source": 5, **source}
    base = {"name": "a", "source_info": info}
    chunks = {"caption_type": 1}
    body = {"dataset_id": dataset, "format_type": 2, "chunk_strategy": chunks, "document_bases": [base]}
    assert coze.code("POST", f"{DOCUMENTS}/create", body) in (4000, 4200)


def test_captions_belong_to_images(coze: Coze) -> None:
    """A text document has none."""
    dataset = coze.dataset(coze.workspace())
    document = coze.document(dataset)["document_id"]
    assert coze.code("PUT", f"/v1/datasets/{dataset}/images/{document}", {"caption": "x"}) == 4200
