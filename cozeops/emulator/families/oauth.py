"""OAuth by JWT: an app's signed token is exchanged for an access token.

The endpoints answer bare objects without an envelope; `expires_in` is an absolute Unix second. A JWT serves
once. Apps come from seeds, with their public key.
"""

from __future__ import annotations

from hashlib import sha256

from ..fields import anything, integer, text
from ..routing import Call, Planting, Route, Seed
from ..rs256 import Jwt, read_jwt, read_pem, verifies
from ..store import TableSpec
from ..wire import Raw, Row, encode, invalid, not_found
from .users import GRANTED

TABLES = (TableSpec("oauth_apps", "client_id"), TableSpec("oauth_jwt_ids", "id"))

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_API_HOSTS = ("api.coze.cn", "api.coze.com")
_CLOCK_SKEW = 60


class _Denied(Exception):
    """A refusal in the words of OAuth."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def exchange(call: Call) -> Raw:
    """Exchange a JWT for an access token."""
    try:
        return Raw("application/json; charset=utf-8", [encode(_granted(call))])
    except _Denied as denied:
        refusal = {"error_code": denied.code, "error_message": str(denied), "error": denied.code}
        return Raw("application/json; charset=utf-8", [encode(refusal)], status=400)


def _granted(call: Call) -> Row:
    if call.body["grant_type"] != _JWT_BEARER:
        raise _Denied("unsupported_grant_type", "Only the JWT bearer grant is emulated")
    app = _verified(call)
    number = call.store.count("access_token")
    secret = sha256(f"{app['client_id']} {number} {call.now}".encode()).hexdigest()
    expires = call.seconds + call.body["duration_seconds"]
    call.store["tokens"].put(
        {
            "token": f"czs_{secret}",
            "user_id": app["user_id"],
            "permissions": app["permissions"],
            "workspaces": app["workspaces"],
            "read_only": False,
            "privileged": "enterprise_id" in call.path,
            "expires_at": expires,
        }
    )
    return {"access_token": f"czs_{secret}", "expires_in": expires, "token_type": "Bearer"}


def _verified(call: Call) -> Row:
    scheme, _, token = call.headers.get("Authorization", "").partition(" ")
    try:
        jwt = read_jwt(token.strip() if scheme.lower() == "bearer" else "")
    except (ValueError, RecursionError):
        raise _Denied("invalid_request", "The bearer token is no JWT") from None
    app = call.store["oauth_apps"].get(str(jwt.claims.get("iss")))
    if app is None or jwt.header.get("kid") != app["public_key_id"] or jwt.header.get("alg") != "RS256":
        raise _Denied("invalid_client", "No such app, or not its key")
    if not verifies(read_pem(app["public_key"]), jwt):
        raise _Denied("access_denied", "The signature is not the app's")
    _check_claims(call, jwt)
    return app


def _check_claims(call: Call, jwt: Jwt) -> None:
    claims = jwt.claims
    times = [claims.get(name) for name in ("iat", "exp")]
    issued, expires = (moment if isinstance(moment, int) else 0 for moment in times)
    if not issued - _CLOCK_SKEW <= call.now < expires:
        raise _Denied("access_denied", "The JWT is not valid at this time")
    if claims.get("aud") not in (call.headers.get("Host"), *_API_HOSTS):
        raise _Denied("access_denied", "The JWT is for another host")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti or jti in call.store["oauth_jwt_ids"]:
        raise _Denied("access_denied", "A JWT serves once, and has a jti")
    call.store["oauth_jwt_ids"].put({"id": jti})


def _plant(planting: Planting, entry: Row) -> None:
    if entry["user_id"] not in planting.store["users"]:
        raise not_found("user_id", entry["user_id"])
    try:
        read_pem(entry["public_key"])
    except (ValueError, IndexError):
        raise invalid("Invalid parameter public_key: is no PEM of an RSA public key") from None
    planting.store["oauth_apps"].put(entry)


SEEDS = (
    Seed(
        "oauth_apps",
        {"client_id*": text(1), "public_key_id*": text(1), "public_key*": text(1), **GRANTED},
        _plant,
        order=2,
    ),
)

_BODY = {
    "grant_type*": text(1), "duration_seconds": integer(1, 86_399).otherwise(900), "scope": anything(),
    "client_id": text(), "client_secret": text(), "code": text(), "refresh_token": text(),
    "redirect_uri": text(), "device_code": text(), "code_verifier": text(),
}  # fmt: skip

_OAUTH = "/api/permission/oauth2"

ROUTES = tuple(
    Route("POST", path, operation, None, exchange, body=_BODY, public=True)
    for path, operation in (
        (f"{_OAUTH}/token", "oauthToken"),
        (f"{_OAUTH}/account/{{account_id}}/token", "oauthAccountToken"),
        (f"{_OAUTH}/enterprise_id/{{enterprise_id}}/token", "oauthEnterpriseToken"),
    )
)
