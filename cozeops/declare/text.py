"""How text is written in a manifest: in place, from files, or composed from Prompt resources."""

from __future__ import annotations

from pydantic import Field

from cozeops.declare.fields import Spec

Scalar = str | int | float | bool


class TextFile(Spec):
    """The text of a file, taken as it is."""

    file: str = Field(examples=["prompts/chef.md"])
    """The file, relative to the folder of this manifest."""


class TextLiteral(Spec):
    """A piece of text."""

    text: str
    """The text itself; `${vars.x}` is filled in."""


class PromptUse(Spec):
    """A Prompt resource, with values for its variables."""

    ref: str = Field(examples=["persona"])
    """The `metadata.name` of a Prompt."""
    vars: dict[str, Scalar] | None = None
    """Values for the variables of that Prompt; they win over its own."""


Text = str | TextFile | PromptUse
"""A text, in any of the ways that a manifest can name it. Resolved, it is a string."""


class PrefixPrompt(Spec):
    """A prompt in two parts, for prefix caching: the first never changes between chats."""

    prefix: Text
    """The cached part."""
    dynamic: Text | None = None
    """The part that may change between chats."""
