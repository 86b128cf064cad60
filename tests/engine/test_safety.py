"""Where a reconciler hurts people: what it overwrites, loses, doubles, or leaves unsaid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cozeops.engine.model.outcome import Status
from cozeops.engine.model.plan import Action
from cozeops.errors import InvalidProject
from tests.kit import OPTIONS, Bench, change, paths

HOME = "kind: Workspace\nmetadata: {name: w}\nspec: {name: W, description: d}\n"


def _bench(folder: Path, *documents: str, files: tuple[str, ...] = (), **options: Any) -> Bench:
    bench = Bench(folder, source=None, options=replace(OPTIONS, **options))
    _write(bench, *documents)
    for file in files:
        bench.write(file, "one\n")
    bench.seed()
    return bench


def _write(bench: Bench, *documents: str) -> None:
    bench.write("project.yaml", "---\n".join((HOME, *documents)))


def _bot(spec: str, name: str = "a", lifecycle: str = "{}") -> str:
    return f"kind: Bot\nmetadata: {{name: {name}, workspace: w, lifecycle: {lifecycle}}}\nspec: {spec}\n"


def _base(spec: str) -> str:
    return f"kind: KnowledgeBase\nmetadata: {{name: k, workspace: w}}\nspec: {spec}\n"


@pytest.mark.parametrize(
    ("ignored", "first", "second", "by_hand", "group", "key", "value"),
    [
        (
            "spec.onboarding.prologue",
            "{onboarding: {prologue: 你好, suggested_questions: [一]}}",
            "{onboarding: {prologue: 你好, suggested_questions: [二]}}",
            {"onboarding_info": {"prologue": "HAND"}},
            "onboarding_info",
            "prologue",
            "HAND",
        ),
        (
            "spec.model.temperature",
            '{model: {id: "1", temperature: 0.5, top_p: 0.5}}',
            '{model: {id: "1", temperature: 0.5, top_p: 0.6}}',
            {"model_info_config": {"temperature": 0.9}},
            "model_info_config",
            "temperature",
            0.9,
        ),
    ],
)
def test_an_ignored_field_is_left_as_it_is_live(
    tmp_path: Path, ignored: str, first: str, second: str, by_hand: Any, group: str, key: str, value: Any
) -> None:
    """Also when a sibling in the same sub-object is written."""
    lifecycle = f"{{ignore: [{ignored}]}}"
    bench = _bench(tmp_path, _bot(first, lifecycle=lifecycle))
    bench.settle()
    bench.by_hand("a", **by_hand)
    _write(bench, _bot(second, lifecycle=lifecycle))
    assert ignored not in paths(bench.plan(), "Bot/a")
    bench.settle()
    assert bench.bot("a")[1][group][key] == value


def test_the_old_document_stays_until_the_new_one_is_ready(tmp_path: Path) -> None:
    """Pending: nothing is deleted; the next plan says that it is being processed, a later one cleans up."""
    bench = _bench(
        tmp_path, _base("{format: text, chunking: {mode: auto}, documents: [{file: d.md}]}"), files=("d.md",)
    )
    bench.settle()
    custom = '{mode: custom, separator: "#", max_tokens: 500}'
    _write(bench, _base(f"{{format: text, chunking: {custom}, documents: [{{file: d.md}}]}}"))
    bench.emulator.options = replace(bench.emulator.options, processing_seconds=3600.0)
    outcomes = {str(one.address): one for one in bench.apply()}
    assert outcomes["KnowledgeBase/k"].status is Status.PENDING
    assert "deleteDocuments" not in bench.writes()
    assert "processing" in [finding.name for finding in bench.plan().findings]
    assert bench.plan().pending == ()
    bench.emulator.advance(4000)
    cleaning = bench.plan()
    assert [step.operation for step in change(cleaning, "KnowledgeBase/k").steps] == ["deleteDocuments"]
    assert "removes-unknown" in [finding.name for finding in cleaning.findings]
    bench.settle()
    assert bench.plan().pending == ()


def test_a_plan_names_what_a_new_object_begins_with(tmp_path: Path) -> None:
    """Each document and each person; of those nobody can read back later, it says so."""
    bench = _bench(
        tmp_path,
        _base("{format: text, documents: [{file: d.md}]}"),
        _bot('{collaboration: {mode: collaboration, collaborators: ["2070"]}}'),
        files=("d.md",),
    )
    plan = bench.plan()
    shown = {one.path: one.note for one in change(plan, "KnowledgeBase/k").fields}
    assert shown["spec.documents[d.md]"] == ""
    shown = {one.path: one.note for one in change(plan, "Bot/a").fields}
    assert shown["spec.collaboration.collaborators[2070]"] == "write-only"


@pytest.mark.parametrize(
    ("seconds", "status", "told"),
    [(0.0, Status.DONE, []), (2.0, Status.DONE, [""]), (1000.0, Status.PENDING, ["not shown yet"])],
)
def test_a_publication_that_takes_its_time(
    tmp_path: Path, seconds: float, status: Status, told: list[str]
) -> None:
    """A few looks; whoever watches hears how it ends, and the next plan says what is awaited."""
    bench = _bench(tmp_path, _bot("{publish: {connectors: [api]}}"), publish_seconds=seconds)
    outcomes = {str(one.address): one for one in bench.apply()}
    assert outcomes["Bot/a"].status is status
    ends = [one for one in bench.events if one.what == "finished" and str(one.address) == "Bot/a"]
    assert [(one.detail, one.status) for one in ends[1:]] == [(words, status) for words in told]


def test_what_is_processed_soon_is_waited_for(tmp_path: Path) -> None:
    """With ever longer pauses; and whoever watches is told."""
    documents = "[{file: d.md}, {file: e.md}]"
    bench = _bench(tmp_path, _base(f"{{format: text, documents: {documents}}}"), files=("d.md", "e.md"))
    bench.set_options(processing_seconds=3.0)
    bench.settle()
    assert bench.plan().pending == ()
    waiting = [one.detail for one in bench.events if one.what == "waiting"]
    assert waiting == ["2 being processed"] * 4
    looks = [one for one in bench.emulator.requests if one.operation == "getDocumentProgress"]
    assert len(looks) == 5


def test_a_document_that_cannot_be_processed_is_not_piled_up(tmp_path: Path) -> None:
    """Four applies, no copy left behind."""
    bench = _bench(
        tmp_path,
        _base("{format: text, documents: [{file: bad.md}]}"),
        files=("bad.md",),
        fail_documents="bad*",
    )
    for _ in range(4):
        assert Status.FAILED in {one.status for one in bench.apply()}
    assert len(bench.table("documents")) <= 1


def test_a_draft_that_did_not_take_is_not_published(tmp_path: Path) -> None:
    """A server that keeps what it should have cleared."""
    bench = _bench(tmp_path, _bot("{description: dd, publish: {connectors: [api]}}"), empty="keep")
    bench.settle()
    bench.emulator.requests.clear()
    _write(bench, _bot("{description: '', publish: {connectors: [api]}}"))
    (outcome,) = bench.apply()
    assert outcome.status is Status.FAILED
    assert "spec.description" in outcome.message
    assert bench.writes() == ["updateBot"]


def test_a_pinned_bot_of_another_workspace_is_not_touched(tmp_path: Path) -> None:
    """A bot cannot move: a blocking finding that nobody can wave through."""
    bench = _bench(tmp_path, _bot("{description: x}"))
    bench.settle()
    id, _ = bench.bot("a")
    other = "kind: Workspace\nmetadata: {name: v}\nspec: {name: V, description: d}\n"
    moved = f'kind: Bot\nmetadata: {{name: a, workspace: v}}\nspec: {{id: "{id}", description: y}}\n'
    for _ in range(2):  # while the workspace is to be made, and when it is there
        _write(bench, other, moved)
        plan = bench.plan()
        assert ("gone-or-invisible", "Bot/a") in [(one.name, str(one.address)) for one in plan.findings]
        assert change(plan, "Bot/a").steps == ()
        _write(bench, other)
        bench.settle()


def test_one_object_under_two_addresses_is_refused(tmp_path: Path) -> None:
    """Each apply would undo the other."""
    bench = _bench(tmp_path, _bot("{description: one}", name="X"))
    bench.settle()
    id, _ = bench.bot("X")
    _write(
        bench,
        _bot(f'{{id: "{id}", name: Y, description: one}}', name="b"),
        _bot("{description: two}", name="X"),
    )
    with pytest.raises(InvalidProject, match="problem") as caught:
        bench.plan()
    assert id in caught.value.problems[0].message


def test_channel_parameters_are_counted_and_can_be_sent_again(tmp_path: Path) -> None:
    """They cannot be read back: counted when nothing is written, published again with --rewrite."""
    kiosk = 'kind: Connector\nmetadata: {name: kiosk}\nspec: {id: "7470"}\n'
    home = "kind: Workspace\nmetadata: {name: w}\nspec: {name: W, description: d, connectors: [kiosk]}\n"
    plain, tuned = "kiosk", "{connector: kiosk, params: {device: ['1']}}"
    bench = Bench(tmp_path, source=None)

    def write(channel: str) -> None:
        bot = _bot(f"{{publish: {{connectors: [api, {channel}]}}}}")
        bench.write("project.yaml", "---\n".join((home, kiosk, bot)))

    write(plain)
    bench.seed()
    bench.settle()
    write(tuned)
    label = "spec.publish.connectors[Connector/kiosk].params"
    assert label in change(bench.plan(), "Bot/a").uncompared
    assert change(bench.plan("Bot/a"), "Bot/a").action is Action.PUBLISH


def test_rewrite_sends_the_contents_of_documents_again(tmp_path: Path) -> None:
    """Without a state nobody knows whether a document's content moved."""
    bench = _bench(tmp_path, _base("{format: text, documents: [{file: d.md}]}"), files=("d.md",))
    bench.settle()
    bench.write("d.md", "two\n")
    assert bench.plan().pending == ()
    steps = [step.operation for step in change(bench.plan("KnowledgeBase/k"), "KnowledgeBase/k").steps]
    assert steps == ["createDocuments", "deleteDocuments"]


