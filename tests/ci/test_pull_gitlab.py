"""The same on GitLab: one merge request, and a token that stands in no argument and no output."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.ci.conftest import Forge
from tests.ci.github import _Quiet
from tests.ci.test_walk import CHEF, apply

TOKEN = "glpat-canary"
PATH = "/api/v4/projects/7/merge_requests"


@dataclass
class GitLab:
    """The merge requests of a project, for whoever has the token; on loopback."""

    requests: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        status, answer = self._answer(request)
        return Response(json.dumps(answer), status, mimetype="application/json")(environ, start)

    def _answer(self, request: Request) -> tuple[int, Any]:
        if request.headers.get("PRIVATE-TOKEN") != TOKEN:
            return 401, {"message": "401 Unauthorized"}
        if request.method == "GET":
            branch = request.args["source_branch"]
            opened = [one for one in self.requests if one["state"] == "opened"]
            return 200, [one for one in opened if one["source_branch"] == branch]
        if request.method == "POST":
            made = {**json.loads(request.data), "iid": 1 + len(self.requests), "state": "opened"}
            self.requests.append(made)
            return 201, made
        changes = json.loads(request.data)
        found = self.requests[int(request.path.removeprefix(f"{PATH}/")) - 1]
        found.update(changes | ({"state": "closed"} if changes.get("state_event") == "close" else {}))
        return 200, found

    @contextmanager
    def serve(self) -> Iterator[str]:
        """The URL that it answers on."""
        server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def test_drift_becomes_one_merge_request(forge: Forge) -> None:
    """Opened with the diff, brought up to date, closed; a token that GitLab refuses fails the job."""
    apply(forge)
    gitlab = GitLab()
    with gitlab.serve() as url:
        variables = {
            "GITLAB_TOKEN": TOKEN,
            "CI_SERVER_URL": url,
            "CI_API_V4_URL": f"{url}/api/v4",
            "CI_PROJECT_ID": "7",
            "CI_PROJECT_PATH": "kitchen/bots",
            "CI_DEFAULT_BRANCH": "main",
            "PUSH_URL": "origin",
        }
        forge.bench.by_hand(CHEF, model_info_config={"temperature": 0.5})
        ran = forge.run("merge-request.sh", **variables)
        assert ran.code == 0, ran.out + ran.err
        assert TOKEN not in ran.out + ran.err
        (request,) = gitlab.requests
        assert (request["source_branch"], request["target_branch"]) == (
            "cozeops/pull/hezao-kitchen/default",
            "main",
        )
        assert "    +    temperature: 0.5\n" in request["description"]
        forge.bench.by_hand(CHEF, model_info_config={"temperature": 0.4})
        assert forge.run("merge-request.sh", **variables).code == 0
        assert "0.7 → 0.4" in request["description"]
        forge.bench.by_hand(CHEF, model_info_config={"temperature": 0.7})
        assert forge.run("merge-request.sh", **variables).code == 0
        assert [one["state"] for one in gitlab.requests] == ["closed"]
        forge.bench.by_hand(CHEF, model_info_config={"temperature": 0.4})
        assert forge.run("merge-request.sh", **{**variables, "GITLAB_TOKEN": "wrong"}).code != 0
