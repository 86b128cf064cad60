"""Fills `${values.x}`, `${vars.x}` and `${env:NAME}`. `$${` stands for `${`. There is nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cozeops.codes import Code
from cozeops.frozen import frozen
from cozeops.manifests.wording import kind_of, nearest, printable, quoted, suggestion
from cozeops.manifests.yaml.document import BROKEN, Path
from cozeops.manifests.yaml.source import Refused
from cozeops.values import Json

OPEN_ENVIRONMENT = "COZEOPS_VAR_"
_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}\n]*)\}")
_UNCLOSED = re.compile(r"(?<!\$)\$\{(?:values\.|vars\.|env:)[^{}\n]*(?:\n|$)")
_VARIABLE = re.compile(r"vars\.[\w-]+")


@dataclass(slots=True)
class Room:
    """How many characters the references of one run may still make: uses of uses multiply."""

    left: int = 2**28

    def take(self, characters: int) -> None:
        """Use up some of it. Raises Refused when there is no more."""
        self.left -= characters
        if self.left < 0:
            message = "references and prompts multiply to more text than any project needs"
            raise Refused(Code.TOO_COMPLEX, message, "use smaller values, or fewer references to them")


class Offline(dict[str, str]):
    """The variables of a run that sends nothing: a secret that is not set is not needed, and empty."""


@frozen
class Scope:
    """What may be named. `variables` is None where there are none (outside of prompts)."""

    values: Mapping[str, Any]
    environ: Mapping[str, str]
    variables: Mapping[str, Any] | None = None
    secret: bool = False
    """Whether any environment variable may be read, not only those that begin with COZEOPS_VAR_."""
    room: Room = field(default_factory=Room)

    def with_variables(self, variables: Mapping[str, Any]) -> Scope:
        """The scope inside a prompt."""
        return replace(self, variables=variables)


class MissingVariable(Refused):
    """A variable of a prompt that has no value here."""

    def __init__(self, name: str, index: int) -> None:
        hint = f"give vars: {{{name}: ...}}, or a default in the Prompt's vars"
        super().__init__(Code.VARIABLE, f"the variable {quoted(name)} has no value", hint, index=index)


def fill(text: str, scope: Scope) -> Any:
    """`text` with its references filled; exactly one reference gives its value as it is. Raises Refused."""
    if "${" not in text:
        return text
    if unclosed := _UNCLOSED.search(text):
        message = f"{quoted(unclosed.group(0).rstrip())} is not closed"
        hint = "close it with }, or write $${ for the characters"
        raise Refused(Code.INTERPOLATION, message, hint, index=unclosed.start())
    whole = _REFERENCE.fullmatch(text)
    if whole and whole.group(1) is not None:
        value = _value(whole, scope)
        scope.room.take(_length(value))
        return value
    return _REFERENCE.sub(lambda found: _in_text(found, scope), text)


def variables_in(text: str) -> set[str]:
    """The names of the variables that a text uses."""
    found = (reference.group(1) for reference in _REFERENCE.finditer(text))
    return {name.strip()[5:] for name in found if name and _VARIABLE.fullmatch(name.strip())}


def fill_all(value: Any, scope: Scope, refuse: Callable[[Path, Refused], None], path: Path = ()) -> Any:
    """A value with every text in it filled; what is refused is told with its path and becomes BROKEN."""
    if isinstance(value, str):
        try:
            return fill(value, scope)
        except Refused as refused:
            refuse(path, refused)
            return BROKEN
    if isinstance(value, dict):
        return {key: fill_all(item, scope, refuse, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [fill_all(item, scope, refuse, (*path, index)) for index, item in enumerate(value)]
    return value


def shown(value: Any) -> str:
    """A scalar as it appears inside a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _in_text(found: re.Match[str], scope: Scope) -> str:
    if found.group(1) is None:
        return "${"
    value = _value(found, scope)
    if isinstance(value, dict | list):
        message = f"{printable(found.group())} is {kind_of(value)}: it cannot stand inside a text"
        raise Refused(Code.INTERPOLATION, message, "use it alone, as the whole value", index=found.start())
    text = shown(value)
    scope.room.take(len(text))
    return text


def _length(value: Any) -> int:
    """How much room a value takes that stands in many places."""
    if isinstance(value, str):
        return len(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_length, items))


def _value(found: re.Match[str], scope: Scope) -> Any:
    inner = (found.group(1) or "").strip()
    if inner.startswith("env:"):
        return _from_environ(inner.removeprefix("env:"), scope, found)
    if inner.startswith("values."):
        return _from_values(inner.removeprefix("values."), scope, found)
    if inner.startswith("vars."):
        return _from_variables(inner.removeprefix("vars."), scope, found)
    hint = f"write ${{values.x}}, ${{vars.x}} or ${{env:NAME}}; for the text itself, ${found.group()}"
    raise Refused(
        Code.INTERPOLATION, f"{quoted(found.group())} is no reference", printable(hint), index=found.start()
    )


def _from_environ(name: str, scope: Scope, found: re.Match[str]) -> str:
    if not scope.secret and not name.startswith(OPEN_ENVIRONMENT):
        message = f"{quoted(name)} may not be read here: only a token takes any environment variable"
        hint = f"use a name that begins with {OPEN_ENVIRONMENT}"
        raise Refused(Code.INTERPOLATION, message, hint, index=found.start())
    if scope.secret and isinstance(scope.environ, Offline):
        return scope.environ.get(name, "")
    if name not in scope.environ:
        message = f"the environment variable {quoted(name)} is not set"
        raise Refused(Code.INTERPOLATION, message, f"set {printable(name)}", index=found.start())
    value = scope.environ[name]
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        message = f"the environment variable {quoted(name)} is not UTF-8"
        raise Refused(Code.INTERPOLATION, message, f"set {printable(name)} as UTF-8", index=found.start())
    return value


def _from_values(name: str, scope: Scope, found: re.Match[str]) -> Any:
    value: Any = scope.values
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            known = list(value) if isinstance(value, Mapping) else []
            hint = (
                suggestion(step, known, "values")
                if known
                else f"declare {printable(step)} under values in cozeops.yaml"
            )
            raise Refused(Code.INTERPOLATION, f"there is no value {quoted(name)}", hint, index=found.start())
        value = value[step]
    return value


def _from_variables(name: str, scope: Scope, found: re.Match[str]) -> Any:
    if scope.variables is None:
        message = f"{quoted(found.group())}: variables are known only inside a Prompt"
        hint = f"use ${{values.{name}}}, or a Prompt with vars"
        raise Refused(Code.INTERPOLATION, message, printable(hint), index=found.start())
    if name in scope.variables:
        return scope.variables[name]
    missing = MissingVariable(name, found.start())
    near = nearest(name, scope.variables)
    missing.hint = f"did you mean {near}? {missing.hint}" if near else missing.hint
    raise missing


def merged(base: Json, over: Json) -> Json:
    """`over` laid upon `base`: maps merge, scalars and lists replace."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]
    return result
