"""Calls to the callback URLs of apps: the challenge, and signed events. Only loopback is ever called.

The signature is SHA-1, in hex, over timestamp + nonce + verify_token + body.
"""

from __future__ import annotations

import json
import secrets
from hashlib import sha1
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from .wire import encode

SECONDS = 3.0
PUBLISH_SECONDS = 10.0
_LONGEST = 1 << 20


def is_loopback(url: str) -> bool:
    """Whether a URL is on this machine for sure; names other than localhost are not looked up."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def signature(timestamp: str, nonce: str, verify_token: str, body: bytes) -> str:
    """Sign a push."""
    return sha1(f"{timestamp}{nonce}{verify_token}".encode() + body, usedforsecurity=False).hexdigest()


def post(url: str, verify_token: str, value: Any, now: float, seconds: float = SECONDS) -> tuple[int, bytes]:
    """POST signed JSON to a loopback URL; raises OSError, HTTPException or ValueError when it cannot."""
    if not is_loopback(url):
        raise ValueError("not on loopback")
    body, timestamp, nonce = encode(value), str(int(now)), secrets.token_hex(8)
    headers = {
        "Content-Type": "application/json",
        "X-Coze-Timestamp": timestamp,
        "X-Coze-Nonce": nonce,
        "X-Coze-Signature": signature(timestamp, nonce, verify_token, body),
    }
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, headers)
        response = connection.getresponse()
        return response.status, response.read(_LONGEST)
    finally:
        connection.close()


def challenge(url: str, verify_token: str, now: float) -> str:
    """Let a URL prove itself; returns what is wrong with it, or an empty string."""
    secret = secrets.token_hex(16)
    try:
        status, body = post(url, verify_token, {"challenge": secret}, now)
    except (OSError, HTTPException, ValueError) as error:
        return f"the challenge could not be sent: {type(error).__name__}"
    if status != 200:
        return f"the challenge was answered with HTTP {status}"
    return "" if _echoed(body) == secret else "the challenge was not echoed"


def _echoed(body: bytes) -> Any:
    # how the echo is keyed is not documented: the bare text is taken as well
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace").strip()
    return answer.get("challenge") if isinstance(answer, dict) else answer
