"""Which proxy leads to a host, as the shell says it (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY).

NO_PROXY is written in many ways, for many programs. What is not understood of it excludes nothing, and stops
nobody: it may be about a host that is never called.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.request import getproxies

import httpx


def proxy_to(url: httpx.URL) -> str | None:
    """The proxy's URL; None: nobody named one, or the host is reached without."""
    proxies = getproxies()
    if _is_excluded(url, proxies.get("no", "")):
        return None
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _is_excluded(url: httpx.URL, no_proxy: str) -> bool:
    host = url.raw_host.decode("ascii").lower().strip("[]")
    port = url.port or {"https": 443, "http": 80}.get(url.scheme)
    return any(_covers(entry.strip().lower(), host, port) for entry in no_proxy.split(","))


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Whether one entry means this host: `*`, a name and all below it, an address, a network; with a port."""
    if entry in ("", "*"):
        return entry == "*"
    entry = entry.partition("://")[2] or entry
    name, colon, number = entry.rpartition(":")
    if colon and number.isdecimal() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        entry = name
    entry = entry.strip("[]")
    with suppress(ValueError):
        return ip_address(host) in ip_network(entry, strict=False)
    with suppress(UnicodeError):
        entry = entry.encode("idna").decode("ascii") if not entry.isascii() else entry
    entry = entry.removeprefix("*").lstrip(".")
    return host == entry or host.endswith(f".{entry}")
