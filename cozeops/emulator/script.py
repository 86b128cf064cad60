"""What a bot says: rules from the seed section `chat_rules`, or an echo of who answered what.

    {"bot_id": "74...", "pattern": "天气", "answer": "晴", "tools": [{"name": "weather", "output": "晴"}]}

A rule applies to a bot (or, with `workflow_id`, to a chatflow), to one of its copies (`copy`: draft,
published or a version), to questions that `pattern` is found in, to prompts that `prompt` is found in; what
it leaves out, it applies to all of. Rules that name a bot or chatflow come first, then the older ones;
`times` wears a rule out. Answers may mention {question}, {prompt}, {first} (line of the prompt), {copy} and
{outputs} (of the tools, or of the client's own).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .fields import Fields, anything, choice, each, ident, integer, number, obj, text
from .options import Options
from .store import Store
from .wire import Row

_TOOL = {"name*": text(1), "arguments": anything().otherwise({})}

RULE: Fields = {
    "id": text(1),
    "bot_id": ident(),
    "workflow_id": ident(),
    "copy": text(1),
    "pattern": text().otherwise(""),
    "prompt": text().otherwise(""),
    "answer": text(),
    "reasoning": text().otherwise(""),
    "tools": each(obj({**_TOOL, "output": text().otherwise("")})).otherwise([]),
    "knowledge": each(obj({"dataset_id*": ident(), "document": text(), "slice": text()})).otherwise([]),
    "follow_ups": each(text()),
    "tokens": obj({"input*": integer(0), "output*": integer(0)}),
    "delay": number(),
    "pause": number().otherwise(0),
    "pieces": integer(1).otherwise(4),
    "requires_action": each(obj(_TOOL)).otherwise([]),
    "error": obj({"code*": integer(1), "msg": text(), "as": choice("reply", "failed", "event")}),
    "times": integer(1),
}

_ECHO = "[{copy}] {first} | {question}"
_FOLLOW_UPS = ("再详细说说「{question}」？", "「{question}」有例子吗？", "还有别的办法吗？")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who answers: a copy of a bot, or a chatflow."""

    kind: str
    ident: str
    copy: str
    version: str = ""
    prompt: str = ""
    suggests: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """What is said, and how it comes."""

    answer: str
    reasoning: str = ""
    tools: list[Row] = field(default_factory=list)
    knowledge: list[Row] = field(default_factory=list)
    follow_ups: list[str] = field(default_factory=list)
    tokens: Row | None = None
    delay: float = 0.0
    pause: float = 0.0
    pieces: int = 4
    requires_action: list[Row] = field(default_factory=list)
    error: Row | None = None


def script(store: Store, options: Options, speaker: Speaker, question: str) -> Script:
    """Find out what a speaker says to a question."""
    rule = _rule(store, speaker, question)
    first = speaker.prompt.strip().partition("\n")[0]
    told = {"question": question, "prompt": speaker.prompt, "first": first, "copy": speaker.copy}
    if rule is None:
        rule = {}
    elif "times" in rule:
        store["chat_rules"].change(rule["id"], times=rule["times"] - 1)
    suggested = _FOLLOW_UPS if speaker.suggests else ()
    return Script(
        answer=fill(rule.get("answer", _ECHO), told),
        reasoning=fill(rule.get("reasoning", ""), told),
        tools=rule.get("tools", []),
        knowledge=rule.get("knowledge", []),
        follow_ups=[fill(one, told) for one in rule.get("follow_ups", suggested)],
        tokens=rule.get("tokens"),
        delay=rule.get("delay", options.chat_seconds),
        pause=rule.get("pause", 0.0),
        pieces=rule.get("pieces", 4),
        requires_action=rule.get("requires_action", []),
        error=rule.get("error"),
    )


def fill(template: str, told: Row) -> str:
    """Put values into a template, once: what they contain is left alone."""
    return re.sub(r"\{(question|prompt|first|copy|outputs)\}", lambda m: str(told.get(m[1], m[0])), template)


def _rule(store: Store, speaker: Speaker, question: str) -> Row | None:
    fitting = [row for row in store["chat_rules"] if _fits(row, speaker, question)]
    key = f"{speaker.kind}_id"
    return min(fitting, key=lambda row: (key not in row, row["number"]), default=None)


def _fits(row: Row, speaker: Speaker, question: str) -> bool:
    other = "workflow_id" if speaker.kind == "bot" else "bot_id"
    if row.get(f"{speaker.kind}_id", speaker.ident) != speaker.ident or other in row:
        return False
    if row.get("times") == 0 or row.get("copy", speaker.copy) not in (speaker.copy, speaker.version):
        return False
    return bool(re.search(row["pattern"], question) and re.search(row["prompt"], speaker.prompt))
