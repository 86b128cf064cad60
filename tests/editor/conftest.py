"""The YAML language server that editors use, from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editor.server import Server

PACKAGE = "yaml-language-server@1"
SECONDS = 120


def _installed(folder: Path) -> list[str]:
    """The command of the server, installed into `folder`. Skips where that cannot be done."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        pytest.skip("no npm on this machine")
    # Scripts of packages do not run, and nothing but the registry is asked.
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier", "--prefer-offline"]
    line = [npm, "install", *options, "--prefix", str(folder), PACKAGE]
    with subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    ) as process:
        try:
            code = process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.skip(f"npm did not install {PACKAGE} within {SECONDS} s")
    if code:
        pytest.skip(f"npm could not install {PACKAGE}")
    return [node, str(folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server")]


@pytest.fixture(scope="session")
def language_server(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The server's command; COZEOPS_TEST_LANGUAGE_SERVER names one that is there already."""
    if there := os.environ.get("COZEOPS_TEST_LANGUAGE_SERVER"):
        return [there, "--stdio"]
    return [*_installed(tmp_path_factory.mktemp("language-server")), "--stdio"]


@pytest.fixture(scope="session")
def server(language_server: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, running in an empty folder."""
    with Server(language_server, tmp_path_factory.mktemp("workspace")) as running:
        yield running
