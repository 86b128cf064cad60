"""Environments: values, settings, patches, and who would write over whom."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from cozeops.codes import Code
from cozeops.errors import InvalidProject
from cozeops.manifests.load import load_project
from cozeops.values import Secret, to_json
from tests.manifests.projects import WORKSPACE, Loader, bot

PROJECT = """\
kind: Project
metadata: {name: kitchen-bots}
spec:
  manifests: [manifests]
  values: {model: "1", limits: {rounds: 1, tokens: 2}}
  state: {backend: local}
  environments:
    dev: {default: true, values: {model: "2", limits: {tokens: 3}}}
    prod:
      base_url: https://api.coze.cn/
      token: "${env:COZE_PROD_TOKEN}"
      patches: [env/prod, env/last.yaml]
      manifests: [prod-only]
      state: {backend: git, branch: "${values.model}-state"}
      expect: {user: "20", workspaces: {kitchen: "75"}}
      thresholds: {update: 30%, unpublish: 2, delete: 0}
"""
SPEC = """\
  description: base
  prompt: {file: prompts/chef.md}
  model: {id: "${values.model}", context_round: "${values.limits.rounds}", parameters: "${values.limits}"}
  workflows: [{id: "1"}, {id: "2"}]
"""
PATCH = """\
kind: Bot
metadata: {name: chef, labels: {tier: gold}}
spec:
  prompt: {file: chef.md}
  model: {top_k: 5}
  workflows: [{id: "3"}]
