"""OAuth by JWT: a signed token in exchange for an access token."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt
import pytest
from cozepy import CozeAPIError, JWTOAuthApp, OAuthToken, SyncHTTPClient
from cozepy.request import Requester
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .conftest import Coze

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN = "/api/permission/oauth2/token"


def public_pem(key: rsa.RSAPrivateKey, form: serialization.PublicFormat) -> str:
    """Return the public half as PEM."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.fixture(params=[serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1])
def app(coze: Coze, request: pytest.FixtureRequest) -> Coze:
    """An emulator that knows an app, its key in either PEM format."""
    key = public_pem(KEY, request.param)
    entry = {"client_id": "app", "public_key_id": "kid", "public_key": key, "user_id": "101"}
    coze.emulator.seed({"oauth_apps": [{**entry, "permissions": ["listWorkspace"]}]})
    return coze


def sign(coze: Coze, key: rsa.RSAPrivateKey = KEY, kid: str = "kid", **changes: Any) -> str:
    """Sign a JWT with changed claims."""
    now = int(coze.clock.time)
    claims = {"iss": "app", "aud": "127.0.0.1", "iat": now, "exp": now + 600, "jti": "1", **changes}
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def exchange(coze: Coze, token: str, **changes: Any) -> httpx.Response:
    """Ask for an access token."""
    body = {"grant_type": JWT_BEARER, "duration_seconds": 900, **changes}
    http = httpx.Client(transport=httpx.WSGITransport(app=coze.emulator), base_url="http://127.0.0.1")
    return http.post(TOKEN, json=body, headers={"Authorization": f"Bearer {token}"})


def test_a_jwt_serves_once_and_its_token_expires(app: Coze) -> None:
    """The reply is bare; expires_in is a moment, not a duration; the token has the app's rights."""
    signed = sign(app)
    reply = exchange(app, signed).json()
    assert reply["expires_in"] == int(app.clock.time) + 900
    client = app.as_token(reply["access_token"])
    assert client.code("GET", "/v1/workspaces") == 0
    assert client.code("POST", "/v1/workspaces", {"name": "x", "description": ""}) == 4101
    assert client.get("/v1/users/me")["user_id"] == "101"
    assert exchange(app, signed).json()["error_code"] == "access_denied"
    app.clock.time += 900
    assert client.code("GET", "/v1/workspaces") == 4100


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "nobody"}, "invalid_client"),
        ({"kid": "other"}, "invalid_client"),
        ({"key": OTHER}, "access_denied"),
        ({"aud": "evil.example"}, "access_denied"),
        ({"exp": 1}, "access_denied"),
        ({"iat": 9_999_999_999}, "access_denied"),
        ({"jti": ""}, "access_denied"),
    ],
)
def test_what_a_jwt_must_be(app: Coze, claims: dict[str, Any], code: str) -> None:
    """Known, signed, for this host, of this time."""
    response = exchange(app, sign(app, **claims))
    assert (response.status_code, response.json()["error_code"]) == (400, code)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.", "..", "e30.W10.AA"])
def test_what_is_no_jwt(app: Coze, token: str) -> None:
    """Never more than a refusal."""
    assert exchange(app, token).json()["error_code"] in ("invalid_request", "invalid_client")


def test_other_grants_are_not_emulated(app: Coze) -> None:
    """They need a browser."""
    assert (
        exchange(app, sign(app), grant_type="refresh_token").json()["error_code"] == "unsupported_grant_type"
    )


def test_the_sdk_gets_a_token(app: Coze) -> None:
    """With its own signing code."""
    form = serialization.PrivateFormat.PKCS8
    pem = KEY.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    app.clock.time = time.time()

    def token(client_id: str) -> OAuthToken:
        oauth = JWTOAuthApp(client_id, pem, "kid", base_url="http://127.0.0.1")
        transport = httpx.WSGITransport(app=app.emulator)
        oauth._requester = Requester(sync_client=SyncHTTPClient(transport=transport))
        return oauth.get_access_token(ttl=60)

    assert token("app").expires_in == int(app.clock.time) + 60
    with pytest.raises(CozeAPIError):
        token("nobody")


@pytest.mark.parametrize("pem", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_a_seeded_key_must_be_one(coze: Coze, pem: str) -> None:
    """The seed says so."""
    with pytest.raises(ValueError, match="public_key"):
        coze.emulator.seed({"oauth_apps": [{"client_id": "a", "public_key_id": "k", "public_key": pem}]})
