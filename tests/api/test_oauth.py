"""OAuth with a JWT, against a server that checks the signature."""

from __future__ import annotations

import builtins
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.api.token import TokenSource
from cozeops.errors import AccessError, ApiError, DeniedError

from .fakes import READ, Clock, ok

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC_PEM = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
EC_PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    .decode()
)
SETTINGS = {
    "COZE_JWT_OAUTH_CLIENT_ID": "31000000000002",
    "COZE_JWT_OAUTH_PUBLIC_KEY_ID": "fingerprint",
    "COZE_JWT_OAUTH_PRIVATE_KEY": PEM,
}
NOW = 1_900_000_000.0


class Site:
    """Coze with its OAuth endpoint. Its clock is not ours."""

    def __init__(
        self, *, lasts: int = 3600, path: str = "/api/permission/oauth2/token", asked: int = 3600
    ) -> None:
        self.lasts, self.path, self.asked = lasts, path, asked
        self.time = NOW
        self.trouble: list[httpx.Response] = []
        self.claims: list[Any] = []
        self.bearers: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        bearer = request.headers["Authorization"].removeprefix("Bearer ")
        if request.url.path != self.path:
            self.bearers.append(bearer)
            return ok({})(request)
        self._check(bearer, json.loads(request.read()))
        if self.trouble:
            return self.trouble.pop(0)
        token = f"czs_{len(self.claims)}"
        body = {"access_token": token, "expires_in": int(self.time) + self.lasts, "token_type": "Bearer"}
        return httpx.Response(200, json=body, headers={"Date": formatdate(self.time, usegmt=True)})

    def _check(self, bearer: str, body: Any) -> None:
        claims = jwt.decode(
            bearer,
            KEY.public_key(),
            algorithms=["RS256"],
            audience="api.coze.cn",
            options={"verify_exp": False, "verify_iat": False},
        )
        assert jwt.get_unverified_header(bearer) == {"alg": "RS256", "typ": "JWT", "kid": "fingerprint"}
        assert body == {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "duration_seconds": self.asked,
        }
        self.claims.append(claims)


def session(
    site: Site, clock: Clock | None = None, token: TokenSource | None = None, **settings: str
) -> Client:
    """A client that logs in by JWT."""
    clock = clock or Clock()
    connection = connect({**SETTINGS, **settings}, base_url=None, token=None)
    connection = replace(connection, token=token or connection.token)
    connection.token._clock = clock  # type: ignore[attr-defined]
    transport = httpx.MockTransport(site)
    return Client(connection, transport=transport, clock=clock, sleep=clock.sleep, random=lambda: 1.0)


def test_a_token_is_fetched_once_and_used() -> None:
    """Claims as the facts say; the exchange counts as a request."""
    site = Site()
    with session(site) as coze:
        for _ in range(3):
            coze.send(READ, {"bot_id": "1"})
    assert site.bearers == ["czs_1"] * 3
    (claims,) = site.claims
    assert (claims["iss"], claims["aud"]) == ("31000000000002", "api.coze.cn")
    assert claims["exp"] - claims["iat"] == 600
    assert len(claims["jti"]) > 30
    assert coze.stats.requests == {"getBot": 3, "getOAuthToken": 1}


@pytest.mark.parametrize(
    ("base", "audience"),
    [
        ("https://api.coze.com/", "api.coze.com"),
        ("https://API.coze.cn:443", "api.coze.cn"),
        ("http://127.0.0.1:8080/v", "127.0.0.1:8080"),
    ],
)
def test_the_audience_is_the_host_with_its_port(base: str, audience: str) -> None:
    """As the official SDKs write it; the port of the scheme is left out."""
    connection = connect({**SETTINGS, "COZE_API_BASE": base})
    assert connection.token._audience == audience  # type: ignore[attr-defined]


def test_it_is_renewed_before_it_expires() -> None:
    """A minute early; `expires_in` is a time of the server's clock, which may be years from ours."""
    site, clock = Site(lasts=900), Clock()
    with session(site, clock) as coze:
        coze.send(READ, {"bot_id": "1"})
        clock.tick(839)
        coze.send(READ, {"bot_id": "1"})
        clock.tick(1)
        coze.send(READ, {"bot_id": "1"})
    assert site.bearers == ["czs_1", "czs_1", "czs_2"]


def test_a_short_lived_token_is_used_for_half_its_life() -> None:
    """Never a request for every request."""
    site, clock = Site(lasts=40), Clock()
    with session(site, clock) as coze:
        for _ in range(4):
            coze.send(READ, {"bot_id": "1"})
            clock.tick(10)
    assert site.bearers == ["czs_1", "czs_1", "czs_2", "czs_2"]


def test_many_threads_fetch_one_token() -> None:
    """The others wait for the first."""
    site = Site()
    with session(site) as coze, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: coze.send(READ, {"bot_id": str(number)}), range(32)))
    assert len(site.claims) == 1


