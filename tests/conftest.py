"""In which order tests run, and which count for the coverage of the packages that decide and remember.

`.ci/run` asks for the coverage.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import WorkStealingScheduling

from cozeops import api, declare, engine, kinds, state

TESTS = Path(__file__).parent
# A test takes twice as long while it is traced. These reach nearly all that is measured, and the rest of them
# (other folders, and what is slow here) would add a percent.
TRACED = (
    "api",
    "engine",
    "state",
    "manifests/test_bad_checks.py",
    "manifests/test_bad_fields.py",
    "manifests/test_enterprise.py",
    "manifests/test_official.py",
    "manifests/test_rules.py",
    "cli/test_channel.py",
    "cli/test_check_command.py",
    "cli/test_checks.py",
    "cli/test_export.py",
    "cli/test_gate_after.py",
    "cli/test_gate_evidence.py",
    "cli/test_gone.py",
    "cli/test_hints.py",
    "cli/test_left_conversations.py",
    "cli/test_one_owner.py",
    "cli/test_own_checks.py",
    "cli/test_owed.py",
    "cli/test_permits.py",
    "cli/test_plugins.py",
    "cli/test_promote.py",
    "cli/test_removal.py",
    "cli/test_state.py",
    "cli/test_state_places.py",
    "cli/test_template.py",
    "cli/test_unknown_documents.py",
    "cli/test_variable_values.py",
    "cli/test_whoami.py",
)
UNTRACED = (
    "engine/test_conformance.py",
    "engine/test_counts.py",
    "engine/test_faults.py",
    "engine/test_quickstart.py",
    "engine/test_requests.py",
    "engine/test_sweep.py",
)
LONG = ("test_wheel.py", "cli/test_exit_matrix.py", "ci/test_walk.py", "cli/test_soak.py")
"""What would leave the other processes idle, where one came to it last."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WorkStealingScheduling:
    """Who has nothing left takes over from who has: no process waits for the tests of another."""
    return WorkStealingScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest. Let the tracer rest while tests run that are not measured.

    It does not rest where somebody says what to measure (`--cov=...`).
    """
    items.sort(key=lambda item: not _below(item.path, LONG))
    if config.getoption("cov_source", default=None) == [True]:
        # What is imported only where it is used is imported here, for the tracer may rest there.
        for package in (api, declare, engine, kinds, state):
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                import_module(module.name)
        for item in items:
            if not _below(item.path, TRACED) or _below(item.path, UNTRACED):
                item.add_marker("no_cover")


def _below(path: Path, places: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(TESTS / place) for place in places)
