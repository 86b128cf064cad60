"""Secrets in manifests: a variable of the process, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cozeops.errors import InvalidProject
from cozeops.manifests.load import load_project
from cozeops.values import Secret

CANARY = "CANARY0123456789"


def _write(folder: Path, spec: str) -> None:
    text = f"kind: CallbackApp\nmetadata: {{name: a}}\nspec: {{{spec}}}\n"
    (folder / "app.yaml").write_text(text, encoding="utf-8")


def _load(folder: Path, written: str, **environ: str) -> object:
    _write(folder, f"app_type: normal, verify_token: {written}")
    project = load_project(folder, environment=None, environ=environ)
    return project.resources[0].values["verify_token"]


def _refused(folder: Path, written: str, **environ: str) -> tuple[str, str]:
    with pytest.raises(InvalidProject) as caught:
        _load(folder, written, **environ)
    (problem,) = caught.value.problems
    assert problem.position
    assert problem.position.line == 3
    return problem.code, "\n".join((problem.message, problem.hint, problem.excerpt, str(caught.value)))


@pytest.mark.parametrize(
    "written",
    ['"${env:COZEOPS_SECRET_TOKEN}"', '"${ env:COZEOPS_SECRET_TOKEN }"', '" ${env:COZEOPS_SECRET_TOKEN} "'],
)
def test_a_variable_for_secrets_is_taken(tmp_path: Path, written: str) -> None:
    """Only secret fields may read what does not begin with COZEOPS_VAR_."""
    assert _load(tmp_path, written, COZEOPS_SECRET_TOKEN=CANARY) == Secret(CANARY)


@pytest.mark.parametrize(
    "written",
    [
        CANARY,
        f'"{CANARY}"',
        f'"{CANARY}${{env:COZEOPS_SECRET_TOKEN}}"',
        '"${values.token}"',
        "1234567890123456",
        f"[{CANARY}]",
    ],
)
def test_what_is_written_is_refused_and_not_quoted(tmp_path: Path, written: str) -> None:
    """Not in the message, not in the line that is shown."""
    code, told = _refused(tmp_path, written, COZEOPS_SECRET_TOKEN=CANARY)
    assert code == "COZE039"
    assert CANARY[:8] not in told
    assert "1234567890" not in told
    assert "${env:NAME}" in told


def test_what_is_only_compared_may_be_without_its_variable(tmp_path: Path) -> None:
    """A pipeline that must not know the secret can still validate and plan."""
    assert _load(tmp_path, '"${env:COZEOPS_SECRET_TOKEN}"') == Secret("")
    assert _load(tmp_path, '"${env:COZEOPS_SECRET_TOKEN}"', COZEOPS_SECRET_TOKEN="") == Secret("")


def test_other_problems_of_the_line_do_not_show_it(tmp_path: Path) -> None:
    """Two mistakes in one line: the excerpt of the other one has a mask in the place of the secret."""
    _write(tmp_path, f"app_type: other, verify_token: {CANARY}")
    with pytest.raises(InvalidProject) as caught:
        load_project(tmp_path, environment=None, environ={})
    assert {one.code for one in caught.value.problems} == {"COZE013", "COZE039"}
    assert CANARY not in str(caught.value)
    assert all("*" * len(CANARY) in one.excerpt for one in caught.value.problems)


def test_another_variable_of_the_job_is_not_for_a_secret_field(tmp_path: Path) -> None:
    """A pull request could aim the field at any secret; the shell says which are meant."""
    code, told = _refused(tmp_path, '"${env:DEPLOY_KEY}"', DEPLOY_KEY=CANARY)
    assert code == "COZE026"
    assert "COZEOPS_SECRET_VARS" in told
    assert CANARY not in told
    listed = {"COZEOPS_SECRET_VARS": "OTHER, DEPLOY_KEY", "DEPLOY_KEY": CANARY}
    assert _load(tmp_path, '"${env:DEPLOY_KEY}"', **listed) == Secret(CANARY)
