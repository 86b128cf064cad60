"""A fleet: a project with many bots, and the live side that it describes.

Everything is derived from numbers, so two runs measure the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

MODEL = "1706077826"
OWNER = "2069720456000000"
CHANNEL = "1024"
_LINES = (
    "你是一位耐心的助手，负责回答同事们关于流程和制度的问题。",
    "回答之前先确认对方所在的部门，再给出步骤，每一步不超过两句话。",
    "不知道的事情就说不知道，并告诉对方应该去问谁。",
)


@cache
def _body(size: int) -> str:
    """At least `size` bytes of instructions."""
    lines: list[str] = []
    while sum(len(line.encode()) + 1 for line in lines) < size:
        lines.append(_LINES[(len(lines) + 1) % len(_LINES)])
    return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Fleet:
    """`bots` in `workspaces`, each with a prompt of `prompt` bytes in a file of its own."""

    bots: int
    workspaces: int = 1
    prompt: int = 1500
    state: bool = False

    def write(self, folder: Path) -> None:
        """Write the project: a file per bot and a file per prompt, in a folder per workspace."""
        kept = "spec: {state: {backend: local}}\n" if self.state else "spec: {}\n"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cozeops.yaml").write_text(f"kind: Project\nmetadata: {{name: fleet}}\n{kept}", "utf-8")
        for home in range(self.workspaces):
            place = folder / f"team-{home:04}"
            (place / "prompts").mkdir(parents=True, exist_ok=True)
            text = f"kind: Workspace\nmetadata: {{name: team-{home:04}}}\nspec: {{name: 团队{home:04}}}\n"
            (place / "workspace.yaml").write_text(text, "utf-8")
        for number in range(self.bots):
            place = folder / f"team-{self.home_of(number):04}"
            (place / f"bot-{number:05}.yaml").write_text(self.manifest(number), "utf-8")
            self.write_prompt(folder, number)

    def write_prompt(self, folder: Path, number: int, salt: str = "") -> None:
        """Write the prompt of one bot; another `salt` makes it another prompt."""
        file = folder / f"team-{self.home_of(number):04}" / "prompts" / f"bot-{number:05}.md"
        file.write_text(self.text(number, salt), "utf-8")

    def home_of(self, number: int) -> int:
        """The workspace of a bot."""
        return number % self.workspaces

    def manifest(self, number: int) -> str:
        """The manifest of one bot."""
        return f"""\
kind: Bot
metadata:
  name: bot-{number:05}
  workspace: team-{self.home_of(number):04}
  labels: {{team: t{number % 7}}}
spec:
  name: 助手{number:05}
  description: 第{number}号助手，回答流程和制度的问题
  prompt: {{file: prompts/bot-{number:05}.md}}
  onboarding:
    prologue: 你好，我是第{number}号助手。
    suggested_questions: [怎么请假, 怎么报销, 找谁开门禁]
  model: {{id: "{MODEL}", temperature: 0.7, max_tokens: 4096, context_round: 30}}
  publish: {{connectors: [api]}}
"""

    def text(self, number: int, salt: str = "") -> str:
        """The prompt of one bot."""
        return f"# 第{number}号{salt}\n{_body(self.prompt)}"

    def bot_id(self, number: int) -> str:
        """The live id of a bot."""
        return str(7_400_000_000_000_000_000 + number)

    def home_id(self, home: int) -> str:
        """The live id of a workspace."""
        return str(7_500_000_000_000_000_000 + home)

    def draft(self, number: int) -> dict[str, Any]:
        """What the bot is on Coze, in the names of its writes."""
        return {
            "name": f"助手{number:05}",
            "description": f"第{number}号助手，回答流程和制度的问题",
            "prompt_info": {"prompt": self.text(number), "prompt_mode": "standard"},
            "onboarding_info": {
                "prologue": f"你好，我是第{number}号助手。",
                "suggested_questions": ["怎么请假", "怎么报销", "找谁开门禁"],
            },
            "model_info_config": {
                "model_id": MODEL,
                "temperature": 0.7,
                "max_tokens": 4096,
                "context_round": 30,
            },
        }

    def seed(self) -> dict[str, Any]:
        """The live side for the emulator: just what the project says, published."""
        homes = [
            {"id": self.home_id(home), "name": f"团队{home:04}", "workspace_type": "team"}
            for home in range(self.workspaces)
        ]
        bots = [
            {
                **self.draft(number),
                "bot_id": self.bot_id(number),
                "workspace_id": self.home_id(self.home_of(number)),
                "publish": [CHANNEL],
            }
            for number in range(self.bots)
        ]
        return {"workspaces": homes, "bots": bots}

    def manifests(self) -> Iterator[str]:
        """All manifests, as texts."""
        return (self.manifest(number) for number in range(self.bots))

    @property
    def bytes(self) -> int:
        """The size of what is written, prompts included."""
        return sum(len(text.encode()) for text in self.manifests()) + self.bots * self.prompt


def as_json(seed: dict[str, Any]) -> bytes:
    """A seed as it is sent to an emulator."""
    return json.dumps(seed, ensure_ascii=False).encode()
