"""Every hint is a claim: done to the letter, the situation gets better.

Each row of the table makes a situation, and names the finding that it gives. The hint of that finding is
taken apart into its clauses, and each clause that says something to do is done alone, from the same
situation: commands are run, lines are added to the manifests, options are given. Then the same finding is
gone, nothing is there twice, and nothing was lost that the clause did not say.
"""

from __future__ import annotations

import json
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cli.conftest import Ran
from tests.cli.test_state_places import Repository, repository

__all__ = ["repository"]  # a fixture

Json = dict[str, Any]
BOT, BASE, HOME = "Bot/clerk", "KnowledgeBase/faq", "Workspace/home"


PARTS: dict[str, Json] = {
    HOME: {"name": "家", "description": "一个小组"},
    BOT: {"name": "店员", "prompt": "你好", "publish": {"connectors": ["api"]}},
    BASE: {"name": "问题", "format": "text", "description": "常见的问题"},
}


class Project:
    """One project of a repository, as documents that a reader of hints edits."""

    def __init__(self, repository: Repository, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.repository, self.emulator = repository, repository.bench.emulator
        self.folder = repository.root / "a"
        self.settings: Json = {"manifests": ["manifests"], "state": {"backend": "local"}}
        self.docs = deepcopy(PARTS)
        self.lifecycle: dict[str, Json] = {}

    def write(self) -> None:
        """The files, as the documents are now."""
        (self.folder / "manifests").mkdir(parents=True, exist_ok=True)
        (self.folder / "faq.md").write_text("# 问题\n", "utf-8")
        project = {"kind": "Project", "metadata": {"name": "bots"}, "spec": self.settings}
        (self.folder / "cozeops.yaml").write_text(json.dumps(project), "utf-8")
        (self.folder / "manifests" / "all.yaml").write_text("\n---\n".join(self._texts()), "utf-8")

    def read(self) -> None:
        """The documents as a command left them."""
        text = (self.folder / "manifests" / "all.yaml").read_text("utf-8")
        for document in YAML(typ="safe", pure=True).load_all(text):
            if document:
                address = f"{document['kind']}/{document['metadata']['name']}"
                self.docs[address] = document["spec"]

    def _texts(self) -> list[str]:
        texts = []
        for address, spec in self.docs.items():
            kind, _, name = address.partition("/")
            metadata: Json = {"name": name}
            if kind in ("Bot", "KnowledgeBase", "Workflow"):
                metadata["workspace"] = "home"
            if address in self.lifecycle:
                metadata["lifecycle"] = self.lifecycle[address]
            texts.append(json.dumps({"kind": kind, "metadata": metadata, "spec": spec}, ensure_ascii=False))
        return texts

    def __call__(self, *words: str) -> Ran:
        self.write()
        return self.repository("a", *words)

    def apply(self, *words: str) -> None:
        """Apply, and expect that it is done."""
        ran = self("apply", "--yes", *words)
        assert ran.code == 0, ran.out + ran.err

    def findings(self, *words: str) -> list[Json]:
        """What a plan finds."""
        ran = self("plan", "--format", "json", *words)
        assert ran.code == 0, ran.out + ran.err
        found: list[Json] = json.loads(ran.out)["findings"]
        return found

    def ids(self, table: str) -> list[str]:
        return sorted(self.repository.bench.table(table))

    def id(self, address: str) -> str:
        """The live id that the state has."""
        path = self.folder / ".cozeops" / "state" / "default.json"
        id: str = json.loads(path.read_text("utf-8"))["resources"][address]["id"]
        return id

    def make(self, kind: str, **spec: Any) -> None:
        """Somebody else makes an object in the workspace."""
        from cozeops.kinds import kinds

        create = kinds()[kind].create
        assert create is not None
        (space,) = self.ids("workspaces")[-1:]
        self.repository.bench.client.send(create, {"space_id": space, **spec})


# ------------------------------------------------------------------------------------------ situations


def bot_gone(project: Project) -> None:
    project.apply()
    project.emulator.remove("bots", project.id(BOT))


def bot_gone_and_replaced(project: Project) -> None:
    bot_gone(project)
    project.make("Bot", name="店员")


def bot_of_an_id_gone(project: Project) -> None:
    project.apply()
    project.docs[BOT]["id"] = project.id(BOT)
    project.apply()
    project.emulator.remove("bots", project.id(BOT))


def base_gone_just_now(project: Project) -> None:
    project.apply()
    project.emulator.remove("datasets", project.id(BASE))


def base_gone(project: Project) -> None:
    base_gone_just_now(project)
    project.emulator.advance(7200)


def twin(project: Project) -> None:
    project.docs[BOT]["name"] = unicodedata.normalize("NFC", "Café 店员")
    bot = project.docs.pop(BOT)
    project.apply()
    project.make("Bot", name=unicodedata.normalize("NFD", "Café 店员"))
    project.docs[BOT] = bot


def renamed(project: Project) -> None:
    bot = project.docs.pop(BOT)
    project.apply()
    project.make("Bot", name="别的名字")
    project.docs[BOT] = bot


def left(project: Project) -> None:
    project.apply()
    del project.docs[BASE]


def left_and_protected(project: Project) -> None:
    project.lifecycle[BASE] = {"protect": ["delete"]}
    left(project)


def unknown_document(project: Project) -> None:
    project.docs[BASE]["documents"] = [{"file": "../faq.md"}]
    project.apply()
    with project.emulator.writing() as store:
        documents = store["documents"]
        (row,) = project.repository.bench.table("documents").values()
        documents.put({**row, documents.spec.key: "990001", "name": "别人的"})


def unknown_document_of_what_left(project: Project) -> None:
    unknown_document(project)
    del project.docs[BASE]


def protected_name(project: Project) -> None:
    project.lifecycle[BOT] = {"protect": ["rename"]}
    project.apply()
    project.docs[BOT]["name"] = "新名字"


def state_left_behind(project: Project) -> None:
    project.apply()
    project.settings["environments"] = {"prod": {"default": True}}


def not_published(project: Project) -> None:
    project.apply()
    del project.docs[BOT]["publish"]
    project.docs[BOT]["prompt"] = "别的"


def too_much(project: Project) -> None:
    project.apply()
    project.settings["thresholds"] = {"update": 0}
    project.docs[BOT]["prompt"] = "别的"


def no_such_workflow(project: Project) -> None:
    project.apply()
    project.docs["Workflow/order"] = {"name": "order"}


def another_format(project: Project) -> None:
    project.apply()
    project.docs[BASE]["format"] = "image"


def nothing_left(project: Project) -> None:
    project.docs = {HOME: PARTS[HOME]}
    project.apply()
    project.docs = {"Prompt/tone": {"text": "亲切"}}


def edited_on_both_sides(project: Project) -> None:
    project.apply()
    project.docs[BOT]["prompt"] = "这边改的"
    project.emulator.edit("bots", project.id(BOT), prompt_info={"prompt": "那边改的"})


def local_in_ci(project: Project) -> None:
    project.apply()
    project.patch.setenv("CI", "true")


def not_installed(project: Project) -> None:
    project.apply()
    channel = "7470849514748000001"
    project.emulator.seed({"connectors": [{"connector_id": channel}]})
    project.docs["Connector/kiosk"] = {"id": channel}
    project.docs[BOT]["publish"]["connectors"].append("kiosk")


def another_model(project: Project) -> None:
    project.docs[BOT]["model"] = {"id": "9"}
    project.settings["checks"] = {"allow_models": ["1706077826"]}


def another_channel(project: Project) -> None:
    project.docs[BOT]["publish"] = {"connectors": ["chat_sdk"]}
    project.settings["checks"] = {"allow_connectors": ["api"]}


def empty_base(project: Project) -> None:
    project.docs[BASE]["documents"] = []
    project.docs[BOT]["knowledge"] = {"datasets": ["faq"]}


def tools_and_thinking(project: Project) -> None:
    project.docs[BOT]["model"] = {"id": "1706077826", "parameters": {"thinking_type": "enabled"}}
    project.emulator.seed(
        {
            "plugins": [
                {
                    "plugin_id": "731",
                    "name": "新闻",
                    "tools": [{"tool_id": "1", "name": "read", "description": "读"}],
                }
            ]
        }
    )
    project.docs["Plugin/news"] = {"id": "731"}
    project.docs[BOT]["plugins"] = [{"plugin": "news", "tools": ["read"]}]


TABLE: list[tuple[str, Callable[[Project], None], tuple[str, ...]]] = [
    ("COZE102", bot_gone, ()),
    ("COZE102", bot_gone_and_replaced, ()),
    ("COZE102", bot_of_an_id_gone, ()),
    ("COZE103", base_gone_just_now, ()),
    ("COZE128", base_gone, ()),
    ("COZE129", twin, ()),
    ("COZE114", renamed, ()),
    ("COZE118", left, ()),
    ("COZE107", left_and_protected, ("--prune",)),
    ("COZE105", unknown_document, ()),
    ("COZE105", unknown_document_of_what_left, ("--prune",)),
    ("COZE107", protected_name, ()),
    ("COZE127", state_left_behind, ()),
    ("COZE113", not_published, ()),
    ("COZE115", too_much, ()),
    ("COZE101", no_such_workflow, ()),
    ("COZE104", another_format, ()),
    ("COZE121", nothing_left, ("--prune",)),
    ("COZE203", another_model, ()),
    ("COZE204", another_channel, ()),
    ("COZE206", tools_and_thinking, ()),
    ("COZE207", empty_base, ()),
    ("COZE208", edited_on_both_sides, ()),
    ("COZE120", local_in_ci, ()),
    ("COZE123", not_installed, ()),
]
"""The code, how it comes about, and the options of the plan that finds it."""

# --------------------------------------------------------------------------------------------- obeying


def clauses(hint: str) -> list[str]:
    """The parts of a hint, each of which says one thing to do, or something to know."""
    return re.split(r"; |, or:? ", hint)


@dataclass
class Deed:
    """A clause that is being done: about which finding, and with which options it is planned next."""

    project: Project
    finding: Json
    words: list[str]

    @property
    def spec(self) -> Json:
        """That of the document which the finding is about."""
        return self.project.docs[self.finding["address"]]

    def without_id(self, _: re.Match[str]) -> None:
        del self.spec["id"]

    def with_id(self, said: re.Match[str]) -> None:
        self.spec["id"] = said[1]

    def with_name(self, said: re.Match[str]) -> None:
        self.spec["name"] = said[1]

    def with_live_value(self, _: re.Match[str]) -> None:
        self.spec["format"] = PARTS[BASE]["format"]

    def keep_state_elsewhere(self, _: re.Match[str]) -> None:
        """And what the next plan says of the one that would be left behind."""
        self.project.settings["state"] = {"backend": "git"}
        behind = the_finding(self.project, "COZE127", ())
        obey(self.project, behind, behind["hint"], ())

    def install(self, said: re.Match[str]) -> None:
        self.project.docs[said[1]]["connectors"] = ["kiosk"]

    def allowed(self, said: re.Match[str]) -> None:
        if self.finding["code"] == "COZE203":
            self.spec["model"]["id"] = said[1]
        else:
            self.spec["publish"]["connectors"] = [said[1]]

    def think_less(self, said: re.Match[str]) -> None:
        self.spec["model"]["parameters"]["thinking_type"] = said[1]

    def without_tools(self, _: re.Match[str]) -> None:
        del self.spec["plugins"]

    def list_documents(self, _: re.Match[str]) -> None:
        self.project.docs[BASE]["documents"] = [{"file": "../faq.md"}]

    def without_base(self, _: re.Match[str]) -> None:
        self.spec["knowledge"]["datasets"] = []

    def list_it(self, said: re.Match[str]) -> None:
        self.spec["documents"].append({"name": said[1]})

    def publish(self, _: re.Match[str]) -> None:
        self.spec["publish"] = {"connectors": ["api"]}

    def make_by_hand(self, _: re.Match[str]) -> None:
        row = {
            "workflow_id": "7001",
            "workflow_name": "order",
            "workspace_id": self.project.ids("workspaces")[-1],
        }
        self.project.emulator.seed({"workflows": [row]})
        self.spec["id"] = "7001"

    def run(self, said: re.Match[str]) -> None:
        ran = self.project(*shlex.split(said[1]))
        assert ran.code == 0, ran.err
        self.project.read()

    def wait(self, _: re.Match[str]) -> None:
        self.project.emulator.advance(7200)

    def option(self, said: re.Match[str]) -> None:
        self.words += said[1].split()

    def unprotect(self, _: re.Match[str]) -> None:
        project, kept = self.project, self.project.docs
        project.docs = {**kept, BASE: PARTS[BASE]}
        project.lifecycle.pop(self.finding["address"])
        project.apply()
        project.docs = kept

    def acknowledge(self, _: re.Match[str]) -> None:
        plan, where = self.project.folder / "plan.json", self.finding["address"]
        assert self.project("plan", "--out", str(plan), *self.words).code == 0
        code = self.finding["code"] + (f"@{where}" if where else "")
        ran = self.project("apply", str(plan), "--ack", code)
        assert ran.code == 0, ran.out + ran.err


SAID: list[tuple[str, Callable[[Deed, re.Match[str]], None]]] = [
    (r"take id out of its spec", Deed.without_id),
    (r'write `id: "(\d+)"` under spec', Deed.with_id),
    (r"^write name: (.+)$", Deed.with_name),
    (r"write the live value", Deed.with_live_value),
    (r"use the backend git", Deed.keep_state_elsewhere),
    (r"list it under spec.connectors of (\S+)$", Deed.install),
    (r"^allowed: (\S+)$", Deed.allowed),
    (r"set it to (\S+) or", Deed.think_less),
    (r"take the tools out", Deed.without_tools),
    (r"list its documents", Deed.list_documents),
    (r"take it out of the bot", Deed.without_base),
    (r"list it as \{name: (.+)\}", Deed.list_it),
    (r"declare spec.publish", Deed.publish),
    (r"in the Coze console and write its id", Deed.make_by_hand),
    (r"cozeops ((?:state|import|pull) .+)$", Deed.run),
    (r"try again in a moment", Deed.wait),
    (r"(--(?:exclude|rewrite) \S+)$", Deed.option),
    (r"with (--prune)", Deed.option),
    (r"take the word out of protect", Deed.unprotect),
    (r"acknowledge", Deed.acknowledge),
]
"""What a clause says, and how that is done, in the order of a sentence."""


def obey(project: Project, finding: Json, clause: str, options: tuple[str, ...]) -> list[str] | None:
    """Do what a clause says, to the letter. The options of the next plan; None: it says nothing to do."""
    deed = Deed(project, finding, list(options))
    said = [(found, do) for pattern, do in SAID if (found := re.search(pattern, clause))]
    for found, do in said:
        do(deed, found)
    return deed.words if said else None


def the_finding(project: Project, code: str, options: tuple[str, ...]) -> Json:
    found = [one for one in project.findings(*options) if one["code"] == code]
    assert found, f"the situation does not give {code}"
    return found[0]


def doubles(project: Project) -> Counter[str]:
    """How often a name that the manifests have is there, where it is more than once."""
    wanted = {unicodedata.normalize("NFC", str(spec.get("name"))) for spec in project.docs.values()}
    rows = [row["draft"]["name"] for row in project.repository.bench.table("bots").values()]
    rows += [row["name"] for row in project.repository.bench.table("datasets").values()]
    names = Counter(unicodedata.normalize("NFC", name) for name in rows)
    return Counter({name: count for name, count in names.items() if count > 1 and name in wanted})


@pytest.mark.parametrize(
    ("code", "arrange", "options"), TABLE, ids=lambda one: getattr(one, "__name__", None)
)
def test_a_hint_done_to_the_letter_makes_it_better(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    code: str,
    arrange: Callable[[Project], None],
    options: tuple[str, ...],
) -> None:
    project = Project(repository, monkeypatch)
    arrange(project)
    done = []
    finding = the_finding(project, code, options)
    hint = finding["hint"]
    assert hint, f"{code} has no hint"
    before = {name: project.ids(name) for name in ("bots", "datasets", "documents")}
    start = project.emulator.dump()
    keep = json.dumps([project.docs, project.lifecycle, project.settings])
    own = {path: path.read_bytes() for path in (project.folder / ".cozeops").rglob("*") if path.is_file()}
    for number, clause in enumerate(clauses(hint)):
        if number:
            restore(project, start, keep, own)
        words = obey(project, finding, clause, options)
        if words is None:
            continue
        done.append(clause)
        left_over = [one for one in project.findings(*words) if one["address"] == finding["address"]]
        assert code not in {one["code"] for one in left_over}, f"{clause!r}: the same again"
        ran = project("apply", "--yes", *words)
        # What is still not there after a moment is another finding, with a hint of its own.
        fine = (0, 5) if "try again" in clause else (0,)
        assert ran.code in fine, f"{clause!r}: {ran.out}{ran.err}"
        assert not doubles(project), f"{clause!r} ends in a twin: {doubles(project)}"
        if "--prune" not in words and "acknowledge" not in clause:
            for name, ids in before.items():
                assert set(ids) <= set(project.ids(name)), f"{clause!r} lost one of {name}"
    assert done, f"{hint!r} says nothing that can be done"


def restore(project: Project, start: Json, keep: str, own: dict[Path, bytes]) -> None:
    """Back to the situation, for the next clause."""
    project.docs, project.lifecycle, project.settings = json.loads(keep)
    for path in (project.folder / ".cozeops").rglob("*"):
        if path.is_file() and path not in own:
            path.unlink()
    for path, content in own.items():
        path.write_bytes(content)
    project.emulator.load(start)


def test_the_hint_of_two_that_have_one_name(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends a plan, and has the line to write: with it, that one is meant, and the other stays as it is."""
    project = Project(repository, monkeypatch)
    bot = project.docs.pop(BOT)
    project.apply()
    for _ in range(2):
        project.make("Bot", name=bot["name"])
    project.docs[BOT] = bot
    ran = project("plan")
    assert ran.code == 3
    said = re.search(r'write `id: "(\d+)"` under spec', " ".join(ran.err.split()))
    assert said, ran.err
    bot["id"] = said[1]
    before = project.ids("bots")
    project.apply()
    assert project.ids("bots") == before
    assert not [one for one in project.findings() if one["severity"] != "info"]
