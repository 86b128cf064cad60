"""An answer against what was expected of it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cozeops.engine.check.answer import Answer, parsed
from cozeops.engine.check.language import language_of
from cozeops.frozen import frozen
from cozeops.kinds.parts.expect import path_steps, schema_in
from cozeops.kinds.parts.json_schema import misfits
from cozeops.kinds.parts.patterns import is_found
from cozeops.values import MISSING, Json

Ids = Mapping[str, str]
"""Addresses of knowledge bases -> their ids."""
_FENCED = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)


@frozen
class Miss:
    """An expectation that did not hold: which, what it wants (or not), and what was there instead."""

    expectation: str
    wanted: str = ""
    found: str = ""

    def __str__(self) -> str:
        told = [f"{verb} {what}" for verb, what in (("wanted", self.wanted), ("found", self.found)) if what]
        return f"{self.expectation}: {', '.join(told)}"


def judge(expect: Json, said: Answer, ids: Ids) -> list[Miss]:
    """Every expectation that the answer misses."""
    return [miss for name, test in _TESTS.items() if name in expect for miss in test(expect[name], said, ids)]


def _contains(wanted: Sequence[str], said: Answer, _: Ids) -> Iterator[Miss]:
    yield from (Miss("contains", one) for one in wanted if one not in said.answer)


def _excludes(wanted: Sequence[str], said: Answer, _: Ids) -> Iterator[Miss]:
    yield from (Miss("excludes", found=one) for one in wanted if one in said.answer)


def _matches(wanted: Sequence[str], said: Answer, _: Ids) -> Iterator[Miss]:
    yield from (Miss("matches", one) for one in wanted if not is_found(one, said.answer))


def _language(wanted: str, said: Answer, _: Ids) -> Iterator[Miss]:
    found = language_of(said.answer)
    if found != wanted:
        yield Miss("language", wanted, found or "another")


def _length(wanted: Json, said: Answer, _: Ids) -> Iterator[Miss]:
    yield from _bounded("length", wanted, len(said.answer))


def _json_values(wanted: Sequence[Json], said: Answer, _: Ids) -> Iterator[Miss]:
    answer = _json_in(said.answer)
    if answer is MISSING:
        yield Miss("json_values", "JSON", "no JSON")
        return
    for one in wanted:
        found = _followed(answer, path_steps(one["path"]) or [])
        if found is MISSING:
            yield Miss("json_values", one["path"], "not there")
        elif "equals" in one and not _same(found, one["equals"]):
            yield Miss("json_values", f"{one['path']} = {_text(one['equals'])}", _text(found))
        elif "matches" in one and not is_found(one["matches"], _bare(found)):
            yield Miss("json_values", f"{one['path']} ~ {one['matches']}", _text(found))


def _json_schema(wanted: Any, said: Answer, _: Ids) -> Iterator[Miss]:
    answer = _json_in(said.answer)
    wrong = ["no JSON"] if answer is MISSING else misfits(schema_in(wanted), answer)
    yield from (Miss("json_schema", "to fit", one) for one in wrong)


def _tools(wanted: Sequence[str], said: Answer, _: Ids) -> Iterator[Miss]:
    for one in wanted:
        if not any(tool == one or tool.endswith(f"-{one}") for tool in said.tools):
            yield Miss("tools", one, ", ".join(said.tools) or "none")


def _no_tools(wanted: bool, said: Answer, _: Ids) -> Iterator[Miss]:
    if wanted and said.tools:
        yield Miss("no_tools", "none", ", ".join(said.tools))


def _knowledge(wanted: Sequence[Any], said: Answer, ids: Ids) -> Iterator[Miss]:
    names = {id: name for name, id in ids.items()}
    found = ", ".join(names.get(one, one) for one in said.knowledge) or "none"
    yield from (
        Miss("knowledge", str(one), found) for one in wanted if ids.get(str(one)) not in said.knowledge
    )


def _follow_ups(wanted: Json, said: Answer, _: Ids) -> Iterator[Miss]:
    yield from _bounded("follow_ups", wanted, len(said.follow_ups))


def _tokens(wanted: Json, said: Answer, _: Ids) -> Iterator[Miss]:
    # What is not told did not hold: an answer without a count could have cost anything.
    yield from _bounded("tokens", wanted, said.tokens)


def _seconds(wanted: Json, said: Answer, _: Ids) -> Iterator[Miss]:
    for name, found in (("first", said.first), ("whole", said.whole)):
        if name in wanted and (found is None or found > wanted[name]):
            shown = "not told" if found is None else f"{found:.1f}"
            yield Miss(f"seconds.{name}", f"at most {wanted[name]:g}", shown)


_TESTS: Mapping[str, Callable[[Any, Answer, Ids], Iterator[Miss]]] = {
    "contains": _contains,
    "excludes": _excludes,
    "matches": _matches,
    "language": _language,
    "length": _length,
    "json_values": _json_values,
    "json_schema": _json_schema,
    "tools": _tools,
    "no_tools": _no_tools,
    "knowledge": _knowledge,
    "follow_ups": _follow_ups,
    "tokens": _tokens,
    "seconds": _seconds,
}


def _bounded(name: str, wanted: Json, found: int | None) -> Iterator[Miss]:
    shown = "not told" if found is None else f"{found:,}"
    if "at_least" in wanted and (found is None or found < wanted["at_least"]):
        yield Miss(name, f"at least {wanted['at_least']:,}", shown)
    if "at_most" in wanted and (found is None or found > wanted["at_most"]):
        yield Miss(name, f"at most {wanted['at_most']:,}", shown)


def _json_in(answer: str) -> Any:
    fenced = _FENCED.match(answer)
    text = fenced[1] if fenced else answer
    found = parsed(text)
    return MISSING if found is None and text.strip() != "null" else found


def _followed(value: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        found: Any = MISSING
        if isinstance(step, str):
            found = value.get(step, MISSING) if isinstance(value, dict) else MISSING
        elif isinstance(value, list) and step < len(value):
            found = value[step]
        if found is MISSING:
            return MISSING
        value = found
    return value


def _same(found: Any, wanted: Any) -> bool:
    # 1 and true are equal for Python, and not in JSON.
    return _text(found) == _text(wanted) or _number(found) == _number(wanted) is not None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else _text(value)
