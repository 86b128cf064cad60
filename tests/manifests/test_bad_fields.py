"""Bad fields: each gives its code, its place, what is wrong and what to do."""

from __future__ import annotations

import pytest

from cozeops.codes import Code
from tests.manifests.projects import BASE, WORKSPACE, Loader, bot, prompt

QUOTED_NAME = "  name: " + "菜" * 21

# name: (spec of the bot, code, line:column, part of the message, part of the hint)
BOT_CASES = {
    "unknown field": ("  promt: x", Code.UNKNOWN_FIELD, "8:3", '"promt" in spec', "did you mean prompt?"),
    "unknown field inside": (
        '  model: {id: "1", temprature: 1}',
        Code.UNKNOWN_FIELD,
        "8:20",
        '"temprature" in spec.model',
        "did you mean temperature?",
    ),
    "number for text": ("  description: 12", Code.WRONG_TYPE, "8:16", "wants text", 'quote it: "12"'),
    "id without quotes": (
        "  model: {id: 1706077826}",
        Code.WRONG_TYPE,
        "8:15",
        "this is the number 1706077826",
        'quote it: "1706077826"',
    ),
    "text for a number": (
        '  model: {id: "1", temperature: hot}',
        Code.WRONG_TYPE,
        "8:33",
        "wants a number",
        "without quotes",
    ),
    "fraction": ('  model: {id: "1", max_tokens: 1.5}', Code.WRONG_TYPE, "8:32", "a whole number", "whole"),
    "yes for true": ("  voice_call: yes", Code.WRONG_TYPE, "8:15", "true or false", "write true, without"),
    "text for a list": ("  plugins: a", Code.WRONG_TYPE, "8:12", "wants a list", "[a]"),
    "list for a map": ("  knowledge: [a]", Code.WRONG_TYPE, "8:3", "wants a map; this is a list", "datasets"),
    "list for text": ("  icon: [a.png]", Code.WRONG_TYPE, "8:3", "wants text", "without the list"),
    "not a choice": (
        '  model: {id: "1", response_format: markdwn}',
        Code.BAD_VALUE,
        "8:37",
        "text, markdown or json",
        "did you mean markdown?",
    ),
    "out of range": (
        '  model: {id: "1", max_tokens: 0}',
        Code.BAD_VALUE,
        "8:32",
        "must be at least 1",
        "at least 1",
    ),
    "no id": ("  id: abc", Code.BAD_VALUE, "8:7", '"abc" is not an id', "digits"),
    "missing field": ("  model: {temperature: 1}", Code.MISSING_FIELD, "8:3", 'needs "id"', "add id"),
    "missing in an item": (
        '  plugins: [{plugin: {id: "1"}}]',
        Code.MISSING_FIELD,
        "8:13",
        'spec.plugins[0] needs "tools"',
        "add tools",
    ),
    "misspelt required": ("  prompt: {fil: x}", Code.UNKNOWN_FIELD, "8:12", '"fil"', "did you mean file?"),
    "union, number": ("  prompt: 12", Code.WRONG_TYPE, "8:11", "{prefix, dynamic}; this is", "quote it"),
    "union, list": ("  prompt: [a]", Code.WRONG_TYPE, "8:3", "{ref, vars} or {prefix", "without the list"),
    "union, empty": ("  prompt: {}", Code.WRONG_TYPE, "8:3", "this is a map", "write text, {file}"),
    "union, two forms": (
        "  prompt: {file: x, ref: y}",
        Code.RULE,
        "8:3",
        '"file" and "ref" do not go together',
        "write text, {file}",
    ),
    "union, inner": ("  prompt: {prefix: {file: 3}}", Code.WRONG_TYPE, "8:27", "prefix.file wants", "quote"),
    "union of names": (
        "  workflows: [1]",
        Code.WRONG_TYPE,
        "8:15",
        "the name of a Workflow, {id} or {name}",
        'quote it: "1"',
    ),
    "too long": (QUOTED_NAME, Code.SIZE, "8:9", "21 characters, at most 20", "take out 1"),
    "too short": ('  name: ""', Code.SIZE, "8:9", "0 characters, at least 1", "leave the field out"),
    "long question": (
        f"  onboarding: {{suggested_questions: [a, {'q' * 51}]}}",
        Code.SIZE,
        "8:41",
        "suggested_questions[1] has 51 characters",
        "take out 1",
    ),
    "long prompt part": (
        f"  prompt: {{prefix: a, dynamic: {'x' * 20_001}}}",
        Code.SIZE,
        "8:32",
        "spec.prompt.dynamic has 20,001 characters, at most 20,000",
        "take out 1",
    ),
    "no tools": ('  plugins: [{plugin: {id: "1"}, tools: []}]', Code.SIZE, "8:33", "0 items", "add one"),
    "rule between fields": (
        "  suggest_reply: {mode: customized}",
        Code.RULE,
        "8:25",
        "needs a prompt",
        "add suggest_reply.prompt",
    ),
    "rule about connectors": (
        "  publish:\n    connectors: [api, api]",
        Code.RULE,
        "9:5",
        "listed twice",
        "keep one",
    ),
    "dangling reference": (
        "  knowledge: {datasets: [recips]}",
        Code.DANGLING,
        "8:26",
        'no KnowledgeBase "recips"',
        "declare a KnowledgeBase",
    ),
    "dangling connector": (
        "  publish: {connectors: [api, chat]}",
        Code.DANGLING,
        "8:31",
        'no Connector "chat"',
        "api, chat_sdk",
    ),
    "dangling prompt": (
        "  prompt: {ref: tone}",
        Code.DANGLING,
        "8:17",
        'no Prompt "tone"',
        "declare a Prompt",
    ),
    "missing file": ("  prompt: {file: a.md}", Code.MISSING_FILE, "8:18", 'no file "a.md"', "create a.md"),
    "near file": ("  prompt: {file: shef.md}", Code.MISSING_FILE, "8:18", "shef.md", "did you mean chef.md?"),
    "path outside": ("  icon: ../a.png", Code.OUTSIDE, "8:9", "out of the project", "copy the file"),
    "absolute path": ("  icon: /etc/passwd", Code.OUTSIDE, "8:9", "/etc/passwd", "relative to the folder"),
    "backslash": ("  icon: 'a\\b.png'", Code.OUTSIDE, "8:9", "backslash", 'write "a/b.png"'),
    "folder": ("  icon: folder", Code.UNUSABLE_FILE, "8:9", '"folder" is a folder', "name a file"),
    "no path": ('  icon: ""', Code.MISSING_FILE, "8:9", "names no file", "write the path"),
    "long path": (f"  icon: {'x' * 300}", Code.UNUSABLE_FILE, "8:9", "no usable path", "correct"),
    "binary text": ("  prompt: {file: bin}", Code.UNUSABLE_FILE, "8:18", "bin: a binary file", "UTF-8"),
    "GBK text": (
        "  prompt: {file: gbk.md}",
        Code.UNUSABLE_FILE,
        "8:18",
        "not UTF-8: byte 0xd6",
        "save it as",
    ),
    "unknown value": ('  name: "${values.x}"', Code.INTERPOLATION, "8:9", 'no value "x"', "declare x under"),
    "no reference": ('  name: "a ${foo}"', Code.INTERPOLATION, "8:9", '"${foo}" is no reference', "$${foo}"),
    "variable of a bot": (
        '  prompt: "${vars.x}"',
        Code.INTERPOLATION,
        "8:11",
        "only inside a Prompt",
        "values.x",
    ),
    "closed variable": (
        '  name: "${env:HOME}"',
        Code.INTERPOLATION,
        "8:9",
        "may not be read",
        "COZEOPS_VAR_",
    ),
    "unset variable": (
        '  name: "${env:COZEOPS_VAR_N}"',
        Code.INTERPOLATION,
        "8:9",
        "is not set",
        "set COZEOPS_VAR_N",
    ),
}


