"""Text -> documents. YAML 1.2, the same with and without the C parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from cozeops.codes import Code
from cozeops.manifests.wording import kind_of
from cozeops.manifests.yaml.construct import FLATTER, TOO_DEEP, Construction
from cozeops.manifests.yaml.document import Document
from cozeops.manifests.yaml.fast_path import plain_documents
from cozeops.manifests.yaml.nodes import compose
from cozeops.manifests.yaml.source import Place, Problems, Refused, Source

_DIRECTIVE = re.compile(r"^%(?:YAML|TAG)\b", re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_OPEN_CLOSE = re.compile(r"[\[\]{}]")
_RUN_OF_DASHES = re.compile(r"(?:[-?][ \t]+){50}|^ {400}", re.MULTILINE)
_ALIAS_AND_COLON = re.compile(r"\*[^\s,\[\]{}]+:")
_MOST_OPEN = 1000

# What YAML says -> what to say, and what to do. Matched in this order, anywhere in its message.
_SAYINGS = (
    ("'\\t'", "a tab where only spaces may stand", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a colon where no key can stand",
        'quote text that contains ": ", and check the indentation, also of the line above',
    ),
    (
        "could not find expected ':'",
        "a key without a colon, or a line out of place",
        "write key: value, and check the indentation",
    ),
    (
        "expected <block end>",
        "this line does not fit the indentation above it",
        "line it up with its siblings",
    ),
    ("found unexpected end of stream", "the text ends inside quotes", "close the quotes"),
    ("expected ',' or", "a comma or a closing bracket is missing", "close [ with ] and { with }"),
    ("found undefined alias", "an alias without its anchor", "quote text that begins with *"),
    ("escape", "no such escape inside double quotes", "write \\\\ for a backslash, or single quotes around"),
    ("chomping or indentation", "text beside | or >", "begin the text in the next line, indented"),
    ("that cannot start any token", "text cannot begin with this character", "quote the text"),
    ("while parsing a flow", "a bracket that is not closed", "close [ with ] and { with }"),
)

_TOLD_LATE = ("unexpected end of stream", "could not find expected ':'")
"""What is wrong stands where the parser began, not where it gave up."""


def parse(source: Source, problems: Problems) -> Iterator[Document]:
    """The documents of a source, empty ones left out; what is wrong goes to `problems`."""
    plain = None if _needs_care(source.text) else plain_documents(source.text)
    if plain is None:
        yield from _carefully(source, problems)
        return
    for number, data in enumerate(plain):
        if data is not None:
            yield Document(source, number, data, True, _nodes_again)


def _carefully(source: Source, problems: Problems) -> Iterator[Document]:
    try:
        for number, node in enumerate(_nodes(source)):
            if isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null":
                continue
            construction = Construction(source, problems)
            data = construction.value(node)
            if isinstance(node, MappingNode) and isinstance(data, dict):
                yield Document(source, number, data, construction.whole, _nodes_again)
            elif construction.whole:
                message = f"a manifest is a map, this is {kind_of(data)}"
                hint = "write kind, metadata and spec; put files that are no manifests elsewhere"
                problems.drop(Refused(Code.ENVELOPE, message, hint), Place(source, node.start_mark.index))
    except Refused as refused:
        problems.drop(refused, Place(source, refused.index or 0))


def _nodes(source: Source) -> list[Node]:
    """The root nodes. The pure parser decides wherever the two could differ, and words the errors."""
    directive = _DIRECTIVE.search(source.text)
    if directive and (directive.start() == 0 or _at_document_start(source.text, directive.start())):
        raise Refused(
            Code.SYNTAX,
            "directives (%YAML, %TAG) are not used here",
            "remove the line",
            index=directive.start(),
        )
    if not _needs_pure(source.text):
        try:
            return compose(source.text, pure=False)
        except YAMLError:
            pass
    try:
        return compose(source.text, pure=True)
    except MaxDepthExceededError as error:
        raise Refused(Code.TOO_COMPLEX, TOO_DEEP, FLATTER, index=_index(error, source)) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _not_yaml(error, source) from error


# Nodes take thirty times the room of their text, and only who tells a place needs them.
_nodes_again = lru_cache(maxsize=4)(_nodes)


def _needs_care(text: str) -> bool:
    return ("%" in text and _DIRECTIVE.search(text) is not None) or _needs_pure(text)


def _needs_pure(text: str) -> bool:
    """Whether the C parser would accept what YAML does not (tabs, `*name:`), or run out of stack."""
    if "\t" in text or ("*" in text and _ALIAS_AND_COLON.search(text)):
        return True
    if (text.count("-") + text.count("?") >= 50 or " " * 400 in text) and _RUN_OF_DASHES.search(text):
        return True
    if text.count("[") + text.count("{") < _MOST_OPEN:
        return False
    depth = deepest = 0
    for found in _OPEN_CLOSE.finditer(text):
        depth += 1 if found.group() in "[{" else -1
        deepest = max(deepest, depth)
    return deepest >= _MOST_OPEN


def _at_document_start(text: str, index: int) -> bool:
    before = [line for line in text[:index].splitlines() if line.strip() and not line.startswith("#")]
    return not before or before[-1].startswith(("...", "%"))


def _not_yaml(error: Exception, source: Source) -> Refused:
    if conflict := _CONFLICT.search(source.text):
        hint = "resolve it: keep what is right, and remove the lines with <, = and >"
        return Refused(Code.SYNTAX, "a merge conflict", hint, index=conflict.start())
    index = _index(error, source)
    message, hint = _said(error, behind=_behind_text(source.text, index))
    return Refused(Code.SYNTAX, message, hint, index=index)


def _index(error: Any, source: Source) -> int:
    mark, problem = getattr(error, "problem_mark", None), str(getattr(error, "problem", ""))
    if any(words in problem for words in _TOLD_LATE) and error.context_mark:
        mark = error.context_mark
    return min(mark.index, len(source.text)) if mark else 0


def _behind_text(text: str, index: int) -> bool:
    """Whether something stands before a place in its line."""
    return bool(text[text.rfind("\n", 0, index) + 1 : index].strip())


def _said(error: Exception, *, behind: bool) -> tuple[str, str]:
    if not isinstance(error, MarkedYAMLError):
        return f"not YAML: {error}".splitlines()[0], "check the quotes and brackets"
    words = f"{error.context or ''} {error.problem or ''}"
    if behind and "expected <block end>" in words:
        return (
            "the line goes on after its value has ended",
            "quote the whole of a text that contains quotes (a ' inside '...' is written ''), "
            "and close each bracket once",
        )
    for sign, message, hint in _SAYINGS:
        if sign in words:
            return message, hint
    return f"not YAML: {error.problem or error.context}", "check the quotes, the brackets and the indentation"
