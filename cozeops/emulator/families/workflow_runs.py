"""Runs of workflows: at once, asynchronous, streamed; interrupted and resumed.

The output is scripted (`workflow_rules`), or says which workflow ran with which parameters. The payload of a
run stands beside the code, and `data` is a string that holds JSON.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..access import visible
from ..fields import Fields, anything, choice, flag, ident, mapping, text
from ..routing import Call, Limit, Route
from ..sse import Event, stream
from ..store import TableSpec
from ..wire import CozeError, Raw, Row, TopLevel, encode, invalid, not_found

TABLES = (TableSpec("workflow_runs", "execute_id", {"event": lambda row: (row["event_id"],)}),)

_NO_RUN, _ENDED, _FAILED = 4314, 4315, 5000
_SYNC, _STREAM, _ASYNC = 0, 1, 2
_DEBUG = "https://www.coze.cn/work_flow?execute_id={execute_id}&workflow_id={workflow_id}"


def runnable(call: Call, workflow_id: str) -> Row:
    """Return a published workflow."""
    row = visible(call, "workflows", workflow_id, "workflow_id", "workspace_id")
    if not row["published"]:
        raise not_found("workflow_id", workflow_id)
    version = call.body.get("workflow_version")
    if version and version not in row["versions"]:
        raise not_found("workflow_version", version)
    return row


def run(call: Call) -> TopLevel:
    """Run a workflow to its end, to an interrupt, or in the background."""
    row = _start(call, _ASYNC if call.body["is_async"] else _SYNC)
    if call.body["is_async"]:
        return TopLevel({key: row[key] for key in ("execute_id", "debug_url")})
    return _result(row)


def run_streamed(call: Call) -> Raw:
    """Run a workflow and stream what it says."""
    return stream(_events(_start(call, _STREAM)), call.sleep)


def _start(call: Call, mode: int) -> Row:
    workflow = runnable(call, call.body["workflow_id"])
    parameters = call.body.get("parameters", {})
    for name, parameter in workflow["input"].items():
        required = isinstance(parameter, dict) and parameter.get("required")
        if required and name not in parameters and "default_value" not in parameter:
            raise invalid(f"Invalid parameter parameters.{name}: is required by the workflow")
    rule = _rule(call, workflow["workflow_id"], parameters)
    execute_id = call.store.new_id()
    output = rule.get("output", {"output": f"{workflow['workflow_name']} {encode(parameters).decode()}"})
    row = {
        "execute_id": execute_id,
        "event_id": f"{execute_id}/1",
        "workflow_id": workflow["workflow_id"],
        "user_id": call.caller.user_id,
        "mode": mode,
        "bot_id": call.body.get("bot_id", ""),
        "connector_id": call.body.get("connector_id", "1024"),
        "created_at": call.seconds,
        "due": call.now + (rule.get("delay", 0) if mode == _ASYNC else 0),
        "delay": rule.get("delay", 0),
        "output": output if isinstance(output, str) else encode(output).decode(),
        "error": rule.get("error"),
        "interrupt": rule.get("interrupt"),
        "usage": _usage(rule.get("tokens"), parameters, output),
        "debug_url": _DEBUG.format(execute_id=execute_id, workflow_id=workflow["workflow_id"]),
    }
    return call.store["workflow_runs"].put(row)


def _rule(call: Call, workflow_id: str, parameters: Row) -> Row:
    given = json.dumps(parameters, ensure_ascii=False, sort_keys=True)
    fitting = [
        row
        for row in call.store["workflow_rules"]
        if row.get("workflow_id", workflow_id) == workflow_id
        and row.get("times") != 0
        and re.search(row["pattern"], given)
    ]
    rule: Row = min(fitting, key=lambda row: ("workflow_id" not in row, row["number"]), default={})
    if "times" in rule:
        call.store["workflow_rules"].change(rule["id"], times=rule["times"] - 1)
    return rule


def _usage(tokens: Row | None, parameters: Row, output: Any) -> Row:
    tokens = tokens or {"input": len(encode(parameters)), "output": len(encode(output))}
    total = tokens["input"] + tokens["output"]
    return {"token_count": total, "input_count": tokens["input"], "output_count": tokens["output"]}


def _result(row: Row) -> TopLevel:
    shown: Row = {key: row[key] for key in ("execute_id", "debug_url", "usage")}
    if row["error"]:
        # not raised, so that the run stays in the history
        return TopLevel({**shown, "code": row["error"]["code"], "msg": row["error"].get("msg", "failed")})
    if row["interrupt"]:
        return TopLevel({**shown, "interrupt_data": _interrupt(row)})
    return TopLevel({**shown, "data": row["output"]})


def _interrupt(row: Row) -> Row:
    given = row["interrupt"]
    return {"event_id": row["event_id"], "type": given["type"], "data": given.get("data", "")}


def _events(row: Row) -> list[Event]:
    wait: float = row["delay"]
    if row["error"]:
        told = {"error_code": row["error"]["code"], "error_message": row["error"].get("msg", "failed")}
        return [Event("Error", told, wait, 0)]
    if row["interrupt"]:
        title = row["interrupt"].get("node_title", "问答")
        return [Event("Interrupt", {"interrupt_data": _interrupt(row), "node_title": title}, wait, 0)]
    message = {
        "content": row["output"],
        "content_type": "text",
        "node_title": "End",
        "node_seq_id": "0",
        "node_is_finish": True,
        "usage": row["usage"],
    }
    return [Event("Message", message, wait, 0), Event("Done", {"debug_url": row["debug_url"]}, 0.0, 1)]


def _resumed(call: Call) -> Row:
    body = call.body
    whose = (call.caller.user_id, body["workflow_id"])
    found = call.store["workflow_runs"].where("event", body["event_id"])
    row = next((row for row in found if (row["user_id"], row["workflow_id"]) == whose), None)
    if row is None:
        raise CozeError(_NO_RUN, f"The event {body['event_id']} does not exist")
    if not row["interrupt"]:
        raise CozeError(_ENDED, "The run has ended already")
    if row["interrupt"]["type"] != body["interrupt_type"]:
        raise invalid("Invalid parameter interrupt_type: is not the type of this interrupt")
    return call.store["workflow_runs"].change(row["execute_id"], interrupt=None, due=call.now)


def resume(call: Call) -> TopLevel:
    """Go on with an interrupted run."""
    return _result(_resumed(call))


def resume_streamed(call: Call) -> Raw:
    """Go on with an interrupted run and stream what it says."""
    return stream(_events(_resumed(call)), call.sleep)


def _found(call: Call) -> Row:
    row = call.store["workflow_runs"].get(call.path["execute_id"])
    mine = row is not None and row["user_id"] == call.caller.user_id
    if row is None or not mine or row["workflow_id"] != call.path["workflow_id"]:
        raise CozeError(_NO_RUN, f"The run {call.path['execute_id']} does not exist")
    return row


def get_run(call: Call) -> TopLevel:
    """Return how far a run is, in a list of one."""
    row = _found(call)
    running = call.now < row["due"] or bool(row["interrupt"])
    error = {} if running else row["error"] or {}
    node = {"node_id": "900001", "node_execute_uuid": f"{row['execute_id']}-end", "is_finish": not running}
    history = {
        "execute_id": row["execute_id"],
        "execute_status": "Running" if running else "Fail" if error else "Success",
        "bot_id": row["bot_id"] or "0",
        "connector_id": row["connector_id"],
        "connector_uid": row["user_id"],
        "run_mode": row["mode"],
        "logid": f"run{row['execute_id']}",
        "create_time": row["created_at"],
        "update_time": row["created_at"] if running else int(row["due"]),
        "output": "" if running or error else encode({"Output": row["output"]}).decode(),
        "error_code": str(error["code"]) if error else "",
        "error_message": error.get("msg", ""),
        "debug_url": row["debug_url"],
        "usage": row["usage"],
        "is_output_trimmed": False,
        "node_execute_status": {"End": {**node, "update_time": int(row["due"])}},
    }
    if row["interrupt"]:
        history["interrupt_data"] = _interrupt(row)
    return TopLevel({"data": [history]})


def get_node(call: Call) -> Row:
    """Return the output of the end node."""
    row = _found(call)
    if call.path["node_execute_uuid"] != f"{row['execute_id']}-end":
        raise CozeError(_NO_RUN, f"The node {call.path['node_execute_uuid']} does not exist")
    running = call.now < row["due"] or bool(row["interrupt"])
    return {"is_finish": not running, "node_output": "" if running or row["error"] else row["output"]}


_FREE = mapping(anything())
_RUN: Fields = {
    "workflow_id*": ident(),
    "parameters": _FREE,
    "bot_id": ident(),
    "app_id": ident(),
    "connector_id": ident(),
    "workflow_version": text(1),
    "ext": mapping(text()),
}
_RESUME: Fields = {
    "workflow_id*": ident(),
    "event_id*": ident(),
    "resume_data*": text(),
    "interrupt_type*": choice(1, 2, 3, 4, 5, 7),
}
_LIMIT = Limit(bucket="workflow run", qps=500)
_HISTORY = "/v1/workflows/{workflow_id}/run_histories/{execute_id}"

ROUTES = (
    Route(
        "POST", "/v1/workflow/run", "runWorkflow", "run", run, limit=_LIMIT,
        body={**_RUN, "is_async": flag().otherwise(False)},
    ),
    Route(
        "POST", "/v1/workflow/stream_run", "streamWorkflowRun", "run", run_streamed, limit=_LIMIT, body=_RUN
    ),
    Route("POST", "/v1/workflows/resume", "resumeWorkflow", "run", resume, limit=_LIMIT, body=_RESUME),
    Route(
        "POST", "/v1/workflow/stream_resume", "streamWorkflowResume", "run", resume_streamed, limit=_LIMIT,
        body=_RESUME,
    ),
    Route("GET", _HISTORY, "getWorkflowRun", "listRunHistory", get_run),
    Route(
        "GET", f"{_HISTORY}/execute_nodes/{{node_execute_uuid}}", "getWorkflowNodeRun", "listRunHistory",
        get_node,
    ),
)  # fmt: skip