"""
LAST_PATCH = """\
kind: Bot
metadata: {name: chef}
spec: {description: "last of ${env:COZEOPS_VAR_TEAM}"}
"""
FILES = {
    "cozeops.yaml": PROJECT,
    "manifests/chef.yaml": bot(SPEC),
    "manifests/prompts/chef.md": "base",
    "env/prod/a.yaml": PATCH,
    "env/prod/chef.md": "prod",
    "env/last.yaml": LAST_PATCH,
    "prod-only/p.yaml": "kind: Prompt\nmetadata: {name: only}\nspec: {text: a}\n",
    "not-a-manifest.yaml": "a: [",
}
TOKEN = {"COZE_PROD_TOKEN": "s3cret", "COZEOPS_VAR_TEAM": "food"}


def test_default_environment(project: Loader) -> None:
    loaded = project.load(FILES)
    assert (loaded.name, loaded.environment) == ("kitchen-bots", "dev")
    chef = loaded.resources[0]
    assert chef.values["model"] == {"id": "2", "context_round": 1, "parameters": {"rounds": 1, "tokens": 3}}
    assert (chef.values["description"], chef.values["prompt"], dict(chef.labels)) == ("base", "base", {})
    assert loaded.settings.token is None
    assert loaded.settings.state == {"backend": "local"}


def test_chosen_environment(project: Loader) -> None:
    loaded = project.load(FILES, "prod", **TOKEN)
    chef = loaded.resources[0]
    assert chef.values["prompt"] == "prod"
    assert chef.values["description"] == "last of food"
    assert chef.values["model"]["top_k"] == 5
    assert chef.values["model"]["id"] == "1"
    assert [str(one) for one in chef.values["workflows"]] == ["3"]
    assert chef.labels == {"tier": "gold"}
    assert "Prompt/only" in [str(one.address) for one in loaded.resources]
    settings = loaded.settings
    assert settings.base_url == "https://api.coze.cn"
    assert settings.token == Secret("s3cret")
    assert settings.state == {"backend": "git", "branch": "1-state"}
    assert settings.expect == {"user": "20", "workspaces": {"kitchen": "75"}}
    assert settings.thresholds == {"update": "30%", "unpublish": 2, "delete": 0}


def test_an_enterprise_has_a_token_of_its_own(project: Loader) -> None:
    """Like the other one: from a variable, and never out of the file itself."""
    text = "kind: Project\nmetadata: {name: a}\nspec: {enterprise: {token: %s}}\n---\n" + WORKSPACE
    named = project.load({"cozeops.yaml": text % '"${env:TEAM}"'}, TEAM="s3cret")
    assert named.settings.enterprise_token == Secret("s3cret")
    assert project.load({"cozeops.yaml": WORKSPACE}).settings.enterprise_token is None
    (problem,) = project.problems({"cozeops.yaml": text % "pat_canary"})
    assert (problem.code, str(problem.position)) == (Code.BAD_VALUE, "cozeops.yaml:3:28")
    assert "canary" not in problem.message + problem.hint


def test_positions_lead_to_the_file_that_decided(project: Loader) -> None:
    chef = project.load(FILES, "prod", **TOKEN).resources[0]
    assert str(chef.locate(("workflows", 0))) == "env/prod/a.yaml:6:15"
    assert str(chef.locate(("model", "id"))) == "manifests/chef.yaml:10:15"
    assert str(chef.locate(("model", "top_k"))) == "env/prod/a.yaml:5:18"
    assert str(chef.locate(("description",))) == "env/last.yaml:3:21"


@pytest.mark.parametrize(
    ("spec", "code", "where"),
    [
        ("{prompt: {file: nope.md}}", Code.MISSING_FILE, "3:23"),
        ("{model: {temprature: 1}}", Code.UNKNOWN_FIELD, "3:16"),
        ("{name: '" + "n" * 21 + "'}", Code.SIZE, "3:14"),
        ("{workflows: [nope]}", Code.DANGLING, "3:20"),
        ("{model: {top_p: }}", Code.FOREIGN_VALUE, "3:16"),
    ],
)
def test_mistakes_in_a_patch(project: Loader, spec: str, code: Code, where: str) -> None:
    text = f"kind: Bot\nmetadata: {{name: chef}}\nspec: {spec}\n"
    [problem] = project.problems({**FILES, "env/prod/z.yaml": text}, "prod", **TOKEN)
    assert (problem.code, str(problem.position)) == (code, f"env/prod/z.yaml:{where}")


def test_patch_of_nothing(project: Loader) -> None:
    text = "kind: Bot\nmetadata: {name: cheff}\nspec: {}\n"
    [problem] = project.problems({**FILES, "env/prod/z.yaml": text}, "prod", **TOKEN)
    assert (problem.code, str(problem.position)) == (Code.PATCH, "env/prod/z.yaml:2:18")
    assert "did you mean Bot/chef?" in problem.hint


def test_patch_folders_are_no_manifests(project: Loader) -> None:
    files = {**FILES, "cozeops.yaml": PROJECT.replace("  manifests: [manifests]\n", "")}
    del files["not-a-manifest.yaml"]
    assert [str(one.address) for one in project.load(files).resources] == ["Bot/chef", "Workspace/kitchen"]


def changed(old: str, new: str) -> dict[str, str]:
    assert old in PROJECT
    return {**FILES, "cozeops.yaml": PROJECT.replace(old, new)}


LAST = "      thresholds: {update: 30%, unpublish: 2, delete: 0}\n"
CASES = {
    "unknown": (FILES, "prd", Code.ENVIRONMENT, "7:3", 'no environment "prd"', "did you mean prod?"),
    "none chosen": (
        changed("default: true, ", ""),
        None,
        Code.ENVIRONMENT,
        "7:3",
        "which environment?",
        "--env: dev, prod",
    ),
    "two defaults": (
        changed(LAST, "      default: true\n"),
        None,
        Code.ENVIRONMENT,
        "16:16",
        "dev and prod are both default",
        "keep one",
    ),
    "unset token": (
        FILES,
        "prod",
        Code.INTERPOLATION,
        "11:14",
        '"COZE_PROD_TOKEN" is not set',
        "set COZE_PROD",
    ),
    "token in the file": (
        changed('"${env:COZE_PROD_TOKEN}"', "abc"),
        "prod",
        Code.BAD_VALUE,
        "11:14",
        "does not belong in a file",
        "write token: ${env:NAME}",
    ),
    "threshold": (changed("30%", "30x"), "prod", Code.BAD_VALUE, "16:28", '"30x" is not a threshold', "30%"),
    "threshold name": (
        changed("unpublish: 2", "unpublsh: 2"),
        "prod",
        Code.UNKNOWN_FIELD,
        "16:33",
        "unpublsh",
        "did you mean unpublish?",
    ),
    "web address": (
        changed("https://api.coze.cn/", "api.coze.cn"),
        "prod",
        Code.BAD_VALUE,
        "10:17",
        "not a web address",
        "https://",
    ),
    "backend": (
        changed("backend: git", "backend: gti"),
        None,
        Code.BAD_VALUE,
        "14:24",
        '"gti"',
        "did you mean git?",
    ),
    "no folder": (
        changed("[prod-only]", "[prod-olny]"),
        "prod",
        Code.MISSING_FILE,
        "13:19",
        "prod-olny",
        "did you mean prod-only?",
    ),
    "folder outside": (
        changed("[manifests]", "[../x]"),
        None,
        Code.OUTSIDE,
        "4:15",
        "out of the project",
        "copy",
    ),
    "expected workspace": (
        changed("{kitchen: ", "{kitchn: "),
        "prod",
        Code.DANGLING,
        "15:41",
        'no Workspace "kitchn"',
        "did you mean kitchen?",
    ),
    "second project": (
        {**FILES, "cozeops.yaml": PROJECT + "---\n" + PROJECT},
        None,
        Code.PROJECT,
        "18:7",
        "a second Project",
        "keep one",
    ),
    "value with a value": (
        changed('values: {model: "1"', 'values: {model: "${values.x}"'),
        None,
        Code.INTERPOLATION,
        "5:19",
        'no value "x"',
        "declare x",
    ),
    "misspelt field": (
        changed('  values: {model: "1"', '  valeus: {model: "1"'),
        None,
        Code.UNKNOWN_FIELD,
        "5:3",
        "valeus",
        "did you mean values?",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_bad_project(project: Loader, case: tuple[dict[str, str], str | None, Code, str, str, str]) -> None:
    files, environment, code, where, message, hint = case
    environ = {} if "is not set" in message else TOKEN
    problem = project.problems(files, environment, **environ)[0]
    assert (problem.code, str(problem.position)) == (code, f"cozeops.yaml:{where}")
    assert message in problem.message
    assert hint in problem.hint


def test_environment_of_a_project_without(project: Loader) -> None:
    [problem] = project.problems({"m.yaml": bot("  name: a\n")}, "prod")
    assert (problem.code, problem.position) == (Code.ENVIRONMENT, None)
    assert project.load({}, "default").environment == "default"


TWIN = """\
    twin:
      base_url: https://api.coze.cn
      token: "${env:COZE_PROD_TOKEN}"
      expect: {workspaces: {kitchen: "%s"}}
