"""Where to connect, and as whom: the settings of an environment and of the shell, resolved once.

A token is worth what it opens, and manifests come from pull requests. So a token goes only to Coze,
to this machine, and to hosts that the shell names, never to a host that only a manifest names. Operations
on an enterprise may have a token of their own: most of them want that of an enterprise-privileged app.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final

import httpx

from cozeops.api.oauth import jwt_token
from cozeops.api.planes import takes_enterprise_token
from cozeops.api.token import HOW_TO_LOG_IN, FixedToken, TokenSource
from cozeops.api.transport import plain
from cozeops.errors import AccessError, UsageError
from cozeops.frozen import frozen
from cozeops.values import Secret

DEFAULT_BASE: Final = "https://api.coze.cn"
_COZE: Final = frozenset({"api.coze.cn", "api.coze.com"})
_HOST: Final = re.compile(r"[0-9a-z._:-]+")
_TOKEN: Final = "COZE_API_TOKEN"
_APP: Final = "COZE_JWT_OAUTH_"
_ENTERPRISE_TOKEN: Final = "COZE_ENTERPRISE_API_TOKEN"
_ENTERPRISE_APP: Final = "COZE_ENTERPRISE_JWT_OAUTH_"


@frozen
class Connection:
    """A base URL (no slash at its end) and whoever knows the tokens."""

    base_url: str
    token: TokenSource = field(repr=False)
    enterprise: TokenSource | None = field(default=None, repr=False)
    """For operations on an enterprise; None: `token` serves for them too."""

    def token_for(self, operation: str) -> TokenSource:
        """Whoever knows the token that an operation takes."""
        return self.enterprise if self.enterprise and takes_enterprise_token(operation) else self.token

    @property
    def serves_enterprises(self) -> bool:
        """Whether a token was set up for operations on an enterprise."""
        return self.enterprise is not None or self.token.bound

    @property
    def local(self) -> bool:
        """Whether requests stay on this machine."""
        return _is_loopback(_host(httpx.URL(self.base_url)))


def connect(
    environ: Mapping[str, str],
    *,
    base_url: str | None = None,
    token: Secret | str | None = None,
    enterprise_token: Secret | str | None = None,
) -> Connection:
    """The connection for an environment's own settings (which win) and the variables of the shell.

    Raises UsageError for a base URL that cannot be, contradicts COZE_API_BASE or is not trusted;
    AccessError when there is no token, or none that can be sent.
    """
    url = _base(environ, base_url)
    own = _token_source(environ, url, token, _TOKEN, _APP)
    if own is None:
        raise AccessError("no token", hint=HOW_TO_LOG_IN)
    enterprise = _token_source(environ, url, enterprise_token, _ENTERPRISE_TOKEN, _ENTERPRISE_APP)
    return Connection(str(url).rstrip("/"), own, enterprise)


def base_of(environ: Mapping[str, str], base_url: str | None) -> str:
    """The base URL alone, without looking for a token. Raises UsageError."""
    return str(_base(environ, base_url)).rstrip("/")


def _base(environ: Mapping[str, str], base_url: str | None) -> httpx.URL:
    shell = environ.get("COZE_API_BASE") or None
    shell_url = _parse(shell, "COZE_API_BASE") if shell else None
    own_url = _parse(base_url, "base_url") if base_url else None
    if own_url and shell_url and own_url != shell_url:
        raise UsageError(
            f"COZE_API_BASE is {shell_url}, but the environment's base_url is {own_url}",
            hint="unset COZE_API_BASE, or choose the environment with --env",
        )
    url = own_url or shell_url or httpx.URL(DEFAULT_BASE)
    _check_trust(url, named=shell_url, trusted=environ.get("COZEOPS_TRUSTED_HOSTS", ""))
    return url


def _parse(text: str, setting: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip())
        host = _host(url)
    except (httpx.InvalidURL, ValueError):
        raise UsageError(f"{setting} is not a URL: {plain(text)}") from None
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(host) or (url.port or 0) > 65535:
        raise UsageError(f"{setting} must be https:// and the name of a host: {plain(text)}")
    if url.userinfo or url.query or url.fragment:
        raise UsageError(
            f"{setting} must be only a scheme, a host and a path", hint="such as https://api.coze.cn"
        )
    return url.copy_with(path=url.path.rstrip("/") or "/")


def _check_trust(url: httpx.URL, *, named: httpx.URL | None, trusted: str) -> None:
    host = _host(url)
    if _is_loopback(host):
        return
    if url.scheme != "https":
        raise UsageError(f"{url} would send the token in the clear", hint="write https://")
    names = {name.strip().lower() for name in trusted.split(",")}
    if host in _COZE or (named and _host(named) == host) or names & {host, url.netloc.decode("ascii")}:
        return
    raise UsageError(
        f"only the project names the host {host}: the token is not sent there",
        hint=f"if you trust it, set COZEOPS_TRUSTED_HOSTS={host} in your shell or CI settings",
    )


def _host(url: httpx.URL) -> str:
    # The host as it is resolved: what a reader sees may be another spelling of it.
    return url.raw_host.decode("ascii").lower().strip("[]")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token_source(
    environ: Mapping[str, str], url: httpx.URL, own: Secret | str | None, variable: str, app: str
) -> TokenSource | None:
    """Whoever knows the token that a setting, a variable or the variables of an app give; None: nobody."""
    if own is not None:
        return FixedToken(own if isinstance(own, str) else own.reveal())
    if environ.get(variable):
        return FixedToken(environ[variable])
    if any(name.startswith(app) and value for name, value in environ.items()):
        # With its port where the URL has one, as Coze's SDKs write it.
        return jwt_token(environ, audience=url.netloc.decode("ascii"), prefix=app, shared=_APP)
    return None
