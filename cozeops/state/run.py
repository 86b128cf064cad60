"""Which run does something: in locks, journals, commits and histories.

It is read back from places that others can write, so what it holds is cut and made printable.
"""

from __future__ import annotations

import getpass
import os
import re
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any

from cozeops.errors import ExitCode
from cozeops.frozen import frozen
from cozeops.values import Json, canonical

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_LATEST = 1e11
_TEXTS = ("user", "host", "commit", "job", "server", "project")
MOST_CHANGES = 50
"""Changes of one run that are kept: a state is small."""
_MOST = 200
"""Characters of a text that are kept: enough for a URL, too few to flood a terminal."""


@frozen
class RunInfo:
    """One run of one command. `time` is when it began (Unix seconds); `commit` that of the manifests."""

    id: str
    environment: str
    operation: str
    time: float
    user: str = ""
    host: str = ""
    pid: int = 0
    commit: str = ""
    job: str = ""
    """The URL of the CI job, where there is one."""
    server: str = ""
    """The address of Coze to which it wrote, and the name of its project: what it owes is owed there."""
    project: str = ""
    edited: bool = False
    """Whether the manifests were not those of the commit: some were not committed."""

    @classmethod
    def here(
        cls,
        environment: str,
        operation: str,
        *,
        environ: Mapping[str, str],
        commit: str = "",
        server: str = "",
        project: str = "",
    ) -> RunInfo:
        """This process on this machine, with a new id."""
        began = time.time()
        return cls(
            id=new_run_id(began),
            environment=environment,
            operation=operation,
            time=began,
            user=_user(environ),
            host=socket.gethostname(),
            pid=os.getpid(),
            commit=commit,
            job=_job(environ),
            server=plain(server),
            project=plain(project),
        )

    def to_json(self) -> Json:
        """The plain form, without what is not known."""
        return {key: value for key, value in asdict(self).items() if value not in ("", 0)}

    @classmethod
    def from_json(cls, data: Any) -> RunInfo:
        """Read it back. Raises ValueError for anything that is not the record of a run."""
        if not isinstance(data, Mapping) or not is_run_id(data.get("id")):
            raise ValueError("not the record of a run")
        began, pid = data.get("time", 0), data.get("pid", 0)
        if not isinstance(pid, int) or not is_time(began):
            raise ValueError("not the record of a run")
        texts = {name: plain(data.get(name, "")) for name in _TEXTS}
        return cls(
            id=data["id"],
            environment=plain(data.get("environment", "")),
            operation=plain(data.get("operation", "")),
            time=float(began),
            pid=pid,
            edited=data.get("edited") is True,
            **texts,
        )

    def died_here(self) -> bool:
        """Whether this run was a process of this machine and is gone. False where that cannot be told."""
        # Windows has no harmless signal: asking there would end the process.
        if os.name != "posix" or self.pid <= 0 or self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False


@frozen
class PastChange:
    """What a run did to one address: the action of the plan, and what came of it."""

    address: str
    action: str
    outcome: str


@frozen
class FinishedRun:
    """A run, when it ended (Unix seconds), how often each outcome came, and the exit code."""

    run: RunInfo
    ended: float
    exit_code: int = ExitCode.OK
    counts: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[PastChange, ...] = ()
    """What it changed, at most MOST_CHANGES of it: the counts are of all."""

    def to_json(self) -> Json:
        """The plain form."""
        return {
            "run": self.run.to_json(),
            "ended": self.ended,
            "exit_code": int(self.exit_code),
            "counts": dict(self.counts),
            **({"changes": [list(asdict(one).values()) for one in self.changes]} if self.changes else {}),
        }

    @classmethod
    def from_json(cls, data: Any) -> FinishedRun:
        """Raises ValueError, TypeError, KeyError, AttributeError, OverflowError for others."""
        if not is_time(data["ended"]):
            raise ValueError("not the record of a run")
        return cls(
            RunInfo.from_json(data["run"]),
            float(data["ended"]),
            int(data["exit_code"]),
            {plain(name): int(count) for name, count in data["counts"].items()},
            tuple(PastChange(*map(plain, one)) for one in data.get("changes", ())[:MOST_CHANGES]),
        )


def new_run_id(now: float) -> str:
    """An id that sorts by time and that no two runs share."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now)) + "-" + secrets.token_hex(4)


def lock_bytes(info: RunInfo) -> bytes:
    """What a lock holds: the run, and something that makes two locks of one run differ."""
    return canonical({**info.to_json(), "nonce": secrets.token_hex(8)}).encode("utf-8", "surrogatepass")


def is_run_id(value: Any) -> bool:
    """Whether `value` can be the id of a run: it becomes a part of file names."""
    return isinstance(value, str) and _RUN_ID.fullmatch(value) is not None and ".." not in value


def is_time(value: Any) -> bool:
    """Whether `value` is a time (Unix seconds) that can be shown."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _LATEST


def plain(value: Any) -> str:
    """A text that is safe to show: no control characters, one line, cut."""
    text = value if isinstance(value, str) else ""
    return "".join(char if char.isprintable() else " " for char in text[:_MOST])


def age(seconds: float) -> str:
    """How long ago, in words: `3 minutes`."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    # The clocks of two machines differ: an age below zero is "just now".
    count = max(0, int(seconds))
    return f"{count} second{'s' if count != 1 else ''}"


def _user(environ: Mapping[str, str]) -> str:
    # In CI the account is called "runner"; who started the job says more.
    for name in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN"):
        if environ.get(name):
            return plain(environ[name])
    try:
        return plain(getpass.getuser())
    except (OSError, KeyError, ImportError):  # a container without an account
        return "unknown"


def _job(environ: Mapping[str, str]) -> str:
    if environ.get("CI_JOB_URL"):
        return plain(environ["CI_JOB_URL"])
    parts = [environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return plain("{}/{}/actions/runs/{}".format(*parts)) if all(parts) else ""
