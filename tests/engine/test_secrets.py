"""Secrets from the manifest to the wire: compared, sent, remembered as digests, and seen nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from cozeops.address import Address
from cozeops.declare.fields import Is, Size, Spec, Wire
from cozeops.engine.model.plan import Action
from cozeops.engine.plan.file import plan_json, write_plan
from cozeops.errors import InvalidProject
from cozeops.kinds import kinds
from cozeops.state import State, write_state
from tests.kit import STATE_KEY, Bench, KeptBench, change

APP = """\
kind: CallbackApp
metadata: {name: events}
spec:
  name: 事件
  app_type: normal
  events: [bot.published]
  verify_token: "${env:COZEOPS_SECRET_VERIFY}"
"""
VAULT = """\
kind: Vault
metadata: {name: vault}
spec:
  name: 保险箱
  password: "${env:COZEOPS_SECRET_PASSWORD}"
"""
FIRST, SECOND = "CANARY-first-0123456789", "CANARY-second-0123456789"
WHERE = Address("Vault", "vault")


class VaultSpec(Spec):
    """A workspace whose description is a secret that cannot be read back."""

    id: str | None = None
    name: Annotated[str | None, Size(50, least=1)] = None
    password: Annotated[str | None, Wire("description", read=None), Is.SECRET, Is.NEEDED_TO_CREATE] = None


@pytest.fixture
def _vault(monkeypatch: pytest.MonkeyPatch) -> None:
    """No kind of Coze has a secret that can be written: this one is made for the purpose."""
    known = vars(kinds())
    vault = replace(kinds()["Workspace"], name="Vault", spec=VaultSpec, check=lambda _: iter(()))
    monkeypatch.setitem(known["_modules"], "Vault", "vault")
    monkeypatch.setitem(known["_found"], "Vault", vault)


def _kept(folder: Path, text: str, **environ: str) -> KeptBench:
    bench = KeptBench(folder, source=None)
    bench.write("it.yaml", text)
    bench.environ = dict(environ)
    return bench


def _descriptions(bench: Bench) -> set[str]:
    return {row["description"] for row in bench.table("workspaces").values()}


def _demand_hidden(bench: KeptBench, *secrets: str) -> None:
    state = State("default", bench.client.base_url, "lineage", resources=bench.records)
    said = [write_state(state), write_plan(bench.plan()), repr(bench.project().resources), repr(bench.look())]
    for secret in secrets:
        assert not any(secret in text for text in said)


@pytest.mark.usefixtures("_vault")
def test_a_write_only_secret_is_sent_once_and_then_known(tmp_path: Path) -> None:
    """With a state: what was sent is remembered as a keyed digest, so the next plan is empty."""
    bench = _kept(tmp_path, VAULT, COZEOPS_SECRET_PASSWORD=FIRST)
    assert [(one.path, one.after, one.note) for one in change(bench.plan(), "Vault/vault").fields] == [
        ("spec.name", "保险箱", ""),
        ("spec.password", None, "secret"),
    ]
    bench.settle()
    assert FIRST in _descriptions(bench)
    assert bench.plan().pending == ()
    assert bench.plan().uncompared == 0
    assert bench.records[WHERE].secrets["spec.password"].startswith("hmac-sha256:")
    _demand_hidden(bench, FIRST)


@pytest.mark.usefixtures("_vault")
def test_a_changed_secret_is_an_update_by_git(tmp_path: Path) -> None:
    """Named, labelled, without any value; applied once, and then known."""
    bench = _kept(tmp_path, VAULT, COZEOPS_SECRET_PASSWORD=FIRST)
    bench.settle()
    bench.environ["COZEOPS_SECRET_PASSWORD"] = SECOND
    (found,) = bench.plan().pending
    assert (found.action, found.origin) == (Action.UPDATE, "git")
    assert [(one.path, one.before, one.after, one.note) for one in found.fields] == [
        ("spec.password", None, None, "secret")
    ]
    bench.settle()
    assert SECOND in _descriptions(bench)
    assert bench.plan().pending == ()
    _demand_hidden(bench, FIRST, SECOND)


@pytest.mark.usefixtures("_vault")
def test_rewriting_sends_a_secret_again(tmp_path: Path) -> None:
    """What was rotated behind our back comes back."""
    bench = _kept(tmp_path, VAULT, COZEOPS_SECRET_PASSWORD=FIRST)
    bench.settle()
    bench.emulator.edit("workspaces", bench.records[WHERE].id, description="rotated")
    assert bench.plan().pending == ()
    bench.settle("Vault/vault")
    assert FIRST in _descriptions(bench)


@pytest.mark.usefixtures("_vault")
def test_without_a_state_a_secret_is_counted_and_sent_when_asked(tmp_path: Path) -> None:
    """Nobody can compare it: the rules are those of any field that cannot be read back."""
    bench = Bench(tmp_path, source=None)
    bench.write("it.yaml", VAULT)
    bench.environ = {"COZEOPS_SECRET_PASSWORD": FIRST}
    bench.settle()
    bench.environ = {"COZEOPS_SECRET_PASSWORD": SECOND}
    assert bench.plan().pending == ()
    assert change(bench.plan(), "Vault/vault").uncompared == ("spec.password",)
    bench.settle("Vault/vault")
    assert SECOND in _descriptions(bench)


@pytest.mark.usefixtures("_vault")
def test_a_digest_that_does_not_fit_is_a_change(tmp_path: Path) -> None:
    """Where the key of the state was lost, the secret is sent once more."""
    bench = _kept(tmp_path, VAULT, COZEOPS_SECRET_PASSWORD=FIRST)
    bench.settle()
    foreign = {"spec.password": "hmac-sha256:" + "0" * 64}
    bench.records[WHERE] = replace(bench.records[WHERE], secrets=foreign)
    assert [str(one.address) for one in bench.plan().pending] == ["Vault/vault"]


@pytest.mark.usefixtures("_vault")
def test_nothing_in_a_plan_file_lets_a_secret_be_guessed(tmp_path: Path) -> None:
    """Without the key of a state, which is in no plan, the file is the same whatever the secret is."""
    bench = _kept(tmp_path, VAULT, COZEOPS_SECRET_PASSWORD="1234")
    first = plan_json(bench.plan())
    bench.environ["COZEOPS_SECRET_PASSWORD"] = "5678"
    assert plan_json(bench.plan()) == first
    bench.settle()
    assert STATE_KEY not in json.dumps(plan_json(bench.plan()))


@pytest.mark.usefixtures("_vault")
def test_a_saved_plan_is_bound_to_the_secret_by_the_key_of_the_state(tmp_path: Path) -> None:
    """Two plans differ in their inputs, once there is a state."""
    bench = _kept(tmp_path, VAULT, COZEOPS_SECRET_PASSWORD=FIRST)
    bench.settle()
    first = plan_json(bench.plan())
    bench.environ["COZEOPS_SECRET_PASSWORD"] = SECOND
    second = plan_json(bench.plan())
    assert first["inputs"] != second["inputs"]
    assert FIRST not in json.dumps(first)


@pytest.mark.usefixtures("_vault")
@pytest.mark.parametrize("environ", [{}, {"COZEOPS_SECRET_PASSWORD": ""}])
def test_a_secret_that_is_sent_needs_its_variable(tmp_path: Path, environ: dict[str, str]) -> None:
    """The name is no secret: the problem says it."""
    bench = _kept(tmp_path, VAULT, **environ)
    with pytest.raises(InvalidProject) as caught:
        bench.project()
    (problem,) = caught.value.problems
    assert problem.code == "COZE026"
    assert "COZEOPS_SECRET_PASSWORD" in problem.message


# ------------------------------------------------------------------------------ secrets that Coze makes


def _token(bench: Bench) -> str:
    (row,) = bench.table("api_apps").values()
    return str(row["verify_token"])


def test_a_token_that_coze_makes_is_compared_and_never_sent(tmp_path: Path) -> None:
    """A new app gets its own, and the plan says so before; the right one leaves nothing to say."""
    bench = _kept(tmp_path, APP, COZEOPS_SECRET_VERIFY=FIRST)
    (finding,) = bench.plan().findings
    assert (finding.code, str(finding.severity)) == ("COZE132", "warn")
    assert [one.path for one in change(bench.plan(), "CallbackApp/events").fields] == [
        "spec.name",
        "spec.app_type",
        "spec.events[bot.published]",
    ]
    bench.settle()
    assert _token(bench) != FIRST
    bench.environ["COZEOPS_SECRET_VERIFY"] = _token(bench)
    assert bench.plan().pending == ()
    assert bench.plan().findings == ()
    assert bench.plan().uncompared == 0
    _demand_hidden(bench, FIRST, _token(bench))


def test_it_says_who_changed_it(tmp_path: Path) -> None:
    """The variable, or Coze; never what it was or is."""
    bench = _kept(tmp_path, APP, COZEOPS_SECRET_VERIFY=FIRST)
    bench.settle()
    right = _token(bench)
    bench.environ["COZEOPS_SECRET_VERIFY"] = SECOND
    (finding,) = bench.plan().findings
    assert finding.message.endswith("the variable was changed since the last apply")
    bench.environ["COZEOPS_SECRET_VERIFY"] = right
    (id,) = bench.table("api_apps")
    bench.emulator.edit("api_apps", id, verify_token=FIRST)
    (finding,) = bench.plan().findings
    assert finding.message.endswith("Coze made another one since the last apply")
    assert bench.plan().pending == ()
    _demand_hidden(bench, FIRST, SECOND, right)


def test_a_wrong_token_stands_in_the_way_of_nothing_else(tmp_path: Path) -> None:
    """Other fields are written, without it."""
    bench = _kept(tmp_path, APP, COZEOPS_SECRET_VERIFY=FIRST)
    bench.settle()
    bench.edit("it.yaml", "name: 事件", f'name: 别的\n  id: "{next(iter(bench.table("api_apps")))}"')
    bench.settle()
    assert {row["name"] for row in bench.table("api_apps").values()} == {"别的"}
    assert bench.plan().pending == ()


def test_without_a_state_it_is_compared_all_the_same(tmp_path: Path) -> None:
    """It can be read: no memory is needed."""
    bench = Bench(tmp_path, source=None)
    bench.write("it.yaml", APP)
    bench.environ = {"COZEOPS_SECRET_VERIFY": FIRST}
    bench.settle()
    assert [one.code for one in bench.plan().findings] == ["COZE132"]
    bench.environ["COZEOPS_SECRET_VERIFY"] = _token(bench)
    assert bench.plan().findings == ()


def test_without_its_variable_it_is_counted_and_not_compared(tmp_path: Path) -> None:
    """A pipeline that must not know it plans the rest, and the plan says what it did not look at."""
    bench = _kept(tmp_path, APP)
    assert bench.plan().findings == ()
    bench.settle()
    assert bench.plan().pending == ()
    assert bench.plan().findings == ()
    assert change(bench.plan(), "CallbackApp/events").uncompared == ("spec.verify_token",)
