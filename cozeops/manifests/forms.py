"""The forms that a field can be written in, read off its annotation."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from cozeops.declare.fields import Ref
from cozeops.declare.rows import unwrap
from cozeops.manifests.wording import either


def opened(annotation: Any) -> Any:
    """The type behind `X | None` and `Annotated`."""
    return unwrap(annotation)[0]


def branches_of(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation, None left out; one for what has no alternatives."""
    bare = opened(annotation)
    if get_origin(bare) not in (Union, UnionType):
        return (annotation,)
    found: list[Any] = []
    for branch in get_args(bare):
        if branch is not NoneType:
            found += branches_of(branch)
    return tuple(found)


def describe(annotation: Any) -> str:
    """The alternatives in words: `text, {file} or {ref, vars}`."""
    _, traits = unwrap(annotation)
    ref = next((trait for trait in traits if isinstance(trait, Ref)), None)
    words = []
    for branch in branches_of(annotation):
        bare, own = unwrap(branch)
        ref_here = next((trait for trait in own if isinstance(trait, Ref)), ref)
        words.append(f"the name of a {ref_here.kind}" if bare is str and ref_here else _word(bare))
    return either(dict.fromkeys(words))


def _word(bare: Any) -> str:
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return f"{{{', '.join(bare.model_fields)}}}"
    if get_origin(bare) is Literal:
        return either(map(str, get_args(bare)))
    return _WORDS.get(get_origin(bare) or bare, str(bare))


_WORDS: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a map",
}


@cache
def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    """Each field of a model with its annotation, all traits on it."""
    return {
        name: Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        for name, info in model.model_fields.items()
    }
