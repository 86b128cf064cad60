"""`spec.checks` of cozeops.yaml: how much the built-in checks matter, and the project's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from cozeops.codes import Code
from cozeops.declare.fields import Spec
from cozeops.manifests.wording import kind_of, quoted
from cozeops.manifests.yaml.document import BROKEN, Document, Path
from cozeops.manifests.yaml.source import Problems

LONGEST_SECONDS = 3600
NAME = "^[a-z][a-z0-9-]{0,63}$"
Weight = Literal["block", "warn", "info", "off"]
CHECKS = {
    "secret-in-prompt": "Something in a text looks like a token or a key (block).",
    "unknown-variable": "A prompt uses {{name}}, and the bot has no such variable (warn).",
    "model-not-allowed": "The model is not in allow_models (block).",
    "connector-not-allowed": "A channel is not in allow_connectors (block).",
    "prompt-near-limit": "A prompt has more than 90 % of what Coze takes (info).",
    "thinking-with-tools": "Thinking is enabled, so that plugins and workflows are not called (warn).",
    "empty-knowledge": "A bot searches a knowledge base without documents (warn).",
    "conflict": "A field was edited here and on Coze since it was applied last (warn).",
}
"""Each rule of `checks`, with how much it matters unless the project says otherwise."""

# Their names have hyphens, as findings have, so they cannot be written as attributes.
_fields: dict[str, Any] = {
    name: (Weight | None, Field(None, description=words)) for name, words in CHECKS.items()
}
CheckRulesSpec: type[Spec] = create_model(
    "CheckRulesSpec",
    __base__=Spec,
    __module__=__name__,
    __doc__="How much each built-in check matters: block, warn, info or off.",
    **_fields,
)


class CheckCommandSpec(Spec):
    """A program that judges the plan: it reads the plan's JSON and ends with 0 where all is well."""

    name: Annotated[str, Field(pattern=NAME, examples=["no-deletes"])]
    """What it is called in findings."""
    run: Annotated[list[str], Field(min_length=1, examples=[["python3", "checks/no_deletes.py"]])]
    """The program and its arguments, each apart: there is no shell."""
    severity: Literal["block", "warn", "info"] | None = None
    """How much it matters when it does not pass (block)."""
    timeout_seconds: Annotated[int | None, Field(ge=1, le=LONGEST_SECONDS)] = None
    """How long it may take (60)."""


class ChecksSpec(Spec):
    """Built-in checks and the project's own: they become findings of the plan."""

    rules: CheckRulesSpec | None = None  # type: ignore[valid-type]
    """How much each matters."""
    allow_models: list[str] | None = None
    """The ids of models that bots may use; absent: any."""
    allow_connectors: list[str] | None = None
    """The channels that bots may be published to: api, chat_sdk, Connector resources, ids; absent: any."""
    commands: list[CheckCommandSpec] | None = None
    """The project's own, run with --run-checks only. An environment's list replaces the project's."""


def check_commands(commands: Sequence[Any], document: Document, base: Path, problems: Problems) -> None:
    """Tell what no schema can: names that are there twice, and references that turned out to be no text."""
    seen: set[str] = set()
    for number, command in enumerate(commands):
        path = (*base, "commands", number)
        name = command["name"]
        if name in seen:
            message, hint = f"two commands are called {quoted(name)}", "findings name them: rename one"
            problems.add(Code.BAD_VALUE, document.place((*path, "name")), message, hint)
        seen.add(name)
        for index, word in enumerate(command["run"]):
            if not isinstance(word, str) and word is not BROKEN:
                message = f"an argument of a command is text; this is {kind_of(word)}"
                problems.add(Code.WRONG_TYPE, document.place((*path, "run", index)), message)
