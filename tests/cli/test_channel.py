"""`channel audit`: the verdict of a channel's owner on a bot that was published to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.conftest import Shell

KIOSK = "7471902286530412575"


@pytest.fixture
def waiting(shell: Shell) -> Shell:
    """The quickstart, applied; its bot waits for the verdict of the custom channel."""
    bench = shell.bench
    bench.emulator.options = replace(bench.emulator.options, custom_audit=True)
    assert shell("apply", "--yes").code == 7
    assert KIOSK in chef(shell)["pending"]
    bench.emulator.requests.clear()
    return shell


def chef(shell: Shell) -> dict[str, dict[str, object]]:
    """The live bot."""
    id, _ = shell.bench.bot("每日学一菜")
    found: dict[str, dict[str, object]] = shell.bench.table("bots")[id]
    return found


def connector(shell: Shell) -> str:
    """The name of the channel in the project."""
    return next(one.address.name for one in shell.bench.project().resources if one.id == KIOSK)


@pytest.mark.parametrize("by_id", [True, False])
def test_an_approved_bot_goes_online(waiting: Shell, by_id: bool) -> None:
    """Named by ids, or as the project names them; the next plan sees it."""
    id, _ = waiting.bench.bot("每日学一菜")
    named = (KIOSK, id) if by_id else (connector(waiting), "chef")
    ran = waiting("channel", "audit", *named, "--approve")
    assert (ran.code, ran.out) == (0, f"Bot {id} is approved on channel {KIOSK}.\n")
    assert waiting.bench.writes() == ["updateConnectorBotAudit"]
    assert KIOSK in chef(waiting)["online"]
    assert "No changes" in waiting("plan").out


def test_a_rejected_bot_stays_away(waiting: Shell) -> None:
    ran = waiting("channel", "audit", KIOSK, "Bot/chef", "--reject", "--reason", "招呼不对")
    assert ran.code == 0
    assert "is rejected" in ran.out
    assert KIOSK not in chef(waiting)["online"] | chef(waiting)["pending"]


def test_a_held_bot_goes_on_waiting(waiting: Shell) -> None:
    assert waiting("channel", "audit", KIOSK, "chef", "--hold").code == 0
    assert KIOSK in chef(waiting)["pending"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((KIOSK, "1", "--approve"), 1, "4200"),
        (("1", "chef", "--approve"), 1, "4200"),
        ((KIOSK, "chef"), 3, "give --approve, --reject or --hold"),
        ((KIOSK, "chef", "--approve", "--reason", "x"), 3, "--reason goes with --reject"),
        (("nowhere", "chef", "--approve"), 3, "the project has no Connector 'nowhere'"),
        ((KIOSK, "nobody", "--approve"), 3, "nobody"),
        ((KIOSK,), 3, "BOT"),
    ],
)
def test_exit_codes(waiting: Shell, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = waiting("channel", "audit", *arguments)
    assert ran.code == code
    assert said in ran.err
    assert "updateConnectorBotAudit" not in waiting.bench.writes() or code == 1


def test_a_token_that_may_not(waiting: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COZE_API_TOKEN", "pat_emulator_readonly")
    assert waiting("channel", "audit", KIOSK, "chef", "--approve").code == 4


def test_a_bot_that_is_not_there_yet(shell: Shell) -> None:
    """Nothing is made for it."""
    ran = shell("channel", "audit", KIOSK, "chef", "--approve")
    assert ran.code == 1
    assert "Bot/chef is not on Coze" in ran.err
    assert shell.bench.writes() == []
