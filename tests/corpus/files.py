"""Files that are none, or too much: encodings, sizes, depth, bombs, links, pipes, paths out of the project."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.corpus.case import BOT, HOME, Bad, bot, in_bytes

SECRET = "AKIA-outside-of-the-project"
_TEXT = HOME + BOT + "  name: 厨师\n"
_BASE = "kind: KnowledgeBase\nmetadata: {name: k, workspace: home}\nspec:\n  format: text\n"


def _base(documents: str) -> dict[str, str]:
    """A knowledge base whose documents are in line 9."""
    return {"m.yaml": f"{HOME}{_BASE}  documents: [{documents}]\n"}


ENCODINGS = {
    "UTF-16": Bad({"m.yaml": _TEXT.encode("utf-16")}, "COZE002", "m.yaml:1:4", "binary", "save it as UTF-8"),
    "UTF-16 without mark": Bad({"m.yaml": _TEXT.encode("utf-16-le")}, "COZE002", "m.yaml:1:2", "binary", "UTF-8"),
    "UTF-16 big end": Bad({"m.yaml": _TEXT.encode("utf-16-be")}, "COZE002", "m.yaml:1:1", "binary", "UTF-8"),
    "UTF-32": Bad({"m.yaml": _TEXT.encode("utf-32")}, "COZE002", "m.yaml:1:", "binary", "UTF-8"),
    "GBK": Bad({"m.yaml": _TEXT.encode("gbk")}, "COZE002", "m.yaml:3:14", "not UTF-8: byte 0xbc", "save it"),
    "GB18030": Bad({"m.yaml": _TEXT.encode("gb18030")}, "COZE002", "m.yaml:3:14", "not UTF-8", "save it as"),
    "Big5": Bad({"m.yaml": _TEXT.replace("厨师", "廚師").encode("big5")}, "COZE002", "m.yaml:3:14", "UTF-8", "save"),
    "Shift JIS": Bad({"m.yaml": _TEXT.replace("厨师", "板前").encode("shift-jis")}, "COZE002", "m.yaml:3:14"),
    "Latin 1": Bad(
        {"m.yaml": _TEXT.replace("家", "x").replace("厨师", "Köchin").encode("latin-1")},
        "COZE002", "m.yaml:8:10", "byte 0xf6", "save it as UTF-8",
    ),
    "overlong": Bad({"m.yaml": b"kind: \xc0\x80\n"}, "COZE002", "m.yaml:1:7", "byte 0xc0", "save it as UTF-8"),
    "surrogates": Bad({"m.yaml": b"kind: \xed\xa0\xbd\n"}, "COZE002", "m.yaml:1:7", "byte 0xed", "save it"),
    "cut off": Bad({"m.yaml": "kind: 厨".encode()[:-1]}, "COZE002", "m.yaml:1:7", "byte 0xe5", "save it"),
    "not UTF-8 behind a mark": Bad({"m.yaml": b"\xef\xbb\xbfa: \xff"}, "COZE002", "m.yaml:1:4", "byte 0xff"),
    "wrong field behind a mark": Bad(
        {"m.yaml": b"\xef\xbb\xbfkind: Bott\n"}, "COZE007", "m.yaml:1:7", '"Bott"', "did you mean Bot?"
    ),
    "picture": Bad({"m.yaml": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"}, "COZE002", "m.yaml:", "binary", "UTF-8"),
    "gzip": Bad({"m.yaml": gzip.compress(_TEXT.encode(), mtime=0)}, "COZE002", "m.yaml:1:", "binary", "UTF-8"),
    "zero byte": Bad({"m.yaml": _TEXT.encode() + b"\0"}, "COZE002", "m.yaml:9:1", "zero byte", "UTF-8"),
    "bell": Bad(bot("  name: a\x07\n"), "COZE002", "m.yaml:8:10", "U+0007", "delete it"),
    "escape": Bad(bot("  name: \x1b[31mred\n"), "COZE002", "m.yaml:8:9", "U+001B", "delete it"),
    "C1 escape": Bad(bot("  name: \x9b31mred\n"), "COZE002", "m.yaml:8:9", "U+009B", "delete it"),
    "delete": Bad(bot("  name: a\x7f\n"), "COZE002", "m.yaml:8:10", "U+007F", "delete it"),
    "form feed": Bad(bot("\x0c  name: a\n"), "COZE002", "m.yaml:8:1", "U+000C", "delete it"),
    "prompt in GBK": Bad(
        {**bot("  prompt: {file: p.md}\n"), "p.md": "厨师".encode("gbk")},
        "COZE032", "m.yaml:8:18", "p.md: not UTF-8", "save it as UTF-8",
    ),
    "prompt in UTF-16": Bad(
        {**bot("  prompt: {file: p.md}\n"), "p.md": "厨师".encode("utf-16")},
        "COZE032", "m.yaml:8:18", "p.md: not UTF-8", "save it as UTF-8",
    ),
    "picture as prompt": Bad(
        {**bot("  prompt: {file: p.png}\n"), "p.png": b"\x89PNG\0"}, "COZE032", "m.yaml:8:18", "binary", "text file"
    ),
    "project in GBK": Bad(
        {"cozeops.yaml": "kind: Project\nmetadata: {name: 厨}\n".encode("gbk"), "m.yaml": HOME},
        "COZE002", "cozeops.yaml:2:18", "not UTF-8", "save it as UTF-8",
    ),
}  # fmt: skip

_NINE = "a: &a [x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
)
_DOUBLING = "---\n".join(
    f"kind: Prompt\nmetadata: {{name: p{i}}}\n"
    f"spec: {{parts: [{{ref: p{i + 1}, vars: {{x: '${{vars.x}}${{vars.x}}${{vars.x}}'}}}}]}}\n"
    for i in range(25)
)
SIZES = {
    "huge": Bad({"m.yaml": "a: " + "x" * 5 * 2**20}, "COZE002", "m.yaml:1:1", "5.0 MiB", "split it"),
    "huge prompt": Bad(
        {**bot("  prompt: {file: p.md}\n"), "p.md": "x" * (2**20 + 1)}, "COZE032", "m.yaml:8:18", "1.0 MiB", "split"
    ),
    "long prompt": Bad(
        {**bot("  prompt: {file: p.md}\n"), "p.md": "字" * 20_001}, "COZE014", "m.yaml:8:3", "20,001", "take out 1"
    ),
    "brackets": Bad({"m.yaml": "a: " + "[" * 100 + "]" * 100}, "COZE004", "m.yaml:1:67", "deeper", "flatter"),
    "open brackets": Bad({"m.yaml": "a: " + "[" * 50_000}, "COZE004", "m.yaml:1:67", "deeper than 64", "flatter"),
    "open braces": Bad({"m.yaml": "{a: " * 20_000}, "COZE004", "m.yaml:1:", "deeper than 64", "flatter"),
    "dashes": Bad({"m.yaml": "- " * 20_000 + "a"}, "COZE004", "m.yaml:1:129", "deeper than 64", "flatter"),
    "question marks": Bad({"m.yaml": "? " * 5_000 + "a"}, "COZE004", "m.yaml:1:", "deeper than 64", "flatter"),
    # The pure parser stops at the key, the C parser at what it has below.
    "steps": Bad(
        {"m.yaml": "".join(f"{' ' * i}a:\n" for i in range(200))}, "COZE004", "m.yaml:6", "deeper", "flatter"
    ),
    "alias bomb": Bad({"m.yaml": _NINE}, "COZE004", "m.yaml:1:4", "250,000 values", "fewer aliases"),
    "alias bomb of keys": Bad(
        {"m.yaml": _NINE.replace("[x]", "{k: v}").replace("[*", "[*")}, "COZE004", "m.yaml:1:", "250,000", "fewer"
    ),
    "alias bomb of text": Bad(
        bot("  model:\n    id: '1'\n    parameters: {a: &a " + "x" * 50_000 + ", b: [" + "*a, " * 900 + "]}\n"),
        "COZE004", "m.yaml:10:21", "characters", "fewer aliases",
    ),
    "alias of itself": Bad({"m.yaml": "kind: &a [*a]\n"}, "COZE004", "m.yaml:1:7", "deeper", "contain itself"),
    "value bomb": Bad(
        {
            "cozeops.yaml": "kind: Project\nmetadata: {name: p}\nspec: {values: {x: " + "x" * 100_000 + "}}\n",
            **bot("  prompt: '" + "${values.x}" * 4_000 + "'\n"),
        },
        "COZE004", "m.yaml:8:11", "multiply", "smaller values",
    ),
    "prompt bomb": Bad(
        {
            "a.yaml": _DOUBLING + "---\nkind: Prompt\nmetadata: {name: p25}\nspec: {text: '${vars.x}'}\n",
            **bot("  prompt: {ref: p0, vars: {x: aaaa}}\n"),
        },
        "COZE004", "a.yaml:", "multiply", "fewer references",
    ),
    "prompts of prompts": Bad(
        {"a.yaml": "---\n".join(
            f"kind: Prompt\nmetadata: {{name: p{i}}}\nspec: {{parts: [{{ref: p{i + 1}}}, {{ref: p{i + 1}}}]}}\n"
            for i in range(30)
        ) + "---\nkind: Prompt\nmetadata: {name: p30}\nspec: {text: a}\n"},
        "COZE004", "a.yaml:", "too many Prompts", "fewer pieces",
    ),
    "three thousand documents": Bad({"m.yaml": HOME + "kind: Bott\n---\n" * 300}, "COZE007", "m.yaml:603:7"),
}  # fmt: skip


def _link(name: str, target: str) -> Callable[[Path], None]:
    def arrange(root: Path) -> None:
        outside = root.parent / "outside"
        outside.mkdir()
        (outside / "secret.yaml").write_text(f"aws_key: {SECRET}\n", encoding="utf-8")
        (outside / "secret.md").write_text(SECRET, encoding="utf-8")
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)

    return arrange


def _pipe(name: str) -> Callable[[Path], None]:
    return lambda root: os.mkfifo(root / name)


def _folder(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).mkdir()


def _loops(root: Path) -> None:
    for name in "abc":
        (root / name).symlink_to(".")


def _reads(path: str) -> Iterator[tuple[str, Bad]]:
    """Each field that names a file, with a path that leads out."""
    yield "prompt", Bad(bot(f"  prompt: {{file: '{path}'}}\n"), "COZE031", "m.yaml:8:18")
    yield "icon", Bad(bot(f"  icon: '{path}'\n"), "COZE031", "m.yaml:8:9")
    yield "document", Bad(_base(f"{{file: '{path}'}}"), "COZE031", "m.yaml:9:22")
    yield "pattern", Bad(_base(f"{{files: '{path}'}}"), "COZE031", "m.yaml:9:23")
    yield (
        "part of a prompt",
        Bad(
            {"m.yaml": f"kind: Prompt\nmetadata: {{name: p}}\nspec: {{parts: [{{file: '{path}'}}]}}\n"},
            "COZE031",
            "m.yaml:3:23",
        ),
    )
    settings = f"kind: Project\nmetadata: {{name: p}}\nspec: {{manifests: ['{path}']}}\n"
    yield "manifests", Bad({"cozeops.yaml": settings}, "COZE031", "cozeops.yaml:3:20")


OUTSIDE = {
    f"{field} {path}": case
    for path in ("/etc/passwd", "../secret.md", "~/.ssh/id_rsa", "a/../../secret.md", "..", "C:/x", "..\\x")
    for field, case in _reads(path)
}  # fmt: skip

LINKS = {
    "manifest": Bad({"m.yaml": HOME}, "COZE031", "l.yaml:1:1", "out of", "copy", _link("l.yaml", "../outside/secret.yaml")),
    "manifest in a folder": Bad(
        {"m.yaml": HOME}, "COZE031", "d/l.yaml:1:1", "out of", "copy", _link("d/l.yaml", "../../outside/secret.yaml")
    ),
    "project": Bad(
        {"m.yaml": HOME}, "COZE031", "cozeops.yaml:1:1", "out of", "copy", _link("cozeops.yaml", "../outside/secret.yaml")
    ),
    "project to nothing": Bad(
        {"m.yaml": HOME}, "COZE030", "cozeops.yaml:1:1", "to nothing", "repair", _link("cozeops.yaml", "gone.yaml")
    ),
    "patch": Bad(
        {"cozeops.yaml": "kind: Project\nmetadata: {name: p}\nspec: {environments: {dev: {default: true, patches: [q]}}}\n",
         "m.yaml": HOME},
        "COZE031", "q/l.yaml:1:1", "out of", "copy", _link("q/l.yaml", "../../outside/secret.yaml"),
    ),
    "folder of manifests": Bad(
        {"cozeops.yaml": "kind: Project\nmetadata: {name: p}\nspec: {manifests: [d]}\n"},
        "COZE031", "cozeops.yaml:3:20", "out of", "copy", _link("d", "../outside"),
    ),
    "to nothing": Bad({"m.yaml": HOME}, "COZE030", "l.yaml:1:1", "to nothing", "repair", _link("l.yaml", "gone")),
    "in a circle": Bad({"m.yaml": HOME}, "COZE030", "l.yaml:1:1", "to nothing", "repair", _link("l.yaml", "l.yaml")),
    "to a device": Bad({"m.yaml": HOME}, "COZE031", "l.yaml:1:1", "out of", "copy", _link("l.yaml", "/dev/zero")),
    "prompt": Bad(
        bot("  prompt: {file: p.md}\n"), "COZE031", "m.yaml:8:18", "out of", "copy", _link("p.md", "../outside/secret.md")
    ),
    "prompt to a device": Bad(
        bot("  prompt: {file: p.md}\n"), "COZE031", "m.yaml:8:18", "out of", "copy", _link("p.md", "/dev/zero")
    ),
    "prompt in a circle": Bad(
        bot("  prompt: {file: p.md}\n"), "COZE032", "m.yaml:8:18", "no usable path", "correct", _link("p.md", "p.md")
    ),
    "icon": Bad(bot("  icon: i.png\n"), "COZE031", "m.yaml:8:9", "out of", "copy", _link("i.png", "../outside/secret.md")),
    "folder of a prompt": Bad(
        bot("  prompt: {file: d/secret.md}\n"), "COZE031", "m.yaml:8:18", "out of", "copy", _link("d", "../outside")
    ),
    "documents": Bad(_base("{files: '*.md'}"), "COZE031", "m.yaml:9:23", "out of", "copy", _link("d.md", "../outside/secret.md")),
    "documents through a folder": Bad(
        _base("{files: 'd/*.md'}"), "COZE031", "m.yaml:9:23", "out of", "copy", _link("d", "../outside")
    ),
    "documents in a maze": Bad(_base("{files: '**/*.md'}"), "COZE033", "m.yaml:9:23", "no file", "pattern", _loops),
    "documents in a maze of stars": Bad(
        _base("{files: '" + "*/" * 40 + "*.md'}"), "COZE033", "m.yaml:9:23", "no file", "pattern", _loops
    ),
    "documents of many stars": Bad(
        _base("{files: '" + "**/*/" * 20 + "*.md'}"), "COZE033", "m.yaml:9:23", "no file", "pattern", _loops
    ),
    "pipe": Bad({"m.yaml": HOME}, "COZE002", "l.yaml:1:1", "not a regular file", "name a file", _pipe("l.yaml")),
    "pipe as project": Bad({"m.yaml": HOME}, "COZE002", "cozeops.yaml:1:1", "not a regular", "name", _pipe("cozeops.yaml")),
    "pipe as prompt": Bad(
        bot("  prompt: {file: p.md}\n"), "COZE032", "m.yaml:8:18", "not a regular file", "name a file", _pipe("p.md")
    ),
    "pipe as icon": Bad(bot("  icon: i.png\n"), "COZE032", "m.yaml:8:9", "not a regular", "name", _pipe("i.png")),
    "folder as project": Bad({"m.yaml": HOME}, "COZE002", "cozeops.yaml:1:1", "a folder", "name", _folder("cozeops.yaml")),
    "folder as prompt": Bad(bot("  prompt: {file: p}\n"), "COZE032", "m.yaml:8:18", "a folder", "in it", _folder("p")),
    "no file": Bad(bot("  prompt: {file: p.md}\n"), "COZE030", "m.yaml:8:18", 'no file "p.md"', "create p.md"),
    "long name": Bad(bot("  icon: " + "x" * 300 + "\n"), "COZE032", "m.yaml:8:9", "no usable path", "correct"),
    "nothing": Bad({}, "COZE038", "", "no manifests", "cozeops init"),
    "only a project": Bad(
        {"cozeops.yaml": "kind: Project\nmetadata: {name: p}\n"}, "COZE038", "cozeops.yaml:1:1", "", "cozeops init"
    ),
    "empty files": Bad({"m.yaml": "", "n.yaml": "---\n", "o.yaml": "# x\n"}, "COZE038", "", "no manifests", "init"),
}  # fmt: skip

NAMES = {
    ascii(name): Bad({"m.yaml": HOME, in_bytes(name): "kind: Bott\n"}, "COZE007", "", '"Bott"', "did you mean Bot?")
    for name in (
        b"\x1b[31mred.yaml", b"\x1b]0;title\x07.yaml", "\x9b2J.yaml".encode(), b"over\rwritten.yaml", b"two\nlines.yaml",
        b"tab\there.yaml", "\u202eevil.yaml".encode(), "zero\u200bwidth.yaml".encode(), "line\u2028end.yaml".encode(),
        b"no\xffutf8.yaml", "\U000e0041tag.yaml".encode(), b"a:1:2.yaml", b"::error::x.yaml", b"<script>.yaml",
        b"'; rm -rf ~;'.yaml", b"%0A.yaml", "厨师 🍳.yaml".encode(),
    )
}  # fmt: skip
