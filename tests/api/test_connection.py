"""Which host, which token: the settings of an environment, of the shell, and what is trusted."""

from __future__ import annotations

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import Connection, connect
from cozeops.api.token import FixedToken
from cozeops.errors import AccessError, ExitCode, UsageError
from cozeops.values import Secret

from .fakes import CANARY

TOKEN = {"COZE_API_TOKEN": CANARY}


def bearer(connection: Connection) -> str:
    """The token of a connection that needs nobody to ask."""
    assert isinstance(connection.token, FixedToken)
    return connection.token.text


@pytest.mark.parametrize(
    ("shell", "own", "expected"),
    [
        (None, None, "https://api.coze.cn"),
        ("", "", "https://api.coze.cn"),
        (None, "https://api.coze.com", "https://api.coze.com"),
        ("https://api.coze.com/", None, "https://api.coze.com"),
        ("HTTPS://API.coze.com:443/", "https://api.coze.com", "https://api.coze.com"),
        ("https://coze.corp.example/open", None, "https://coze.corp.example/open"),
        ("http://127.0.0.1:8080", None, "http://127.0.0.1:8080"),
        (None, "http://localhost:8080/", "http://localhost:8080"),
        (None, "http://[::1]:8080", "http://[::1]:8080"),
        (None, "http://127.8.9.1", "http://127.8.9.1"),
    ],
)
def test_the_base_url(shell: str | None, own: str | None, expected: str) -> None:
    """The environment's own, else the shell's, else Coze's; without a slash at its end."""
    environ = TOKEN if shell is None else {**TOKEN, "COZE_API_BASE": shell}
    assert connect(environ, base_url=own, token=None).base_url == expected


def test_two_different_base_urls_are_an_error() -> None:
    """Nobody should have to guess which one it was."""
    environ = {**TOKEN, "COZE_API_BASE": "https://api.coze.com"}
    with pytest.raises(UsageError, match=r"COZE_API_BASE is https://api\.coze\.com") as caught:
        connect(environ, base_url="https://api.coze.cn", token=None)
    assert caught.value.exit_code == ExitCode.INVALID


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "https://api.coze.cn.evil.example",
        "https://evil-api.coze.cn",
        "https://www.coze.cn",
        "https://api.coze.cn.",
        "https://аpi.coze.cn",  # the first letter is Cyrillic
        "https://localhost.evil.example",
        "https://127.0.0.1.evil.example",
        "https://0.0.0.0",
        "https://2130706433",
        "https://127.1",
        "https://169.254.169.254",
        "http://api.coze.cn",
        "http://192.168.0.1",
    ],
)
def test_a_host_that_only_a_manifest_names_gets_no_token(url: str) -> None:
    """Nor does anybody over plain HTTP."""
    with pytest.raises(UsageError):
        connect(TOKEN, base_url=url, token="pat_x")


@pytest.mark.parametrize(
    "trusted", ["coze.corp.example", " other , COZE.corp.example ,", "coze.corp.example:8443"]
)
def test_the_shell_can_trust_a_host(trusted: str) -> None:
    """By name, with or without the port."""
    environ = {**TOKEN, "COZEOPS_TRUSTED_HOSTS": trusted}
    url = "https://coze.corp.example:8443"
    assert connect(environ, base_url=url, token=None).base_url == url
    with pytest.raises(UsageError, match="clear"):
        connect(environ, base_url=url.replace("https", "http"), token=None)
    with pytest.raises(UsageError, match="only the project names"):
        connect(environ, base_url="https://sub.coze.corp.example", token=None)


def test_the_hint_says_how_to_trust_a_host() -> None:
    """It is a setting of the shell, which a pull request cannot change."""
    with pytest.raises(UsageError) as caught:
        connect(TOKEN, base_url="https://coze.corp.example", token=None)
    assert "COZEOPS_TRUSTED_HOSTS=coze.corp.example" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "api.coze.cn",
        "ftp://api.coze.cn",
        "https://",
        "https:///v1",
        "https://api.coze.cn@evil.example",
        "https://user:pass@api.coze.cn",
        "https://api.coze.cn?x=1",
        "https://api.coze.cn/#x",
        "https://[::1",
        "https://api.coze.cn:port",
        "https://api.coze.cn:99999999",
        "https://api coze.cn",
        "https://api.coze.cn\r\nX: y",
        "https://" + "a" * 70_000,
        "https://xn--\u2063",
    ],
)
@pytest.mark.parametrize("place", ["shell", "own"])
def test_what_is_no_base_url(url: str, place: str) -> None:
    """Said in one short line."""
    environ = {**TOKEN, "COZE_API_BASE": url} if place == "shell" else TOKEN
    with pytest.raises(UsageError) as caught:
        connect(environ, base_url=url if place == "own" else None, token=None)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_the_environments_token_beats_the_shells() -> None:
    """A plain text or a secret."""
    assert bearer(connect(TOKEN, base_url=None, token=None)) == CANARY
    assert bearer(connect(TOKEN, base_url=None, token="pat_own")) == "pat_own"
    assert bearer(connect({}, base_url=None, token=Secret("pat_hidden"))) == "pat_hidden"


@pytest.mark.parametrize("environ", [{}, {"COZE_API_TOKEN": ""}])
def test_no_token_says_what_to_set(environ: dict[str, str]) -> None:
    """Exit code 4."""
    with pytest.raises(AccessError, match="no token") as caught:
        connect(environ, base_url=None, token=None)
    assert caught.value.exit_code == ExitCode.ACCESS
    assert "COZE_API_TOKEN" in caught.value.hint
    assert "COZE_JWT_OAUTH_PUBLIC_KEY_ID" in caught.value.hint


@pytest.mark.parametrize(
    "token",
    [
        "",
        f"{CANARY}\n",
        f" {CANARY}",
        f"Bearer {CANARY}",
        f"{CANARY}\r\nX: y",
        f"{CANARY}\x00",
        f"{CANARY}厨",
    ],
)
def test_a_token_that_cannot_be_one(token: str) -> None:
    """It is not quoted, and nothing is sent."""
    with pytest.raises(AccessError) as caught:
        connect({}, base_url=None, token=token)
    assert CANARY not in str(caught.value) + caught.value.hint
    assert caught.value.hint


def test_a_connection_does_not_show_its_token() -> None:
    """Neither it nor its parts."""
    connection = connect(TOKEN, base_url=None, token=None)
    assert CANARY not in repr(connection) + repr(connection.token)


def test_a_broken_proxy_setting_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a proxy never sees what stays on this machine."""
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy.example")
    with pytest.raises(UsageError, match="proxy"):
        Client(connect(TOKEN, base_url=None, token=None))
    monkeypatch.setenv("HTTP_PROXY", "gopher://proxy.example")
    with Client(connect(TOKEN, base_url="http://127.0.0.1:9", token=None)):
        pass


def test_nothing_is_sent_by_connecting() -> None:
    """The first request is the first call."""
    transport = httpx.MockTransport(lambda _: pytest.fail("sent"))
    with Client(connect(TOKEN, base_url=None, token=None), transport=transport) as coze:
        assert coze.stats.total == 0
        assert coze.base_url == "https://api.coze.cn"
