"""`cozeops explain-value`: which file and line gave a value."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from cozeops.cli.completion import complete_address
from cozeops.cli.connected import load_offline
from cozeops.cli.options import Where, project_options
from cozeops.operations.project import addresses

if TYPE_CHECKING:
    from cozeops.manifests.resolve.provenance import Origin, Provenance
    from cozeops.report.terminal.sheet import Sheet

_LONGEST = 60


@click.command("explain-value")
@click.argument("address", shell_complete=complete_address)
@click.argument("path")
@project_options
@click.pass_obj
def explain_value(where: Where, *, address: str, path: str) -> None:
    """Say which file and line gave a value, offline.

    ADDRESS is a resource (Bot/chef), PATH a field of it (model.id, plugins[0].tools, metadata.labels).
    Every manifest and patch that says something about it is listed; "<-" marks the one that wins.
    """
    from cozeops.manifests.load import load_declared
    from cozeops.manifests.resolve.interpolate import Offline
    from cozeops.manifests.resolve.provenance import parse_path, provenance
    from cozeops.report.terminal.sheet import Sheet

    project = load_offline(where)
    declared = load_declared(project.root, environment=project.environment, environ=Offline(os.environ))
    found = provenance(declared, addresses([address])[0], parse_path(path), Offline(os.environ))
    sheet = Sheet(sys.stdout)
    _title(sheet, found, project.environment)
    _table(sheet, found.origins)
    for name, origins in found.named.items():
        sheet.blank()
        sheet.line(name)
        _table(sheet, origins)
    if found.leaves:
        _leaves(sheet, found)


def _title(sheet: Sheet, found: Provenance, environment: str) -> None:
    from cozeops.report.terminal.sheet import Span
    from cozeops.values import MISSING

    value = "" if found.value is MISSING or isinstance(found.value, dict) else f" = {_shown(found.value)}"
    sheet.line(Span(f"{found.address} {found.path}", "bold"), f"{value} (environment {environment})", hang=2)
    if found.note:
        sheet.line(found.note, indent=2)


def _table(sheet: Sheet, origins: Iterable[Origin]) -> None:
    from cozeops.report.terminal.sheet import Span

    rows = [(str(one.position), one.role, one) for one in origins]
    place = max((len(row[0]) for row in rows), default=0)
    role = max((len(row[1]) for row in rows), default=0)
    for position, words, one in rows:
        sheet.line(
            Span(position.ljust(place), "place"),
            f"  {words.ljust(role)}  {_shown(one.written) if one.written != '' else ''}".rstrip(),
            Span("  <-" if one.decides and len(rows) > 1 else "", "bold"),
            indent=2,
            hang=4,
        )


def _leaves(sheet: Sheet, found: Provenance) -> None:
    from cozeops.report.terminal.sheet import Span

    sheet.blank()
    sheet.line("inside")
    widest = max(len(str(position)) for _, _, position in found.leaves)
    for label, value, position in found.leaves:
        name = label.removeprefix(f"{found.path}.")
        sheet.line(
            Span(str(position).ljust(widest), "place"), f"  {name} = {_shown(value)}", indent=2, hang=4
        )


def _shown(value: Any) -> str:
    """A value in one line; long text by its beginning and its size."""
    from cozeops.engine.policy.secrets import hidden
    from cozeops.manifests.wording import printable

    text = hidden(printable(json.dumps(value, ensure_ascii=False, default=str)))
    if len(text) <= _LONGEST:
        return text
    what = f" ({len(value):,} characters)" if isinstance(value, str) else ""
    return f"{text[: _LONGEST - 1]}…{what}"
