"""Random edits of random fields of every kind, in manifests of several styles: pulled, the plan is empty."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cozeops.manifests.fmt.compose import Composed, compose
from tests.engine.full import PROJECT, write
from tests.engine.pulling import pulled
from tests.engine.test_pull import LISTS, made, pinned, rounds, with_values
from tests.kit import KeptBench

__all__ = ["made"]  # a fixture

TEXTS = [
    "你是大厨。\n\n- 一\n- 二",
    "  indented\nlast",
    "$${values.x} {{y}}",
    "a: b # c",
    "012",
    "yes",
    "多行\n" * 30 + "完",
]
EDITS = [
    *(
        (address, {label: value})
        for address, values in rounds()
        for label, value in values.items()
        if label != "spec.suggest_reply"
    ),
    *((address, {f"spec.{name}": value}) for address, name, value in LISTS),
    *(("Bot/chef", {"spec.prompt": text}) for text in TEXTS),
    *(("Bot/chef", {"spec.onboarding.prologue": text}) for text in TEXTS),
    *(("KnowledgeBase/text", {"spec.description": text}) for text in TEXTS[3:6]),
]
STYLES = ["json", "yaml", "crlf", "patched"]


def styled(folder: Path, project: dict[str, Any], style: str) -> None:
    """The project as somebody would write it; in a style the model of the bot stands in a patch."""
    write(folder, project)
    (folder / "cozeops.yaml").write_text(
        "kind: Project\nmetadata: {name: full}\nspec:\n"
        "  environments: {default: {default: true, patches: [patches]}}\n",
        "utf-8",
    )
    patch = {"kind": "Bot", "metadata": {"name": "chef"}, "spec": {}}
    if style == "patched":
        project = deepcopy(project)
        patch["spec"] = {"model": deepcopy(project["Bot/chef"]["spec"]["model"]), "description": "每天一道菜"}
        for name in ("temperature", "max_tokens"):
            del project["Bot/chef"]["spec"]["model"][name]
        project["Bot/chef"]["spec"]["description"] = "base"
    (folder / "patches").mkdir(exist_ok=True)
    (folder / "patches/chef.yaml").write_text(compose([Composed(patch)]), "utf-8")
    if style == "json":
        return
    for address, resource in project.items():
        text = compose([Composed(resource, ["about it"])])
        text = text.replace("\n", "\r\n") if style == "crlf" else text
        (folder / f"{address.replace('/', '-')}.yaml").write_bytes(text.encode())


@settings(
    max_examples=5,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=6, unique_by=lambda one: (one[0], *one[1])),
    style=st.sampled_from(STYLES),
    state=st.booleans(),
)
def test_random_edits(made: KeptBench, edits: list[Any], style: str, *, state: bool) -> None:
    write(made.folder, PROJECT)
    before = pinned(made)
    styled(made.folder, before, style)
    made.settle()
    moved = before
    for address, values in edits:
        if address != "Quota/all":  # without a state no quota is compared
            moved = with_values(moved, address, values)
    write(made.folder, moved)
    (made.folder / "patches/chef.yaml").unlink()
    records = dict(made.records)
    made.settle()
    made.records.clear()
    made.records.update(records)
    styled(made.folder, before, style)
    found = pulled(made, state=state, theirs=True)
    left = [one for one in found.left if one.label and not one.label.endswith(".content")]
    assert [(str(one.address), one.label, one.reason) for one in left] == []
    assert pulled(made, state=state, theirs=True).after == {}
    fields = [field.path for one in made.plan().pending for field in one.fields if field.note != "write-only"]
    assert [path for path in fields if not path.endswith(".content")] == []
