"""The three places for a state: a folder, a bare Git remote, an S3 server on loopback."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cozeops.state import s3_store
from tests.s3 import S3_ENVIRON, client_of, new_bucket, serving
from tests.state.given import FakeTime, Place, git


@pytest.fixture
def fake() -> FakeTime:
    """A clock, a sleep and timers without waiting."""
    return FakeTime()


@pytest.fixture
def local(tmp_path: Path) -> Place:
    """A project that keeps its state in a file."""
    return Place({"backend": "local"}, tmp_path / "project", {}).made()


@pytest.fixture(scope="session")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bare repository and a project that has it as `origin`; to be copied."""
    folder = tmp_path_factory.mktemp("repositories")
    git(folder, "init", "-q", "--bare", "hub.git")
    git(folder, "init", "-q", "-b", "main", "project")
    root = folder / "project"
    git(root, "remote", "add", "origin", str(folder / "hub.git"))
    for name in ("one", "two"):
        (root / name).write_text(name)
        git(root, "add", name)
        git(root, "commit", "-qm", name)
    git(root, "push", "-q", "origin", "main")
    return folder


@pytest.fixture
def clone(repositories: Path, tmp_path: Path) -> Place:
    """A project in a Git repository whose remote `origin` is a bare repository beside it."""
    shutil.copytree(repositories, tmp_path, dirs_exist_ok=True)
    root = tmp_path / "project"
    git(root, "remote", "set-url", "origin", str(tmp_path / "hub.git"))
    # As on a machine of CI: no configuration of a user.
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    return Place({"backend": "git"}, root, environ)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The URL of an S3 server that runs for the session."""
    with serving() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def s3_client(s3_endpoint: str) -> Any:
    """One client of that server for all, as all are alike."""
    return client_of(s3_endpoint)


@pytest.fixture
def bucket(s3_endpoint: str, s3_client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A project that keeps its state in a bucket of its own."""
    monkeypatch.setattr(s3_store, "_client", lambda *_: s3_client)
    settings = {"backend": "s3", "bucket": new_bucket(s3_client), "endpoint": s3_endpoint}
    return Place(settings, tmp_path, S3_ENVIRON)


@pytest.fixture(params=["local", "clone", "bucket"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the three in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Place)
    return found
