"""Every exit code, in every format that its command has, with a terminal and without one."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cozeops.cli.files.formats import PLAN_FORMATS, PROBLEM_FORMATS, VALIDATE_FORMATS
from cozeops.errors import ExitCode
from cozeops.state import RunInfo, open_backend
from tests.cli.conftest import Ran, Shell
from tests.cli.terminal import on_terminal, plain_environment, silent_server, without_terminal
from tests.kit import QUICKSTART, Bench

Line = tuple[str, ...]

REFUSED: dict[str, Any] = {"kind": "error", "status": 400, "code": 4999}
"""An answer that is an error, and not one that may pass."""
NO_RESULT = {ExitCode.ERROR, ExitCode.INVALID, ExitCode.ACCESS, ExitCode.CANCELLED}
"""Codes after which a command that only reads has nothing to show."""
NO_TROUBLE = {ExitCode.OK, ExitCode.CHANGES, ExitCode.DRIFT}
"""Codes after which such a command has nothing to say beside its result."""
PROMPT = "manifests/prompts/chef.md"
MEMBERS = "manifests/workspace.yaml"

PLANS: list[Line] = [("plan", "--format", form) for form in PLAN_FORMATS]
DRIFTS: list[Line] = [("drift", "--format", form) for form in ("text", "json")]
VALIDATES: list[Line] = [("validate", "--format", form) for form in VALIDATE_FORMATS]
WHOAMI: list[Line] = [("whoami", "--format", form) for form in ("text", "json")]
CHECKS: list[Line] = [("fmt", "--check"), ("schema", "--check")]


class Matrix:
    """A project with a state on an emulator, and what was driven on it."""

    def __init__(self, shell: Shell, patch: pytest.MonkeyPatch) -> None:
        self.shell, self.bench, self._patch = shell, shell.bench, patch
        self.seen: dict[str, set[tuple[int, bool]]] = {}

    def typed(self, line: Line, answer: str = "", **environment: str) -> Ran:
        """Run on a terminal."""
        whole = plain_environment(
            **{"COZE_API_BASE": self.shell.url, "COZE_API_TOKEN": "pat_emulator", **environment}
        )
        return on_terminal(["-C", str(self.bench.folder), *line], whole, answer=answer)

    def look(self, code: ExitCode, lines: Sequence[Line], **environment: str) -> None:
        """Commands that only read: one by one in this process, several at once on terminals."""
        with self._patch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            for line in lines:
                self.check(code, line, self.shell(*line), terminal=False)
        with ThreadPoolExecutor(3) as pool:
            rans = pool.map(lambda line: self.typed(line, **environment), lines)
            for line, ran in zip(lines, rans, strict=True):
                self.check(code, line, ran, terminal=True)

    def apply(
        self,
        code: ExitCode,
        *options: str,
        before: Callable[[], None] = lambda: None,
        token: str = "pat_emulator",
    ) -> None:
        """An apply with and without the files that programs read; `before` makes each like the first."""
        folder = self.bench.folder.parent
        files = ("--report", str(folder / "run.json"), "--events", str(folder / "events.ndjson"))
        for line in (("apply", *options), ("apply", *options, *files)):
            for terminal in (False, True):
                before()
                self._patch.setenv("COZE_API_TOKEN", token)
                ran = self.typed(line, COZE_API_TOKEN=token) if terminal else self.shell(*line)
                self._patch.setenv("COZE_API_TOKEN", "pat_emulator")
                self.check(code, line, ran, terminal=terminal)
            if "--report" in line and code in (ExitCode.OK, ExitCode.PARTIAL):
                assert json.loads((folder / "run.json").read_text("utf-8"))["exit_code"] == code

    def check(self, code: ExitCode, line: Line, ran: Ran, *, terminal: bool) -> None:
        """The code, what is on which stream, and how it looks there."""
        what = f"{line} on {'a terminal' if terminal else 'pipes'}: {ran.code}\n{ran.out}\n{ran.err}"
        assert ran.code == code, what
        assert "Traceback" not in ran.out + ran.err, what
        form = line[line.index("--format") + 1] if "--format" in line else ""
        if not terminal:
            assert "\x1b" not in ran.out + ran.err, what
        if form not in ("", "text"):
            assert "\x1b" not in ran.out, what
        if code not in NO_TROUBLE:
            assert re.search(r"error|hint|[Ee]rror:|cancelled|problem|stopping|\[\d/\d\]", ran.err), what
            # Formats for programs have hints of their own; where nobody parses, a message would stand apart.
            apart = re.search(r"^(error|hint|cancelled)\b", ran.out, re.MULTILINE)
            assert form not in ("", "text") or not apart, what
        if line[0] not in ("apply", *(check for check, *_ in CHECKS)):
            assert code not in NO_TROUBLE or ran.err == "", what
            _check_result(line[0], form, code, ran.out)
        self.seen.setdefault(f"{line[0]} {form}".strip(), set()).add((int(code), terminal))

    def hold(self) -> Iterator[None]:
        """The lock of somebody else."""
        backend = open_backend(
            {"backend": "local"}, root=self.bench.folder, environment="default", environ={}
        )
        assert backend is not None
        with backend.lock(RunInfo.here("default", "apply", environ={}), 0):
            yield


def _check_result(name: str, form: str, code: ExitCode, out: str) -> None:
    """Standard output has the result, whole and in its format, or nothing."""
    problems = PROBLEM_FORMATS if name == "plan" else ("json", *PROBLEM_FORMATS) if name == "validate" else ()
    if code in NO_RESULT and not (code is ExitCode.INVALID and form in problems):
        assert out == "", (name, form, code, out)
        return
    match form:
        case "json" | "sarif" | "gitlab":
            assert isinstance(json.loads(out), dict), out
        case "junit":
            assert ElementTree.fromstring(out).tag == "testsuites", out
        case "github":
            assert all(one.startswith("::") for one in out.splitlines()), out
        case "html":
            assert out.lower().startswith("<!doctype html>"), out
            assert out.rstrip().endswith("</html>"), out
        case _:
            assert out.strip(), (name, form, code)


@pytest.fixture
def matrix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Matrix]:
    """The quickstart with a local state, applied, well formatted and with its schemas."""
    bench = Bench(tmp_path / "project", clock=time.time)
    bench.edit(
        "cozeops.yaml", "  manifests: [manifests]\n", "  manifests: [manifests]\n  state: {backend: local}\n"
    )
    bench.seed()
    for name in ("CI", "COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    with bench.emulator.serve() as url:
        monkeypatch.setenv("COZE_API_BASE", url)
        monkeypatch.setenv("COZE_API_TOKEN", "pat_emulator")
        made = Matrix(Shell(bench, url, capsys), monkeypatch)
        for line in (("fmt",), ("schema", "--write"), ("apply", "--yes")):
            assert made.shell(*line).code == 0
        yield made


def test_every_exit_code_in_every_format(matrix: Matrix) -> None:
    """The code never depends on the format or the terminal, and each stream has what belongs there."""
    for act in (_nothing_to_do, _refused, _cancelled, _locked, _changed, _moved, _by_hand, _wrong):
        act(matrix)
    plan, drift = {0, 1, 2, 3, 4, 6, 8}, {0, 1, 3, 4, 8, 10}
    wanted = {f"plan {form}": plan for form in PLAN_FORMATS} | {
        f"drift {form}": drift for form in ("text", "json")
    }
    wanted |= {f"validate {form}": {0, 3} for form in VALIDATE_FORMATS} | {"fmt": {0, 1}, "schema": {0, 1}}
    wanted |= {"apply": {0, 1, 3, 4, 5, 6, 7, 8, 9}, "whoami text": {0, 4}, "whoami json": {0, 4}}
    assert matrix.seen == {
        name: {(code, terminal) for code in codes for terminal in (False, True)}
        for name, codes in wanted.items()
    }


def _nothing_to_do(matrix: Matrix) -> None:
    """0."""
    matrix.look(ExitCode.OK, [*PLANS, *DRIFTS, *VALIDATES, *WHOAMI, *CHECKS])
    matrix.apply(ExitCode.OK, "--yes")


def _refused(matrix: Matrix) -> None:
    """1 for an error of the server, 4 for one about the token."""
    matrix.bench.emulator.faults.add(**REFUSED)
    matrix.look(ExitCode.ERROR, [*PLANS, *DRIFTS])
    matrix.apply(ExitCode.ERROR, "--yes")
    matrix.bench.emulator.faults.clear()
    matrix.look(ExitCode.ACCESS, [*PLANS, *DRIFTS, *WHOAMI], COZE_API_TOKEN="pat_wrong")
    matrix.apply(ExitCode.ACCESS, "--yes", token="pat_wrong")


def _cancelled(matrix: Matrix) -> None:
    """8: Ctrl-C while Coze does not answer, and a no to the question of apply."""

    def one(how: tuple[Line, bool]) -> Ran:
        line, terminal = how
        with silent_server() as (url, press):
            environment = plain_environment(COZE_API_BASE=url, COZE_API_TOKEN="pat_emulator")
            # The state belongs to another server: the example keeps none, and each run has its own folder.
            folder = Path(tempfile.mkdtemp(dir=matrix.bench.folder.parent))
            shutil.copytree(QUICKSTART, folder, dirs_exist_ok=True)
            whole = ["-C", str(folder), *line]
            return (
                on_terminal(whole, environment, press)
                if terminal
                else without_terminal(whole, environment, press)
            )

    hows = [(line, terminal) for line in (*PLANS, *DRIFTS, ("apply", "--yes")) for terminal in (False, True)]
    with ThreadPoolExecutor(3) as pool:
        for (line, terminal), ran in zip(hows, pool.map(one, hows), strict=True):
            matrix.check(ExitCode.CANCELLED, line, ran, terminal=terminal)


def _locked(matrix: Matrix) -> None:
    """9."""
    for _ in matrix.hold():
        matrix.apply(ExitCode.LOCKED, "--yes")


def _changed(matrix: Matrix) -> None:
    """2, 6 and 8 with one change; 7 where it fails after the first write."""
    matrix.bench.edit(PROMPT, "# 角色", "# 人物")
    matrix.look(ExitCode.CHANGES, [(*line, "--detailed-exitcode") for line in PLANS])
    matrix.look(ExitCode.STALE, [(*line, "--verify", "sha256:0") for line in PLANS])
    matrix.apply(ExitCode.STALE, "--digest", "sha256:0")
    matrix.check(ExitCode.CANCELLED, ("apply",), matrix.typed(("apply",), "n\n"), terminal=True)
    matrix.bench.emulator.faults.add(operation="publishBot", **REFUSED)
    numbers = iter(range(100))
    matrix.apply(
        ExitCode.PARTIAL, "--yes", before=lambda: matrix.bench.write(PROMPT, f"# 角色\n\n{next(numbers)}\n")
    )
    matrix.bench.emulator.faults.clear()
    answered = matrix.typed(("apply",), "y\n")
    matrix.check(ExitCode.OK, ("apply",), answered, terminal=True)


def _moved(matrix: Matrix) -> None:
    """5 for a member who would be removed and added again, 6 once the reviewed plan is old."""
    plan = matrix.bench.folder.parent / "plan.json"
    matrix.bench.edit(MEMBERS, "role: member}  # recipe editor", "role: admin}  # recipe editor")
    assert matrix.shell("plan", "--out", str(plan)).code == 0
    matrix.apply(ExitCode.BLOCKED, str(plan))
    matrix.apply(ExitCode.BLOCKED, "--yes")
    matrix.bench.edit(MEMBERS, "禾灶的内容", "内容")
    matrix.apply(ExitCode.STALE, str(plan))


def _by_hand(matrix: Matrix) -> None:
    """10."""
    matrix.bench.by_hand("每日学一菜", model_info_config={"temperature": 1.3})
    matrix.look(ExitCode.DRIFT, DRIFTS)


def _wrong(matrix: Matrix) -> None:
    """1 for what is not as it would be written, 3 for what cannot be read."""
    matrix.bench.write(
        "manifests/unformatted.yaml", "kind:   Prompt\nmetadata: {name:  extra}\nspec: {text:  hello}\n"
    )
    (matrix.bench.folder / "schemas" / "Bot.schema.json").unlink()
    matrix.look(ExitCode.ERROR, CHECKS)
    matrix.bench.edit("manifests/bots/chef.yaml", "temperature: 0.7", "temprature: 0.7")
    matrix.look(ExitCode.INVALID, [*PLANS, *DRIFTS, *VALIDATES])
    matrix.apply(ExitCode.INVALID, "--yes")
