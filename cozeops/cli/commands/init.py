"""`cozeops init`: a starter project."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cozeops.address import MAX_NAME, is_name
from cozeops.cli.options import Where, project_options
from cozeops.errors import UsageError

_TEMPLATES = Path(__file__).parent.parent / "starter"
_FILES = {
    "cozeops.yaml": "cozeops.yaml",
    "manifests/workspace.yaml": "workspace.yaml",
    "manifests/bots/assistant.yaml": "assistant.yaml",
    "manifests/prompts/assistant.md": "assistant.md",
    ".gitignore": "gitignore",
}
"""File of the project -> template."""
_SCHEMA = "schemas/cozeops.schema.json"
_CI = {
    "github": {".github/workflows/cozeops.yaml": "github.yaml"},
    "gitlab": {".gitlab-ci.yml": "gitlab.yaml"},
}
_IGNORED = ".cozeops/"
_LONGEST_WORKSPACE = 40


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--ci", type=click.Choice(sorted(_CI)), help="Add a pipeline: plan in review, apply on main.")
@project_options
@click.pass_obj
def init(where: Where, *, folder: Path | None, ci: str | None) -> None:
    """Write a starter project into DIR (default: this folder).

    Two environments, a workspace, a bot with its prompt in Markdown, and the schema that editors complete
    with. No file is ever overwritten.
    """
    from cozeops.manifests.fmt.write import create_files

    root = folder or where.directory or Path()
    files = _files(root, ci)
    if taken := [name for name in files if (root / name).exists()]:
        raise UsageError(
            f"nothing was written: {root} has {', '.join(taken)} already",
            hint="name another folder: cozeops init DIR",
        )
    create_files(root, files)
    for name in files:
        click.echo(f"wrote {root / name}")
    for line in _next(root, ci, ignores=".gitignore" in files):
        click.echo(line, err=True)


def _files(root: Path, ci: str | None) -> dict[str, str]:
    from cozeops.manifests.fmt.scalars import inline
    from cozeops.manifests.schema import rendered, schema

    wanted = _FILES | _CI.get(ci or "", {})
    if (root / ".gitignore").exists():
        # Almost every repository has one: it is not ours to replace, and none is needed to go on.
        wanted = {name: template for name, template in wanted.items() if name != ".gitignore"}
    made = {name: (_TEMPLATES / template).read_text(encoding="utf-8") for name, template in wanted.items()}
    project = _project_name(root)
    team = project[:_LONGEST_WORKSPACE]
    for mark, text in (("__NAME__", project), ("__DEV__", f"{team} dev"), ("__PROD__", team)):
        made["cozeops.yaml"] = made["cozeops.yaml"].replace(mark, inline(text))
    return made | {_SCHEMA: rendered(schema())}


def _project_name(root: Path) -> str:
    """The folder's name, as far as it can be a name."""
    name = re.sub(r"[^\w.-]+", "-", root.resolve().name)[:MAX_NAME].strip("-_.")
    return name if is_name(name) else "my-bots"


def _next(root: Path, ci: str | None, *, ignores: bool) -> list[str]:
    at = "" if root.resolve() == Path.cwd() else f" -C {root}"
    lines = ["", "Next:"]
    if not ignores and not _is_ignored(root):
        lines.append(f"  - Add {_IGNORED} to .gitignore.")
    lines += [
        "  - Put the id of a model of yours into cozeops.yaml (values.model).",
        f"  - Set COZE_API_TOKEN, then: cozeops{at} plan",
        f"  - Without an account: cozeops emulator --seed {root}",
    ]
    if ci:
        lines.append("  - Give CI the token, and say where cozeops comes from: see the head of its file.")
    return [*lines, "  - What can be written in a manifest: cozeops explain Bot"]


def _is_ignored(root: Path) -> bool:
    try:
        lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.strip().strip("/") == _IGNORED.strip("/") for line in lines)
