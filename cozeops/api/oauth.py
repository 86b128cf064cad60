"""OAuth with a JWT: short-lived tokens from the key of an OAuth app."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from cozeops.api.envelope import failure, read_object, setback, unusable
from cozeops.api.token import Ask, Grant, check_token
from cozeops.api.transport import Received, plain
from cozeops.errors import AccessError, DeniedError
from cozeops.values import Json

OPERATION: Final = "getOAuthToken"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_JWT_SECONDS = 600
_TOKEN_SECONDS = 3600
_LIFETIMES = range(900, 86_400)
"""The lifetimes in seconds that Coze gives: 15 minutes to 24 hours less a second."""
_ENTERPRISE = "enterprise_id"
_APP = ("CLIENT_ID", "PUBLIC_KEY_ID", "PRIVATE_KEY_FILE_PATH", "PRIVATE_KEY")
_EARLY = 60.0
"""Seconds before the end at which a token is renewed: a request in flight must not outlive it."""
_HINT = "check the OAuth app's id, its public key's fingerprint, and that the private key belongs to it"


class JwtToken:
    """Signs a JWT, exchanges it for a token, and does so again before that expires."""

    def __init__(
        self,
        sign: Callable[[Mapping[str, Any]], str],
        *,
        client_id: str,
        audience: str,
        path: str = "/api/permission/oauth2/token",
        seconds: int = _TOKEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._sign = sign
        self._client_id = client_id
        self._audience = audience
        self._path = path
        self._seconds = seconds
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = float("-inf")

    @property
    def bound(self) -> bool:
        """Whether the app gives it for an enterprise."""
        return _ENTERPRISE in self._path

    def bearer(self, ask: Ask, /) -> str:
        """The current token; one thread renews it while the others wait."""
        with self._lock:
            if self._clock() >= self._renew_at:
                self._renew(ask)
            return self._token

    def _renew(self, ask: Ask) -> None:
        body = {"grant_type": _GRANT, "duration_seconds": self._seconds}
        grant = ask(OPERATION, self._path, body, bearer=self._jwt, judge=self._judge)
        self._token = grant.token
        self._renew_at = self._clock() + max(grant.lasts - _EARLY, grant.lasts / 2)

    def _jwt(self) -> str:
        now = int(self._wall())
        claims = {
            "iss": self._client_id,
            "aud": self._audience,
            "iat": now,
            "exp": now + _JWT_SECONDS,
            "jti": secrets.token_urlsafe(32),  # a JWT serves once
        }
        return self._sign(claims)

    def _judge(self, received: Received) -> Grant:
        """The reply is a bare object, without the envelope; its `expires_in` is a time, not a duration."""
        body = read_object(received) or {}
        token, expires = body.get("access_token"), body.get("expires_in")
        if received.status < 300 and isinstance(token, str) and isinstance(expires, int | float):
            check_token(token)
            # An absolute time of the server's clock, and ours may differ from it.
            now = self._wall() if received.date is None else received.date
            return Grant(token, expires - now)
        if "error_code" in body or "error_message" in body:
            raise _refusal(received, body)
        raise unusable(received)


def _refusal(received: Received, body: Json) -> Exception:
    said = received.quote(f"{body.get('error_code')}: {body.get('error_message')}")
    what = f"Coze gives no token: {said}"
    if received.status == 429 or received.status >= 500 or body.get("error_code") == "internal_error":
        return setback(received, failure(received, what), throttled=received.status == 429)
    return failure(received, what, kind=DeniedError, hint=_HINT)


def jwt_token(
    environ: Mapping[str, str], *, audience: str, prefix: str = "COZE_JWT_OAUTH_", shared: str = ""
) -> JwtToken:
    """The token source that the variables beginning with `prefix` describe. Raises AccessError.

    Where they name no app, it is that of `shared`: one app may give tokens of several kinds.
    """
    own = any(environ.get(prefix + name) for name in _APP)
    app = prefix if own or not shared else shared
    setting = {name: environ.get(app + name, "") for name in ("CLIENT_ID", "PUBLIC_KEY_ID")}
    missing = [app + name for name, value in setting.items() if not value]
    if missing:
        raise AccessError(f"OAuth JWT also needs {' and '.join(missing)}", hint=_or_a_token(prefix))
    return JwtToken(
        _signer(_private_key(environ, app), setting["PUBLIC_KEY_ID"]),
        client_id=setting["CLIENT_ID"],
        audience=audience,
        path=_path(environ, prefix),
        seconds=_seconds(environ, f"{prefix}DURATION_SECONDS"),
    )


def _or_a_token(prefix: str) -> str:
    return f"or set {prefix.removesuffix('JWT_OAUTH_')}API_TOKEN"


def _seconds(environ: Mapping[str, str], variable: str) -> int:
    given = environ.get(variable, "")
    if not given:
        return _TOKEN_SECONDS
    # Not int(): it takes signs, underscores and digits of other scripts.
    if given.isascii() and given.isdigit() and len(given) < 9 and int(given) in _LIFETIMES:
        return int(given)
    raise AccessError(
        f"{variable} is {plain(given)!r}: it takes {_LIFETIMES.start} to {_LIFETIMES.stop - 1} seconds",
        hint="15 minutes to a day; a token is renewed before it expires, however short",
    )


def _path(environ: Mapping[str, str], prefix: str) -> str:
    # Enterprise operations want the token of an enterprise-privileged app.
    for name, step in (("ENTERPRISE_ID", _ENTERPRISE), ("ACCOUNT_ID", "account")):
        if found := environ.get(prefix + name):
            return f"/api/permission/oauth2/{step}/{quote(found, safe='')}/token"
    return "/api/permission/oauth2/token"


def _private_key(environ: Mapping[str, str], prefix: str) -> str:
    if path := environ.get(prefix + "PRIVATE_KEY_FILE_PATH"):
        try:
            return Path(path).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or "not a text file"
            raise AccessError(f"{prefix}PRIVATE_KEY_FILE_PATH: cannot read {path}: {why}") from None
    if key := environ.get(prefix + "PRIVATE_KEY"):
        return key.replace("\\n", "\n")  # as CI systems store several lines in one
    raise AccessError(
        f"OAuth JWT also needs {prefix}PRIVATE_KEY_FILE_PATH or {prefix}PRIVATE_KEY",
        hint=_or_a_token(prefix),
    )


def _signer(key: str, key_id: str) -> Callable[[Mapping[str, Any]], str]:
    try:
        import jwt

        prepared = jwt.get_algorithm_by_name("RS256").prepare_key(key)
        if not hasattr(prepared, "sign"):
            raise ValueError("a public key")
    except (ImportError, NotImplementedError):
        raise AccessError(
            "OAuth JWT needs PyJWT and cryptography", hint="pip install 'cozeops[jwt]', or set COZE_API_TOKEN"
        ) from None
    except (ValueError, TypeError, jwt.PyJWTError):
        raise AccessError(
            "the private key of the OAuth app is not an RSA key in PEM form",
            hint="use the file that Coze gave you when you made the key, without a passphrase",
        ) from None
    return lambda claims: jwt.encode(dict(claims), prepared, algorithm="RS256", headers={"kid": key_id})
