"""Names for what came from elsewhere: fit for `metadata.name`, and for a file on any system. Pure.

The names on Coze are other people's text: they may hold slashes, dots, control characters, the device names
of Windows, or differ only in what some file systems do not tell apart.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from cozeops.address import Address, is_name

_OTHER = re.compile(r"[^\w-]+|-{2,}")
_PLAIN = re.compile(r"[A-Za-z0-9-]+")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
_MOST = 40
_MOST_BYTES = 160
"""With an id, a part and a suffix behind it a file's name stays under 255 bytes, also in rare scripts."""
_DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
_TAIL = 6


def names_for(called: Mapping[str, str], otherwise: str, others: Iterable[str] = ()) -> dict[str, str]:
    """Live id -> a name of its own, from what each is called. Older objects (lower ids) keep theirs plain.

    `otherwise` is for those that are called nothing that can be written; `others` are names that are taken.
    """
    made: dict[str, str] = {}
    taken = set(map(folded, others))
    for id in sorted(called, key=age):
        plain = safe_name(called[id])
        tail = safe_name(id[-_TAIL:]) or "0"
        choices = (plain, f"{plain or otherwise}-{tail}", f"{plain or otherwise}-{safe_name(id)}")
        name = next((one for one in choices if one and folded(one) not in taken), None)
        made[id] = name or f"{choices[-1]}-{len(taken)}"
        taken.add(folded(made[id]))
    return made


def age(id: str) -> tuple[int, str]:
    """Sorts ids as they were given out: numbers by their value."""
    return (len(id), id)


def safe_name(text: str) -> str:
    """What of a text can be a name; empty where nothing of it can, or where a system reserves it."""
    normal = unicodedata.normalize("NFKC", text)
    name = _EDGE.sub("", _OTHER.sub("-", normal))
    name = _fitting(name[:_MOST])
    name = _EDGE.sub("", unicodedata.normalize("NFC", name))
    return name if is_name(name) and not _DEVICE.fullmatch(folded(name)) else ""


def variable_for(address: Address, field: str) -> str:
    """The name of an environment variable for a field of an address: the same in every run."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", address.kind)
    name = re.sub(r"[^A-Za-z0-9]+", "_", address.name).strip("_")
    if not _PLAIN.fullmatch(address.name):  # what is left of it may be nothing, or the same as of another
        name = f"{name}_{hashlib.sha256(address.name.encode()).hexdigest()[:8]}".lstrip("_")
    return f"COZEOPS_SECRET_{kind}_{name}_{field}".upper()


def folded(name: str) -> str:
    """The same for names that some file system takes for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def is_encodable(texts: Iterable[str]) -> bool:
    """Whether texts can be written at all: half of a surrogate pair cannot."""
    return not any("\ud800" <= char <= "\udfff" for text in texts for char in text)


def _fitting(name: str) -> str:
    return name.encode("utf-8", "replace")[:_MOST_BYTES].decode("utf-8", "ignore")
