"""Given files matched with live documents, whose content nobody can read back. Pure: paths, not contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from cozeops.declare.collections import Collection, Item
from cozeops.engine.export.names import folded, safe_name

_SHOWN = 5


def files_for(given: Sequence[str], *folders: str) -> list[str]:
    """The files for one base: those in a folder of its name, else all."""
    own = [path for path in given if "/" in path and path.partition("/")[0] in folders]
    return own or list(given)


def sources_of(about: Collection, items: Sequence[Item], files: Sequence[str]) -> Mapping[str, str] | str:
    """The given file of each item by its key; or why not all have one.

    A list in a manifest is the whole truth: with one item missing it would ask for its removal.
    """
    if not files:
        assert about.content is not None
        return f"{len(items)} live, whose {about.content.name} cannot be read back"
    by_name, by_bare = _indexed(files, about)
    matches = {
        key: by_name.get(key) or by_name.get(key.rpartition(".")[0]) or by_bare.get(_bare(key, about), [])
        for key in (item.key for item in items)
    }
    for keys, reason in _flaws(about, items, matches):
        if keys:
            more = ", …" if len(keys) > _SHOWN else ""
            return f"{', '.join(keys[:_SHOWN])}{more}: {reason}"
    return {key: paths[0] for key, paths in matches.items()}


def _indexed(files: Sequence[str], about: Collection) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The files that fit, by their name, and by their name without its types."""
    by_name: dict[str, list[str]] = {}
    by_bare: dict[str, list[str]] = {}
    for path in files:
        name = PurePosixPath(path).name
        if _type(name) in _types(about):
            by_name.setdefault(name, []).append(path)
            by_bare.setdefault(_bare(name, about), []).append(path)
    return by_name, by_bare


def _flaws(
    about: Collection, items: Sequence[Item], matches: Mapping[str, list[str]]
) -> Iterator[tuple[list[str], str]]:
    keys = [item.key for item in items]
    firsts = [paths[0] for paths in matches.values() if paths]
    yield sorted({key for key in keys if keys.count(key) > 1}), "there twice on Coze"
    bare = [about.listed.alias(key) if about.listed else key for key in keys]
    yield (
        [key for key, alias in zip(keys, bare, strict=True) if bare.count(alias) > 1],
        "there twice on Coze, but for the type",
    )
    yield [item.key for item in items if item.failed], "Coze could not process it"
    yield [item.key for item in items if not item.uploaded], "a web page, whose address cannot be read back"
    yield [key for key, paths in matches.items() if not paths], "no file of that name was given"
    yield [key for key, paths in matches.items() if len(paths) > 1], "several files of that name were given"
    yield [key for key, paths in matches.items() if firsts.count(paths[0]) > 1], "one file for several"


def _types(about: Collection) -> frozenset[str]:
    return about.export.types if about.export else frozenset()


def _type(name: str) -> str:
    return PurePosixPath(name).suffix.lstrip(".").lower()


def _bare(name: str, about: Collection) -> str:
    """A name without its types: the server appends one, also where there is one."""
    while _type(name) in _types(about) and PurePosixPath(name).stem:
        name = name[: name.rindex(".")]
    return name


def targets_of(about: Collection, items: Sequence[Item], sources: Mapping[str, str]) -> Iterator[str]:
    """A file name for each item that no system takes for another."""
    taken: set[str] = set()
    for item in items:
        suffix = PurePosixPath(sources[item.key]).suffix.lower()
        stem = safe_name(_bare(item.key, about)) or "document"
        name, number = stem, 1
        while folded(name) in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(folded(name))
        yield f"{name}{suffix}"
