"""A project, its command line and its live side, in one process; every step is told in words."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import cozeops.api.client
import cozeops.cli.connected
from cozeops.cli import cli
from cozeops.cli.errors import exit_code_of
from cozeops.cli.seed import seed_of
from cozeops.emulator import Emulator
from cozeops.emulator.seed import ENTERPRISE
from cozeops.errors import InvalidProject
from cozeops.kinds import kinds
from cozeops.manifests.load import Project, load_project
from tests.engine.full import USERS
from tests.kit import OPTIONS, Clock
from tests.machine.projects import PIECES, Docs, save, shown, trimmed
from tests.machine.wire import Killed, Wire

TOKEN = "pat_CANARY0123456789abcdef"
Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Ran:
    """What a command gave. Code -9: it was killed."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.err}"


@dataclass
class World:
    """One folder, one emulator, one person at the keyboard and others at the console."""

    home: Path
    state: bool
    environment: str = "east"
    docs: Docs = field(default_factory=dict)
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = self.home / "project"
        self.emulator = Emulator(options=OPTIONS, clock=Clock())
        self.emulator.sleep = self.emulator.advance
        self.emulator.seed({"tokens": [{"token": TOKEN}]})
        self.wire = Wire(self.emulator, self.folder)
        self._patch = pytest.MonkeyPatch()
        self._patch.setenv("COZE_API_TOKEN", TOKEN)
        self._patch.setenv("COZE_API_BASE", "http://127.0.0.1")
        self._patch.setattr(cozeops.api.client, "Client", self._client())
        self._patch.setattr(cozeops.cli.connected, "sleep", self.emulator.advance)
        self._patch.setattr(cozeops.cli.connected, "monotonic", self.emulator.now)
        save(self.folder, PIECES, state=False)
        self.emulator.seed(seed_of(self.project().resources))
        people = [{"user_id": user, "enterprise_role": "enterprise_member"} for user in USERS]
        self.emulator.seed({"users": people})
        with self.client() as client:  # who is asked first makes the default organization
            client.listing(kinds()["Organization"].listing, {"enterprise_id": ENTERPRISE})
        self.write({})

    def close(self) -> None:
        """Leave the process as it was."""
        self._patch.undo()

    def _client(self) -> Any:
        emulator = self.emulator
        return partial(
            cozeops.api.client.Client,
            transport=self.wire,
            sleep=emulator.advance,
            clock=emulator.now,
            concurrency=4,
        )

    def client(self) -> Any:
        """Somebody else's way to the API."""
        from cozeops.api.connection import connect

        connection = connect(
            {"COZE_API_TOKEN": TOKEN, "COZE_API_BASE": "http://127.0.0.1"}, base_url=None, token=None
        )
        return cozeops.api.client.Client(connection)

    def say(self, what: str) -> None:
        """One more line of the story."""
        self.story.append(what)

    def told(self) -> str:
        """The project as it is now, and how it came to this."""
        steps = "\n".join(f"{number:3}. {what}" for number, what in enumerate(self.story, 1))
        kept = "a state" if self.state else "no state"
        return f"the project ({kept}):\n{shown(trimmed(self.docs))}\nthe steps:\n{steps}"

    # ------------------------------------------------------------------------------------- manifests

    def write(self, docs: Docs) -> bool:
        """Make these the project, where they are a valid one."""
        wanted = trimmed(docs)
        save(self.folder, wanted, state=self.state)
        try:
            self.project()
        except InvalidProject:
            save(self.folder, trimmed(self.docs), state=self.state)
            return False
        # What refers to something that comes later refers to it then.
        self.docs = {address: docs[address] for address in wanted}
        return True

    def project(self) -> Project:
        """The project as it is on disk."""
        return load_project(self.folder, environment=self.environment, environ={})

    # ---------------------------------------------------------------------------------- command line

    def run(self, *words: str, kill: int | None = None, heard: bool = True) -> Ran:
        """Run a command as its user would."""
        out, err = io.StringIO(), io.StringIO()
        line = ["-C", str(self.folder), "--env", self.environment, *words]
        stdin, sys.stdin = sys.stdin, io.StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(err), self.wire.killing(kill, heard=heard):
                code = exit_code_of(lambda: cli.main(args=line, prog_name="cozeops", standalone_mode=False))
        except Killed:
            code = -9
        finally:
            sys.stdin = stdin
        ran = Ran(code, out.getvalue(), err.getvalue())
        assert "a defect of cozeops" not in ran.err, f"{words}: {ran}"
        assert "Traceback" not in ran.err, f"{words}: {ran}"
        assert TOKEN not in ran.out + ran.err, f"the token is in the output of {words}"
        return ran

    # -------------------------------------------------------------------------------------- live side

    def tables(self) -> Tables:
        """All that is live."""
        found: Tables = self.emulator.dump()["tables"]
        return found

    def memory(self) -> dict[str, bytes]:
        """All that is kept beside the project."""
        own = self.folder / ".cozeops"
        return {str(one.relative_to(own)): one.read_bytes() for one in own.rglob("*") if one.is_file()}

    def saved(self) -> Any:
        """The state of this environment; None where there is none yet."""
        from cozeops.state import read_state

        path = self.folder / ".cozeops" / "state" / f"{self.environment}.json"
        return read_state(path.read_text("utf-8"), path.name) if path.exists() else None

    def written(self) -> list[Any]:
        """The writes since the log was emptied last."""
        routes = {route.operation: route for route in self.emulator.registry.routes}
        return [
            one for one in self.emulator.requests if one.operation in routes and routes[one.operation].writes
        ]


def read_json(path: Path) -> Any:
    """What a command wrote."""
    return json.loads(path.read_text("utf-8"))