@pytest.mark.parametrize("case", BOT_CASES.values(), ids=BOT_CASES.keys())
def test_bad_field_of_a_bot(project: Loader, case: tuple[str, Code, str, str, str]) -> None:
    spec, code, where, message, hint = case
    files = {"chef.md": "x", "folder/x": "", "bin": b"a\0b", "gbk.md": "中".encode("gbk")}
    [problem] = project.problems({"m.yaml": bot(spec + "\n"), **files}, HOME="/root")
    assert problem.code == code
    assert str(problem.position) == f"m.yaml:{where}"
    assert message in problem.message
    assert hint in problem.hint
    line = int(where.split(":")[0])
    assert problem.excerpt == bot(spec).splitlines()[line - 1]


BASE_CASES = {
    "no match": (
        '    - {files: "docs/*.pdf"}',
        Code.NO_MATCH,
        "9:15",
        "no file matches",
        "[] means no files",
    ),
    "pattern outside": ('    - {files: "../*.md"}', Code.OUTSIDE, "9:15", "out of the project", "copy"),
    "up after a wildcard": (
        '    - {files: "*/../*.md"}',
        Code.OUTSIDE,
        "9:15",
        "goes up",
        "at the beginning",
    ),
    "absolute pattern": ('    - {files: "/*.md"}', Code.OUTSIDE, "9:15", "does not begin", "relative"),
    "one name for many": (
        '    - {files: "docs/*.md", name: x}',
        Code.NO_MATCH,
        "9:15",
        "matches 2 files",
        "leave name out",
    ),
    "both": ('    - {file: c.md, files: "*.md"}', Code.RULE, "9:27", "do not go together", "split"),
    "missing document": (
        "    - {file: d.md}",
        Code.MISSING_FILE,
        "9:14",
        'no file "d.md"',
        "did you mean c.md",
    ),
    "a rule": (
        "    - {file: c.md}\n    - {file: c.md}",
        Code.RULE,
        None,
        "could both be called c.md",
        "name",
    ),
    "a setting that automatic chunking drops": (
        "    - {file: c.md}\n  chunking: {max_tokens: 800}",
        Code.RULE,
        "10:26",
        "only mode custom takes max_tokens",
        "write mode: custom",
    ),
}


