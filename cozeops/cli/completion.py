"""What a shell offers for addresses and environments: read from the manifests, silent whatever is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from cozeops.operations.project_root import project_root


def complete_address(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Addresses that the project declares, in any environment."""
    from cozeops.manifests.outline import addresses

    try:
        return _beginning(addresses(_root(context)), incomplete)
    except Exception:  # a message in the middle of somebody's line helps nobody
        return []


def complete_environment(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Environments of the project."""
    from cozeops.manifests.outline import environments

    try:
        return _beginning(environments(_root(context)), incomplete)
    except Exception:  # as above
        return []


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in words if word.casefold().startswith(incomplete.casefold())]


def _root(context: click.Context) -> Path:
    """The project: the last -C that was written, else what lies around this folder."""
    at: click.Context | None = context
    while at:
        if directory := at.params.get("directory"):
            return project_root(Path(directory))
        at = at.parent
    return project_root(None)
