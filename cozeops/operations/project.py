"""The files of a project, read for one environment, and the names that people give to parts of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.errors import InvalidProject, Problem, UsageError

if TYPE_CHECKING:
    from cozeops.engine.model.plan import Finding
    from cozeops.manifests.load import Project
    from cozeops.manifests.project.spec import Settings


def read_project(
    root: Path, environment: str | None, environ: Mapping[str, str], *, offline: bool = False
) -> Project:
    """The project in a folder, for an environment (None: that of COZEOPS_ENV, else the default one).

    `offline`: for what sends nothing; tokens and secrets whose variables are not set are empty then.
    Raises InvalidProject with every problem at once, UsageError.
    """
    from cozeops.manifests.load import load_project
    from cozeops.manifests.resolve.interpolate import Offline

    _demand_folder(root)
    wanted = environment or environ.get("COZEOPS_ENV") or None
    return load_project(root, environment=wanted, environ=Offline(environ) if offline else environ)


def read_settings(root: Path, environment: str | None, environ: Mapping[str, str]) -> tuple[str, Settings]:
    """The name and the settings of an environment, whatever state the manifests are in.

    Raises InvalidProject for what is wrong in cozeops.yaml, UsageError.
    """
    from cozeops.manifests.load import load_settings

    _demand_folder(root)
    return load_settings(root, environment=environment or environ.get("COZEOPS_ENV") or None, environ=environ)


def _demand_folder(root: Path) -> None:
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}", hint="name the project's folder with -C DIR")


def offline_findings(project: Project) -> list[Finding]:
    """What the built-in checks find without a server."""
    from cozeops.engine.policy.builtin import check

    return check(project.resources, project.settings.checks)


def addresses(texts: Sequence[str]) -> list[Address]:
    """Addresses as people write them. Raises UsageError."""
    parsed = []
    for text in texts:
        try:
            parsed.append(Address.parse(text))
        except ValueError as error:
            raise UsageError(str(error)) from None
    return parsed


def labels_of(texts: Sequence[str]) -> dict[str, str]:
    """Labels as `key=value`. Raises UsageError."""
    labels = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UsageError(
                f"--selector {text}: expected key=value", hint="for example --selector team=food"
            )
        labels[key] = value
    return labels


def demand_state_for_prune(project: Project) -> None:
    """Raise UsageError without a state: nothing is known to be ours."""
    if project.settings.state is None:
        raise UsageError(
            "--prune needs a state: without one, nothing is known to be ours",
            hint="write `state: {backend: local}` (or git, s3) under spec in cozeops.yaml",
        )


def with_excerpts(error: InvalidProject, root: Path) -> InvalidProject:
    """The same problems, each with its source line."""
    return InvalidProject(
        [replace(problem, excerpt=problem.excerpt or _line(problem, root)) for problem in error.problems]
    )


def _line(problem: Problem, root: Path) -> str:
    if problem.position is None:
        return ""
    try:
        lines = (root / problem.position.file).read_text(encoding="utf-8-sig").splitlines()
        return lines[problem.position.line - 1]
    except (OSError, UnicodeDecodeError, IndexError):
        return ""
