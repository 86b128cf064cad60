"""Values that want to be more than text: for terminals, Markdown and HTML."""

from __future__ import annotations

from dataclasses import replace

from cozeops.address import Address
from cozeops.declare.verbs import Verb
from cozeops.engine.model.plan import Action, Change, FieldChange, Finding, Plan, Severity, Step

ESCAPES = (
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b2J",
    "over\rwritten",
    "back\x08space",
    "\x00nul",
    "\x7fdel",
    "\u202etxt.exe",
    "\u2066isolated\u2069",
    "\u200bzero\u200cwidth\u200d",
    "line\u2028separator",
    "tag\U000e0041\U000e007f",
    "lone\ud800surrogate",
    "\ufeffbom",
    "soft\xadhyphen",
)
INJECTIONS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!-- --> <b>bold</b> <!--",
    "--><script>alert(1)</script><!--",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "[click](javascript:alert(1))",
    "![pixel](https://evil.example/p.png)",
    "<https://evil.example>",
    "https://evil.example/path",
    "www.evil.example",
    "@octocat and @org/team",
    "#123 and GH-7 and owner/repo#9 and !5",
    "a | b | c",
    "```\nescaped fence\n```",
    "````markdown\n# heading\n`````",
    "~~~\nfence\n~~~",
    "</details></details><h1>out</h1>",
    "`code` **bold** _em_ ~~gone~~",
    "# heading\n- list\n> quote\n---",
    "$math$ and $$block$$",
    ":tada: :rocket:",
    "\\`escaped\\` \\| pipe",
    'graph"]; click A "javascript:alert(1)"',
    "end\nsubgraph x\n",
    "<!-- cozeops:plan:other -->",
    "${jndi:ldap://x} {{7*7}} %n",
    "]]><x/>",
)


def hostile_plan(text: str) -> Plan:
    """A plan with `text` in every place that holds a string."""
    address = Address("Bot", text)
    fields = (
        FieldChange("spec.name", f"old {text}", text),
        FieldChange("spec.prompt", f"# {text}\nsame\n{text} old\n", f"# {text}\nsame\n{text} new\n{text}\n"),
        FieldChange(f"spec.documents[{text}]", None, {text: text}),
        FieldChange("spec.plugins", [{"plugin": text, "tool": 1}], [{"plugin": text, "tool": 2}, text]),
        FieldChange("spec.icon", None, {"file": text, "sha256": text}, note="write-only"),
        FieldChange(text, None, text * 40, note=text),
        FieldChange("spec.key", text, text, note="secret"),
    )
    change = Change(
        address,
        text,
        Action.UPDATE,
        text,
        fields=fields,
        steps=(
            Step(Verb.UNKNOWN, text, text, (text,)),
            Step(Verb.PUBLISH, "publishBot", text, (text,)),
            Step(Verb.UNPUBLISH, "unpublishBot", text, (f"{text}2",)),
        ),
        needs=(Address("KnowledgeBase", text),),
        uncompared=(text,),
        scope=text,
    )
    made = replace(change, address=Address("KnowledgeBase", text), action=Action.CREATE, id=None, needs=())
    findings = tuple(
        Finding(text if severity is Severity.INFO else "COZE105", text, severity, address, text, text)
        for severity in Severity
    )
    return Plan(text, text, (change, made), findings)
