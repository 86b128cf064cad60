"""The control API over HTTP, and the same from Python; dumps, seeds, options."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cozeops.emulator import PROFILES, Emulator, Options, SeedError, options_table, parse_options

from .conftest import SEED, Clock, Coze


def control(coze: Coze, method: str, path: str, body: Any = None) -> Any:
    """Call the control API."""
    response = coze.http.request(method, f"/_emulator{path}", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_overview_lists_every_lever(coze: Coze) -> None:
    """With a line of help each."""
    overview = control(coze, "GET", "/")
    assert all(overview["control"].values())
    assert overview["options"]["edition"] == "enterprise"


def test_state_is_dumped_and_loaded(coze: Coze) -> None:
    """A load of a dump changes nothing, after whatever happened in between."""
    bot = coze.bot(coze.workspace())
    state = control(coze, "GET", "/state")
    coze.post("/v1/bot/update", bot_id=bot, name="other")
    control(coze, "PUT", "/state", state)
    assert coze.draft(bot)["name"] == "每日学一菜"
    assert control(coze, "GET", "/state") == state


def test_the_same_calls_make_the_same_dump(clock: Clock) -> None:
    """Ids and times come from counters and the clock only."""

    def run() -> Any:
        coze = Coze(Emulator(clock=clock), clock)
        space = coze.workspace()
        coze.post("/v1/bot/publish", bot_id=coze.bot(space), connector_ids=["1024"])
        return coze.emulator.dump()

    assert run() == run()


def test_reset_forgets_everything(coze: Coze) -> None:
    """The standard user and tokens stay."""
    coze.workspace()
    control(coze, "POST", "/reset")
    assert len(coze.get("/v1/workspaces")["workspaces"]) == 1
    assert coze.code("GET", "/v1/plugins/500") == 4200


def test_edits_out_of_band(coze: Coze) -> None:
    """Change, publish and delete as in the console."""
    space = coze.workspace()
    bot = coze.bot(space)
    changes = {"description": "by hand", "variables": [{"keyword": "city"}]}
    control(coze, "POST", "/edit", {"table": "bots", "id": bot, "changes": changes})
    assert coze.draft(bot)["description"] == "by hand"
    assert coze.draft(bot)["variables"] == [{"keyword": "city"}]
    version = control(coze, "POST", "/publish", {"bot_id": bot, "connector_ids": ["1024"]})["version"]
    assert coze.get(f"/v1/bots/{bot}")["version"] == version
    control(coze, "POST", "/remove", {"table": "bots", "id": bot})
    assert coze.code("GET", f"/v1/bots/{bot}", is_published=False) == 4200


def test_the_log_over_http(coze: Coze) -> None:
    """The control API itself is not in it."""
    coze.get("/v1/users/me")
    log = control(coze, "GET", "/requests")
    assert [entry["operation"] for entry in log] == ["getCurrentUser"]
    control(coze, "DELETE", "/requests")
    assert control(coze, "GET", "/requests") == []


def test_faults_limits_clock_and_options_over_http(coze: Coze) -> None:
    """The levers do what the methods do."""
    control(coze, "POST", "/faults", {"kind": "error", "operation": "getCurrentUser", "times": 1})
    assert coze.http.get("/v1/users/me").status_code == 503
    assert control(coze, "GET", "/faults")[0]["struck"] == 1
    control(coze, "PUT", "/limits", {"operation": "getCurrentUser", "qps": 1})
    control(coze, "PUT", "/random", {"seed": 1})
    assert [coze.code("GET", "/v1/users/me") for _ in range(2)] == [0, 4009]
    control(coze, "DELETE", "/faults")
    now = control(coze, "POST", "/clock", {"seconds": 3600})["now"]
    assert now == coze.clock.time + 3600
    control(coze, "PUT", "/options", {"edition": "free", "processing_seconds": 3})
    assert control(coze, "GET", "/options")["edition"] == "free"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/faults", {"kind": "no"}),
        ("POST", "/seed", {"cats": []}),
        ("POST", "/seed", []),
        ("POST", "/edit", {"table": "cats", "id": "1", "changes": {}}),
        ("POST", "/edit", {"table": "bots", "id": "1", "changes": {}}),
        ("POST", "/remove", {"table": "users", "id": "1"}),
        ("POST", "/publish", {"bot_id": "1", "connector_ids": ["1024"]}),
        ("PUT", "/state", {"tables": {"cats": {}}}),
        ("PUT", "/state", {"tables": {"bots": {"1": {}}}}),
        ("PUT", "/state", {"tables": {"bots": 7}}),
        ("PUT", "/options", {"edition": "huge"}),
        ("PUT", "/options", {"cats": True}),
        ("PUT", "/options", {"member_limit": "many"}),
    ],
)
def test_mistakes_are_told_and_change_nothing(coze: Coze, method: str, path: str, body: Any) -> None:
    """HTTP 400 with a message."""
    before = coze.emulator.dump()
    response = coze.http.request(method, f"/_emulator{path}", json=body)
    assert response.status_code == 400
    assert response.json()["error"]
    assert coze.emulator.dump() == before
    assert coze.emulator.options == Options()


def test_a_web_page_can_not_pull_levers(coze: Coze) -> None:
    """A simple cross-site request has no JSON content type."""
    response = coze.http.post("/_emulator/seed", content=b"{}", headers={"Content-Type": "text/plain"})
    assert response.status_code == 400
    assert coze.http.get("/_emulator/nothing").status_code == 404


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ({"plugins": [{"name": "x"}]}, "plugins.0.plugin_id: is required"),
        ({"plugins": {}}, "plugins must be a list"),
        ({"tokens": [{"token": "t", "user_id": "404"}]}, "tokens: .*404"),
        ({"workflows": [{"workflow_id": "1", "workflow_name": "w", "workspace_id": "404"}]}, "404"),
        ({"bots": [{"bot_id": "1", "name": "b", "promt": "x"}]}, "promt: is not a known field"),
        ([], "must be an object"),
    ],
)
def test_a_bad_seed_names_its_place(seed: Any, message: str) -> None:
    """And plants nothing."""
    emulator = Emulator()
    before = emulator.dump()
    with pytest.raises(SeedError, match=message):
        emulator.seed(seed)
    assert emulator.dump() == before


def test_a_seed_can_be_planted_twice(coze: Coze) -> None:
    """Entries replace what is there."""
    before = coze.emulator.dump()
    coze.emulator.seed(SEED)
    assert coze.emulator.dump() == before


def test_bots_can_be_seeded_with_a_publication(coze: Coze) -> None:
    """Drafts with any fields of an update, and online where asked."""
    entry = {"bot_id": "42", "name": "已有", "prompt_info": {"prompt": "hi"}, "publish": ["1024"]}
    coze.emulator.seed({"bots": [entry]})
    assert coze.get("/v1/bots/42")["prompt_info"]["prompt"] == "hi"


def test_options_are_parsed_from_text() -> None:
    """The table has a default and a help for each."""
    options = parse_options(["edition=free", "append_type=false", "processing_seconds=3", "page_cap=5"])
    assert (options.edition, options.append_type, options.processing_seconds, options.page_cap) == (
        "free",
        False,
        3.0,
        5,
    )
    profile, *items = options_table()
    assert (profile.name, profile.choices) == ("profile", tuple(PROFILES))
    assert all(item.help and item.default == getattr(Options(), item.name) for item in items)


def test_a_profile_turns_several_options_and_one_may_turn_some_back() -> None:
    """Whatever the order."""
    options = parse_options(["store_api_id=false", "profile=documented"])
    assert (options.pascal_onboarding, options.store_api_id) == (True, False)
    assert options == Options(**{**PROFILES["documented"], "store_api_id": False})


@pytest.mark.parametrize(
    "text", ["edition", "cats=1", "edition=huge", "page_cap=x", "append_type=1", "profile=x"]
)
def test_bad_options_say_why(text: str) -> None:
    """ValueError for the command line to show."""
    with pytest.raises(ValueError, match="option"):
        parse_options([text])


def test_in_process_without_a_transport(coze: Coze) -> None:
    """Anything that speaks WSGI will do."""
    http = httpx.Client(transport=httpx.WSGITransport(app=coze.emulator), base_url="http://127.0.0.1")
    assert http.get("/_emulator/").status_code == 200
