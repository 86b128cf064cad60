"""Given files matched with live documents, whose content nobody can read back."""

from __future__ import annotations

from typing import Any

import pytest

from cozeops.declare.collections import Item
from cozeops.engine.export.source_files import files_for, sources_of, targets_of
from cozeops.kinds.parts.documents import DOCUMENTS, IMAGES


def items(*keys: str, **more: Any) -> list[Item]:
    """Live documents of these names."""
    return [Item(key, str(number), {}, **more) for number, key in enumerate(keys)]


@pytest.mark.parametrize(
    ("folders", "files"),
    [
        (("recipes",), ["recipes/a.md", "recipes/deep/b.md"]),
        (("菜谱", "recipes"), ["recipes/a.md", "recipes/deep/b.md"]),
        (("other",), ["recipes/a.md", "recipes/deep/b.md", "menu/a.md", "a.md"]),
        (("a.md",), ["recipes/a.md", "recipes/deep/b.md", "menu/a.md", "a.md"]),
    ],
)
def test_a_folder_of_its_name_is_for_a_base_alone(folders: tuple[str, ...], files: list[str]) -> None:
    given = ["recipes/a.md", "recipes/deep/b.md", "menu/a.md", "a.md"]
    assert files_for(given, *folders) == files


@pytest.mark.parametrize(
    ("key", "files", "source"),
    [
        ("a.md", ["x/a.md"], "x/a.md"),
        ("a.md.txt", ["a.md"], "a.md"),
        ("a.pdf.pdf", ["a.pdf", "a.md"], "a.pdf"),
        ("a", ["a.md"], "a.md"),
        ("a.txt", ["a.MD"], "a.MD"),
        ("a.md", ["a.txt"], "a.txt"),
        ("a.md", ["a.txt", "b/a.md"], "b/a.md"),
        ("a.md", ["a.md", "a.xlsx"], "a.md"),
        ("菜.单", ["菜.单.md"], "菜.单.md"),
    ],
)
def test_names_match_with_and_without_the_type(key: str, files: list[str], source: str) -> None:
    """The server appends one, also where there is one; the exact name comes first."""
    assert sources_of(DOCUMENTS, items(key), files) == {key: source}


@pytest.mark.parametrize(
    ("live", "files", "reason"),
    [
        (items("a", "b"), [], "2 live, whose content cannot be read back"),
        (items("a.md", "a.md"), ["a.md"], "a.md: there twice on Coze"),
        (items("a.md", "a.pdf"), ["a.md"], "a.md, a.pdf: there twice on Coze, but for the type"),
        (items("a.md", failed=True), ["a.md"], "a.md: Coze could not process it"),
        (items("a.md", uploaded=False), ["a.md"], "a.md: a web page, whose address cannot be read back"),
        (items("a.md", "b.md"), ["a.md"], "b.md: no file of that name was given"),
        (items("a.md"), ["a.xlsx"], "a.md: no file of that name was given"),
        (items("a.md"), ["x/a.md", "y/a.md"], "a.md: several files of that name were given"),
        (items(*"gfedcba"), ["z.md"], "g, f, e, d, c, …: no file of that name was given"),
        (items(*"edcba"), ["z.md"], "e, d, c, b, a: no file of that name was given"),
    ],
)
def test_one_that_has_no_file_keeps_all_out(live: list[Item], files: list[str], reason: str) -> None:
    """A list with one missing would ask for its removal."""
    found = sources_of(DOCUMENTS, live, files)
    assert isinstance(found, str)
    assert found == reason


def test_one_file_is_not_two_documents() -> None:
    assert (
        sources_of(DOCUMENTS, items("a.md.txt", "a.pdf"), ["a.md"]) == "a.md.txt, a.pdf: one file for several"
    )


def test_images_take_other_types() -> None:
    assert sources_of(IMAGES, items("a.jpg"), ["a.png", "a.md"]) == {"a.jpg": "a.png"}


def test_no_system_takes_one_target_for_another() -> None:
    """Names that differ in case alone, that are no names, that a system reserves."""
    live = items("A.md", "a.md", "a.txt", "../etc", "...", "con", "b.pdf.pdf")
    sources = {one.key: f"x/{number}.MD" for number, one in enumerate(live)}
    made = list(targets_of(DOCUMENTS, live, sources))
    assert made == ["A.md", "a-2.md", "a-3.md", "etc.md", "document.md", "document-2.md", "b.md"]
