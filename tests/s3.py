"""An S3 server in a process of its own, for tests of states in a bucket."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cozeops.state import s3_store
from cozeops.state.s3_store import StoreSettings

S3_ENVIRON = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_SERVER = Path(__file__).with_name("s3_server.py")


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a server that has no buckets yet; skips the test where the libraries are missing."""
    pytest.importorskip("boto3", reason="boto3 (extra s3) is not installed")
    pytest.importorskip("moto", reason="moto is not installed")
    pytest.importorskip("flask_cors", reason="flask-cors, which moto's server needs, is not installed")
    with subprocess.Popen([sys.executable, str(_SERVER)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def client_of(endpoint: str) -> Any:
    """A client of that server. One takes a tenth of a second to make."""
    return s3_store._client(StoreSettings("any", endpoint, own_host=True), S3_ENVIRON)


def new_bucket(client: Any) -> str:
    """The name of a bucket that nobody else uses."""
    name = "b-" + os.urandom(8).hex()
    client.create_bucket(Bucket=name)
    return name
