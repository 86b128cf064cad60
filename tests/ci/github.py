"""A GitHub that knows pull requests, comments and issues, and who may write them; on loopback."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

REPOSITORY = "kitchen/bots"
TOKEN = "ghs_canary"
BOT = "github-actions[bot]"
MOST_CHARACTERS = 65_536


class _Quiet(WSGIRequestHandler):
    """Says nothing on standard error."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Drop the line."""


@dataclass
class GitHub:
    """What is there. `calls` are the writes, as method and path."""

    pulls: dict[int, str] = field(default_factory=dict)
    """The head of each pull request."""
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    """The pull requests that somebody opened through the API."""
    calls: list[str] = field(default_factory=list)
    url: str = ""
    fail: int = 0
    """Answer the next request with this status."""

    def comment(self, issue: int, body: str, author: str = BOT) -> dict[str, Any]:
        """Somebody comments."""
        made = {"id": 1000 + len(self.comments), "issue": issue, "body": body, "user": {"login": author}}
        self.comments.append(made)
        return made

    def open_issue(self, title: str, body: str, author: str = BOT, **more: Any) -> dict[str, Any]:
        """Somebody opens an issue."""
        number = 1 + len(self.issues)
        made = {"number": number, "title": title, "body": body, "state": "open", **more}
        self.issues.append({**made, "user": {"login": author}})
        return self.issues[-1]

    def by_bot(self) -> list[dict[str, Any]]:
        """The comments of the workflow's token."""
        return [one for one in self.comments if one["user"]["login"] == BOT]

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        status, answer = self._answer(request)
        return Response(json.dumps(answer), status, mimetype="application/json")(environ, start)

    def _answer(self, request: Request) -> tuple[int, Any]:
        if self.fail:
            status, self.fail = self.fail, 0
            return status, {"message": "no"}
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        path = request.path.removeprefix(f"/repos/{REPOSITORY}/")
        if request.method == "GET":
            return self._read(path, request)
        self.calls.append(f"{request.method} {path}")
        body = json.loads(request.data)
        if len(body.get("body", "")) > MOST_CHARACTERS:
            return 422, {"message": "body is too long"}
        return self._write(request.method, path, body)

    def _read(self, path: str, request: Request) -> tuple[int, Any]:
        if found := re.fullmatch(r"pulls/(\d+)", path):
            return 200, {"number": int(found[1]), "head": {"sha": self.pulls[int(found[1])]}}
        if found := re.fullmatch(r"issues/(\d+)/comments", path):
            return 200, _page([one for one in self.comments if one["issue"] == int(found[1])], request)
        if path == "pulls":
            owner, _, branch = request.args["head"].partition(":")
            assert owner == REPOSITORY.partition("/")[0]
            found_open = [
                one for one in self.requests if one["state"] == "open" and one["head"]["ref"] == branch
            ]
            return 200, _page(found_open, request)
        if path == "issues":
            state = request.args["state"]
            return 200, _page([one for one in self.issues if one["state"] == state], request)
        return 404, {"message": "Not Found"}

    def _write(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if found := re.fullmatch(r"issues/(\d+)/comments", path):
            return 201, self.comment(int(found[1]), body["body"])
        if found := re.fullmatch(r"issues/comments/(\d+)", path):
            comment = next(one for one in self.comments if one["id"] == int(found[1]))
            comment.update(body)
            return 200, comment
        if path == "issues" and method == "POST":
            return 201, self.open_issue(body["title"], body["body"])
        if path == "pulls" and method == "POST":
            made = {
                **body,
                "number": 100 + len(self.requests),
                "state": "open",
                "head": {"ref": body["head"]},
            }
            self.requests.append(made)
            return 201, made
        if found := re.fullmatch(r"pulls/(\d+)", path):
            asked = self.requests[int(found[1]) - 100]
            asked.update(body)
            return 200, asked
        if found := re.fullmatch(r"issues/(\d+)", path):
            issue = self.issues[int(found[1]) - 1]
            issue.update(body)
            return 200, issue
        return 404, {"message": "Not Found"}

    @contextmanager
    def serve(self) -> Iterator[None]:
        """Answer on a free port."""
        server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _page(found: list[dict[str, Any]], request: Request) -> list[dict[str, Any]]:
    size, page = min(int(request.args["per_page"]), 100), int(request.args["page"])
    return found[(page - 1) * size : page * size]
