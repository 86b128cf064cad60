"""The Python API: its names are a promise, and importing them costs nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys

import cozeops

NAMES = [
    "AccessError",
    "Action",
    "Address",
    "ApiError",
    "ApplyOptions",
    "BlockedError",
    "Change",
    "CheckRequest",
    "Checked",
    "CozeopsError",
    "DeniedError",
    "Drift",
    "Event",
    "ExitCode",
    "FieldChange",
    "Finding",
    "IncompleteError",
    "InvalidProject",
    "LockedError",
    "LostReplyError",
    "NotFoundError",
    "OddReplyError",
    "Outcome",
    "Plan",
    "Position",
    "Problem",
    "Pull",
    "Run",
    "Selection",
    "Session",
    "Severity",
    "StalePlanError",
    "StateError",
    "Status",
    "UsageError",
    "open",
]
METHODS = [
    "apply",
    "check",
    "drift",
    "environment",
    "export",
    "history",
    "plan",
    "project",
    "promote",
    "pull",
    "rollback",
    "validate",
]


def test_the_names_are_those_that_were_promised() -> None:
    assert cozeops.__all__ == NAMES
    assert dir(cozeops) == [*NAMES[:-1], "__version__", "open"]


def test_every_name_is_there_and_says_what_it_is() -> None:
    for name in NAMES:
        assert inspect.getdoc(getattr(cozeops, name)), name


def test_a_session_has_a_method_for_each_command() -> None:
    assert [name for name in dir(cozeops.Session) if not name.startswith("_")] == METHODS
    for name in METHODS:
        assert inspect.getdoc(getattr(cozeops.Session, name)), name


def test_looking_at_the_names_loads_neither_pydantic_nor_httpx() -> None:
    code = "import cozeops, sys; dir(cozeops); print({'pydantic', 'httpx', 'click'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )
