"""What an answer is expected to be: the fields of a Check that are about one answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from cozeops.codes import Code
from cozeops.declare.calls import Path
from cozeops.declare.fields import File, Flaw, Ref, Size, Spec
from cozeops.kinds.parts.json_schema import flaw_of
from cozeops.kinds.parts.patterns import flaw_of_pattern
from cozeops.values import FileContent, Json

Language = Literal["zh", "en", "ja", "ko", "ru", "ar", "th"]
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]{1,9})\]")


class Bounds(Spec):
    """A number between two others, both of them allowed."""

    at_least: Annotated[int | None, Field(ge=0)] = None
    at_most: Annotated[int | None, Field(ge=0)] = None


class Seconds(Spec):
    """How long an answer may take, in seconds."""

    first: Annotated[float | None, Field(gt=0)] = None
    """Until the first token; needs `stream: true`."""
    whole: Annotated[float | None, Field(gt=0)] = None
    """Until the last."""


class JsonValue(Spec):
    """A value inside an answer that is JSON."""

    path: Annotated[str, Field(examples=["order.items[0].name"])]
    """Keys and positions, from the outside in."""
    equals: Any = None
    """Exactly this value. Without it and `matches` it only has to be there."""
    matches: str | None = None
    """A regular expression (of RE2) that is found in the value, written as text."""


class Expect(Spec):
    """What is expected of one answer. All that is written must hold."""

    contains: Annotated[list[str] | None, Size(100, least=1)] = None
    """Each of these stands in it."""
    excludes: Annotated[list[str] | None, Size(100, least=1)] = None
    """None of these stands in it."""
    matches: Annotated[list[str] | None, Size(100, least=1)] = None
    """Each of these regular expressions (of RE2) is found in it."""
    language: Language | None = None
    """The language of most of it, told by its script; English by its common words, too."""
    length: Bounds | None = None
    """Its characters."""
    json_values: Annotated[list[JsonValue] | None, Size(100, least=1)] = None
    """Values inside it; it must be JSON then, also in a code fence."""
    json_schema: dict[str, Any] | Annotated[str, File(upload=False)] | None = None
    """A JSON Schema that it fits, or the file of one (`pip install 'cozeops[check]'`)."""
    tools: Annotated[list[str] | None, Size(100, least=1)] = None
    """Tools that were called, as `search` or with their plugin as `news-search`."""
    no_tools: bool | None = None
    """No tool at all was called."""
    knowledge: Annotated[list[Annotated[str, Ref("KnowledgeBase")]] | None, Size(100, least=1)] = None
    """KnowledgeBase resources in which something was found."""
    follow_ups: Bounds | None = None
    """How many questions are suggested after it."""
    tokens: Bounds | None = None
    """What it cost, question and answer together."""
    seconds: Seconds | None = None
    """How long it took."""


def path_steps(path: str) -> list[str | int] | None:
    """The steps of a path such as `$.order.items[0].name`; None where it is none."""
    rest, steps = path.removeprefix("$"), list[str | int]()
    while rest:
        found = _STEP.match(rest)
        if found is None:
            return None
        steps.append(int(found[2]) if found[2] is not None else found[1])
        rest = rest[found.end() :]
    return steps or None


def flaws_of(expect: Json, at: tuple[str | int, ...], *, streams: bool) -> Iterator[Flaw]:
    """What no schema can say about expectations."""
    for index, pattern in enumerate(expect.get("matches", [])):
        yield from _pattern(pattern, (*at, "matches", index))
    for index, one in enumerate(expect.get("json_values", [])):
        if path_steps(one["path"]) is None:
            message = f"{one['path']!r} is no path"
            hint = "write keys and positions, such as order.items[0].name"
            yield Flaw((*at, "json_values", index, "path"), message, hint, Code.JSON_PATH)
        yield from _pattern(one.get("matches", ""), (*at, "json_values", index, "matches"))
    for name in ("length", "follow_ups", "tokens"):
        bounds = expect.get(name, {})
        if bounds.get("at_least", 0) > bounds.get("at_most", float("inf")):
            message = f"{name}: at least {bounds['at_least']} and at most {bounds['at_most']} is nothing"
            yield Flaw((*at, name), message, "exchange the two numbers", Code.BOUNDS)
    if "first" in expect.get("seconds", {}) and not streams:
        message = "the first token is seen in a streamed answer only"
        yield Flaw((*at, "seconds", "first"), message, "write stream: true beside turns")
    yield from _schema(expect.get("json_schema"), (*at, "json_schema"))


def schema_in(given: FileContent | Json) -> Any:
    """The JSON Schema that is written, or that stands in a file. Raises OSError, ValueError."""
    return json.loads(given.read()) if isinstance(given, FileContent) else given


def _pattern(pattern: str, at: tuple[str | int, ...]) -> Iterator[Flaw]:
    if flaw := flaw_of_pattern(pattern):
        hint = "mend it, or escape it: https://github.com/google/re2/wiki/Syntax has the rules"
        yield Flaw(at, f"{pattern!r} is no regular expression: {flaw}", hint, Code.PATTERN)


def _schema(given: FileContent | Json | None, at: Path | tuple[str | int, ...]) -> Iterator[Flaw]:
    if given is None:
        return
    try:
        wrong = flaw_of(schema_in(given))
    except (OSError, ValueError, RecursionError) as error:
        wrong = str(error)
    if wrong:
        yield Flaw(
            at, f"this is no JSON Schema: {wrong}", "https://json-schema.org has the rules", Code.JSON_SCHEMA
        )
