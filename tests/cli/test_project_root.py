"""Where the project is, however a command is called; and what is never taken for one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cozeops.errors import UsageError
from cozeops.operations.project_root import nearest_project, project_root
from tests.cli.conftest import Ran, Shell

OFFLINE = (("validate",), ("graph",), ("fmt", "--check"), ("explain-value", "Bot/chef", "name"))


def without_directory(shell: Shell, *arguments: str) -> Ran:
    """A command without -C."""
    return Here(shell)(*arguments)


class Here(Shell):
    """Calls commands where the process is."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.bench, shell.url, shell._capsys)

    def line(self, arguments: tuple[str, ...]) -> list[str]:
        return list(arguments)


@pytest.mark.parametrize("command", [*OFFLINE, ("plan", "--format", "json")], ids=" ".join)
def test_it_says_the_same_wherever_it_is_called(
    shell: Shell, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = shell.bench.folder
    link = tmp_path / "link"
    link.symlink_to(root)
    expected = shell(*command)
    assert expected.code == 0, expected.err
    for start, options in (
        (root, ()),
        (root, ("-C", ".")),
        (root / "manifests", ()),
        (root / "manifests" / "bots", ()),
        (root / "manifests", ("-C", "..")),
        (root.parent, ("-C", root.name)),
        (root.parent, ("-C", f"{root.name}/manifests")),
        (link, ()),
        (link / "manifests", ()),
        (tmp_path, ("-C", "link")),
    ):
        monkeypatch.chdir(start)
        ran = without_directory(shell, *options, *command)
        assert ran.code == 0, (start, options, ran.err)
        if command[0] != "plan":  # its statistics differ
            assert ran.out == expected.out


def test_every_environment_is_planned_from_a_relative_folder(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.bench.edit(
        "cozeops.yaml",
        "  manifests: [manifests]\n",
        "  manifests: [manifests]\n  environments: {dev: {default: true}}\n",
    )
    monkeypatch.chdir(shell.bench.folder / "manifests")
    for options in ((), ("-C", "..")):
        ran = without_directory(shell, *options, "plan", "--all-envs")
        assert ran.code == 0, ran.err
        assert "Environment dev" in ran.err


def test_a_folder_is_crawled_only_if_it_is_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loose = tmp_path / "loose"
    loose.mkdir()
    (loose / "workspace.yaml").write_text(
        "kind: Workspace\nmetadata: {name: w}\nspec: {name: a, description: b}\n", "utf-8"
    )
    monkeypatch.chdir(loose)
    ran = without_directory(shell, "validate")
    assert ran.code == 3
    assert "there is no cozeops.yaml in this folder or above it" in ran.err
    assert without_directory(shell, "-C", ".", "validate").code == 0


def test_the_top_of_a_repository_is_the_end(tmp_path: Path) -> None:
    (tmp_path / "cozeops.yaml").touch()
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    inside = tmp_path / "repository" / "deep"
    inside.mkdir()
    assert nearest_project(inside) is None
    (tmp_path / "repository" / "cozeops.yaml").touch()
    assert nearest_project(inside) == tmp_path / "repository"
    assert project_root(inside) == tmp_path / "repository"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_above_decides_nothing(tmp_path: Path) -> None:
    (tmp_path / "cozeops.yaml").touch()
    os.chown(tmp_path / "cozeops.yaml", 12345, 12345)
    below = tmp_path / "mine"
    below.mkdir()
    with pytest.raises(UsageError, match="belongs to another user"):
        nearest_project(below)
    assert nearest_project(tmp_path) == tmp_path


@pytest.mark.parametrize("command", [one for one in OFFLINE if one[0] != "fmt"], ids=" ".join)
def test_what_sends_nothing_needs_no_secret(
    shell: Shell, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork has no secrets: its pull request is checked all the same."""
    shell.bench.edit(
        "cozeops.yaml",
        "  manifests: [manifests]\n",
        "  manifests: [manifests]\n"
        '  environments: {prod: {default: true, token: "${env:COZE_PROD_TOKEN}"}}\n',
    )
    (shell.bench.folder / "manifests" / "callback.yaml").write_text(
        "kind: CallbackApp\nmetadata: {name: events}\n"
        "spec: {name: 事件, callback_url: 'https://example.com/x', "
        "verify_token: '${env:COZEOPS_SECRET_EVENTS}'}\n",
        "utf-8",
    )
    monkeypatch.delenv("COZE_API_TOKEN")
    assert shell(*command).code == 0, shell(*command).err
    ran = shell("plan")
    assert ran.code == 3
    assert "COZE_PROD_TOKEN" in ran.err
