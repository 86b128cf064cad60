"""Two tokens in one project: that of the workspaces, and that of the enterprise."""

from __future__ import annotations

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.declare.calls import Call
from cozeops.errors import AccessError
from cozeops.values import Secret

from .fakes import CANARY, READ, ok
from .test_oauth import SETTINGS, Site, session

ENTERPRISE = Call("listOrganizations", "GET", "/v1/enterprises/{enterprise_id}/organizations")
PLAIN = {"COZE_API_TOKEN": "pat_workspace"}
OWN = {"COZE_ENTERPRISE_API_TOKEN": "sat_enterprise"}
BOUND = {"COZE_ENTERPRISE_JWT_OAUTH_ENTERPRISE_ID": "volcano_1"}
PATH = "/api/permission/oauth2/enterprise_id/volcano_1/token"


def bearers(environ: dict[str, str], enterprise_token: Secret | None = None) -> list[str]:
    """The tokens of a request about a bot and of one about an enterprise."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"].removeprefix("Bearer "))
        return ok({})(request)

    connection = connect(environ, enterprise_token=enterprise_token)
    with Client(connection, transport=httpx.MockTransport(answer)) as coze:
        coze.send(READ, {"bot_id": "1"})
        coze.send(ENTERPRISE, {"enterprise_id": "volcano_1"})
    return seen


def test_each_plane_has_its_token() -> None:
    assert bearers({**PLAIN, **OWN}) == ["pat_workspace", "sat_enterprise"]


def test_one_token_serves_for_both() -> None:
    assert bearers(PLAIN) == ["pat_workspace"] * 2


def test_the_setting_of_an_environment_beats_the_shell() -> None:
    assert bearers({**PLAIN, **OWN}, Secret("pat_setting")) == ["pat_workspace", "pat_setting"]


@pytest.mark.parametrize("wrong", ["", f"{CANARY} 1"])
def test_what_cannot_be_a_token_is_refused_unquoted(wrong: str) -> None:
    with pytest.raises(AccessError) as caught:
        connect(PLAIN, enterprise_token=Secret(wrong))
    assert CANARY not in caught.value.message + caught.value.hint


def test_the_token_of_an_enterprise_alone_opens_no_workspace() -> None:
    with pytest.raises(AccessError, match="no token"):
        connect(OWN)


def test_one_app_gives_the_tokens_of_both() -> None:
    """Where only the path is its own, the app is that of the workspaces."""
    shared = connect({**SETTINGS, **BOUND}).enterprise
    assert shared is not None
    site = Site(path=PATH)
    with session(site, token=shared) as coze:
        coze.send(READ, {"bot_id": "1"})
    assert site.bearers == ["czs_1"]


def test_an_app_of_its_own_is_whole() -> None:
    """Half of one app is never mended with half of another."""
    own = {"COZE_ENTERPRISE_JWT_OAUTH_CLIENT_ID": "31"}
    with pytest.raises(AccessError, match="COZE_ENTERPRISE_JWT_OAUTH_PUBLIC_KEY_ID") as caught:
        connect({**SETTINGS, **BOUND, **own})
    assert "COZE_ENTERPRISE_API_TOKEN" in caught.value.hint


def test_an_app_beside_a_plain_token() -> None:
    """The names are those of the workspaces' app, with ENTERPRISE in them."""
    app = {name.replace("COZE_", "COZE_ENTERPRISE_"): value for name, value in SETTINGS.items()}
    found = connect({**PLAIN, **app, **BOUND})
    site = Site(path=PATH)
    assert found.enterprise is not None
    with session(site, token=found.enterprise) as coze:
        coze.send(READ, {"bot_id": "1"})
    assert site.bearers == ["czs_1"]


@pytest.mark.parametrize("seconds", [900, 86_399])
def test_a_lifetime(seconds: int) -> None:
    """From 15 minutes to a day, and the renewal comes a minute before its end."""
    site = Site(lasts=seconds, asked=seconds)
    settings = {"COZE_JWT_OAUTH_DURATION_SECONDS": str(seconds)}
    with session(site, **settings) as coze:
        clock = coze._clock
        coze.send(READ, {"bot_id": "1"})
        clock.tick(seconds - 61)  # type: ignore[attr-defined]
        coze.send(READ, {"bot_id": "1"})
        clock.tick(2)  # type: ignore[attr-defined]
        coze.send(READ, {"bot_id": "1"})
    assert site.bearers == ["czs_1", "czs_1", "czs_2"]


@pytest.mark.parametrize("seconds", ["899", "86400", "-900", "1_000", "15m", "九百", "9" * 30])
def test_a_lifetime_that_coze_does_not_give(seconds: str) -> None:
    with pytest.raises(AccessError, match="900 to 86399") as caught:
        connect({**SETTINGS, "COZE_JWT_OAUTH_DURATION_SECONDS": seconds})
    assert "COZE_JWT_OAUTH_DURATION_SECONDS" in caught.value.message


def test_tokens_are_not_shown() -> None:
    connection = connect({"COZE_API_TOKEN": CANARY, "COZE_ENTERPRISE_API_TOKEN": CANARY})
    assert CANARY not in repr(connection) + repr(connection.enterprise)
