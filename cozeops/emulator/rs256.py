"""RS256 signatures and the public keys to check them, with nothing but the standard library.

For an emulator only: no effort is made against side channels, there is no secret here.
"""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64decode
from hashlib import sha256
from typing import NamedTuple

from .wire import Row

_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class PublicKey(NamedTuple):
    """An RSA public key."""

    modulus: int
    exponent: int


class Jwt(NamedTuple):
    """A JSON web token taken apart; nothing in it is trusted yet."""

    header: Row
    claims: Row
    signed: bytes
    signature: bytes


def read_pem(pem: str) -> PublicKey:
    """Read a PEM public key (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`); ValueError if it is none."""
    lines = [line.strip() for line in pem.strip().splitlines()]
    if len(lines) < 3 or "PUBLIC KEY" not in lines[0]:
        raise ValueError("no PEM public key")
    body = b64decode("".join(lines[1:-1]), validate=True)
    key, _ = _element(body, 0x30)
    if key[0] == 0x30:
        # SubjectPublicKeyInfo: an algorithm, then a bit string that holds the key
        _, rest = _element(key, 0x30)
        bits, _ = _element(rest, 0x03)
        key, _ = _element(bits[1:], 0x30)
    modulus, rest = _element(key, 0x02)
    exponent, _ = _element(rest, 0x02)
    return PublicKey(int.from_bytes(modulus), int.from_bytes(exponent))


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    if len(data) < 2 or data[0] != tag:
        raise ValueError("no RSA public key")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start])
    if start + length > len(data):
        raise ValueError("the key is cut off")
    return data[start : start + length], data[start + length :]


def read_jwt(token: str) -> Jwt:
    """Take a JWT apart; ValueError if it is none."""
    signed, _, signature = token.rpartition(".")
    header, _, claims = signed.partition(".")
    parts = [json.loads(_decode(part)) for part in (header, claims)]
    if not all(isinstance(part, dict) for part in parts):
        raise ValueError("no JWT")
    return Jwt(parts[0], parts[1], signed.encode(), _decode(signature))


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verifies(key: PublicKey, jwt: Jwt) -> bool:
    """Whether the key's owner signed the token (PKCS #1 v1.5 with SHA-256)."""
    size = (key.modulus.bit_length() + 7) // 8
    if len(jwt.signature) != size:
        return False
    opened = pow(int.from_bytes(jwt.signature), key.exponent, key.modulus).to_bytes(size)
    digest = _SHA256_INFO + sha256(jwt.signed).digest()
    return opened == b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
