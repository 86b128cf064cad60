"""`fmt`: one style for all manifests. What a file means never changes, and no comment is lost.

Both are checked on every text that was made: where they do not hold, the file stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from cozeops.kinds import kinds
from cozeops.manifests.envelope import KEYS, PROJECT, Metadata
from cozeops.manifests.fmt.comments import comments_of, pages
from cozeops.manifests.fmt.lines import lines_of
from cozeops.manifests.fmt.tree import Branch, Entry, Page, Scalar, Unformattable
from cozeops.manifests.forms import branches_of, fields_of, opened
from cozeops.manifests.project.check import ProjectMetadata
from cozeops.manifests.project.spec import EnvironmentSpec, ProjectSpec

__all__ = ["Unformattable", "formatted"]

# People look for the files first, and the environments say what differs from all above them.
_ORDERS: Mapping[type[BaseModel], tuple[str, ...]] = {
    ProjectSpec: ("manifests", "values"),
    EnvironmentSpec: ("default", "base_url", "token", "values", "patches", "manifests"),
}
_LAST = "environments"


def formatted(text: str) -> str:
    """A text that is YAML, in the style of cozeops. Raises Unformattable where it must stay as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = pages(text)
    for page in found:
        # An alias must stand below its anchor.
        if isinstance(page.root, Branch) and page.root.mapping and not page.aliased:
            _order_document(page.root)
    parts = ["".join(f"{line}\n" for line in lines_of(page)) for page in found if not _is_empty(page)]
    made = "---\n".join(parts)
    if not _same(text, made):
        raise Unformattable("it could not be written anew without changing it")
    return made


def _is_empty(page: Page) -> bool:
    return page.root is None and not page.head and not page.tail


def _order_document(root: Branch) -> None:
    _sort(root, KEYS)
    parts = {entry.key.value: entry.value for entry in root.entries if entry.key}
    kind = parts.get("kind")
    if not isinstance(kind, Scalar):
        return
    if kind.value == PROJECT:
        models: dict[str, type[BaseModel]] = {"metadata": ProjectMetadata, "spec": ProjectSpec}
    elif kind.value in kinds():
        models = {"metadata": Metadata, "spec": kinds()[kind.value].spec}
    else:
        return
    for name, model in models.items():
        if name in parts:
            _order(parts[name], model)


def _order(node: Any, annotation: Any) -> None:
    """Put the keys of a value into the order of its declaration."""
    if not isinstance(node, Branch):
        return
    bare = opened(annotation)
    if node.mapping and (model := _model_for(node, annotation)):
        _sort(node, _names(model))
        declared = fields_of(model)
        for entry in node.entries:
            if entry.key and entry.key.value in declared:
                _order(entry.value, declared[entry.key.value])
    elif get_origin(bare) in (list, dict):
        for entry in node.entries:
            _order(entry.value, get_args(bare)[-1])


def _model_for(node: Branch, annotation: Any) -> type[BaseModel] | None:
    """The form of a field that a map is written in."""
    keys = {entry.key.value for entry in node.entries if entry.key}
    models = [opened(branch) for branch in branches_of(annotation)]
    models = [one for one in models if isinstance(one, type) and issubclass(one, BaseModel)]
    return max(models, key=lambda model: len(keys & model.model_fields.keys()), default=None)


def _names(model: type[BaseModel]) -> list[str]:
    first = _ORDERS.get(model, ())
    return sorted(
        model.model_fields,
        key=lambda name: (name == _LAST, first.index(name) if name in first else len(first)),
    )


def _sort(branch: Branch, names: Iterable[str]) -> None:
    """Known keys in their order, then the others as they come."""
    ranks = {name: rank for rank, name in enumerate(names)}

    def rank(entry: Entry) -> int:
        return ranks.get(entry.key.value, len(ranks)) if entry.key else 0

    branch.entries.sort(key=rank)


def _same(before: str, after: str) -> bool:
    """Whether two texts have the same values (the order of keys aside) and the same comments."""
    try:
        if Counter(comments_of(before)) != Counter(comments_of(after)):
            return False
        first, second = _composed(before), _composed(after)
    except YAMLError:
        return False
    compared: set[tuple[int, int]] = set()
    return len(first) == len(second) and all(
        _equal(one, other, compared) for one, other in zip(first, second, strict=True)
    )


def _composed(text: str) -> list[Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    nodes = list(yaml.compose_all(text))
    return [
        node for node in nodes if not (isinstance(node, ScalarNode) and not node.value and not node.style)
    ]


def _equal(one: Any, other: Any, compared: set[tuple[int, int]]) -> bool:
    if type(one) is not type(other) or _tag(one) != _tag(other):
        return False
    if isinstance(one, ScalarNode):
        return bool(one.value == other.value)
    # An alias leads to a node that was compared before.
    if (id(one), id(other)) in compared:
        return True
    compared.add((id(one), id(other)))
    if len(one.value) != len(other.value):
        return False
    if isinstance(one, SequenceNode):
        return all(_equal(*pair, compared) for pair in zip(one.value, other.value, strict=True))
    assert isinstance(one, MappingNode)
    return all(
        _equal(key, other_key, compared) and _equal(value, other_value, compared)
        for (key, value), (other_key, other_value) in zip(_by_key(one), _by_key(other), strict=True)
    )


def _tag(node: Any) -> str:
    # A lone = is text to us, with quotes and without.
    return str(node.tag).replace("2002:value", "2002:str")


def _by_key(node: MappingNode) -> list[tuple[Any, Any]]:
    return sorted(node.value, key=lambda pair: str(pair[0].value))