"""


def test_two_environments_with_one_target(project: Loader) -> None:
    files = {**FILES, "cozeops.yaml": PROJECT + TWIN % "75"}
    [problem] = project.problems(files)
    assert (problem.code, str(problem.position)) == (Code.SAME_TARGET, "cozeops.yaml:17:5")
    assert "prod and twin have the same base URL, token and workspaces" in problem.message


def test_environments_told_apart_by_what_they_patch(project: Loader) -> None:
    assert project.load({**FILES, "cozeops.yaml": PROJECT + TWIN % "76"})
    bare = PROJECT.replace('workspaces: {kitchen: "75"}', "") + TWIN.replace('kitchen: "%s"', "")
    workspace = "kind: Workspace\nmetadata: {name: kitchen}\nspec: {name: 生产}\n"
    assert project.load({**FILES, "cozeops.yaml": bare, "env/prod/w.yaml": workspace})


TWO = """\
kind: Project
metadata: {name: a}
spec:
  manifests: [all]
  environments:
    dev: {%s}
    prod: {%s}
"""
HOME = "kind: Workspace\nmetadata: {name: kitchen}\nspec: {name: 厨房}\n"
OWN = "kind: Bot\nmetadata: {name: %s, workspace: kitchen}\nspec: {}\n"


@pytest.mark.parametrize(
    ("dev", "prod"),
    [
        ("", ""),
        ("default: true", "values: {model: a}"),
        ("base_url: https://api.coze.cn/", ""),
        ('token: "${env:COZE_API_TOKEN}"', ""),
        ('expect: {user: "1"}', ""),
        ('expect: {user: "1"}', 'expect: {user: "1"}'),
        ("state: {backend: local}", "patches: [p]"),
    ],
)
def test_one_token_of_the_shell_serves_both(project: Loader, dev: str, prod: str) -> None:
    """An environment block that was added without more manages what the other does."""
    files = {"cozeops.yaml": TWO % (dev, prod), "all/w.yaml": HOME, "all/b.yaml": OWN % "chef"}
    [problem] = project.problems(files, "dev", COZE_API_TOKEN="x")
    assert problem.code == Code.SAME_TARGET
    assert "no token of their own: one of the shell serves both" in problem.message


@pytest.mark.parametrize(
    ("dev", "prod"),
    [
        ("base_url: https://api.coze.com", ""),
        ('token: "${env:T}"', ""),
        ('expect: {user: "1"}', 'expect: {user: "2"}'),
        ('expect: {workspaces: {kitchen: "1"}}', 'expect: {workspaces: {kitchen: "2"}}'),
    ],
)
def test_environments_of_different_accounts_or_workspaces(project: Loader, dev: str, prod: str) -> None:
    files = {"cozeops.yaml": TWO % (dev, prod), "all/w.yaml": HOME, "all/b.yaml": OWN % "chef"}
    assert project.load(files, "dev", T="x")


def test_environments_that_manage_nothing_in_common(project: Loader) -> None:
    """Each has bots of its own in the one workspace."""
    own = {"dev/b.yaml": OWN % "trial", "prod/b.yaml": OWN % "chef", "all/w.yaml": HOME}
    text = TWO % ("manifests: [dev]", "manifests: [prod]")
    assert project.load({"cozeops.yaml": text, **own}, "dev")
    [problem] = project.problems({"cozeops.yaml": text, **own, "all/b.yaml": OWN % "both"}, "dev")
    assert problem.code == Code.SAME_TARGET


def test_environments_told_apart_by_values(project: Loader) -> None:
    text = """\
