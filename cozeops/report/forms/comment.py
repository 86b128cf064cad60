"""What comments on a merge request have in common: how long one may be, and how it is found again. Pure."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

LIMIT = 60_000
"""GitHub takes 65,536 characters."""
_MOST = 300
"""Characters of a name in a marker."""


def comment_marker(subject: str, project: str, environment: str, shard: str = "") -> str:
    """The first line of the one comment about `subject` and a part of a project; no name can end it.

    The names are written as in a URL, so that a script can make the same: `jq` has `@uri` for it.
    """
    names = [_name(one) for one in (project, environment, *([shard] if shard else []))]
    return f"<!-- cozeops:{subject}:{':'.join(names)} -->"


def _name(text: str) -> str:
    name = quote(text, safe="", errors="surrogatepass")
    if len(name) <= _MOST:
        return name
    return f"{name[:_MOST]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"
