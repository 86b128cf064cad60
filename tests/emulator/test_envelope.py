"""What every answer shares: the envelope, log ids, authentication, permissions, unknown paths."""

from __future__ import annotations

import httpx
import pytest

from cozeops.emulator import DEFAULT_USER

from .conftest import Coze, Make


def test_success_is_code_zero_with_the_log_id_in_body_and_header(coze: Coze) -> None:
    """The log id is what support asks for."""
    response = coze.http.get("/v1/users/me")
    reply = response.json()
    assert (reply["code"], reply["msg"]) == (0, "")
    assert reply["detail"]["logid"] == response.headers["X-Tt-Logid"]
    assert reply["data"]["user_id"] == DEFAULT_USER


def test_pure_writes_answer_no_data(coze: Coze) -> None:
    """The key is absent, not null."""
    space = coze.workspace()
    assert "data" not in coze.call("PUT", f"/v1/workspaces/{space}", {"name": "新"})


def test_ids_are_strings_of_19_digits(coze: Coze) -> None:
    """They do not fit a double: clients must not make numbers of them."""
    space = coze.workspace()
    assert len(space) == 19
    assert space.isdigit()


def test_an_unknown_path_or_method_is_404_with_code_4000(coze: Coze) -> None:
    """No redirects either: a path is exactly itself."""
    for method, path in [("GET", "/"), ("GET", "/v1/nothing"), ("DELETE", "/v1/bots"), ("GET", "/v1/bots/")]:
        response = coze.http.request(method, path)
        assert (response.status_code, response.json()["code"]) == (404, 4000), path


@pytest.mark.parametrize(("style", "status", "code"), [("401", 401, 4100), ("200", 200, 4101)])
def test_an_unknown_token(make: Make, style: str, status: int, code: int) -> None:
    """Both ways were seen on the cloud."""
    coze = make(auth_reply=style)
    for headers in ({"Authorization": "Bearer no"}, {"Authorization": "Basic no"}, {"Authorization": ""}):
        response = coze.http.get("/v1/users/me", headers=headers)
        assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_read_only_token_reads_and_never_writes(coze: Coze) -> None:
    """POSTs that only read are reads."""
    space = coze.workspace()
    dataset = coze.dataset(space)
    reader = coze.as_token("pat_emulator_readonly")
    assert reader.code("GET", "/v1/bots", workspace_id=space) == 0
    assert reader.code("POST", "/open_api/knowledge/document/list", {"dataset_id": dataset}) == 0
    assert reader.code("POST", "/v1/bot/create", {"space_id": space, "name": "x"}) == 4101


def test_a_token_has_its_permission_points_and_workspaces(coze: Coze) -> None:
    """A missing point is 4101; a workspace outside the token does not exist for it."""
    space, other = coze.workspace("a"), coze.workspace("b")
    coze.emulator.seed(
        {"tokens": [{"token": "narrow", "permissions": ["listBot", "listWorkspace"], "workspaces": [space]}]}
    )
    narrow = coze.as_token("narrow")
    assert narrow.code("GET", "/v1/bots", workspace_id=space) == 0
    assert narrow.code("GET", "/v1/bots", workspace_id=other) == 4200
    assert narrow.code("POST", "/v1/bot/create", {"space_id": space, "name": "x"}) == 4101
    assert [item["id"] for item in narrow.get("/v1/workspaces")["workspaces"]] == [space]


@pytest.mark.parametrize(("style", "expected"), [("envelope", (200, 200, 400)), ("http", (403, 404, 400))])
def test_business_errors_come_on_200_or_on_their_status(
    make: Make, style: str, expected: tuple[int, int, int]
) -> None:
    """Undocumented, so an option; clients look at the code."""
    coze = make(error_status=style)
    reader = coze.as_token("pat_emulator_readonly")
    forbidden = reader.http.post("/v1/workspaces", json={"name": "x", "description": ""})
    missing = coze.http.get("/v1/bots/1")
    invalid = coze.http.post("/v1/bot/create", json={})
    assert (forbidden.status_code, missing.status_code, invalid.status_code) == expected


def test_the_log_keeps_requests_and_never_the_token(coze: Coze) -> None:
    """Tests read it to count and to compare."""
    coze.call("POST", "/v1/bot/create", {"space_id": "1", "name": "x"})
    coze.http.get("/v1/nothing", params={"a": "b"})
    created, unknown = list(coze.emulator.requests)[-2:]
    assert (created.operation, created.status, created.code) == ("createBot", 200, 4200)
    assert created.body == {"space_id": "1", "name": "x"}
    assert (unknown.operation, unknown.query) == ("", {"a": "b"})
    assert "pat_emulator" not in repr(list(coze.emulator.requests))


def test_unknown_fields_are_refused_or_ignored(make: Make) -> None:
    """The strict choice finds the typing mistake."""
    for unknown, code in (("reject", 4000), ("ignore", 0)):
        coze = make(unknown_fields=unknown)
        space = coze.workspace()
        assert coze.code("POST", "/v1/bot/create", {"space_id": space, "name": "x", "promt": {}}) == code
        assert coze.code("GET", "/v1/bots", workspace_id=space, pagesize=1) == code


def test_an_explicit_null_counts_as_absent(coze: Coze) -> None:
    """The Python SDK sends nulls for what was not given."""
    body = {"name": "x", "space_id": coze.workspace(), "format_type": 0, "description": None, "file_id": None}
    assert coze.code("POST", "/v1/datasets", body) == 0
    assert coze.code("POST", "/v1/datasets", {**body, "name": None}) == 4000


def test_it_is_a_server_too(coze: Coze) -> None:
    """Over a socket, connections are kept alive."""
    with coze.emulator.serve() as url, httpx.Client(base_url=url, headers=coze.http.headers) as http:
        for _ in range(3):
            response = http.get("/v1/users/me")
            assert response.json()["code"] == 0
        assert response.http_version == "HTTP/1.1"
        assert "connection" not in response.headers
        assert (
            http.post("/v1/files/upload", files={"file": ("a.png", b"x" * 100_000)}).json()["data"]["bytes"]
            == 100_000
        )


def test_a_stopped_server_hangs_up(coze: Coze) -> None:
    """Also on connections that were kept alive; the port is free at once."""
    with httpx.Client(headers=coze.http.headers) as http:
        with coze.emulator.serve() as url:
            http.get(f"{url}/v1/users/me")
        with pytest.raises(httpx.TransportError):
            http.get(f"{url}/v1/users/me")
        with coze.emulator.serve(port=int(url.rpartition(":")[2])) as again:
            assert again == url
            assert http.get(f"{url}/v1/users/me").json()["code"] == 0
