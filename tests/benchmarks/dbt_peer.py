"""dbt-jobs-as-code as a peer: its plan of so many jobs, against a dbt API of our own on loopback.

It knows no list of what it compares beside the jobs: each job costs a request, one after the other.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.fleet import Fleet
from tests.benchmarks.measure import LATENCY, cozeops, row, run, title
from tests.benchmarks.served import served

_PAGE = 100
"""Jobs to a page, as the API of dbt has it."""


def main(program: str, objects: int, folder: Path) -> None:
    """Plan as many jobs there as bots here, all of them unchanged."""
    title(f"dbt-jobs-as-code: a no-op plan of {objects} objects, {LATENCY * 1000:.0f} ms away")
    peer = _theirs(program, objects, folder)
    for name, seconds in _ours(objects, folder):
        row(f"  dbt-jobs-as-code / cozeops {name}", peer / seconds, "times")


def _theirs(program: str, objects: int, folder: Path) -> float:
    jobs = [_job(number) for number in range(objects)]
    config = folder / "jobs.yml"
    # YAML is a superset of JSON, and nobody's YAML reader is measured more than it must be.
    declared = {f"job-{job['id']}": {key: job[key] for key in _DECLARED} for job in jobs}
    config.write_text(json.dumps({"jobs": declared}), "utf-8")
    with _api(jobs) as (url, asked):
        environ = {"DBT_BASE_URL": url, "DBT_API_KEY": "key", "NO_PROXY": "127.0.0.1"}
        ran = run([program, "plan", str(config)], environ)
        if ran.code or "is identical" not in ran.out + ran.err or "is different" in ran.out:
            raise SystemExit(f"dbt-jobs-as-code: exit {ran.code}\n{ran.out[-2000:]}{ran.err[-2000:]}")
        row("dbt-jobs-as-code plan", ran.seconds, f"{len(asked)} requests", f"peak {ran.memory:.0f} MiB")
    return ran.seconds


def _ours(objects: int, folder: Path) -> Iterator[tuple[str, float]]:
    with served() as coze:
        for state in (False, True):
            fleet, project = Fleet(objects, state=state), folder / f"fleet-{state}"
            fleet.write(project)
            coze.delay(0)
            coze.seed(fleet.seed())
            coze.advance(60)
            if state:
                cozeops(project, "apply", "--yes", environ=coze.environ())
                coze.advance(60)
            coze.delay(LATENCY)
            coze.forget_requests()
            ran = cozeops(project, "plan", environ=coze.environ())
            name = "with a state" if state else "without a state"
            row(f"cozeops plan {name}", ran.seconds, f"{coze.counted().total()} requests")
            yield name, ran.seconds


_DECLARED = (
    *("account_id", "project_id", "environment_id", "dbt_version", "name", "settings", "execution"),
    *("run_generate_sources", "execute_steps", "generate_docs", "schedule", "triggers", "description"),
)


def _job(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "account_id": 1,
        "project_id": 2,
        "environment_id": 3,
        "dbt_version": None,
        "name": f"job {number}",
        "settings": {"threads": 4, "target_name": "default"},
        "execution": {"timeout_seconds": 0},
        "run_generate_sources": True,
        "execute_steps": ["dbt run", "dbt test"],
        "generate_docs": True,
        "schedule": {"cron": "0 1 * * *"},
        "triggers": {"github_webhook": False, "git_provider_webhook": False, "schedule": True},
        "description": "x" * 200,
    }


class _Api(BaseHTTPRequestHandler):
    """Jobs in pages, and no variables of any job."""

    protocol_version = "HTTP/1.1"
    jobs: list[dict[str, Any]]
    asked: list[str]

    def do_GET(self) -> None:
        """Answer after the latency."""
        self.asked.append(self.path)
        time.sleep(LATENCY)
        url = urlsplit(self.path)
        told = {"data": {}} if "environment-variables" in url.path else self._page(parse_qs(url.query))
        content = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        start = int(query.get("offset", ["0"])[0])
        page = self.jobs[start : start + _PAGE]
        named = [{**job, "name": f"{job['name']} [[job-{job['id']}]]"} for job in page]
        filters = {"limit": _PAGE, "offset": start}
        pagination = {"count": len(page), "total_count": len(self.jobs)}
        return {"data": named, "extra": {"filters": filters, "pagination": pagination}}

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def _api(jobs: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (_Api,), {"jobs": jobs, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
