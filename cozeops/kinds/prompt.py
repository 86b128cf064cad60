"""Prompts: reusable text. Coze has no prompt library in its API, so they are compiled into bots."""

from __future__ import annotations

from typing import Annotated

from cozeops.declare.fields import Is, Spec
from cozeops.declare.kind import Kind
from cozeops.declare.text import PromptUse, Scalar, Text, TextFile, TextLiteral


class PromptSpec(Spec):
    """Text that bots share. Exactly one of `text` and `parts`."""

    text: Annotated[Text | None, Is.TEXT] = None
    """The text, or where it comes from."""
    parts: list[TextFile | TextLiteral | PromptUse] | None = None
    """Pieces, joined by an empty line."""
    vars: dict[str, Scalar] | None = None
    """Variables with their defaults: `${vars.x}` in the text; whoever uses the prompt may set others."""


KIND = Kind(
    name="Prompt",
    summary="reusable, composable text, compiled into bots",
    spec=PromptSpec,
    serves="it is compiled into the resources that use it",
)
