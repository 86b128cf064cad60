"""Names that are commands to a CI runner, over the commands that print names."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.conftest import Shell

COMMAND = re.compile(r"^\s*::|##\w*\[|section_(?:start|end):|\x1b|\r", re.MULTILINE)
HOSTILE = {
    "github": "a\n  ::add-mask::x\n##[add-path]/tmp",
    "gitlab": "section_start:1:a\nsection_end:1:a",
    "azure": "##vso[task.setvariable variable=a]b",
    "teamcity": "a ##teamcity[buildStatus status='SUCCESS']",
}
LINES = [
    ("validate",),
    ("plan", "-v"),
    ("apply", "--yes"),
    ("drift",),
    ("explain-value", "Bot/chef", "prompt"),
    ("export",),
]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_command_prints_a_command_of_a_runner(
    shell: Shell, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On both streams; the JSON of a plan keeps the text as it is."""
    monkeypatch.chdir(shell.bench.folder.parent)  # an export is written where it is called
    written = json.dumps(text)
    (shell.bench.folder / "cozeops.yaml").unlink(missing_ok=True)
    for path in shell.bench.folder.glob("manifests/**/*.yaml"):
        path.unlink()
    home = "kind: Workspace\nmetadata: {name: kitchen}\nspec: {name: '##vso[a]b', description: a}\n---\n"
    bot = (
        f"kind: Bot\nmetadata: {{name: chef, workspace: kitchen}}\nspec: {{name: chef, prompt: {written}}}\n"
    )
    shell.bench.write("m.yaml", home + bot)
    ran = shell("plan", "--format", "json")
    assert ran.code == 0, ran.err
    made = json.loads(ran.out)
    assert text in [field["after"] for change in made["changes"] for field in change["fields"]]
    for line in LINES:
        ran = shell(*line)
        assert ran.out + ran.err
        assert not COMMAND.search(ran.out + "\n" + ran.err), line
    shell.bench.write("m.yaml", f"kind: Bot\nmetadata: {{name: chef}}\nspec: {{nam: {written}}}\n")
    ran = shell("validate")
    assert ran.code == 3
    assert not COMMAND.search(ran.out + "\n" + ran.err)
