"""The table of the official description is whole, and what it says is so."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from cozeops.declare.kind_calls import calls_of
from cozeops.declare.rows import row_at, unwrap
from cozeops.kinds import kinds
from cozeops.kinds.parts.documents import DOCUMENTS
from tests.contract import CONTRACT, OPERATIONS
from tests.manifests.official import FIELDS, RULES, Batch, By, No, Refused, Run, Test
from tests.manifests.projects import WORKSPACE, Loader

TESTS = Path(__file__).parents[1]
HOMES = {"Workspace": "workspace: kitchen", "EnterpriseMembers": "enterprise: company"}
BESIDE = (
    WORKSPACE
    + "kind: EnterpriseMembers\nmetadata: {name: company}\nspec: {id: volcano_1}\n---\n"
    + 'kind: Connector\nmetadata: {name: kiosk}\nspec: {id: "7470849514748000001"}\n---\n'
)


def bodies() -> dict[str, set[str]]:
    """The fields of the body of each configuration operation that writes, as the contract has them."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    planes = csv.DictReader(OPERATIONS.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    writes = {one["operationId"] for one in planes if one["plane"] == "config" and one["method"] != "GET"} - {
        "listDocuments",
        "getDocumentProgress",
    }
    found: dict[str, set[str]] = {}
    for operations in contract["paths"].values():
        for operation in operations.values():
            if not isinstance(operation, dict) or operation.get("operationId") not in writes:
                continue
            content = operation.get("requestBody", {}).get("content", {}).values()
            fields = {field for one in content for field in _fields(one["schema"], contract)}
            if fields:
                found[operation["operationId"]] = fields
    return found


def _fields(schema: Any, contract: Any, path: str = "") -> Iterator[str]:
    while "$ref" in schema:
        schema = contract["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if "items" in schema:
        yield from _fields(schema["items"], contract, f"{path}[]")
    elif schema.get("properties"):
        for name, inner in schema["properties"].items():
            yield from _fields(inner, contract, f"{path}.{name}".lstrip("."))
    else:
        yield path


def test_each_field_of_each_operation_has_its_place() -> None:
    """What the API writes is said by a manifest, put in by the run, or left out for a reason."""
    assert {name: set(fields) for name, fields in FIELDS.items()} == bodies()


@pytest.mark.parametrize(
    "by",
    sorted({one for fields in FIELDS.values() for one in fields.values() if isinstance(one, By)}, key=str),
)
def test_a_manifest_can_say_it(by: By) -> None:
    found: Any = kinds()[by.kind].spec
    for step in by.path.split("."):
        models = [one for one in _models(found) if step in one.model_fields]
        assert models, f"{by.kind} has no {by.path}"
        found = models[0].model_fields[step].annotation


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    bare, _ = unwrap(annotation)
    if isinstance(bare, type) and get_origin(bare) is None:
        if issubclass(bare, BaseModel):
            yield bare
        return
    for one in get_args(bare):
        yield from _models(one)


def test_reasons_are_given() -> None:
    said = [one for fields in FIELDS.values() for one in fields.values()]
    assert all(one.why for one in said if isinstance(one, No))
    assert all(one.what for one in said if isinstance(one, Run))
    assert all(proof.why for _, _, proof in RULES if isinstance(proof, No))
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    known = {one.get("operationId") for ways in contract["paths"].values() for one in ways.values()}
    assert {operation for operation, _, _ in RULES} <= known


OFFLINE = [(rule, proof) for _, rule, proof in RULES if isinstance(proof, Refused)]


@pytest.mark.parametrize("case", OFFLINE, ids=[rule for rule, _ in OFFLINE])
def test_it_is_refused_offline(project: Loader, case: tuple[str, Refused]) -> None:
    _, refused = case
    home = HOMES.get(kinds()[refused.kind].scope, "")
    metadata = f"name: it, {home}" if home else "name: it"
    text = f"{BESIDE}kind: {refused.kind}\nmetadata: {{{metadata}}}\nspec:\n  {refused.spec}\n"
    problems = project.problems({"m.yaml": text, "a.md": "x", "a.png": "x"})
    assert refused.words in " ".join(problem.message for problem in problems)
    assert all(problem.position for problem in problems)


@pytest.mark.parametrize(
    "proof", sorted({proof for _, _, proof in RULES if isinstance(proof, Test)}, key=str), ids=str
)
def test_the_test_that_holds_it_is_there(proof: Test) -> None:
    tree = ast.parse((TESTS / proof.file).read_text(encoding="utf-8"))
    assert proof.name in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


@pytest.mark.parametrize("proof", [proof for _, _, proof in RULES if isinstance(proof, Batch)], ids=str)
def test_no_request_has_more_items(proof: Batch) -> None:
    about = row_at(kinds()[proof.kind], tuple(proof.path.split("."))).collection
    assert about is not None
    part = getattr(about, proof.verb)
    assert part.batch == proof.most


def test_files_and_pages_share_no_request() -> None:
    assert DOCUMENTS.add.group({"url": "https://a.cn"}) != DOCUMENTS.add.group({"file": "a.md"})


def test_an_update_of_a_base_sends_all_of_it() -> None:
    """What Coze would set back to its default goes along."""
    assert kinds()["KnowledgeBase"].replaces_whole


def test_what_an_edition_lacks_is_declared() -> None:
    """Collaborators, their mode, organizations and quotas: a plan knows before the server says so."""
    calls = {call.operation: call.edition for kind in kinds().values() for call in calls_of(kind)}
    for operation in ("addBotCollaborator", "setBotCollaborationMode", "cloneVoice", "addEnterpriseMember"):
        assert calls[operation] == "team"
    for operation in ("createOrganization", "updateOrganization", "createBenefitLimitation"):
        assert calls[operation] == "enterprise"


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """The places of the values in an example, as the table writes them."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{path}[]")
    else:
        yield path


EXAMPLES = json.loads(CONTRACT.with_name("doc-examples.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("operation", sorted(FIELDS.keys() & EXAMPLES.keys()))
def test_all_that_the_page_sends_has_its_place(operation: str) -> None:
    """A manifest says it, the run puts it in, or the table has the reason why not."""
    fields = FIELDS[operation]
    for request in EXAMPLES[operation]["requests"]:
        for leaf in set(_leaves(request)):
            assert leaf in fields or any(leaf.startswith((f"{one}.", f"{one}[")) for one in fields), leaf
