"""What one plan or validation can be written as, to standard output and into files beside it."""

from __future__ import annotations

import io
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cozeops.cli.files.output import print_whole, write_file
from cozeops.cli.options import Where
from cozeops.errors import InvalidProject, Position, Problem
from cozeops.operations.project import offline_findings

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource
    from cozeops.engine.check.runner import Checked
    from cozeops.engine.model.plan import Finding, Plan
    from cozeops.manifests.load import Project
    from cozeops.report.forms.remarks import Remark
    from cozeops.values import Json

F = TypeVar("F", bound=Callable[..., Any])

PLAN_FORMATS = ("text", "json", "markdown", "html", "junit", "sarif", "github", "gitlab")
SHOW_FORMATS = ("text", "markdown", "html")
"""What a plan is to people; the other formats place findings in the files of a project."""
CHECK_FORMATS = ("text", "json", "markdown", "junit", "html")
VALIDATE_FORMATS = ("text", "json", "junit", "sarif", "github")
PROBLEM_FORMATS = ("junit", "sarif", "github")
"""Formats in which a project that is not valid is a result like another."""
VALIDATION = "cozeops-validation/1"


def also_into(
    forms: Sequence[str],
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], tuple[tuple[str, Path], ...]]:
    """Splits each `FORMAT=FILE`; a format that does not exist is wrong usage."""

    def split(
        _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
    ) -> tuple[tuple[str, Path], ...]:
        found = []
        for text in texts:
            form, equals, file = text.partition("=")
            if form not in forms or not equals or not file:
                raise click.BadParameter(f"{text!r} is not FORMAT=FILE, with one of {', '.join(forms)}")
            found.append((form, Path(file)))
        return tuple(found)

    return split


def tells_problems(*forms: str) -> Callable[[F], F]:
    """In these formats the problems of an invalid project go to standard output and into `--also` files.

    They are raised all the same: the exit code and the messages on standard error stay what they are.
    """

    def decorate(command: F) -> F:
        @wraps(command)
        def wrapped(where: Where, /, **options: Any) -> Any:
            try:
                return command(where, **options)
            except InvalidProject as error:
                if options["form"] in forms:
                    print_whole(problems_as(options["form"], error.problems, where))
                for form, file in options.get("also", ()):
                    if form in forms:
                        write_file(file, problems_as(form, error.problems, where))
                raise

        return wrapped  # type: ignore[return-value]

    return decorate


def show_plan(form: str, made: Plan, project: Project, *, verbose: bool, compact: bool) -> None:
    """Write the plan to standard output."""
    if form == "text":
        from cozeops.report.plan.text import render_plan

        render_plan(made, sys.stdout, verbose=verbose, compact=compact)
    else:
        print_whole(plan_as(form, made, project))


def plan_as(form: str, made: Plan, project: Project) -> str:
    """The plan in a format; as text without colours."""
    from cozeops.engine.plan.file import plan_digest, write_plan

    match form:
        case "json":
            return write_plan(made)
        case "gitlab":
            from cozeops.report.plan.gitlab import plan_gitlab

            return plan_gitlab(made)
        case "junit":
            from cozeops.report.forms.junit import plan_junit

            return plan_junit(made, _remarks(made.findings, project))
        case "sarif":
            from cozeops.report.forms.sarif import sarif_log

            return sarif_log(_remarks(made.findings, project))
        case "github":
            from cozeops.report.forms.annotations import github_annotations

            return github_annotations(_remarks(made.findings, project))
    return plan_for_people(form, made, digest=plan_digest(made))


def plan_for_people(form: str, made: Plan, *, digest: str) -> str:
    """The plan, or a part of the one that has this digest, in one of SHOW_FORMATS."""

    match form:
        case "markdown":
            from cozeops.report.plan.markdown import plan_markdown

            return plan_markdown(made, digest=digest)
        case "html":
            from cozeops.report.plan.html import plan_html

            return plan_html(made, digest=digest)
    stream = io.StringIO()
    from cozeops.report.plan.text import render_plan

    render_plan(made, stream, color=False)
    return stream.getvalue()