@pytest.mark.parametrize("case", BASE_CASES.values(), ids=BASE_CASES.keys())
def test_bad_document(project: Loader, case: tuple[str, Code, str | None, str, str]) -> None:
    entries, code, where, message, hint = case
    text = WORKSPACE + BASE + f"  documents:\n{entries}\n"
    files = {"docs/a.md": "a", "docs/b.md": "b", "c.md": "c"}
    [problem] = project.problems({"m.yaml": text, **files})
    assert problem.code == code
    assert where is None or str(problem.position) == f"m.yaml:{where}"
    assert message in problem.message
    assert hint in problem.hint


PROMPT_CASES = {
    "unknown variable": (
        prompt("p", '{text: "${vars.dish}", vars: {dish: x}}') + bot("  prompt: {ref: p, vars: {dis: y}}\n"),
        Code.VARIABLE,
        "12:27",
        'Prompt/p has no variable "dis"',
        "did you mean dish?",
    ),
    "missing value": (
        prompt("p", '{text: "${vars.dish}"}') + bot("  prompt: {ref: p}\n"),
        Code.VARIABLE,
        "12:17",
        'the variable "dish" has no value in Prompt/p',
        "vars: {dish: ...}",
    ),
    "missing value of an inner prompt": (
        prompt("p", '{text: "${vars.dish}"}') + prompt("q", "{parts: [{ref: p}]}"),
        Code.VARIABLE,
        "7:22",
        "has no value in Prompt/p",
        "vars",
    ),
    "no reference in a file": (
        prompt("p", "{text: {file: p.md}, vars: {a: b}}"),
        Code.INTERPOLATION,
        "p.md:2:3",
        '"${HOME}" is no reference',
        "$${HOME}",
    ),
    "a map as variable": (
        prompt("p", "{text: a, vars: {a: {b: c}}}"),
        Code.WRONG_TYPE,
        "3:24",
        "spec.vars.a wants",
        "text",
    ),
    "itself": (
        prompt("p", "{parts: [{text: a}, {ref: p}]}"),
        Code.PROMPT_CYCLE,
        "3:33",
        "p → p",
        "take one of them out",
    ),
    "ring": (
        prompt("a", "{text: {ref: b}}") + prompt("b", "{text: {ref: c}}") + prompt("c", "{text: {ref: a}}"),
        Code.PROMPT_CYCLE,
        "11:20",
        "a → b → c → a",
        "take one of them out",
    ),
    "neither text nor parts": (
        prompt("p", "{}"),
        Code.RULE,
        "3:1",
        "neither text nor parts",
        "write one of them",
    ),
    "text and parts": (
        prompt("p", "{text: a, parts: []}"),
        Code.RULE,
        "3:1",
        "text and parts",
        "write one of them",
    ),
}


