"""NO_PROXY in all the ways in which it is written: none of them stops a command."""

from __future__ import annotations

import httpx
import pytest

from cozeops.api.client import Client
from cozeops.api.connection import connect
from cozeops.api.proxy import proxy_to

COZE = httpx.URL("https://api.coze.cn")


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")


@pytest.mark.parametrize(
    "no_proxy",
    [
        "*",
        "api.coze.cn",
        "coze.cn",
        ".coze.cn",
        "*.coze.cn",
        "localhost, API.COZE.CN",
        "api.coze.cn:443",
        "::1,fe80::/10,coze.cn",
        "https://api.coze.cn",
    ],
)
def test_a_host_that_is_excluded_is_reached_without(monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_to(COZE) is None


@pytest.mark.parametrize(
    "no_proxy",
    [
        "",
        ",",
        "::1",
        "[::1]:8080",
        "fe80::1%eth0",
        "10.0.0.0/8",
        "999.0.0.0/99",
        "api.coze.cn:8443",
        "notcoze.cn",
        "内网.公司",
        "localhost:3000,内网",
        "a" * 300 + ".中国",
        "[",
        "]:x",
        ":::",
    ],
)
def test_what_is_about_other_hosts_or_about_none_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_to(COZE) == "http://proxy.example:3128"
    with Client(connect({"COZE_API_TOKEN": "pat_x"})):
        pass


@pytest.mark.parametrize(
    ("url", "no_proxy"),
    [
        ("https://10.1.2.3", "10.0.0.0/8"),
        ("https://[fd00::7]", "fd00::/8"),
        ("https://[fd00::7]:8443", "[fd00::7]:8443"),
        ("https://例子.公司", "公司"),
    ],
)
def test_addresses_networks_and_names_of_other_scripts(
    monkeypatch: pytest.MonkeyPatch, url: str, no_proxy: str
) -> None:
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_to(httpx.URL(url)) is None


def test_nobody_named_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTPS_PROXY")
    assert proxy_to(COZE) is None
    monkeypatch.setenv("ALL_PROXY", "proxy.example:1080")
    assert proxy_to(COZE) == "http://proxy.example:1080"