def checked_as(form: str, made: Checked, code: int, stats: Json) -> str:
    """What checks came to in a format; as text without colours."""
    from cozeops.engine.check.file import check_json

    match form:
        case "json":
            data = check_json(made, exit_code=code, stats=stats)
            return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        case "markdown":
            from cozeops.report.check.markdown import checked_markdown

            return checked_markdown(made)
        case "junit":
            from cozeops.report.check.junit import checked_junit

            return checked_junit(made)
        case "html":
            from cozeops.report.check.html import checked_html

            return checked_html(made)
    stream = io.StringIO()
    from cozeops.report.check.text import render_checked

    render_checked(made, stream, color=False)
    return stream.getvalue()


def valid_as(form: str, project: Project) -> str:
    """What is said about a project without problems."""
    counts = Counter(one.kind.name for one in project.resources)
    match form:
        case "json":
            resources = dict(sorted(counts.items()))
            said: Json = {"project": project.name, "env": project.environment, "resources": resources}
            found = [
                {
                    "code": one.code,
                    "severity": one.severity,
                    "address": str(one.address),
                    "message": one.message,
                    "hint": one.hint,
                }
                for one in offline_findings(project)
            ]
            return _validation({**said, "findings": found}, ())
        case "junit" | "sarif" | "github":
            folder = PurePosixPath(prefix_of(project.root))
            remarks = _remarks(offline_findings(project), project)
            return _told(form, remarks, [str(folder / file) for file in project.files])
    listed = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{project.name}: {listed}; all valid (environment {project.environment}).\n"


def problems_as(form: str, problems: Sequence[Problem], where: Where) -> str:
    """The problems of a project in a format."""
    if form == "json":
        return _validation({}, problems)
    from cozeops.report.forms.remarks import of_problems

    return _told(form, of_problems(problems, prefix=prefix_of(where.root)), ())


def prefix_of(root: Path) -> str:
    """The project's folder as reviews see it: from where the repository was checked out, or from here."""
    base = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or "."
    folder, start = root.resolve(), Path(base).resolve()
    return folder.relative_to(start).as_posix() if folder.is_relative_to(start) and folder != start else ""


def _told(form: str, remarks: list[Remark], files: Sequence[str]) -> str:

    match form:
        case "junit":
            from cozeops.report.forms.junit import validation_junit

            return validation_junit(files, remarks)
        case "sarif":
            from cozeops.report.forms.sarif import sarif_log

            return sarif_log(remarks)
    from cozeops.report.forms.annotations import github_annotations

    return github_annotations(remarks)


def _remarks(findings: Sequence[Finding], project: Project) -> list[Remark]:
    from cozeops.manifests.project.discover import PROJECT_FILE
    from cozeops.report.forms.remarks import of_findings
    from cozeops.report.terminal.safe import one_line

    prefix = prefix_of(project.root)
    places = {one.address: at for one in project.resources if (at := one.locate(()))}
    file = PROJECT_FILE if PROJECT_FILE in project.files else project.files[0]
    remarks = of_findings(findings, places, project=Position(file, 1, 1), prefix=prefix)
    known = {one.address: one for one in project.resources}
    written = [
        _where_written(found.message, known.get(found.address), project)
        if found.name == "secret-in-prompt" and found.address
        else None
        for found in findings
    ]
    return [
        replace(one, position=replace(at, file=one_line(str(PurePosixPath(prefix) / at.file)))) if at else one
        for one, at in zip(remarks, written, strict=True)
    ]


def _where_written(message: str, resource: Resource | None, project: Project) -> Position | None:
    """Where the secret of a finding stands: a review shows remarks only on lines that changed."""
    from cozeops.engine.policy.builtin import secret_of

    secret = secret_of(resource, message) if resource else ""
    for file in project.files if secret else ():
        text = (project.root / file).read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.split("\n"), 1):
            if secret in line:
                return Position(file, number, line.index(secret) + 1)
    return None


def _validation(said: Json, problems: Sequence[Problem]) -> str:
    told = [
        {
            "code": problem.code,
            "message": problem.message,
            "hint": problem.hint,
            "file": problem.position.file if problem.position else None,
            "line": problem.position.line if problem.position else None,
            "column": problem.position.column if problem.position else None,
        }
        for problem in problems
    ]
    whole: Json = {"format": VALIDATION, "valid": not problems, **said, "problems": told}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
