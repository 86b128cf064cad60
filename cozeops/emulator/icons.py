"""Signed URLs: like Coze's they expire, and are different at every read, so nobody can compare them."""

from __future__ import annotations

from hashlib import sha256

from .routing import Call

_LIFETIME = 3600


def signed(call: Call, what: str) -> str:
    """Return a fresh signed URL of a stored thing."""
    expires = call.seconds + _LIFETIME
    signature = sha256(f"{what} {expires} {next(call.store.reads)}".encode()).hexdigest()[:32]
    return f"https://files.emulator.invalid/{what}?lk3s=emulator&x-expires={expires}&x-signature={signature}"