kind: Project
metadata: {name: a}
spec:
  token: "${env:T}"
  environments:
    dev: {values: {space: a}}
    prod: {values: {space: %s}}
---
kind: Workspace
metadata: {name: kitchen}
spec: {name: "${values.space}"}
"""
    assert project.load({"cozeops.yaml": text % "b"}, "dev", T="x").resources[0].name == "a"
    assert project.problems({"cozeops.yaml": text % "a"}, "dev", T="x")[0].code == Code.SAME_TARGET


def test_project_settings_are_the_default_of_environments(project: Loader) -> None:
    text = (
        "kind: Project\nmetadata: {name: a}\nspec:\n  base_url: https://api.coze.com\n"
        "  thresholds: {delete: 1}\n"
        '  values: {a: "${env:COZEOPS_VAR_A}"}\n  environments:\n    dev: {thresholds: {delete: 2}}\n---\n'
    )
    loaded = project.load({"cozeops.yaml": text + bot('  name: "${values.a}"\n')}, "dev", COZEOPS_VAR_A="n")
    assert (loaded.settings.base_url, loaded.settings.thresholds) == ("https://api.coze.com", {"delete": 2})
    assert loaded.resources[0].name == "n"


def test_a_secret_has_no_form() -> None:
    secret = Secret("s3cret")
    assert "s3cret" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "s3cret"
    with pytest.raises(TypeError):
        to_json({"token": secret})
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_variable_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    """A byte of another encoding is no text that can be sent."""
    for name, text in {
        "bot.yaml": BOT_OF_A_VARIABLE,
        "cozeops.yaml": "kind: Project\nmetadata: {name: p}\n",
    }.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InvalidProject) as told:
        load_project(tmp_path, environment=None, environ={"COZEOPS_VAR_N": "caf\udce9"})
    assert "is not UTF-8" in " ".join(one.message for one in told.value.problems)


BOT_OF_A_VARIABLE = 'kind: Bot\nmetadata: {name: b}\nspec: {name: "${env:COZEOPS_VAR_N}"}\n'
