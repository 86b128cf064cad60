"""Runs of workflows and chatflows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Coze

Row = dict[str, Any]


def run(coze: Coze, **body: Any) -> Row:
    """Run the workflow 700."""
    return coze.call("POST", "/v1/workflow/run", {"workflow_id": "700", **body})


def history(coze: Coze, execute_id: str) -> Row:
    """Read a run."""
    found: Row = coze.call("GET", f"/v1/workflows/700/run_histories/{execute_id}")["data"][0]
    return found


def streamed(coze: Coze, path: str, **body: Any) -> list[tuple[int, str, Any]]:
    """Run and return the events."""
    text = coze.http.post(path, json={"workflow_id": "700", **body}).text
    events = []
    for block in text.strip().split("\n\n"):
        number, name, data = (line.partition(":")[2] for line in block.split("\n"))
        events.append((int(number), name, json.loads(data)))
    return events


def test_a_run_says_which_workflow_ran_with_what(coze: Coze) -> None:
    """The payload stands beside the code; data is a string that holds JSON."""
    reply = run(coze, parameters={"order": 7})
    assert json.loads(reply["data"]) == {"output": 'order-lookup {"order":7}'}
    assert reply["usage"]["token_count"] > 0
    assert history(coze, reply["execute_id"])["execute_status"] == "Success"


def test_what_is_refused(coze: Coze) -> None:
    """An unpublished workflow looks as if it were missing; required parameters are required."""
    assert coze.code("POST", "/v1/workflow/run", {"workflow_id": "701"}) == 4200
    assert run(coze, workflow_version="v9")["code"] == 4200
    assert run(coze, workflow_version="v0.0.1")["code"] == 0
    needy = {"workflow_id": "703", "workflow_name": "x", "input": {"a": {"type": "string", "required": True}}}
    coze.emulator.seed({"workflows": [needy]})
    assert coze.code("POST", "/v1/workflow/run", {"workflow_id": "703"}) == 4000
    assert coze.code("POST", "/v1/workflow/run", {"workflow_id": "703", "parameters": {"a": ""}}) == 0
    assert coze.code("GET", "/v1/workflows/700/run_histories/404") == 4314


def test_scripted_output(coze: Coze) -> None:
    """Any JSON, by a pattern in the parameters, of one workflow or of all."""
    rules = [
        {"output": {"a": 1}, "pattern": '"x": 1'},
        {"workflow_id": "700", "output": "text", "pattern": "x", "times": 1},
    ]
    coze.emulator.seed({"workflow_rules": rules})
    assert run(coze, parameters={"x": 1})["data"] == "text"
    assert run(coze, parameters={"x": 1})["data"] == '{"a":1}'


def test_an_asynchronous_run(coze: Coze) -> None:
    """It is running until it is due; its node tells the output."""
    coze.emulator.seed({"workflow_rules": [{"output": "好", "delay": 5}]})
    reply = run(coze, is_async=True)
    assert "data" not in reply
    path = f"/v1/workflows/700/run_histories/{reply['execute_id']}"
    running = history(coze, reply["execute_id"])
    assert (running["execute_status"], running["output"]) == ("Running", "")
    coze.clock.time += 5
    done = history(coze, reply["execute_id"])
    assert (done["execute_status"], json.loads(done["output"])) == ("Success", {"Output": "好"})
    node = done["node_execute_status"]["End"]["node_execute_uuid"]
    assert coze.get(f"{path}/execute_nodes/{node}") == {"is_finish": True, "node_output": "好"}
    assert coze.code("GET", f"{path}/execute_nodes/404") == 4314


def test_a_streamed_run(coze: Coze) -> None:
    """A message and the end, numbered."""
    events = streamed(coze, "/v1/workflow/stream_run")
    assert [(number, name) for number, name, _ in events] == [(0, "Message"), (1, "Done")]
    assert events[0][2]["node_is_finish"] is True


def test_runs_that_fail(coze: Coze) -> None:
    """With a code of their own, in the history and in the stream."""
    coze.emulator.seed({"workflow_rules": [{"error": {"code": 4021, "msg": "坏"}}]})
    reply = run(coze)
    assert (reply["code"], reply["msg"]) == (4021, "坏")
    failed = history(coze, reply["execute_id"])
    assert (failed["execute_status"], failed["error_code"]) == ("Fail", "4021")
    error = {"error_code": 4021, "error_message": "坏"}
    assert streamed(coze, "/v1/workflow/stream_run") == [(0, "Error", error)]


@pytest.mark.parametrize("path", ["/v1/workflow/stream_resume", "/v1/workflows/resume"])
def test_an_interrupted_run_is_resumed(coze: Coze, path: str) -> None:
    """With the event's id and type, once."""
    coze.emulator.seed({"workflow_rules": [{"interrupt": {"type": 2, "data": "几份？"}, "output": "好"}]})
    _, name, interrupted = streamed(coze, "/v1/workflow/stream_run")[0]
    assert name == "Interrupt"
    event = interrupted["interrupt_data"]
    assert run(coze)["interrupt_data"]["data"] == "几份？"
    body = {"workflow_id": "700", "event_id": event["event_id"], "resume_data": "两份"}
    assert coze.code("POST", "/v1/workflows/resume", {**body, "interrupt_type": 5}) == 4000
    assert coze.code("POST", "/v1/workflows/resume", {**body, "event_id": "9", "interrupt_type": 2}) == 4314
    if path.endswith("stream_resume"):
        assert streamed(coze, path, **body, interrupt_type=2)[0][2]["content"] == "好"
    else:
        assert coze.call("POST", path, {**body, "interrupt_type": 2})["data"] == "好"
    assert coze.code("POST", "/v1/workflows/resume", {**body, "interrupt_type": 2}) == 4315


def test_a_chatflow_answers_in_a_conversation(coze: Coze) -> None:
    """Always streamed; a workflow that is none is refused."""
    flow = {"workflow_id": "704", "workflow_name": "waiter", "workflow_mode": "chatflow"}
    rule = {"workflow_id": "704", "pattern": "菜", "answer": "麻婆豆腐"}
    coze.emulator.seed({"workflows": [flow], "chat_rules": [rule]})
    body = {"workflow_id": "704", "parameters": {}, "app_id": "800"}
    body |= {"additional_messages": [{"role": "user", "content": "什么菜", "content_type": "text"}]}
    text = coze.http.post("/v1/workflows/chat", json=body).text
    assert "麻婆豆腐" in text
    assert text.endswith('event:done\ndata:"[DONE]"\n\n')
    assert coze.code("POST", "/v1/workflows/chat", {**body, "workflow_id": "700"}) == 4000
