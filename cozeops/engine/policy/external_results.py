"""What a project's own program said about a plan, as findings. Pure; what it said is not trusted.

A program ends with 0 where all is well. Its output may be JSON: a list of `{"message", "address", "hint"}`,
or what `conftest test --output json` prints.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.engine.model.plan import Finding, Severity
from cozeops.frozen import frozen
from cozeops.manifests.wording import printable
from cozeops.system.program import Answer

MOST = 50
"""More messages of one program than this are counted."""
_LINES = 5
_LINE = 200
_MESSAGE = 500
_PLACE = "spec.checks.commands in cozeops.yaml has this check"


@frozen
class Command:
    """A program that the project names to judge its plans."""

    name: str
    run: tuple[str, ...]
    severity: Severity = Severity.BLOCK
    seconds: float = 60


@frozen
class _Said:
    """One message of a program."""

    message: str
    address: str = ""
    hint: str = ""
    mild: bool = False
    """Whether the program itself calls it a warning."""


def verdict(command: Command, answer: Answer, addresses: Collection[Address]) -> list[Finding]:
    """The findings of one command; `addresses` are those of the plan. None: it passed."""
    if answer.failure:
        return [_unfinished(command, answer)]
    said = sorted(_said(answer.output), key=lambda one: one.mild)
    if not said and answer.code:
        said = [_Said(f"exit code {answer.code}: {_beginning(answer) or 'it said nothing'}")]
    if len(said) > MOST:
        more = f"and {len(said) - MOST} more messages of this check"
        said = [*said[:MOST], _Said(more, mild=said[MOST].mild)]
    by_text = {str(address): address for address in addresses}
    strict = bool(answer.code) and all(one.mild for one in said)
    return [_finding(command, one, by_text, _severity(command, answer, one, strict)) for one in said]


def _severity(command: Command, answer: Answer, said: _Said, strict: bool) -> Severity:
    """What a passing program remarks blocks nobody; nor do warnings, unless they are why it did not pass."""
    milder = not answer.code or (said.mild and not strict)
    return Severity.WARN if milder and command.severity is Severity.BLOCK else command.severity


def _finding(command: Command, said: _Said, by_text: dict[str, Address], severity: Severity) -> Finding:
    address = by_text.get(said.address)
    elsewhere = f" ({said.address})" if said.address and address is None else ""
    message = _short(said.message + elsewhere, _MESSAGE)
    hint = _short(said.hint, _MESSAGE) or _PLACE
    return Finding(Code.OWN_CHECK.value, command.name, severity, address, message, hint)


def _unfinished(command: Command, answer: Answer) -> Finding:
    told = _beginning(answer)
    message = f"{printable(command.run[0])} {printable(answer.failure)}" + (f": {told}" if told else "")
    code = Code.CHECK_WITHOUT_RESULT
    return Finding(code.value, command.name, code.severity, None, message, _PLACE)


def _said(output: bytes) -> list[_Said]:
    """The messages in an output that is JSON of a known shape; none for any other."""
    try:
        entries = json.loads(output)
    except (ValueError, RecursionError):
        return []
    if not isinstance(entries, list):
        return []
    return [said for entry in entries if isinstance(entry, dict) for said in _of_entry(entry)]


def _of_entry(entry: dict[str, Any]) -> Iterator[_Said]:
    if isinstance(entry.get("message"), str):
        yield _Said(entry["message"], _text(entry, "address"), _text(entry, "hint"))
        return
    for group, mild in (("failures", False), ("warnings", True)):
        found = entry.get(group)
        for one in found if isinstance(found, list) else ():
            if isinstance(one, dict) and isinstance(one.get("msg"), str):
                more = _metadata(one)
                yield _Said(one["msg"], _text(more, "address"), _text(more, "hint"), mild)


def _metadata(result: dict[str, Any]) -> dict[str, Any]:
    """What a policy gave beside its message: newer versions of conftest put it one level deeper."""
    outer = result.get("metadata")
    if not isinstance(outer, dict):
        return {}
    inner = outer.get("details")
    return {**outer, **inner} if isinstance(inner, dict) else outer


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _beginning(answer: Answer) -> str:
    """The first lines that say something, harmless and on one line."""
    text = (answer.output + b"\n" + answer.errors).decode("utf-8", "replace")
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    return " / ".join(_short(line, _LINE) for line in lines[:_LINES])


def _short(text: str, most: int) -> str:
    # Twice: what is long is not looked through whole, and what is written out gets longer.
    shown = printable(text[: most + 1])
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