def test_the_exchange_is_repeated_with_a_new_jwt() -> None:
    """A JWT serves once."""
    site = Site()
    site.trouble = [
        httpx.Response(503),
        httpx.Response(429, json={"error_code": "slow_down", "error_message": "slow"}),
        httpx.Response(200, json={"error_code": "internal_error", "error_message": "oops"}),
        httpx.Response(200, text="<html>"),
    ]
    with session(site) as coze:
        coze.send(READ, {"bot_id": "1"})
    assert len({claims["jti"] for claims in site.claims}) == 5


@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_refused_exchange_is_a_denial(status: int) -> None:
    """Bare objects with an error, on any status."""
    site = Site()
    body = {"error_code": "invalid_client", "error_message": "no such key", "error": ""}
    site.trouble = [httpx.Response(status, json=body)]
    with session(site) as coze, pytest.raises(DeniedError, match="invalid_client: no such key") as caught:
        coze.send(READ, {"bot_id": "1"})
    assert "fingerprint" in caught.value.hint
    assert site.bearers == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": "x"},
        {"access_token": 5, "expires_in": 1},
        {"access_token": "x", "expires_in": "1"},
    ],
)
def test_a_reply_without_a_token(body: Any) -> None:
    """Five tries, then an error that does not show what came."""
    site = Site()
    site.trouble = [httpx.Response(200, json=body)] * 5
    with session(site) as coze, pytest.raises(ApiError, match="getOAuthToken"):
        coze.send(READ, {"bot_id": "1"})


def test_a_token_that_would_break_the_header_is_refused() -> None:
    """It came from outside like anything else."""
    site = Site()
    site.trouble = [httpx.Response(200, json={"access_token": "a\r\nX: y", "expires_in": int(NOW) + 9})]
    with session(site) as coze, pytest.raises(AccessError):
        coze.send(READ, {"bot_id": "1"})


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("COZE_JWT_OAUTH_ENTERPRISE_ID", "/api/permission/oauth2/enterprise_id/volcano_1/token"),
        ("COZE_JWT_OAUTH_ACCOUNT_ID", "/api/permission/oauth2/account/volcano_1/token"),
    ],
)
def test_tokens_bound_to_an_enterprise_or_an_organization(setting: str, path: str) -> None:
    """What the enterprise operations want."""
    site = Site(path=path)
    with session(site, None, **{setting: "volcano_1"}) as coze:
        coze.send(READ, {"bot_id": "1"})
    assert site.bearers == ["czs_1"]


def test_the_key_may_be_a_file_or_have_its_lines_escaped(tmp_path: Path) -> None:
    """CI systems store several lines in one."""
    file = tmp_path / "key.pem"
    file.write_text(PEM)
    for settings in (
        {"COZE_JWT_OAUTH_PRIVATE_KEY": PEM.replace("\n", "\\n")},
        {"COZE_JWT_OAUTH_PRIVATE_KEY_FILE_PATH": str(file), "COZE_JWT_OAUTH_PRIVATE_KEY": "not looked at"},
    ):
        with session(Site(), None, **settings) as coze:
            coze.send(READ, {"bot_id": "1"})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"COZE_JWT_OAUTH_CLIENT_ID": ""}, "COZE_JWT_OAUTH_CLIENT_ID"),
        ({"COZE_JWT_OAUTH_PUBLIC_KEY_ID": ""}, "COZE_JWT_OAUTH_PUBLIC_KEY_ID"),
        ({"COZE_JWT_OAUTH_PRIVATE_KEY": ""}, "PRIVATE_KEY_FILE_PATH"),
        ({"COZE_JWT_OAUTH_PRIVATE_KEY_FILE_PATH": "/nowhere/key.pem"}, "/nowhere/key.pem: No such file"),
        ({"COZE_JWT_OAUTH_PRIVATE_KEY": "-----BEGIN canary"}, "not an RSA key"),
        ({"COZE_JWT_OAUTH_PRIVATE_KEY": EC_PEM}, "not an RSA key"),
        ({"COZE_JWT_OAUTH_PRIVATE_KEY": PUBLIC_PEM}, "not an RSA key"),
        ({"COZE_JWT_OAUTH_PRIVATE_KEY_FILE_PATH": __file__}, "not an RSA key"),
    ],
)
def test_settings_that_do_not_suffice(settings: dict[str, str], words: str) -> None:
    """Said before any request, without a word of the key."""
    with pytest.raises(AccessError, match=words) as caught:
        connect({**SETTINGS, **settings}, base_url=None, token=None)
    assert "canary" not in str(caught.value)


def test_a_token_beats_the_jwt() -> None:
    """Whoever sets both has the simpler one."""
    connection = connect({**SETTINGS, "COZE_API_TOKEN": "pat_x"}, base_url=None, token=None)
    assert connection.token.bearer(lambda *_, **__: pytest.fail("asked")) == "pat_x"


def test_without_pyjwt_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "jwt":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(AccessError, match="PyJWT") as caught:
        connect(SETTINGS, base_url=None, token=None)
    assert "cozeops[jwt]" in caught.value.hint


def test_keys_and_tokens_are_not_shown() -> None:
    """Neither by the connection nor by its parts."""
    connection = connect(SETTINGS, base_url=None, token=None)
    shown = repr(connection) + repr(connection.token)
    assert "BEGIN" not in shown
