"""Plans as files: `plan --out` writes one, `apply` and `show` read it."""

from __future__ import annotations

from pathlib import Path

from cozeops.cli.files.output import write_file
from cozeops.engine.model.plan import Plan
from cozeops.engine.plan.file import MAX_BYTES, read_plan, write_plan
from cozeops.errors import UsageError


def save_plan(path: Path, made: Plan) -> None:
    """Write a plan that can be read again. Raises UsageError, CozeopsError."""
    text = write_plan(made)
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise UsageError(
            f"the plan would be a file of {_mib(size)} MiB; one of {_mib(MAX_BYTES)} can be applied",
            hint="make several: plan a part of the project with --shard 1/4 or --selector",
        )
    write_file(path, text)


def saved_plan(path: Path) -> Plan:
    """The plan in a file. Raises UsageError, StalePlanError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is too large to be a plan")
        return read_plan(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as a plan: {error}") from None


def _mib(size: int) -> str:
    return f"{size / 1024**2:,.0f}"
