"""Addresses: how people name a resource, `Bot/chef`."""

from __future__ import annotations

import re
from typing import NamedTuple

# Letters and digits of any script (a Chinese team names its bots in Chinese), and -_. inside.
_NAME = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?", re.UNICODE)
MAX_NAME = 64


class Address(NamedTuple):
    """The kind and `metadata.name` of a resource; unique in a project."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `Kind/name`. Raises ValueError for any other shape."""
        kind, slash, name = text.partition("/")
        if not slash or not kind or not is_name(name):
            raise ValueError(f"{text!r} is not an address: expected Kind/name, such as Bot/chef")
        return cls(kind, name)


def is_name(text: str) -> bool:
    """Whether `text` may stand as `metadata.name`."""
    return len(text) <= MAX_NAME and _NAME.fullmatch(text) is not None
