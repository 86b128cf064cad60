"""The three places for a state: a folder, a bare Git remote, an S3 server on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cozeops.state import s3_store
from cozeops.state.s3_store import StoreSettings
from tests.state.given import FakeTime, Place, git

_SERVER = Path(__file__).with_name("s3_server.py")


@pytest.fixture
def fake() -> FakeTime:
    """A clock, a sleep and timers without waiting."""
    return FakeTime()


@pytest.fixture
def local(tmp_path: Path) -> Place:
    """A project that keeps its state in a file."""
    return Place({"backend": "local"}, tmp_path / "project", {}).made()


@pytest.fixture
def clone(tmp_path: Path) -> Place:
    """A project in a Git repository whose remote `origin` is a bare repository."""
    git(tmp_path, "init", "-q", "--bare", "hub.git")
    git(tmp_path, "init", "-q", "-b", "main", "project")
    root = tmp_path / "project"
    git(root, "remote", "add", "origin", str(tmp_path / "hub.git"))
    for name in ("one", "two"):
        (root / name).write_text(name)
        git(root, "add", name)
        git(root, "commit", "-qm", name)
    git(root, "push", "-q", "origin", "main")
    # As on a machine of CI: no configuration of a user.
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    return Place({"backend": "git"}, root, environ)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The URL of an S3 server that runs for the session."""
    pytest.importorskip("boto3", reason="boto3 (extra s3) is not installed")
    pytest.importorskip("moto", reason="moto is not installed")
    pytest.importorskip("flask_cors", reason="flask-cors, which moto's server needs, is not installed")
    with subprocess.Popen([sys.executable, str(_SERVER)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


@pytest.fixture
def bucket(s3_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A project that keeps its state in a bucket of its own."""
    made: dict[StoreSettings, Any] = {}
    make = s3_store._client

    # A client takes a tenth of a second to make, and says nothing about what is tested here.
    def client(wanted: StoreSettings, environ: Mapping[str, str]) -> Any:
        if wanted not in made:
            made[wanted] = make(wanted, environ)
        return made[wanted]

    monkeypatch.setattr(s3_store, "_client", client)
    import boto3

    environ = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    names = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    name = "b-" + os.urandom(8).hex()
    boto3.client("s3", endpoint_url=s3_endpoint, **names).create_bucket(Bucket=name)
    return Place({"backend": "s3", "bucket": name, "endpoint": s3_endpoint}, tmp_path, environ)


@pytest.fixture(params=["local", "clone", "bucket"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the three in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Place)
    return found