def test_an_empty_list_that_nobody_can_read_says_so(tmp_path: Path) -> None:
    """`collaborators: []` means none, and without a state nobody knows whom to remove."""
    bench = _bench(tmp_path, _bot("{collaboration: {collaborators: []}}"))
    bench.settle()
    assert "cannot-empty" in [finding.name for finding in bench.plan().findings]


def test_a_publish_resets_nothing_on_its_way(tmp_path: Path) -> None:
    """Only a channel is missing: a flag that cannot be read is not worth resetting others."""
    spec = '{{prompt: x, model: {{id: "1", sp_anti_leak: true}}, publish: {{connectors: [{}]}}}}'
    bench = _bench(tmp_path, _bot(spec.format("api")))
    bench.settle()
    _write(bench, _bot(spec.format("api, chat_sdk")))
    plan = bench.plan()
    assert change(plan, "Bot/a").action is Action.PUBLISH
    assert "resets-unreadable" not in [finding.name for finding in plan.findings]
    assert "spec.model.sp_anti_leak" in change(plan, "Bot/a").uncompared


def test_who_was_invited_is_no_failure(tmp_path: Path) -> None:
    """Personal editions invite: the apply is done and says whom."""
    bench = Bench(tmp_path, source=None, options=replace(OPTIONS, edition="free"))
    bench.write(
        "project.yaml",
        'kind: Workspace\nmetadata: {name: w}\nspec: {name: W, description: d, members: [{user: "2069"}]}\n',
    )
    bench.seed()
    (outcome,) = bench.apply()
    assert outcome.status is Status.DONE
    assert "invited: 2069" in outcome.message


