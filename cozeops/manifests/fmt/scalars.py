"""How a scalar is written, so that every reader of YAML takes it for the same value.

cozeops reads YAML 1.2; editors, linters and other tools often read 1.1, where `yes`, `012` and `1:30` are no
text. Text that they could misread stands in double quotes.
"""

from __future__ import annotations

import json
import re

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

_WORDS = frozenset(["y", "n", "yes", "no", "true", "false", "on", "off", "null", "~", "=", "<<"])
_NUMBERS = re.compile(
    r"""[-+]?(?:0b[01_]+|0[0-7_]+|0o[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
    |[0-9][0-9_]*|(?:[0-9][0-9_]*)?\.[0-9_]*(?:e[-+]?[0-9]+)?|[0-9][0-9_]*(?:\.[0-9_]*)?e[-+]?[0-9]+
    |\.inf)|\.nan|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:t|[ \t]+)[0-9].*)?""",
    re.IGNORECASE | re.VERBOSE,
)
# What begins another thing in YAML, or ends the text in the middle.
_FIRST = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`]|\.\.\.")
_INSIDE = re.compile(r": |:$|\s#|[\[\]{},]|^\s|\s$|[\n\t]")
# A lone = has a tag of its own, and is text to us.
_TEXTS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:value")
_RESOLVER = YAML(typ="safe", pure=True).resolver


def is_text(plain: str) -> bool:
    """Whether a scalar without quotes is text to YAML 1.2."""
    return _RESOLVER.resolve(ScalarNode, plain, (True, False)) in _TEXTS


def is_misread(plain: str) -> bool:
    """Whether some reader takes a scalar without quotes for something else than text."""
    return not plain or plain.lower() in _WORDS or _NUMBERS.fullmatch(plain) is not None


def inline(text: str) -> str:
    """Text on one line: as it is where that is safe everywhere, else in double quotes."""
    bare = is_text(text) and not is_misread(text) and text.isprintable()
    return text if bare and not _FIRST.match(text) and not _INSIDE.search(text) else quoted(text)


def quoted(text: str) -> str:
    """Text in double quotes, with an escape for everything that cannot be seen."""
    return "".join(
        char if char.isprintable() else _escape(char) for char in json.dumps(text, ensure_ascii=False)
    )


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def is_multiline(text: str) -> bool:
    """Whether text has several lines that say something; line ends around one line do not count."""
    return "\n" in text.strip("\n")


def literal(text: str) -> tuple[str, list[str]] | None:
    """The header and the lines of a block scalar with this text; None where it cannot be one."""
    body = text.rstrip("\n")
    if not body.strip() or not all(char in "\n\t" or char.isprintable() for char in body):
        return None
    lines = body.split("\n")
    if not lines[-1].strip():
        return None  # nobody sees where it ends
    ends = len(text) - len(body)
    chomping = "-" if ends == 0 else "" if ends == 1 else "+"
    # Leading spaces would be taken for the indentation, so it is told; here it is always two.
    told = "2" if next(line for line in lines if line).startswith((" ", "\t")) else ""
    return f"|{told}{chomping}", lines + [""] * (ends - 1)
