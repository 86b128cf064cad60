"""Written by hand: what YAML does to people, and what keyboards and editors do to YAML."""

from __future__ import annotations

from tests.corpus.case import HOME, Bad, bot

_PROMPT = "kind: Prompt\nmetadata: {name: p}\nspec: {text: a}\n"
_PROJECT = "kind: Project\nmetadata: {name: p}\nspec:\n"


def _project(spec: str) -> dict[str, str]:
    """A project file whose spec begins in line 4, and a manifest."""
    return {"cozeops.yaml": _PROJECT + spec, "m.yaml": HOME}


# What a word or a number is, differs between readers of YAML.
SCALARS = {
    "Norway": Bad(bot("  voice_call: no\n"), "COZE011", "m.yaml:8:15", 'the text "no"', "write false"),
    "Norway off": Bad(bot("  voice_call: Off\n"), "COZE011", "m.yaml:8:15", 'the text "Off"', "write false"),
    "Norway yes": Bad(bot("  voice_call: YES\n"), "COZE011", "m.yaml:8:15", 'the text "YES"', "write true"),
    "Norway y": Bad(bot("  voice_call: y\n"), "COZE011", "m.yaml:8:15", 'the text "y"', "write true"),
    "true for text": Bad(bot("  name: true\n"), "COZE011", "m.yaml:8:9", "wants text", 'quote it: "true"'),
    "True for text": Bad(bot("  name: True\n"), "COZE011", "m.yaml:8:9", "wants text", 'quote it: "True"'),
    "quoted true": Bad(bot("  voice_call: 'true'\n"), "COZE011", "m.yaml:8:15", "", "without quotes"),
    "one for true": Bad(bot("  voice_call: 1\n"), "COZE011", "m.yaml:8:15", "the number 1", "true or false"),
    "octal text": Bad(bot("  name: 012\n"), "COZE005", "m.yaml:8:9", "012", '"012"'),
    "octal number": Bad(
        bot("  model: {id: '1', max_tokens: 0800}\n"), "COZE005", "m.yaml:8:32", "0800", "write 800"
    ),
    "octal value": Bad(_project("  values: {x: 007}\n"), "COZE005", "cozeops.yaml:4:15", "007", '"007"'),
    "new octal text": Bad(bot("  name: 0o14\n"), "COZE011", "m.yaml:8:9", "number 12", 'quote it: "0o14"'),
    "hexadecimal": Bad(bot("  name: 0x1F\n"), "COZE011", "m.yaml:8:9", "number 31", 'quote it: "0x1F"'),
    "underscores": Bad(
        bot("  model: {id: '1', max_tokens: 1_000}\n"), "COZE005", "m.yaml:8:32", "1_000", "write 1000"
    ),
    "sexagesimal": Bad(
        bot("  model: {id: '1', max_tokens: 1:30}\n"), "COZE011", "m.yaml:8:32", '"1:30"', "a number"
    ),
    "exponent": Bad(
        bot("  model: {id: '1', max_tokens: 1e3}\n"), "COZE011", "m.yaml:8:32", "1000.0", "whole number"
    ),
    "long id": Bad(
        bot("  id: 73428668000000123456789\n"), "COZE011", "m.yaml:8:7", "wants text",
        'quote it: "73428668000000123456789"',
    ),
    "id list": Bad(
        bot("  workflows: [{id: 7342866812345}]\n"), "COZE011", "m.yaml:8:20", "wants text", "quote it"
    ),
    "decimal comma": Bad(
        bot("  model: {id: '1', temperature: 0,7}\n"), "COZE005", "m.yaml:8:35", "the key 7", "write 0.7"
    ),
    "comma text": Bad(
        bot("  model:\n    id: '1'\n    temperature: 0,7\n"), "COZE011", "m.yaml:10:18", '"0,7"', "a number"
    ),
    "quoted number": Bad(
        bot("  model: {id: '1', temperature: '0.7'}\n"), "COZE011", "m.yaml:8:33", '"0.7"', "without quotes"
    ),
    "infinity": Bad(bot("  model: {id: '1', top_p: .INF}\n"), "COZE005", "m.yaml:8:27", ".INF", "finite"),
    "overflow": Bad(bot("  model: {id: '1', top_p: 1e999}\n"), "COZE005", "m.yaml:8:27", "1e999", "finite"),
    "ten thousand digits": Bad(
        bot("  model: {id: '1', top_k: " + "9" * 10_000 + "}\n"), "COZE005", "m.yaml:8:27", "999", "number"
    ),
    "null": Bad(bot("  description: null\n"), "COZE005", "m.yaml:8:3", "null", "leave the field out"),
    "Null": Bad(bot("  description: NULL\n"), "COZE005", "m.yaml:8:3", "null", "leave the field out"),
    "tilde": Bad(bot("  description: ~\n"), "COZE005", "m.yaml:8:3", "null", "leave the field out"),
    "date": Bad(bot("  name: 2024-01-02\n"), "COZE005", "m.yaml:8:9", "a date", 'quote it: "2024-01-02"'),
    "time": Bad(
        bot("  name: 2024-01-02T03:04:05Z\n"), "COZE005", "m.yaml:8:9", "a date", '"2024-01-02T03:04:05Z"'
    ),
    "number key": Bad(bot("  1: x\n"), "COZE005", "m.yaml:8:3", "the key 1", 'quote it: "1"'),
    "true key": Bad(bot("  true: x\n"), "COZE005", "m.yaml:8:3", "the key true", 'quote it: "true"'),
    "null key": Bad(bot("  ~: x\n"), "COZE005", "m.yaml:8:3", "the key ~", "quote it"),
    "date key": Bad(bot("  2024-01-02: x\n"), "COZE005", "m.yaml:8:3", "the key 2024-01-02", "quote it"),
}  # fmt: skip

