"""JUnit XML: a failed test for each problem or blocking finding, a passed one for all that is well. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from cozeops.engine.model.plan import Plan
from cozeops.report.forms.remarks import Level, Remark
from cozeops.report.terminal.safe import one_line

PROJECT = "project"
"""The name of the test for what is about no address."""


def plan_junit(plan: Plan, remarks: Iterable[Remark]) -> str:
    """A test per address, named by it; a blocking finding fails its own test, others are its output."""
    by_address: dict[str, list[Remark]] = {one_line(str(change.address)): [] for change in plan.changes}
    for remark in remarks:
        by_address.setdefault(remark.address or PROJECT, []).append(remark)
    cases: list[ElementTree.Element] = []
    for address, found in by_address.items():
        kind = address.partition("/")[0]
        failing = [remark for remark in found if remark.level is Level.ERROR]
        told = [remark for remark in found if remark.level is not Level.ERROR]
        if told or not failing:
            cases.append(_passed(kind, address, told))
        cases += [_failed(kind, f"{address} {remark.code}", remark) for remark in failing]
    return document(f"cozeops plan {one_line(plan.environment)}", cases)


def validation_junit(files: Iterable[str], remarks: Sequence[Remark]) -> str:
    """A failed test per problem or blocking finding, a passed one per file without; others are its output."""
    failing = [remark for remark in remarks if remark.level is Level.ERROR]
    cases = [
        _failed(_file(remark), f"{remark.code} {remark.position or ''}".rstrip(), remark)
        for remark in failing
    ]
    told: dict[str, list[Remark]] = {one_line(file): [] for file in files}
    for remark in remarks:
        if remark.level is not Level.ERROR:
            told.setdefault(_file(remark), []).append(remark)
    wrong = {_file(remark) for remark in failing}
    cases += [_passed(name, name, found) for name, found in told.items() if found or name not in wrong]
    return document("cozeops validate", cases)


def _file(remark: Remark) -> str:
    return remark.position.file if remark.position else PROJECT


def _passed(group: str, name: str, told: Sequence[Remark]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"classname": group, "name": name, "time": "0"})
    if told:
        ElementTree.SubElement(case, "system-out").text = "\n".join(map(_line, told))
    return case


def _line(remark: Remark) -> str:
    where = f" at {remark.address}" if remark.address else ""
    return f"{remark.level}: {remark.code} {remark.name}{where}: {remark.text}"


def _failed(group: str, name: str, remark: Remark) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"classname": group, "name": name, "time": "0"})
    if remark.position:
        case.set("file", remark.position.file)
        case.set("line", str(remark.position.line))
    kind = " ".join(part for part in (remark.code, remark.name) if part)
    failure = ElementTree.SubElement(case, "failure", {"type": kind, "message": remark.message})
    where = f"{remark.position}: " if remark.position else ""
    failure.text = f"{where}{kind}: {remark.message}" + (f"\nhint: {remark.hint}" if remark.hint else "")
    return case


def document(name: str, cases: Sequence[ElementTree.Element]) -> str:
    """The whole file: one suite with these tests."""
    failures, errors = (sum(case.find(part) is not None for case in cases) for part in ("failure", "error"))
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors), "skipped": "0"}
    root = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **counts, "time": "0"})
    suite.extend(cases)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
