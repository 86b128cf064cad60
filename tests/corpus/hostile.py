"""Names that want to be more than text, wherever a project holds a name."""

from __future__ import annotations

import json

from tests.corpus.case import BOT, HOME, Bad, bot
from tests.report.hostile import ESCAPES, INJECTIONS

_PROJECT = "kind: Project\nmetadata: {name: p}\nspec: "
PLACES = {
    "kind": lambda text: Bad({"m.yaml": f"{HOME}kind: {text}\n"}, "COZE007", "m.yaml:5:7"),
    "version": lambda text: Bad({"m.yaml": f"apiVersion: {text}\n{HOME}"}, "COZE006", "m.yaml:1:13"),
    "name": lambda text: Bad(
        {"m.yaml": f"{HOME}kind: Prompt\nmetadata: {{name: {text}}}\nspec: {{text: a}}\n"}, "COZE008", "m.yaml:6:18"
    ),
    "workspace": lambda text: Bad(
        {"m.yaml": f"{HOME}kind: Bot\nmetadata: {{name: a, workspace: {text}}}\nspec: {{}}\n"}, "COZE022", "m.yaml:6:32"
    ),
    "key": lambda text: Bad({"m.yaml": f"{text}: 1\n{HOME}"}, "COZE010", "m.yaml:1:1"),
    "field": lambda text: Bad(bot(f"  {text}: 1\n"), "COZE010", "m.yaml:8:3"),
    "choice": lambda text: Bad(bot(f"  suggest_reply: {{mode: {text}}}\n"), "COZE013", "m.yaml:8:25"),
    "id": lambda text: Bad(bot(f"  id: {text}\n"), "COZE013", "m.yaml:8:7"),
    "workflow": lambda text: Bad(bot(f"  workflows: [{text}]\n"), "COZE022", "m.yaml:8:15"),
    "channel": lambda text: Bad(bot(f"  publish: {{connectors: [{text}]}}\n"), "COZE022", "m.yaml:8:26"),
    "prompt": lambda text: Bad(bot(f"  prompt: {{ref: {text}}}\n"), "COZE022", "m.yaml:8:17"),
    "file": lambda text: Bad(bot(f"  prompt: {{file: {text}}}\n"), "", "m.yaml:8:18"),
    "pattern": lambda text: Bad(
        {"m.yaml": f"{HOME}{BOT.replace('Bot', 'KnowledgeBase')}  format: text\n  documents: [{{files: {text}}}]\n"},
        "", "m.yaml:9:23",
    ),
    "reference": lambda text: Bad(bot(f"  name: {json.dumps('${' + json.loads(text) + '}')}\n"), "COZE026", "m.yaml:8:9"),
    "ignored": lambda text: Bad(
        {"m.yaml": f"{HOME}kind: Prompt\nmetadata: {{name: a, lifecycle: {{ignore: [{text}]}}}}\nspec: {{text: a}}\n"},
        "COZE010", "m.yaml:6:42",
    ),
    "environment": lambda text: Bad(
        {"cozeops.yaml": f"{_PROJECT}{{environments: {{{text}: {{}}}}}}\n", "m.yaml": HOME}, "COZE035", "cozeops.yaml:3:8"
    ),
    "backend": lambda text: Bad(
        {"cozeops.yaml": f"{_PROJECT}{{state: {{backend: {text}}}}}\n", "m.yaml": HOME}, "COZE013", "cozeops.yaml:3:25"
    ),
    "threshold": lambda text: Bad(
        {"cozeops.yaml": f"{_PROJECT}{{thresholds: {{update: {text}}}}}\n", "m.yaml": HOME}, "COZE013", "cozeops.yaml:3:29"
    ),
    "expected": lambda text: Bad(
        {"cozeops.yaml": f"{_PROJECT}{{expect: {{workspaces: {{{text}: '1'}}}}}}\n", "m.yaml": HOME},
        "COZE022", "cozeops.yaml:3:30",
    ),
}  # fmt: skip
TEXTS = [*(text for text in ESCAPES if "\ud800" not in text), *INJECTIONS[:6], *INJECTIONS[15:17]]
CASES = {f"{place} {text!a}": make(json.dumps(text)) for text in TEXTS for place, make in PLACES.items()}