# Brackets, quotes, colons, indentation.
SYNTAX = {
    "no space": Bad(
        bot("  name:x\n  description: y\n"), "COZE001", "m.yaml:9:14", "a colon", 'the ":" in line 8'
    ),
    "only line without space": Bad(
        bot("  name:x\n"), "COZE006", "m.yaml:8:3", 'spec is the text "name:x"', "below it"
    ),
    "deeper": Bad(
        bot("  name: x\n    description: y\n"), "COZE001", "m.yaml:9:16", "a colon", "indentation"
    ),
    "shallower": Bad(
        bot("    name: x\n  description: y\n"), "COZE001", "m.yaml:9:3", "indentation", "line it up"
    ),
    "tab": Bad(bot("\tname: x\n"), "COZE001", "m.yaml:8:1", "a tab", "indent with spaces"),
    "tab behind spaces": Bad(bot("  model:\n  \tid: x\n"), "COZE001", "m.yaml:9:3", "a tab", "indent with"),
    "tab in a list": Bad(bot("  workflows:\n\t- a\n"), "COZE001", "m.yaml:9:1", "a tab", "indent with"),
    "half quoted": Bad(
        bot("  name: 'it's'\n"), "COZE001", "m.yaml:8:13", "goes on after", "quote the whole"
    ),
    "quoted word first": Bad(
        bot('  name: "big" bot\n'), "COZE001", "m.yaml:8:15", "goes on after", "quote the whole"
    ),
    "bracket closed twice": Bad(
        bot("  model: {id: '1'}}\n"), "COZE001", "m.yaml:8:19", "goes on after", "quote the whole"
    ),
    "not closed": Bad(bot("  workflows: [a, b\n"), "COZE001", "m.yaml:9:1", "bracket", "close [ with ]"),
    "other bracket": Bad(bot("  workflows: [a, b}\n"), "COZE001", "m.yaml:8:19", "bracket", "close ["),
    "quote not closed": Bad(bot('  name: "x\n'), "COZE001", "m.yaml:8:9", "inside quotes", "close the"),
    "missing comma": Bad(
        bot("  model: {id: '1' top_k: 2}\n"), "COZE001", "m.yaml:8:19", "comma", "close ["
    ),
    "no key": Bad(bot("  : x\n"), "COZE005", "m.yaml:8:3", "key", "quote it"),
    "template": Bad(bot("  name: {{ name }}\n"), "COZE005", "m.yaml:8:10", "a key that is", 'quote text'),
    "backtick": Bad(bot("  name: `x`\n"), "COZE001", "m.yaml:8:9", "cannot begin", "quote the text"),
    "percent": Bad(bot("  name: %x\n"), "COZE001", "m.yaml:8:9", "cannot begin", "quote the text"),
    "at": Bad(bot("  name: @chef\n"), "COZE001", "m.yaml:8:9", "cannot begin", "quote the text"),
    "star": Bad(bot("  name: *chef*\n"), "COZE001", "m.yaml:8:9", "alias", "quote text"),
    "bold": Bad(bot("  name: **chef**\n"), "COZE001", "m.yaml:8:9", "alias", "quote text"),
    "exclamation": Bad(bot("  name: !chef\n"), "COZE005", "m.yaml:8:9", 'the tag "!chef"', "without a tag"),
    "escape": Bad(bot('  name: "a\\q"\n'), "COZE001", "m.yaml:8:12", "no such escape", "\\\\"),
    "windows path": Bad(bot('  icon: "C:\\x\\u.png"\n'), "COZE001", "m.yaml:8:14", "escape", "\\\\"),
    "text beside bar": Bad(
        bot("  prompt: |you are\n    a cook\n"), "COZE001", "m.yaml:8:12", "beside | or >", "next line"
    ),
    "block without indentation": Bad(
        bot("  prompt: |\n    a\n   b\n  name: x\n"), "COZE001", "m.yaml:10:4", "indentation", "line it up"
    ),
    "block at the margin": Bad(
        bot("  prompt: |\nyou are a cook\n  name: x\n"), "COZE001", "m.yaml:9:1", "without a colon", "indent"
    ),
    "list under map": Bad(
        bot("  name: x\n  - a\n"), "COZE001", "m.yaml:9:3", "indentation", "line it up"
    ),
    "spec as list": Bad(bot("  - name: x\n"), "COZE006", "m.yaml:7:1", "spec is a list", "fields below it"),
    "spec as text": Bad(
        {"m.yaml": HOME + "kind: Bot\nmetadata: {name: chef, workspace: home}\nspec: x\n"},
        "COZE006", "m.yaml:7:7", 'spec is the text "x"', "fields below it",
    ),
    "spec empty": Bad(bot(""), "COZE005", "m.yaml:7:1", "null", "below it"),
    "twice": Bad(bot("  name: x\n  name: y\n"), "COZE003", "m.yaml:9:3", "written twice", "line 8"),
    "twice, quoted": Bad(bot("  name: x\n  'name': y\n"), "COZE003", "m.yaml:9:3", "written twice", "line 8"),
    "twice in brackets": Bad(
        bot("  model: {id: '1', id: '2'}\n"), "COZE003", "m.yaml:8:20", "written twice", "line 8"
    ),
    "spec twice": Bad(
        bot("  name: x\nspec:\n  name: y\n"), "COZE003", "m.yaml:9:1", '"spec" is written twice', "line 7"
    ),
    "conflict": Bad(
        bot("<<<<<<< HEAD\n  name: x\n=======\n  name: y\n>>>>>>> branch\n"),
        "COZE001", "m.yaml:8:1", "merge conflict", "resolve it",
    ),
}  # fmt: skip