@pytest.mark.parametrize("case", PROMPT_CASES.values(), ids=PROMPT_CASES.keys())
def test_bad_prompt(project: Loader, case: tuple[str, Code, str, str, str]) -> None:
    text, code, where, message, hint = case
    [problem] = project.problems({"m.yaml": text, "p.md": "line\na ${HOME}\n"})
    assert problem.code == code
    assert str(problem.position) == (where if where.startswith("p.md") else f"m.yaml:{where}")
    assert message in problem.message
    assert hint in problem.hint


def test_all_problems_at_once(project: Loader) -> None:
    """A field that does not fit hides nothing about the others; each problem is told once."""
    spec = "  nam: x\n  voice_call: 3\n  icon: no.png\n  prompt: {file: no.md}\n  workflows: [nope]\n"
    problems = project.problems({"a.yaml": bot(spec), "b.yaml": "kind: Bot\n", "c.yaml": "a: [\n"})
    # c.yaml may hold the workflow: nobody can say that it is dangling.
    codes = [(problem.position.file, problem.code) for problem in problems if problem.position]
    assert codes == [
        ("a.yaml", Code.UNKNOWN_FIELD),
        ("a.yaml", Code.WRONG_TYPE),
        ("a.yaml", Code.MISSING_FILE),
        ("a.yaml", Code.MISSING_FILE),
        ("b.yaml", Code.ENVELOPE),
        ("c.yaml", Code.SYNTAX),
    ]


def test_prompts_that_multiply_are_stopped(project: Loader) -> None:
    chain = prompt("p0", '{text: "${vars.x}"}') + "".join(
        prompt(
            f"p{i}",
            f'{{parts: [{{ref: p{i - 1}, vars: {{x: "${{vars.x}}a"}}}}, {{ref: p{i - 1}, vars: {{x: b}}}}]}}',
        )
        for i in range(1, 30)
    )
    assert {problem.code for problem in project.problems({"m.yaml": chain})} == {Code.TOO_COMPLEX}


def test_a_long_chain_of_prompts_is_stopped(project: Loader) -> None:
    chain = prompt("p0", "{text: a}") + "".join(
        prompt(f"p{i}", f"{{text: {{ref: p{i - 1}}}}}") for i in range(1, 200)
    )
    assert {problem.code for problem in project.problems({"m.yaml": chain})} == {Code.TOO_COMPLEX}


def test_tokens_are_never_shown(project: Loader) -> None:
    token = "pat_0123456789abcdef"
    text = f"kind: Project\nmetadata: {{name: a}}\nspec:\n  token: {token}\n  values: {token}\n"
    problems = project.problems({"cozeops.yaml": text})
    shown = "".join(f"{one.message}{one.hint}{one.excerpt}" for one in problems)
    assert problems
    assert "0123456789" not in shown


def test_control_characters_are_escaped(project: Loader) -> None:
    [problem] = project.problems({"m.yaml": bot('  id: "\\e[31mred\\u202e"\n')})
    assert '"\\x1b[31mred\\u202e"' in problem.message
