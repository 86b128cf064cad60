"""What a project has, told at once and without complaint: addresses and environments, for completion.

Somebody waits in the middle of a line, so this loads no YAML parser: it skims the keys of maps from the
text. It fills no reference and checks nothing; what is written in an unusual way is left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from cozeops.address import is_name
from cozeops.kinds import kinds

_PROJECT_FILE = "cozeops.yaml"
_DOCUMENT = re.compile(r"^(?:---|\.\.\.)(?:[ \t].*)?$", re.MULTILINE)
_SCALAR = r"""(?P<{0}q>["']?)(?P<{0}>[\w.-]+)(?P={0}q)"""
_BLOCK = re.compile(
    rf"^(?P<indent> *){_SCALAR.format('key')} *:"
    rf"(?:[ \t]+(?:{_SCALAR.format('value')}|(?P<flow>\{{).*?|[^#\s].*?))?[ \t]*(?:[ \t]#.*)?$",
    re.MULTILINE,
)
_FLOW = re.compile(
    rf"[{{}}]|{_SCALAR.format('key')}\s*:(?=[\s}}])(?:\s+{_SCALAR.format('value')}(?=\s*[,}}]))?"
)
_Pairs = Iterator[tuple[tuple[str, ...], str]]


def environments(root: Path) -> list[str]:
    """The names of the environments, as they are written."""
    for document in _documents(root / _PROJECT_FILE):
        if document.get(("kind",)) == "Project":
            return [path[2] for path in document if path[:2] == ("spec", "environments") and len(path) == 3]
    return []


def addresses(root: Path) -> list[str]:
    """The addresses that the manifests of any environment declare."""
    known = kinds()
    found = set()
    for file in _files(root):
        for document in _documents(file):
            kind, name = document.get(("kind",)), document.get(("metadata", "name"))
            if kind in known and name and is_name(name):
                found.add(f"{kind}/{name}")
    return sorted(found)


def _files(root: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (
            Path(where, name)
            for name in files
            if name.endswith((".yaml", ".yml")) and not name.startswith(".")
        )


def _documents(file: Path) -> Iterator[dict[tuple[str, ...], str]]:
    """The paths of each document's keys with their values; empty for what is no short scalar."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return
    for document in _DOCUMENT.split(text):
        yield dict(_pairs(document))


def _pairs(document: str) -> _Pairs:
    if document.lstrip().startswith("{"):
        yield from _inside((), document, 0)
    above: list[tuple[int, str]] = []
    for found in _BLOCK.finditer(document):
        indent = len(found["indent"])
        while above and above[-1][0] >= indent:
            above.pop()
        above.append((indent, found["key"]))
        path = tuple(name for _, name in above)
        yield path, _text(found)
        if found["flow"]:
            yield from _inside(path, document, found.start("flow"))


def _inside(path: tuple[str, ...], document: str, start: int) -> _Pairs:
    """The pairs of `{...}`, maps in it included."""
    above: list[str] = []
    last = ""
    for found in _FLOW.finditer(document, start):
        if found[0] == "{":
            above.append(last)
        elif found[0] == "}":
            above.pop()
            if not above:
                return
        else:
            last = found["key"]
            yield (*path, *above[1:], last), _text(found)


def _text(found: re.Match[str]) -> str:
    """A value; a number is no name."""
    value = found["value"] or ""
    return "" if value.isdecimal() and not found["valueq"] else value