# Anchors, merge keys, tags, several documents, directives.
GRAPH = {
    "merge of nothing": Bad(bot("  <<: *nope\n"), "COZE001", "m.yaml:8:7", "alias", "quote text"),
    "merge of text": Bad(bot("  <<: x\n"), "COZE005", "m.yaml:8:7", "takes in a map", "<<: *name"),
    "merge of a list of texts": Bad(bot("  <<: [a]\n"), "COZE005", "m.yaml:8:8", "takes in a map", "<<:"),
    "merge of itself": Bad(bot("  model: &m {id: '1', <<: *m}\n"), "COZE004", "m.yaml:8:18", "deeper", "flatter"),
    "anchor across documents": Bad(
        {"m.yaml": HOME.replace("spec: {", "spec: &s {") + "kind: Bot\nmetadata: {name: a}\nspec: *s\n"},
        "COZE001", "m.yaml:7:7", "alias without its anchor", "quote",
    ),
    "python tag": Bad(
        bot("  name: !!python/object/apply:os.system [id]\n"), "COZE005", "m.yaml:8:9", "the tag", "without"
    ),
    "include tag": Bad(bot("  prompt: !include a.md\n"), "COZE005", "m.yaml:8:11", "the tag", "without a tag"),
    "set": Bad(bot("  model: !!set {a, b}\n"), "COZE005", "m.yaml:8:10", '"!!set"', "without a tag"),
    "ordered map": Bad(bot("  model: !!omap [a: 1]\n"), "COZE005", "m.yaml:8:10", '"!!omap"', "without"),
    "binary": Bad(bot("  name: !!binary eA==\n"), "COZE005", "m.yaml:8:9", '"!!binary"', "without a tag"),
    "verbatim tag": Bad(bot("  name: !<x:y> z\n"), "COZE005", "m.yaml:8:9", "the tag", "without a tag"),
    "tagged document": Bad(
        {"m.yaml": HOME + "!bot\nkind: Bot\n"}, "COZE005", "m.yaml:5:1", '"!bot"', "without a tag"
    ),
    "complex key": Bad(bot("  ? [a]\n  : x\n"), "COZE005", "m.yaml:8:5", "a key that is a list", "quote"),
    "directive": Bad({"m.yaml": "%YAML 1.1\n---\n" + HOME}, "COZE001", "m.yaml:1:1", "directives", "remove"),
    "tag directive": Bad({"m.yaml": "%TAG ! x:\n---\n" + HOME}, "COZE001", "m.yaml:1:1", "directives", "rem"),
    "late directive": Bad(
        {"m.yaml": HOME[:-4] + "...\n%YAML 1.2\n---\nkind: Bot\n"}, "COZE001", "m.yaml:5:1", "directives"
    ),
    "text after the end": Bad(
        {"m.yaml": HOME[:-4] + "...\nbye\n"}, "COZE006", "m.yaml:5:1", 'the text "bye"', "kind, metadata"
    ),
    "number document": Bad({"m.yaml": HOME + "7\n"}, "COZE006", "m.yaml:5:1", "the number 7", "kind"),
    "list document": Bad({"m.yaml": HOME + "- kind: Bot\n"}, "COZE006", "m.yaml:5:1", "a list", "kind,"),
    "second broken": Bad({"m.yaml": HOME + "a: [\n"}, "COZE001", "m.yaml:6:1", "bracket", "close ["),
    "JSON": Bad({"m.yaml": '{"kind": "Bott"}'}, "COZE007", "m.yaml:1:10", '"Bott"', "did you mean Bot?"),
    "Kubernetes": Bad(
        {"m.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\n"},
        "COZE006", "m.yaml:1:13", '"v1"', "cozeops/v1",
    ),
    "compose file": Bad(
        {"compose.yaml": "services:\n  web: {image: x}\n"}, "COZE006", "compose.yaml:1:1", "no kind", "folders"
    ),
}  # fmt: skip

