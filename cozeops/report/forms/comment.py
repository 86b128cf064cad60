"""What comments on a merge request have in common: how long one may be, and how it is found again. Pure."""

from __future__ import annotations

import re

LIMIT = 60_000
"""GitHub takes 65,536 characters."""


def comment_marker(subject: str, environment: str) -> str:
    """The first line of the one comment about `subject` and an environment; no name can end it."""
    name = re.sub(r"[^A-Za-z0-9_.-]", lambda match: f"%{ord(match[0]):x}", environment)[:200]
    return f"<!-- cozeops:{subject}:{name} -->"
