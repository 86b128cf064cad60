"""Random lives of a few bots, against a model of what draft, connectors and listings must show."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cozeops.emulator import Emulator

from .conftest import SEED, Clock, Coze

CONNECTORS = ("1024", "999", "900")
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
PROLOGUES = st.text(max_size=5)
QUESTIONS = st.lists(st.text(min_size=1, max_size=3), max_size=2)


class Bots(RuleBasedStateMachine):
    """The model keeps a draft and a snapshot per connector for each bot."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.coze = Coze(Emulator(clock=self.clock), self.clock)
        self.coze.emulator.seed(SEED)
        self.drafts: dict[str, dict[str, Any]] = {}
        self.online: dict[tuple[str, str], dict[str, Any]] = {}

    @initialize()
    def make_workspace(self) -> None:
        """One workspace with a custom connector and two bots."""
        self.space = self.coze.workspace()
        self.coze.post("/v1/connectors/900/install", workspace_id=self.space)
        for name in ("甲", "乙"):
            self.create(name)

    def pick(self, number: int) -> str:
        """Return one of the bots."""
        return sorted(self.drafts)[number % len(self.drafts)]

    @precondition(lambda self: len(self.drafts) < 3)
    @rule(name=NAMES)
    def create(self, name: str) -> None:
        """A draft that is online nowhere."""
        bot = self.coze.bot(self.space, name)
        self.drafts[bot] = {"name": name, "description": "", "prologue": "", "questions": []}

    @rule(number=st.integers(0, 2), name=st.none() | NAMES, description=st.none() | PROLOGUES)
    def update_fields(self, number: int, name: str | None, description: str | None) -> None:
        """What is absent stays."""
        bot = self.pick(number)
        given = {"name": name, "description": description}
        given = {key: value for key, value in given.items() if value is not None}
        self.coze.post("/v1/bot/update", bot_id=bot, **given)
        self.drafts[bot] |= given

    @rule(number=st.integers(0, 2), prologue=st.none() | PROLOGUES, questions=st.none() | QUESTIONS)
    def update_onboarding(self, number: int, prologue: str | None, questions: list[str] | None) -> None:
        """The sub-object is replaced whole."""
        bot = self.pick(number)
        given = {"prologue": prologue, "suggested_questions": questions}
        given = {key: value for key, value in given.items() if value is not None}
        self.coze.post("/v1/bot/update", bot_id=bot, onboarding_info=given)
        self.drafts[bot] |= {"prologue": prologue or "", "questions": questions or []}

    @rule(number=st.integers(0, 2), prologue=PROLOGUES)
    def edit_by_hand(self, number: int, prologue: str) -> None:
        """Siblings stay."""
        bot = self.pick(number)
        self.coze.emulator.edit("bots", bot, onboarding_info={"prologue": prologue})
        self.drafts[bot]["prologue"] = prologue

    @rule(number=st.integers(0, 2), connectors=st.sets(st.sampled_from(CONNECTORS), min_size=1))
    def publish(self, number: int, connectors: set[str]) -> None:
        """The named connectors get the draft, others keep what they have."""
        bot = self.pick(number)
        body = {"bot_id": bot, "connector_ids": sorted(connectors)}
        allowed = "900" not in connectors or "1024" in connectors
        assert self.coze.code("POST", "/v1/bot/publish", body) == (0 if allowed else 4000)
        if allowed:
            for connector in connectors:
                self.online[bot, connector] = copy.deepcopy(self.drafts[bot])

    @rule(number=st.integers(0, 2), connector=st.sampled_from(CONNECTORS))
    def unpublish(self, number: int, connector: str) -> None:
        """One connector goes."""
        bot = self.pick(number)
        was_online = self.online.pop((bot, connector), None)
        code = self.coze.code("POST", f"/v1/bots/{bot}/unpublish", {"connector_id": connector})
        assert code == (0 if was_online else 4200)

    @rule()
    def reload(self) -> None:
        """A dump holds everything."""
        self.coze.emulator.load(self.coze.emulator.dump())

    @invariant()
    def drafts_agree(self) -> None:
        """Each draft reads as it was written."""
        for bot, draft in self.drafts.items():
            assert self.shown(self.coze.draft(bot)) == draft

    @invariant()
    def listings_agree(self) -> None:
        """Each connector lists its snapshots, in the order of creation."""
        for connector in CONNECTORS:
            items = self.coze.get("/v1/bots", workspace_id=self.space, connector_id=connector)["items"]
            expected = [
                (bot, self.online[bot, connector]["name"])
                for bot in sorted(self.drafts)
                if (bot, connector) in self.online
            ]
            assert [(item["id"], item["name"]) for item in items] == expected
        offline = self.coze.get("/v1/bots", workspace_id=self.space, publish_status="unpublished_draft")
        published = {bot for bot, _ in self.online}
        assert [item["id"] for item in offline["items"]] == sorted(self.drafts.keys() - published)

    @invariant()
    def published_copies_agree(self) -> None:
        """The API connector's copy is read by default."""
        for (bot, connector), snapshot in self.online.items():
            if connector == "1024":
                assert self.shown(self.coze.get(f"/v1/bots/{bot}")) == snapshot

    @staticmethod
    def shown(reply: dict[str, Any]) -> dict[str, Any]:
        """Return the modelled part of a bot."""
        onboarding = reply["onboarding_info"]
        return {
            "name": reply["name"],
            "description": reply["description"],
            "prologue": onboarding["prologue"],
            "questions": onboarding.get("suggested_questions", []),
        }


TestBots = Bots.TestCase
TestBots.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)
