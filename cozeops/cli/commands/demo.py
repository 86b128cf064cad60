"""`cozeops demo`: the whole story on the quickstart example, against an emulator on loopback."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cozeops.cli.connected import load_offline
from cozeops.cli.emulator_extra import demand_emulator
from cozeops.cli.options import Where
from cozeops.errors import CozeopsError
from cozeops.system.program import run_here

if TYPE_CHECKING:
    from cozeops.emulator import Emulator


@click.command()
def demo() -> None:
    """Play the whole story on the quickstart example.

    Starts an emulator, then plans, applies and changes the example on it. Needs no account, no network
    and no configuration; leaves nothing behind.
    """
    demand_emulator()
    from cozeops.cli.seed import seed_of
    from cozeops.emulator import Emulator

    with tempfile.TemporaryDirectory(prefix="cozeops-demo-") as folder:
        project = Path(folder) / "quickstart"
        shutil.copytree(_quickstart(), project)
        server = Emulator()
        server.seed(seed_of(load_offline(Where(project)).resources))
        with server.serve() as url:
            click.echo(f"A Coze for trying things out is on {url}.")
            click.echo("The project is a copy of the quickstart example.")
            for title, act, arguments, expected in _story(server, project):
                _scene(title, act, arguments, expected, url, project)
    click.secho(
        '\nThat was the demo. Next in README.md: "Your first project", with your account.',
        bold=True,
    )


Scene = tuple[str, Callable[[], None] | None, list[str], int]


def _story(server: Emulator, project: Path) -> list[Scene]:
    bots = project / "manifests" / "bots"
    prompt = project / "manifests" / "prompts" / "chef.md"
    check = ["plan", "--detailed-exitcode"]
    return [
        ("Nothing is there yet: the plan creates everything.", None, ["plan", "--compact"], 0),
        ("Apply makes it so.", None, ["apply", "--yes", "--compact"], 0),
        ("The second plan is empty.", None, check, 0),
        (
            "Someone edits a prompt in Git: the plan shows the text, and who will see it.",
            lambda: _edit(prompt, "# 角色", "# 角色\n\n今天的主题是“一锅到底”：优先推荐只用一口锅的菜。"),
            check,
            2,
        ),
        ("Apply updates the draft and publishes it.", None, ["apply", "--yes"], 0),
        (
            "Someone changes the temperature by hand in the console: the plan sees it.",
            lambda: _by_hand(server, "每日学一菜"),
            check,
            2,
        ),
        ("Apply puts it back.", None, ["apply", "--yes"], 0),
        (
            "A channel leaves the manifest of the nutritionist.",
            lambda: _edit(bots / "nutritionist.yaml", "connectors: [api, chat_sdk]", "connectors: [api]"),
            check,
            2,
        ),
        ("Apply takes the bot off that channel.", None, ["apply", "--yes"], 0),
        ("And the plan is empty again.", None, check, 0),
    ]


def _scene(
    title: str, act: Callable[[], None] | None, arguments: list[str], expected: int, url: str, project: Path
) -> None:
    click.secho(f"\n━━ {title}", bold=True)
    if act:
        act()
    click.secho(f"$ cozeops {' '.join(arguments)}", dim=True)
    environment = {**os.environ, "COZE_API_BASE": url, "COZE_API_TOKEN": "pat_emulator"}
    code = run_here([sys.executable, "-m", "cozeops", "-C", str(project), *arguments], environment)
    if code != expected:
        raise CozeopsError(f"the demo expected exit code {expected}, and got {code}")


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise CozeopsError(f"the demo does not know {path.name} any more: {old!r} is not in it")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    click.echo(f"(edited {path.name})")


def _by_hand(server: Emulator, name: str) -> None:
    bots = server.dump()["tables"]["bots"]
    id, model = next(
        (id, bot["draft"]["model_info_config"]) for id, bot in bots.items() if bot["draft"]["name"] == name
    )
    server.edit("bots", id, model_info_config={**model, "temperature": 1.3})
    click.echo(f"(edited {name} on the live side)")


def _quickstart() -> Path:
    """The example: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).resolve().parents[2]
    for place in (package / "quickstart", package.parent / "examples" / "quickstart"):
        if place.is_dir():
            return place
    raise CozeopsError("the quickstart example is not installed", hint="run the demo from a checkout")
