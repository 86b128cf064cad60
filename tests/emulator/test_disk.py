"""The data file: a kill at any moment loses no answered write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from cozeops.emulator import DataFileError, Emulator

SERVE = """
import sys
from pathlib import Path
from cozeops.emulator import DataFileError, Emulator
Emulator(data=Path(sys.argv[1])).serve_forever(ready=lambda url: print(url, flush=True))
"""


@contextmanager
def served(data: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """Serve a data file from a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(data)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    headers = {"Authorization": "Bearer pat_emulator"}
    try:
        with httpx.Client(base_url=process.stdout.readline().strip(), headers=headers) as http:
            yield http, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_killed_it_comes_back_with_every_answered_write(tmp_path: Path) -> None:
    """kill -9 right after a reply."""
    data = tmp_path / "coze.db"
    made: list[str] = []
    for _ in range(2):
        with served(data) as (http, process):
            for number in range(10):
                body = {"name": f"空间{number}", "description": ""}
                made.append(http.post("/v1/workspaces", json=body).json()["data"]["id"])
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    with served(data) as (http, _):
        listed = http.get("/v1/workspaces", params={"page_size": 50}).json()["data"]["workspaces"]
    assert [item["id"] for item in listed[1:]] == made
    assert len(set(made)) == 20, "no id is given twice"


def test_killed_under_load_it_has_every_answered_write(tmp_path: Path) -> None:
    """Writers are in the middle of their calls when it dies."""
    data = tmp_path / "coze.db"
    answered: list[str] = []
    enough = threading.Event()

    def write(url: httpx.URL, headers: httpx.Headers) -> None:
        with suppress(httpx.TransportError), httpx.Client(base_url=url, headers=headers) as http:
            while True:
                reply = http.post("/v1/workspaces", json={"name": "空间", "description": ""})
                answered.append(reply.json()["data"]["id"])
                if len(answered) >= 50:
                    enough.set()

    with served(data) as (http, process), ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, http.base_url, http.headers) for _ in range(4)]
        assert enough.wait(30)
        process.kill()
        process.wait()
        for writer in writers:
            writer.result()
    emulator = Emulator(data=data)
    assert set(answered) <= emulator.dump()["tables"]["workspaces"].keys()
    emulator.close()


def test_a_reopened_file_gives_the_same_dump(tmp_path: Path) -> None:
    """Also after deletions and refused calls."""
    data = tmp_path / "coze.db"
    emulator = Emulator(data=data)
    headers = {"Authorization": "Bearer pat_emulator"}
    transport = httpx.WSGITransport(app=emulator)
    http = httpx.Client(transport=transport, base_url="http://127.0.0.1", headers=headers)
    space = http.post("/v1/workspaces", json={"name": "a", "description": ""}).json()["data"]["id"]
    body = {"name": "d", "space_id": space, "format_type": 0}
    datasets = [http.post("/v1/datasets", json=body).json()["data"]["dataset_id"] for _ in range(2)]
    assert http.delete(f"/v1/datasets/{datasets[0]}").json()["code"] == 0
    assert http.post("/v1/datasets", json={**body, "file_id": "404"}).json()["code"] == 4200
    before = emulator.dump()
    emulator.close()
    again = Emulator(data=data)
    assert again.dump() == before
    again.close()


def test_a_file_serves_one_emulator(tmp_path: Path) -> None:
    """Each holds all of it in memory; and it must be a SQLite file."""
    data = tmp_path / "coze.db"
    emulator = Emulator(data=data)
    with pytest.raises(DataFileError, match="locked"):
        Emulator(data=data)
    emulator.close()
    Emulator(data=data).close()
    other = tmp_path / "other"
    other.write_text("no database, but long enough to be looked at as one" * 50)
    with pytest.raises(DataFileError, match="not a database"):
        Emulator(data=other)
