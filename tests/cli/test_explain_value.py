"""`cozeops explain-value`: the file and the line, through patches, values, files and prompts."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell

PROJECT = """\
kind: Project
metadata: {name: a}
spec:
  manifests: [manifests]
  values: {model: "1", model_writing: "2", deep: {er: x}}
  environments:
    dev: {default: true, patches: [env/one, env/two], values: {model: "3"}}
    prod: {base_url: https://api.coze.com}
"""


@pytest.fixture
def patched(shell: Shell) -> Shell:
    """The quickstart with two environments, one of them with two patches on a bot."""
    shell.bench.write("cozeops.yaml", PROJECT)
    bot = "kind: Bot\nmetadata: {name: chef}\nspec:\n"
    shell.bench.write("env/one/chef.yaml", f"{bot}  name: 一\n  model: {{top_p: 0.5}}\n  plugins: []\n")
    shell.bench.write("env/two/chef.yaml", f"{bot}  name: 二\n  description: ${{env:COZEOPS_VAR_X}}\n")
    return shell


def rows(shell: Shell, *arguments: str) -> list[str]:
    """What is printed, without layout."""
    ran = shell("explain-value", *arguments)
    assert ran.code == 0, ran.err
    return [" ".join(line.split()) for line in ran.out.splitlines() if line]


def test_the_chain_of_patches_is_shown_and_the_last_wins(
    patched: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order in which they are laid."""
    monkeypatch.setenv("COZEOPS_VAR_X", "secret-ish")
    assert rows(patched, "Bot/chef", "name") == [
        'Bot/chef spec.name = "二" (environment dev)',
        'manifests/bots/chef.yaml:11:9 manifest "每日学一菜"',
        'env/one/chef.yaml:4:9 patch "一"',
        'env/two/chef.yaml:4:9 patch "二" <-',
    ]
    assert rows(patched, "Bot/chef", "spec.name", "--env", "prod") == [
        'Bot/chef spec.name = "每日学一菜" (environment prod)',
        'manifests/bots/chef.yaml:11:9 manifest "每日学一菜"',
    ]


def test_values_come_from_the_project_or_its_environment(
    patched: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both places are shown where both say something."""
    monkeypatch.setenv("COZEOPS_VAR_X", "x")
    assert rows(patched, "Bot/chef", "model.id") == [
        'Bot/chef spec.model.id = "3" (environment dev)',
        'manifests/bots/chef.yaml:30:9 manifest "${values.model}"',
        "values.model",
        'cozeops.yaml:5:19 project "1"',
        'cozeops.yaml:7:71 environment dev "3" <-',
    ]
    assert 'cozeops.yaml:5:19 project "1"' in rows(patched, "Bot/chef", "model.id", "--env", "prod")


def test_variables_of_the_process_are_named_not_shown(
    patched: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their place is where they are used."""
    monkeypatch.setenv("COZEOPS_VAR_X", "from outside")
    found = rows(patched, "Bot/chef", "description")
    assert "env:COZEOPS_VAR_X" in found
    assert any("the value of COZEOPS_VAR_X" in line for line in found)


def test_a_map_shows_what_is_inside(patched: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps merge: each field has its own place."""
    monkeypatch.setenv("COZEOPS_VAR_X", "x")
    found = rows(patched, "Bot/chef", "model")
    assert "env/one/chef.yaml:5:18 top_p = 0.5" in found
    assert "manifests/bots/chef.yaml:31:18 temperature = 0.7" in found
    assert not any("<-" in line and "chef.yaml" in line for line in found)


def test_lists_are_replaced_whole(patched: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that a patch took away says which."""
    monkeypatch.setenv("COZEOPS_VAR_X", "x")
    found = rows(patched, "Bot/chef", "plugins[0].tools")
    assert "there is no such entry: the whole value is" in found
    assert found[-1] == "env/one/chef.yaml:6:3 patch [] <-"
    assert rows(patched, "Bot/chef", "plugins[0].tools[1]", "--env", "prod")[0].startswith(
        'Bot/chef spec.plugins[0].tools[1] = "find_substitute"'
    )


def test_texts_lead_to_their_file_and_to_their_prompt(shell: Shell) -> None:
    """With who gives each variable."""
    assert "manifests/prompts/chef.md:1:1 file" in rows(shell, "Bot/chef", "prompt")
    found = rows(shell, "Bot/support", "prompt")
    assert "manifests/prompts.yaml:8:1 Prompt" in found
    assert 'manifests/prompts.yaml:18:14 default "the Hezao app"' in found
    assert any("given here" in line and "<-" in line for line in found), found


def test_what_nobody_wrote(shell: Shell) -> None:
    """A default name, a field that is not managed, a field that there is not."""
    shell.bench.edit("manifests/bots/translator.yaml", "  name: Recipe Translator\n", "")
    found = rows(shell, "Bot/translator", "name")
    assert found[0] == 'Bot/translator spec.name = "translator" (environment default)'
    assert found[1].startswith("no file declares spec.name: metadata.name serves")
    assert found[2] == 'manifests/bots/translator.yaml:5:9 metadata.name "translator"'
    assert "does not manage it" in rows(shell, "Bot/translator", "onboarding")[1]
    unknown = shell("explain-value", "Bot/chef", "voice_cal")
    assert unknown.code == 3
    assert "did you mean spec.voice_call?" in unknown.err


@pytest.mark.parametrize(
    "arguments", [["Bot/nobody", "name"], ["chef", "name"], ["Bot/chef", "a["], ["Bot/chef", "..a"]]
)
def test_wrong_words_are_3(shell: Shell, arguments: list[str]) -> None:
    """With what could be meant."""
    ran = shell("explain-value", *arguments)
    assert ran.code == 3
    assert "hint:" in ran.err or "expected Kind/name" in ran.err


def test_tokens_are_never_shown(shell: Shell) -> None:
    """What looks like one is hidden."""
    shell.bench.edit(
        "manifests/bots/chef.yaml", "description: 每天", "description: pat_abcdefgh12345678 每天"
    )
    assert "abcdefgh" not in shell("explain-value", "Bot/chef", "description").out