# What Chinese keyboards, word processors and web pages put where ASCII belongs.
KEYBOARD = {
    "full-width colon": Bad(
        bot("  name：厨师\n  description: x\n"), "COZE001", "m.yaml:9:14", "", 'the "：" in line 8'
    ),
    "full-width colon alone": Bad(
        bot("  name：厨师\n"), "COZE006", "m.yaml:8:3", "spec is the text", 'the "：" in line 8'
    ),
    "full-width comma": Bad(
        bot("  model: {id: '1'，top_k: 2}\n"), "COZE001", "m.yaml:8:18", "", 'the "，" in line 8'
    ),
    "full-width quotes": Bad(
        bot("  voice_call: “true”\n"), "COZE011", "m.yaml:8:15", "“true”", 'the "“" in line 8'
    ),
    "full-width brackets": Bad(
        bot("  workflows: ［a］\n"), "COZE011", "m.yaml:8:14", "a list", 'the "［" in line 8'
    ),
    "Chinese brackets": Bad(
        bot("  workflows: 【a】\n"), "COZE011", "m.yaml:8:14", "a list", 'the "【" in line 8'
    ),
    "full-width digits": Bad(
        bot("  model: {id: '1', top_k: １２}\n"), "COZE011", "m.yaml:8:27", "whole number", 'the "１" in line 8'
    ),
    "full-width dash": Bad(
        bot("  workflows:\n    － a\n"), "COZE011", "m.yaml:9:5", "a list", 'the "－" in line 9'
    ),
    "ideographic space": Bad(
        bot("\u3000name: x\n"), "COZE010", "m.yaml:8:1", "unknown field", "U+3000 in line 8"
    ),
    "no-break space": Bad(
        bot("\u00a0\u00a0name: x\n"), "COZE010", "m.yaml:8:1", "unknown field", "U+00A0 in line 8"
    ),
    "no-break space behind the colon": Bad(
        bot("  name:\u00a0x\n  description: x\n"), "COZE001", "m.yaml:9:14", "", "U+00A0 in line 8"
    ),
    "zero-width space": Bad(
        bot("  na\u200bme: x\n"), "COZE010", "m.yaml:8:3", "na\\u200bme", "did you mean name?"
    ),
    "soft hyphen": Bad(bot("  na\u00adme: x\n"), "COZE010", "m.yaml:8:3", "na\\xadme", "did you mean name?"),
    "Cyrillic letter": Bad(bot("  n\u0430me: x\n"), "COZE010", "m.yaml:8:3", "unknown field", "mean name?"),
    "full-width letters": Bad(bot("  ｎａｍｅ: x\n"), "COZE010", "m.yaml:8:3", "", "did you mean name?"),
    "capitals": Bad(bot("  Name: x\n"), "COZE010", "m.yaml:8:3", '"Name"', "did you mean name?"),
    "camel case": Bad(
        bot("  onboarding: {suggestedQuestions: []}\n"), "COZE010", "m.yaml:8:16", "", "suggested_questions?"
    ),
    "wire name": Bad(
        bot("  prompt_info: {prompt: x}\n"), "COZE010", "m.yaml:8:3", '"prompt_info"', "did you mean prompt?"
    ),
    "smart dash in the separator": Bad(
        {"m.yaml": HOME[:-4] + "—-\nkind: Bot\n"}, "COZE001", "m.yaml:4:1", "", "line 4"
    ),
    "next line": Bad(bot("  name: x\u0085  description: y\n"), "COZE002", "m.yaml:8:10", "U+0085", "delete it"),
    "line separator": Bad(bot("  name: x\u2028\n"), "COZE002", "m.yaml:8:10", "U+2028", "delete it"),
    "byte order mark inside": Bad(
        {"m.yaml": HOME + "\ufeffkind: Bott\n"}, "COZE002", "m.yaml:5:1", "U+FEFF", "delete it"
    ),
    "only carriage returns": Bad(
        {"m.yaml": "kind: Bott\rmetadata: {name: a}\r"}, "COZE007", "m.yaml:1:7", '"Bott"', "Bot?"
    ),
    "Windows line ends": Bad(
        {"m.yaml": "kind: Prompt\r\nmetadata: {name: a}\r\nspec: {txt: a}\r\n"},
        "COZE010", "m.yaml:3:8", '"txt"', "did you mean text?",
    ),
    "mixed line ends": Bad(
        {"m.yaml": "kind: Prompt\nmetadata: {name: a}\r\nspec:\r  txt: a\n"},
        "COZE010", "m.yaml:4:3", '"txt"', "did you mean text?",
    ),
}  # fmt: skip

