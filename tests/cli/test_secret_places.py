"""A secret in a prompt is told at the line of the file in which it stands."""

from __future__ import annotations

from tests.cli.conftest import Shell


def test_a_secret_is_told_at_its_line_of_the_prompt_file(shell: Shell) -> None:
    """A review shows remarks only on lines that changed; the secret itself is not repeated."""
    for path in shell.bench.folder.glob("manifests/**/*.yaml"):
        path.unlink()
    (shell.bench.folder / "cozeops.yaml").unlink(missing_ok=True)
    shell.bench.write("p.md", "a\nb\n\npat_CANARY0123456789abcdefCANARY\n")
    home = "kind: Workspace\nmetadata: {name: kitchen}\nspec: {name: k, description: a}\n---\n"
    bot = "kind: Bot\nmetadata: {name: chef, workspace: kitchen}\nspec: {prompt: {file: p.md}}\n"
    shell.bench.write("m.yaml", home + bot)
    ran = shell("validate", "--format", "github")
    assert "p.md,line=4" in ran.out
    assert "CANARY" not in ran.out
