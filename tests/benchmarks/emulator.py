"""How fast the emulator is: light requests per second over loopback, and list pages at 10,000 bots.

    python tests/benchmarks/emulator.py [--seconds 3] [--clients 4] [--data FILE]

Clients are processes of their own with one kept-alive connection each, so that they do not share the
emulator's interpreter.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

SERVE = """
import sys
from pathlib import Path
from cozeops.emulator import Emulator
data = Path(sys.argv[1]) if len(sys.argv) > 1 else None
Emulator(data=data).serve_forever(ready=lambda url: print(url, flush=True))
"""
HEADERS = {"Authorization": "Bearer pat_emulator", "Content-Type": "application/json"}
SPACE = "7300000000000000001"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def hammer(address: str, method: str, path: str, body: str | None, seconds: float) -> int:
    """Send one request again and again over one connection; return how many were answered."""
    connection = http.client.HTTPConnection(address)
    end, answered = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        connection.request(method, path, body=body, headers=HEADERS)
        if json.loads(connection.getresponse().read())["code"] == 0:
            answered += 1
    return answered


def throughput(address: str, clients: int, seconds: float) -> None:
    """Print requests per second for a few light operations."""
    bot = json.dumps({"space_id": SPACE, "name": "测试"})
    light = [
        ("users/me", "GET", "/v1/users/me", None),
        ("list workspaces", "GET", "/v1/workspaces", None),
        ("create bot", "POST", "/v1/bot/create", bot),
        ("list 20 bots", "GET", f"/v1/bots?workspace_id={SPACE}&publish_status=all", None),
    ]
    with multiprocessing.Pool(clients) as pool:
        for name, method, path, body in light:
            jobs = [(address, method, path, body, seconds)] * clients
            say(f"{name:18} {sum(pool.starmap(hammer, jobs)) / seconds:8.0f} requests/s")


def pages(address: str, bots: int) -> None:
    """Print how long list pages take with many bots, near the start and near the end."""
    connection = http.client.HTTPConnection(address)

    def call(method: str, path: str, body: object = None) -> None:
        connection.request(method, path, body=json.dumps(body) if body else None, headers=HEADERS)
        connection.getresponse().read()

    call("POST", "/_emulator/reset")
    entries = [{"bot_id": str(10**18 + n), "name": f"bot {n}", "publish": ["1024"]} for n in range(bots)]
    start = time.perf_counter()
    call("POST", "/_emulator/seed", {"bots": entries})
    say(f"\nseeding {bots} published bots takes {time.perf_counter() - start:.1f} s")
    for size in (20, 100, 1000):
        for page in (1, bots // size):
            best = float("inf")
            for _ in range(5):
                start = time.perf_counter()
                call("GET", f"/v1/bots?workspace_id={SPACE}&page_num={page}&page_size={size}")
                best = min(best, time.perf_counter() - start)
            say(f"page {page:4} of {size:4} bots {best * 1000:8.2f} ms  {best / size * 1e6:6.1f} µs per bot")


def main() -> None:
    """Serve from a process and measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--bots", type=int, default=10_000)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    command = [sys.executable, "-c", SERVE, *([str(options.data)] if options.data else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = urlsplit(server.stdout.readline().strip()).netloc
            throughput(address, options.clients, options.seconds)
            pages(address, options.bots)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