def test_a_channel_that_nothing_shows_is_installed_before_it_is_published_to(tmp_path: Path) -> None:
    """Nobody can list what is installed; where a bot is on the channel already, it is."""
    kiosk = 'kind: Connector\nmetadata: {name: kiosk}\nspec: {id: "7470"}\n'
    home = HOME.replace("description: d", "description: d, connectors: [kiosk]")
    bench = Bench(tmp_path, source=None)

    def write(*bots: str) -> None:
        bench.write("project.yaml", "---\n".join((home, kiosk, *bots)))

    write(_bot("{publish: {connectors: [api]}}"))
    bench.seed()
    bench.settle()
    on_both = "{publish: {connectors: [api, kiosk]}}"
    write(_bot(on_both))
    installs = change(bench.plan(), "Workspace/w")
    assert [(step.operation, step.items) for step in installs.steps] == [
        ("installConnector", ("Connector/kiosk",))
    ]
    assert installs.reason == "a bot goes to a channel that nothing shows to be installed"
    bench.settle()
    write(_bot(on_both), _bot(on_both, name="b"))
    assert change(bench.plan(), "Workspace/w").steps == ()


def test_a_fixed_field_that_differs_is_a_change(tmp_path: Path) -> None:
    """It cannot be made, and it is not nothing: `--detailed-exitcode` tells."""
    bench = _bench(tmp_path, _base("{format: text}"))
    bench.settle()
    _write(bench, _base("{format: image}"))
    plan = bench.plan()
    assert plan.has_changes
    assert paths(plan, "KnowledgeBase/k") == ["spec.format"]
    assert [finding.name for finding in plan.findings if finding.severity == "block"] == ["fixed-field"]


def test_a_renamed_workspace_is_noticed(tmp_path: Path) -> None:
    """A workspace cannot be deleted: making a second one deserves a hint."""
    bench = _bench(tmp_path)
    bench.settle()
    bench.edit("project.yaml", "name: W,", "name: V,")
    found = [finding for finding in bench.plan().findings if finding.name == "maybe-renamed"]
    assert found
    assert "'W'" in found[0].message
