"""Rules between fields that Coze has: each is refused offline, at its place, with a way out."""

from __future__ import annotations

import pytest

from cozeops.codes import Code
from tests.manifests.projects import BASE, BOT, WORKSPACE, Loader, bot, prompt

RESPONSES = 'model: {id: "1", api_mode: responses_api, parameters: '
PARTS = "\n  prompt: {prefix: a, dynamic: b}"
CONNECTOR = 'kind: Connector\nmetadata: {name: kiosk}\nspec:\n  id: "%s"\n'
QUOTA = (
    "kind: Quota\nmetadata: {name: all}\n"
    "spec:\n  entity_type: enterprise_all_devices\n  benefit_type: resource_point\n"
)
BOTH = "\n  workflows: [{id: '1'}]"

# what: (manifests, line:column, part of the message, part of the hint)
REFUSED = {
    "cache_type with a plain prompt": (
        bot('  model: {id: "1", cache_type: prefix}\n  prompt: a'),
        "9:11",
        "with model.cache_type: prefix the prompt is written in two parts",
        "prompt: {prefix: ..., dynamic: ...}",
    ),
    "parameters.caching with a plain prompt": (
        bot(f"  {RESPONSES}{{caching: {{type: enabled}}}}}}\n  prompt: a"),
        "9:11",
        "with model.parameters.caching.type: enabled the prompt is written in two parts",
        "prompt: {prefix: ..., dynamic: ...}",
    ),
    "cache_type of the other protocol": (
        bot('  model: {id: "1", api_mode: responses_api, cache_type: prefix}' + PARTS),
        "8:57",
        "api_mode: responses_api does not take cache_type: prefix",
        "parameters: {caching: {type: enabled}}",
    ),
    "parameters.caching of the other protocol": (
        bot('  model: {id: "1", api_mode: chat_api, parameters: {caching: {type: enabled}}}' + PARTS),
        "8:53",
        "api_mode: chat_api does not take parameters.caching",
        "cache_type: prefix",
    ),
    "caching without store": (
        bot(f"  {RESPONSES}{{caching: {{type: enabled}}, store: false}}}}" + PARTS),
        "8:91",
        "prefix caching needs store: true",
        "store: true",
    ),
    "two parts without caching": (
        bot('  model: {id: "1", cache_type: closed}' + PARTS),
        "8:32",
        "needs prefix caching",
        "cache_type: prefix",
    ),
    "two parts without caching in the other protocol": (
        bot(f"  {RESPONSES}{{caching: {{type: disabled}}}}}}" + PARTS),
        "8:58",
        "needs prefix caching",
        "caching: {type: enabled}",
    ),
    "unknown caching.type": (
        bot(f"  {RESPONSES}{{caching: {{type: on}}}}}}"),
        "8:74",
        "caching.type is 'on'; Coze takes enabled, disabled",
        "write one of",
    ),
    "caching that is no map": (
        bot(f"  {RESPONSES}{{caching: enabled}}}}"),
        "8:67",
        "caching is a map",
        "{type: enabled}",
    ),
    "unknown thinking_type": (
        bot('  model: {id: "1", parameters: {thinking_type: always}}'),
        "8:48",
        "thinking_type is 'always'; Coze takes enabled, disabled, auto",
        "write one of",
    ),
    "a cache of four days": (
        bot(f"  {RESPONSES}{{caching_expire_time: 345600}}}}"),
        "8:79",
        "caching_expire_time is 345600; Coze takes 1 to 259200 seconds",
        "259200",
    ),
    "store that is neither": (
        bot(f"  {RESPONSES}{{store: maybe}}}}"),
        "8:65",
        "store is true or false",
        "store: true",
    ),
    "temperature": (bot('  model: {id: "1", temperature: 7}'), "8:33", "at most 2", "at most 2"),
    "top_p": (bot('  model: {id: "1", top_p: 1.1}'), "8:27", "at most 1", "at most 1"),
    "top_k": (bot('  model: {id: "1", top_k: -1}'), "8:27", "at least 0", "at least 0"),
    "penalty": (
        bot('  model: {id: "1", presence_penalty: -2.5}'),
        "8:38",
        "at least -2",
        "at least -2",
    ),
    "a prompt for suggestions of Coze's own": (
        bot("  suggest_reply: {mode: enable, prompt: x}"),
        "8:41",
        "mode enable takes no prompt",
        "mode: customized",
    ),
    "a prompt for no suggestions": (
        bot("  suggest_reply: {mode: disable, prompt: x}"),
        "8:42",
        "mode disable takes no prompt",
        "mode: customized",
    ),
    "collaborators of one": (
        bot('  collaboration: {mode: single, collaborators: ["1"]}'),
        "8:25",
        "mode single has no collaborators",
        "mode: collaboration",
    ),
    "collaborators of one, of a workflow": (
        WORKSPACE
        + "kind: Workflow\nmetadata: {name: flow, workspace: kitchen}\nspec:\n"
        + '  id: "1"\n  collaboration: {mode: single, collaborators: ["1"]}',
        "9:25",
        "mode single has no collaborators",
        "mode: collaboration",
    ),
    "a collaborator of an app, twice": (
        WORKSPACE
        + "kind: App\nmetadata: {name: shop, workspace: kitchen}\nspec:\n"
        + '  id: "1"\n  collaboration: {collaborators: ["1", "1"]}',
        "9:40",
        "user 1 is listed twice",
        "keep one",
    ),
    "params of api": (
        bot("  publish: {connectors: [{connector: api, params: {a: b}}]}"),
        "8:43",
        "api takes no params",
        "take them out",
    ),
    "the API as a custom channel": (CONNECTOR % "1024", "4:7", "Coze's own channel api", "write api under"),
    "the SDK as a custom channel": (CONNECTOR % "999", "4:7", "own channel chat_sdk", "write chat_sdk under"),
    "the store as a custom channel": (CONNECTOR % "10000122", "4:7", "coze_store", "publishes nothing there"),
    "a quota every so many days": (
        QUOTA + "  trigger_unit: day",
        "6:17",
        "after how many of them",
        "trigger_time: 1",
    ),
    "a quota that never begins anew, after 5": (
        QUOTA + "  trigger_unit: never\n  trigger_time: 5",
        "7:17",
        "does not do so after 5",
        "remove trigger_time",
    ),
    "a quota with a time alone": (
        QUOTA + "  trigger_time: 5",
        "6:17",
        "nothing without trigger_unit",
        "add trigger_unit",
    ),
    "a quota in milliseconds": (
        QUOTA + "  ended_at: 1798732800000",
        "6:13",
        "these look like milliseconds",
        "write seconds: 1798732800",
    ),
    "captions of a text base": (
        WORKSPACE + BASE + "  format: text\n  captions: manual",
        "9:13",
        "a text base has no captions",
        "remove captions",
    ),
    "captions of documents": (
        WORKSPACE + BASE + "  documents: []\n  captions: auto",
        "9:13",
        "a text base has no captions",
        "format: image",
    ),
    "a caption beside automatic ones": (
        WORKSPACE + BASE + "  captions: auto\n  images: [{file: a.png, caption: x}]",
        "9:35",
        "with captions: auto Coze writes the captions",
        "captions: manual",
    ),
    "a name of two lines": (bot('  name: "a\\nb"'), "8:9", "has a line break", 'write "a b"'),
    "a name with a tab": (bot('  name: "a\\tb"'), "8:9", "a control character inside", 'write "a b"'),
    "a name that rings": (bot('  name: "a\\ab"'), "8:9", "a control character inside", 'write "a b"'),
    "a name with blanks at its ends": (bot('  name: "　a "'), "8:9", "or blanks at its ends", 'write "a"'),
    "a device with blanks at its ends": (
        CONNECTOR % "7" + "  devices: [{key: a, values: {'x ': '1'}}]",
        "5:37",
        "no name in one line",
        "without them",
    ),
    "a base of another workspace": (
        WORKSPACE.replace("kitchen", "bar").replace("厨房", "酒吧")
        + BASE
        + "  format: text\n---\n"
        + WORKSPACE
        + BOT.replace("kitchen", "bar")
        + "  knowledge: {datasets: [recipes]}",
        "17:26",
        'KnowledgeBase/recipes is in workspace "kitchen", and this is in "bar"',
        'declare one of "bar"',
    ),
    "a workflow of another workspace": (
        WORKSPACE.replace("kitchen", "bar").replace("厨房", "酒吧")
        + "kind: Workflow\nmetadata: {name: flow, workspace: bar}\nspec: {}\n---\n"
        + bot("  workflows: [flow]"),
        "16:15",
        'Workflow/flow is in workspace "bar"',
        'declare one of "kitchen"',
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_what_coze_does_not_take_is_refused_offline(project: Loader, case: tuple[str, str, str, str]) -> None:
    text, where, message, hint = case
    [problem] = project.problems({"m.yaml": text + "\n", "a.png": "x", "a.md": "x"})
    assert problem.code in (Code.RULE, Code.BAD_VALUE)
    assert message in problem.message
    assert str(problem.position) == f"m.yaml:{where}"
    assert hint in problem.hint


TAKEN = {
    "prefix caching": '  model: {id: "1", cache_type: prefix}' + PARTS,
    "prefix caching by parameters": f"  {RESPONSES}{{caching: {{type: enabled}}, store: true}}}}" + PARTS,
    "three days": f"  {RESPONSES}{{caching_expire_time: 259200}}}}",
    "as a server may give it back": f"  {RESPONSES}{{caching_expire_time: '259200', store: 'true'}}}}",
    "what nobody documented": f"  {RESPONSES}{{effort: high}}}}",
    "thinking alone": '  model: {id: "1", parameters: {thinking_type: enabled}}\n  plugins: []',
    "thinking when it pays": '  model: {id: "1", parameters: {thinking_type: auto}}' + BOTH,
    "the ends of the ranges": '  model: {id: "1", temperature: 2, top_p: 0, top_k: 0, frequency_penalty: -2}',
    "one, with nobody else": "  collaboration: {mode: single, collaborators: []}",
    "api in its long form": "  publish: {connectors: [{connector: api}, {connector: chat_sdk, params: {}}]}",
    "a bare suggestion": "  suggest_reply: {mode: enable}",
    "blanks inside": "  name: a b",
}


@pytest.mark.parametrize("spec", TAKEN.values(), ids=TAKEN.keys())
def test_what_coze_takes_passes(project: Loader, spec: str) -> None:
    assert project.load({"m.yaml": bot(spec + "\n")}).resources


@pytest.mark.parametrize(
    "spec",
    [
        "  trigger_unit: never",
        "  trigger_unit: never\n  trigger_time: 1",
        "  trigger_unit: day\n  trigger_time: 1",
    ],
)
def test_quotas_that_coze_takes_pass(project: Loader, spec: str) -> None:
    """Of a count that never begins anew Coze gives 1 as its time, which means nothing."""
    for_ever = "\n  started_at: 0\n  ended_at: 253402300799\n"
    assert project.load({"m.yaml": QUOTA + spec + for_ever}).resources


def test_prompts_are_of_no_workspace(project: Loader) -> None:
    """What lives nowhere is bound everywhere."""
    text = prompt("tone", "{text: a}") + bot("  prompt: {ref: tone}\n")
    assert project.load({"m.yaml": text}).resources