# References, values, environments.
SETTINGS = {
    "not closed": Bad(bot("  name: ${values.x\n"), "COZE026", "m.yaml:8:9", "not closed", "close it with }"),
    "shell style": Bad(bot("  name: ${HOME}\n"), "COZE026", "m.yaml:8:9", "no reference", "${env:NAME}"),
    "wrong brackets": Bad(
        {**_project("  values: {x: a}\n"), "b.yaml": _PROMPT.replace("text: a", "text: '${value.x}'")},
        "COZE026", "b.yaml:3:14", "no reference", "${values.x}",
    ),
    "list inside a text": Bad(
        {**_project("  values: {x: [a]}\n"), **bot("  name: a ${values.x}\n")},
        "COZE026", "m.yaml:8:9", "a list", "use it alone",
    ),
    "value of a value": Bad(
        _project("  values: {x: a, y: '${values.x}'}\n"), "COZE026", "cozeops.yaml:4:21", 'no value "x"'
    ),
    "token in the project": Bad(
        _project("  token: pat_0123456789abcdef\n"), "COZE013", "cozeops.yaml:4:10", "token", "${env:NAME}"
    ),
    "token from values": Bad(
        _project("  values: {t: x}\n  token: '${values.t}'\n"), "COZE013", "cozeops.yaml:5:10", "", "${env:"
    ),
    "secret variable in a prompt": Bad(
        bot("  prompt: 'x ${env:COZE_API_TOKEN}'\n"), "COZE026", "m.yaml:8:11", "may not be read", "COZEOPS_VAR_",
        environ={"COZE_API_TOKEN": "pat_0123456789abcdef"},
    ),
    "secret variable in a value": Bad(
        _project("  values: {x: '${env:HOME}'}\n"), "COZE026", "cozeops.yaml:4:15", "may not be read", "COZEOPS_"
    ),
    "secret variable in the base URL": Bad(
        _project("  base_url: 'https://${env:HOME}.example'\n"), "COZE026", "cozeops.yaml:4:13", "may not be read"
    ),
    "secret variable in the state": Bad(
        _project("  state: {backend: s3, bucket: '${env:HOME}'}\n"),
        "COZE026", "cozeops.yaml:4:32", "may not be read", "COZEOPS_VAR_",
    ),
    "secret variable in a check": Bad(
        _project("  checks: {commands: [{name: a, run: [echo, '${env:HOME}']}]}\n"),
        "COZE026", "cozeops.yaml:4:45", "may not be read", "COZEOPS_VAR_",
    ),
    "no web address": Bad(_project("  base_url: api.coze.cn\n"), "COZE013", "cozeops.yaml:4:13", "", "https://"),
    "unknown environment": Bad(
        _project("  environments: {dev: {}}\n"), "COZE035", "cozeops.yaml:4:3", '"prd"', "dev", environment="prd"
    ),
    "no default": Bad(
        _project("  environments: {dev: {}, prod: {}}\n"), "COZE035", "cozeops.yaml:4:3", "which", "dev, prod"
    ),
    "state without backend": Bad(
        _project("  state: {}\n"), "COZE012", "cozeops.yaml:4:3", 'needs "backend"', "local, git or s3"
    ),
    "state as text": Bad(
        _project("  state: git\n"), "COZE011", "cozeops.yaml:4:10", "wants a map", "such as {backend: ..."
    ),
    "number from a value": Bad(
        {**_project("  values: {m: 1706077826}\n"), **bot("  model: {id: '${values.m}'}\n")},
        "COZE011", "m.yaml:8:15", "the number 1706077826", 'where it is declared: "1706077826"',
    ),
    "base URL from a number": Bad(
        _project("  values: {n: 7}\n  base_url: ${values.n}\n"), "COZE011", "cozeops.yaml:5:13", "wants text"
    ),
    "state of another backend": Bad(
        _project("  state: {backend: git, bucket: b}\n"), "COZE015", "cozeops.yaml:4:25", "no bucket", "branch or"
    ),
    "unknown field of a state": Bad(
        _project("  state: {backend: git, brnch: b}\n"), "COZE010", "cozeops.yaml:4:25", "brnch", "mean branch?"
    ),
    "share of more": Bad(
        _project("  thresholds: {update: 300%}\n"), "COZE013", "cozeops.yaml:4:24", "threshold", "30%"
    ),
    "share below nothing": Bad(
        _project("  thresholds: {delete: -1}\n"), "COZE013", "cozeops.yaml:4:24", "threshold", "such as 2"
    ),
    "manifests as text": Bad(
        _project("  manifests: manifests\n"), "COZE011", "cozeops.yaml:4:14", "a list", "[manifests]"
    ),
    "manifests outside": Bad(
        _project("  manifests: [../other]\n"), "COZE031", "cozeops.yaml:4:15", "out of", "into the project"
    ),
    "patches absolute": Bad(
        _project("  environments: {dev: {default: true, patches: [/etc]}}\n"),
        "COZE031", "cozeops.yaml:4:49", "/etc", "relative",
    ),
    "patch of nothing": Bad(
        {**_project("  manifests: [m.yaml]\n  environments: {dev: {default: true, patches: [p]}}\n"), "p/a.yaml": _PROMPT},
        "COZE027", "p/a.yaml:2:18", "Prompt/p", "under manifests",
    ),
    "check by a shell": Bad(
        _project("  checks: {commands: [{name: a, run: 'rm -rf /'}]}\n"),
        "COZE011", "cozeops.yaml:4:38", "wants a list", "[rm -rf /]",
    ),
    "check with a bad name": Bad(
        _project("  checks: {commands: [{name: 'A b', run: [x]}]}\n"), "COZE013", "cozeops.yaml:4:30", "", "hyphens"
    ),
    "project elsewhere": Bad(
        {"m.yaml": _PROJECT + "  values: {}\n"}, "COZE037", "m.yaml:1:7", "cozeops.yaml", "move it there"
    ),
    "two projects": Bad(
        {"cozeops.yaml": f"{_PROJECT}  values: {{}}\n---\n{_PROJECT}  values: {{}}\n"},
        "COZE037", "cozeops.yaml:6:7", "a second Project", "keep one",
    ),
}  # fmt: skip
