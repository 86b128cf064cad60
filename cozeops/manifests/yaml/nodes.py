"""Text -> YAML nodes: by the C parser where it is installed, or by the pure one.

ruamel makes a new loader class and new tables of tags for each text that its C parser reads; here there is
one of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import Node, ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

try:
    from _ruamel_yaml import CParser as CParser  # type: ignore[import-not-found]
except ImportError:
    CParser = None

DEEPEST: Final = 64
TEXT: Final = "tag:yaml.org,2002:str"
_VERSION: Final = (1, 2)
_Fit = tuple[str, Callable[[str], Any]]


def compose(text: str, *, pure: bool) -> list[Node]:
    """The root nodes of a text. Raises YAMLError; the pure parser words it better."""
    if not pure and _Loader is not None:
        return list(_composed(_Loader(text)))
    yaml = YAML(typ="safe", pure=pure)
    yaml.max_depth = DEEPEST
    yaml.composer.warn_double_anchors = False
    return list(yaml.compose_all(text))


def _composed(loader: Any) -> Iterator[Node]:
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


def tag_of(text: str) -> str:
    """The tag of a scalar that has none and no quotes."""
    for tag, fits in _TABLE.get(text[:1], _ALWAYS):
        if fits(text):
            return tag
    return TEXT


def _tags() -> tuple[dict[str, list[_Fit]], list[_Fit]]:
    """First character of a plain scalar -> the tags that it may have, with their patterns; and for all."""
    found = VersionedResolver(version=_VERSION).versioned_resolver
    table = {first: [(str(tag), pattern.match) for tag, pattern in pairs] for first, pairs in found.items()}
    always = table.pop(None, [])
    return {first: [*pairs, *always] for first, pairs in table.items()}, always


_TABLE, _ALWAYS = _tags()


def _loader() -> Any:
    if CParser is None:
        return None
    tags = {tag: Tag(suffix=tag) for pairs in (*_TABLE.values(), _ALWAYS) for tag, _ in pairs}
    tags[TEXT] = VersionedResolver.DEFAULT_SCALAR_TAG

    class Loader(CParser):  # type: ignore[misc]
        """What the C parser calls back: nothing of ours hangs on the path of a node."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Tag:
            """The tag of a node that has none."""
            if kind is ScalarNode:
                return tags[tag_of(value) if implicit[0] else TEXT]
            other: Tag = (
                VersionedResolver.DEFAULT_SEQUENCE_TAG
                if kind.__name__ == "SequenceNode"
                else VersionedResolver.DEFAULT_MAPPING_TAG
            )
            return other

        def descend_resolver(self, parent: Any, index: Any) -> None:
            """Enter a node."""

        def ascend_resolver(self) -> None:
            """Leave it."""

    return Loader


_Loader: Final = _loader()
