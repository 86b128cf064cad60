"""Every hint is a claim: done to the letter, the situation gets better.

Each row of the table makes a situation, and names the finding that it gives. The hint of that finding is
taken apart into its clauses, and each clause that says something to do is done alone, from the same
situation: commands are run, lines are added to the manifests, options are given. Then the same finding is
gone, nothing is there twice, and nothing was lost that the clause did not say.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cozeops.codes import Code, Severity
from tests.cli.conftest import Ran
from tests.cli.test_state_places import Repository, repository

__all__ = ["repository"]  # a fixture

Json = dict[str, Any]
BOT, BASE, HOME = "Bot/clerk", "KnowledgeBase/faq", "Workspace/home"
QUOTA, VALUES, VOICE = "Quota/kiosk", "VariableValues/vip", "Voice/waiter"
SPEAKERS, ORGANIZATION = "Connector/speakers", "Organization/kitchen"
OWNER, OTHER, STAYING, LEAVING = (f"206972045600{number}" for number in ("0000", "0102", "0103", "0104"))
LIMITS: Json = {
    "entity_type": "single_device",
    "entity_id": "51237824000",
    "benefit_type": "resource_point",
    "limit": 5000,
    "started_at": 1767196800,
    "ended_at": 1798732800,
}


def variable(keyword: str) -> Json:
    """One of a bot, as Coze keeps it."""
    return {"keyword": keyword, "enable": True, "channel": "custom", "default_value": "", "description": ""}


PEOPLE: dict[str, Json] = {
    "EnterpriseMembers/hezao": {
        "id": "volcano_2100000001",
        "members": [{"user": STAYING, "role": "admin"}, {"user": LEAVING}],
        "receiver": STAYING,
    },
    ORGANIZATION: {
        "name": "厨房",
        "super_admin_user_id": STAYING,
        "members": [{"user": STAYING, "role": "super_admin"}, {"user": LEAVING}],
        "receiver": STAYING,
    },
}


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
        (self.folder / "wang.wav").write_text("RIFF wang", "utf-8")
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
            if kind == "Organization":
                metadata["enterprise"] = "hezao"
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

    def apply_and_acknowledge(self, *codes: str, options: Sequence[str] = ()) -> None:
        """Apply a plan that was looked at."""
        plan = self.folder / "plan.json"
        assert self("plan", "--out", str(plan), *options).code == 0
        ran = self("apply", str(plan), *(word for code in codes for word in ("--ack", code)))
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


def as_somebody_else(project: Project) -> None:
    """The token is that of another user, who is an admin of the workspace."""
    as_member(project, "admin")
    project.docs[BOT]["prompt"] = "别的"


def as_member(project: Project, role: str) -> None:
    project.apply()
    space = project.ids("workspaces")[-1]
    members = {**project.repository.bench.table("workspaces")[space]["members"], OTHER: role}
    project.emulator.seed({"users": [{"user_id": OTHER}], "tokens": [{"token": "pat_2", "user_id": OTHER}]})
    project.emulator.edit("workspaces", space, members=members)
    project.patch.setenv("COZE_API_TOKEN", "pat_2")


def may_not_invite(project: Project) -> None:
    as_member(project, "member")
    project.docs[HOME]["members"] = [{"user": OTHER}, {"user": STAYING}]
    project.emulator.seed({"users": [{"user_id": STAYING}]})


def wrong_user(project: Project) -> None:
    project.settings["environments"] = {"prod": {"default": True, "expect": {"user": OWNER}}}
    as_member(project, "admin")


def bound_without_state(project: Project) -> None:
    del project.settings["state"]
    devices = [{"key": "device_id", "values": {"客厅": "512", "卧室": "513"}}]
    project.docs = {SPEAKERS: {"id": "7470849514748000009", "devices": devices}}
    project.emulator.seed({"connectors": [{"connector_id": "7470849514748000009"}]})


def not_listed_any_more(project: Project) -> None:
    bound_without_state(project)
    project.settings["state"] = {"backend": "local"}
    project.apply()
    del project.docs[SPEAKERS]["devices"][0]["values"]["客厅"]


def resets_an_icon(project: Project) -> None:
    project.apply()
    project.docs[BASE]["description"] = "别的问题"


def empty_without_state(project: Project) -> None:
    del project.settings["state"]
    project.docs[BOT]["collaboration"] = {"mode": "collaboration", "collaborators": []}
    project.apply()


def workflow_left(project: Project) -> None:
    project.apply()
    seed = {"workflow_id": "7001", "workflow_name": "order", "workspace_id": project.ids("workspaces")[-1]}
    project.emulator.seed({"workflows": [seed]})
    project.docs["Workflow/order"] = {"name": "order"}
    project.apply()
    del project.docs["Workflow/order"]


def quota_of_a_lost_id(project: Project) -> None:
    project.docs[QUOTA] = deepcopy(LIMITS)
    project.emulator.faults.add("drop", operation="createBenefitLimitation", times=1, phase="after")
    assert project("apply", "--yes", "--unknown-wait", "1").code == 7
    project.docs[QUOTA]["limit"] = 6000


def quota_without_state(project: Project) -> None:
    del project.settings["state"]
    project.docs = {QUOTA: LIMITS}


def still_read(project: Project) -> None:
    project.docs[BASE] |= {"documents": [{"file": "../faq.md"}], "chunking": {"mode": "auto"}}
    project.apply()
    project.docs[BASE]["chunking"] = {"mode": "custom", "separator": "#", "max_tokens": 500}
    project.repository.bench.set_options(processing_seconds=3600.0)
    assert project("apply", "--yes", "--wait-timeout", "0").code == 7


def shown_later(project: Project) -> None:
    project.repository.bench.set_options(publish_seconds=60.0)
    assert project("apply", "--yes").code in (0, 7)


def people(project: Project) -> None:
    users = [{"user_id": id, "enterprise_role": "none"} for id in (STAYING, LEAVING)]
    project.emulator.seed({"users": users})
    project.docs = deepcopy(PEOPLE)


def nobody_named(project: Project) -> None:
    people(project)
    project.apply()
    del project.docs[ORGANIZATION]["members"][1]
    del project.docs[ORGANIZATION]["receiver"]


def heir_leaves(project: Project) -> None:
    nobody_named(project)
    project.docs[ORGANIZATION]["receiver"] = LEAVING


def no_token_for_enterprises(project: Project) -> None:
    people(project)
    project.emulator.seed({"tokens": [{"token": "sat_enterprise"}]})


def another_secret(project: Project) -> None:
    project.patch.setenv("COZEOPS_SECRET_VERIFY", "first-secret-0123456789")
    token = "${env:COZEOPS_SECRET_VERIFY}"
    events = {"name": "事件", "app_type": "normal", "events": ["bot.published"], "verify_token": token}
    project.docs = {"CallbackApp/events": events}
    project.apply()


def not_published_for_values(project: Project) -> None:
    project.docs[BOT]["publish"] = {"connectors": []}
    with_values(project)


def with_values(project: Project) -> None:
    project.apply()
    project.emulator.edit("bots", project.id(BOT), variables=[variable("diet")])
    project.docs[VALUES] = {"bot": "clerk", "connector_uid": "user-7", "values": {"diet": "素食"}}


def no_such_variable(project: Project) -> None:
    with_values(project)
    project.docs[VALUES]["values"] = {"dyet": "素食"}


def keeps_what_is_not_there(project: Project) -> None:
    project.apply()
    project.docs[BASE]["documents"] = [{"name": "别人的"}]


def values_before_the_bot(project: Project) -> None:
    project.docs[VALUES] = {"bot": "clerk", "connector_uid": "user-7", "values": {"diet": "素食"}}


def smaller_edition(project: Project) -> None:
    project.apply()
    project.repository.bench.set_options(edition="pro_personal")
    project.docs[BOT]["collaboration"] = {"mode": "collaboration"}


def token_in_prompt(project: Project) -> None:
    project.docs[BOT]["prompt"] = "用 pat_" + "a1B2c3D4" * 8 + " 登录"


def unknown_variable(project: Project) -> None:
    project.apply()
    project.emulator.edit("bots", project.id(BOT), variables=[variable("city")])
    project.docs[BOT]["prompt"] = "{{mood}}"


def own_checks_not_run(project: Project) -> None:
    project.settings["checks"] = {"commands": [{"name": "ours", "run": [sys.executable, "-c", ""]}]}


def long_prompt(project: Project) -> None:
    project.docs[BOT]["prompt"] = "话" * 19_500


def nobody_talks_to_it(project: Project) -> None:
    project.settings["environments"] = {"prod": {"default": True, "gate": {"checks": "before"}}}
    project.emulator.seed({"chat_rules": [{"id": "hello", "answer": "您好！"}]})


def half_a_voice(project: Project) -> None:
    voice = {"name": "服务员", "file": "../wang.wav", "language": "zh", "text": "您好"}
    project.docs = {HOME: PARTS[HOME], VOICE: voice}
    project.apply_and_acknowledge("COZE140")
    project.docs[VOICE] = {"name": "服务员", "preview_text": "您请"}


TABLE: list[tuple[str, Callable[[Project], None], tuple[str, ...]]] = [
    ("COZE108", as_somebody_else, ()),
    ("COZE109", wrong_user, ()),
    ("COZE110", bound_without_state, ()),
    ("COZE111", resets_an_icon, ()),
    ("COZE112", not_listed_any_more, ()),
    ("COZE119", workflow_left, ("--prune",)),
    ("COZE122", still_read, ()),
    ("COZE124", empty_without_state, ()),
    ("COZE125", shown_later, ()),
    ("COZE130", nobody_named, ()),
    ("COZE130", heir_leaves, ()),
    ("COZE132", another_secret, ()),
    ("COZE141", half_a_voice, ()),
    ("COZE142", quota_of_a_lost_id, ()),
    ("COZE143", not_published_for_values, ()),
    ("COZE143", values_before_the_bot, ()),
    ("COZE144", no_such_variable, ()),
    ("COZE144", keeps_what_is_not_there, ()),
    ("COZE145", quota_without_state, ()),
    ("COZE150", smaller_edition, ()),
    ("COZE151", may_not_invite, ()),
    ("COZE152", no_token_for_enterprises, ()),
    ("COZE201", token_in_prompt, ()),
    ("COZE202", unknown_variable, ()),
    ("COZE252", own_checks_not_run, ()),
    ("COZE205", long_prompt, ()),
    ("COZE160", nobody_talks_to_it, ()),
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
        ids = self.project.ids("benefit_limitations")
        ran = self.project(*(ids[0] if word == "ID" else word for word in shlex.split(said[1])))
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
        where = self.finding["address"]
        code = self.finding["code"] + (f"@{where}" if where else "")
        self.project.apply_and_acknowledge(code, options=self.words)

    def as_owner(self, _: re.Match[str]) -> None:
        self.project.patch.setenv("COZE_API_TOKEN", "pat_emulator")

    def for_enterprises(self, said: re.Match[str]) -> None:
        self.project.patch.setenv(said[1], "sat_enterprise")

    def delete_by_hand(self, _: re.Match[str]) -> None:
        self.project.emulator.remove("workflows", "7001")

    def declare_them(self, _: re.Match[str]) -> None:
        self.spec["icon"] = "../faq.png"
        (self.project.folder / "faq.png").write_bytes(b"\x89PNG\r\n\x1a\n")

    def keep_a_state(self, _: re.Match[str]) -> None:
        self.project.settings["state"] = {"backend": "local"}

    def not_managed(self, _: re.Match[str]) -> None:
        del self.spec["collaboration"]["collaborators"]

    def name_heir(self, said: re.Match[str]) -> None:
        self.spec[said[1]] = STAYING

    def renew(self, _: re.Match[str]) -> None:
        (row,) = self.project.repository.bench.table("api_apps").values()
        self.project.patch.setenv("COZEOPS_SECRET_VERIFY", row["verify_token"])

    def add_to_manifest(self, _: re.Match[str]) -> None:
        self.spec["file"] = "../wang.wav"
        self.project.apply_and_acknowledge("COZE140")

    def noted_id(self, _: re.Match[str]) -> None:
        (id,) = self.project.ids("benefit_limitations")
        self.project.docs[QUOTA]["id"] = id

    def list_channel(self, said: re.Match[str]) -> None:
        self.project.docs[said[2]]["publish"]["connectors"] = [said[1]]

    def make_variable(self, _: re.Match[str]) -> None:
        keyword = "mood" if self.finding["code"] == "COZE202" else "dyet"
        variables = [variable("city"), variable(keyword)]
        self.project.emulator.edit("bots", self.project.id(BOT), variables=variables)

    def look_for_slip(self, _: re.Match[str]) -> None:
        self.spec["values"] = {"diet": "素食"}

    def without_field(self, _: re.Match[str]) -> None:
        del self.spec["collaboration"]

    def upgrade(self, _: re.Match[str]) -> None:
        self.project.repository.bench.set_options(edition="team")

    def shorten(self, _: re.Match[str]) -> None:
        self.spec["prompt"] = "你好"

    def talk_to_it(self, _: re.Match[str]) -> None:
        turns = [{"say": "你好", "expect": {"contains": ["您好"]}}]
        self.project.docs["Check/hello"] = {"bot": "clerk", "turns": turns}

    def list_again(self, _: re.Match[str]) -> None:
        self.spec["devices"][0]["values"]["客厅"] = "512"

    def write_source(self, _: re.Match[str]) -> None:
        self.spec["documents"][0]["file"] = "../faq.md"

    def without_entry(self, _: re.Match[str]) -> None:
        self.spec["documents"] = []

    def without_secret(self, _: re.Match[str]) -> None:
        self.spec["prompt"] = "登录"


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
    (r"try again in a moment|plan again in a while", Deed.wait),
    (r"(--(?:exclude|rewrite) \S+)$", Deed.option),
    (r"with (--prune|--run-checks)", Deed.option),
    (r"take the word out of protect", Deed.unprotect),
    (r"acknowledge", Deed.acknowledge),
    (r"token of (?:the owner|this environment|an admin)", Deed.as_owner),
    (r"^set (COZE_ENTERPRISE_API_TOKEN)$", Deed.for_enterprises),
    (r"delete it in the console", Deed.delete_by_hand),
    (r"declare these fields", Deed.declare_them),
    (r"keep a state", Deed.keep_a_state),
    (r"take it out of the manifest", Deed.not_managed),
    (r"write (receiver) under spec", Deed.name_heir),
    (r"name somebody who stays under spec\.(\S+)", Deed.name_heir),
    (r"put it into the variable", Deed.renew),
    (r"add it to the manifest", Deed.add_to_manifest),
    (r"write it under spec|write the new id under spec", Deed.noted_id),
    (r"list (\w+) or \w+ under spec\.publish\.connectors of (\S+)", Deed.list_channel),
    (r"others are made in the console|make and enable it in the console", Deed.make_variable),
    (r"look for a slip", Deed.look_for_slip),
    (r"^take it out$", Deed.without_field),
    (r"upgrade the account", Deed.upgrade),
    (r"take it out and revoke", Deed.without_secret),
    (r"list it again$", Deed.list_again),
    (r"write its source", Deed.write_source),
    (r"take the entry out", Deed.without_entry),
    (r"move what is knowledge into a knowledge base", Deed.shorten),
    (r"write a Check about it", Deed.talk_to_it),
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
    start, options_then, environ = project.emulator.dump(), project.emulator.options, dict(os.environ)
    keep = json.dumps([project.docs, project.lifecycle, project.settings])
    own = {path: path.read_bytes() for path in (project.folder / ".cozeops").rglob("*") if path.is_file()}
    for number, clause in enumerate(clauses(hint)):
        if number:
            restore(project, start, keep, own)
            project.emulator.options = options_then
            for name in os.environ.keys() - environ.keys():
                project.patch.delenv(name)
            for name, value in environ.items():
                project.patch.setenv(name, value)
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
        # Of a document that was still being read, the one that it replaces goes.
        if "--prune" not in words and "acknowledge" not in clause and code != "COZE122":
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


NOT_A_DEED = {
    "COZE106": "it has no hint: the message says what is lost, and somebody means it or does not",
    "COZE116": "somebody compares two values and says which is right",
    "COZE126": "somebody looks at what a rollback cannot bring back, in the console",
    "COZE131": "a warning of what does not come back: who means it applies",
    "COZE140": "somebody listens to a recording before it costs money",
    "COZE155": "a copy stays where it is: the console can delete it, and nothing waits for that",
    "COZE157": "Coze does not copy from one organization to another, whatever is done here",
    "COZE164": "mostly it has no hint, for apply does what it says; else the hint is that of COZE163",
    "COZE250": "the hint is the program's own, or says where the program is declared",
    "COZE251": "it says where the program is declared; why it has no result is in the message",
}
"""Codes whose hint says nothing to do, and why."""

ELSEWHERE = {
    "COZE153": "test_promote.py",
    "COZE154": "test_promote.py",
    "COZE156": "test_promote.py",
    "COZE162": "test_gate_evidence.py",
    "COZE163": "test_owed.py",
}
"""Those that need two environments or a run cut short, done to the letter beside what makes them."""


def test_every_code_that_stops_or_warns_is_done_or_is_no_deed() -> None:
    """A new code comes with a case here, or says why nobody can do what it says."""
    cases = {code for code, _, _ in TABLE}
    wanted = {
        code.value
        for code in Code
        if not code.is_problem and code.severity in (Severity.BLOCK, Severity.WARN)
    }
    assert wanted <= cases | NOT_A_DEED.keys() | ELSEWHERE.keys()
    assert not cases & NOT_A_DEED.keys()
    assert not (cases | NOT_A_DEED.keys()) & ELSEWHERE.keys()
    assert NOT_A_DEED.keys() | ELSEWHERE.keys() | cases <= set(Code)
    for code, file in ELSEWHERE.items():
        assert code in (Path(__file__).parent / file).read_text("utf-8"), f"{file} has no {code}"


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


@pytest.mark.parametrize(("address", "table"), [(BOT, "bots"), (BASE, "datasets")])
def test_what_left_and_was_deleted_by_hand_is_forgotten(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, address: str, table: str
) -> None:
    """The plan says that it is gone, and the apply of that plan finds it as planned."""
    project = Project(repository, monkeypatch)
    project.apply()
    project.emulator.remove(table, project.id(address))
    del project.docs[address]
    project.apply("--prune")
    assert not [one for one in project.findings() if one["address"] == address]
