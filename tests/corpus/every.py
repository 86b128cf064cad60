"""All broken projects by name."""

from __future__ import annotations

from tests.corpus import files, hostile, written
from tests.corpus.case import Bad


def cases() -> dict[str, Bad]:
    """Every one."""
    groups = {
        "scalar": written.SCALARS,
        "syntax": written.SYNTAX,
        "graph": written.GRAPH,
        "keyboard": written.KEYBOARD,
        "settings": written.SETTINGS,
        "encoding": files.ENCODINGS,
        "size": files.SIZES,
        "outside": files.OUTSIDE,
        "link": files.LINKS,
        "file name": files.NAMES,
        "hostile": hostile.CASES,
    }
    return {f"{group}: {name}": case for group, some in groups.items() for name, case in some.items()}
