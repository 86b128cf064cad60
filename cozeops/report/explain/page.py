"""`explain` in a terminal: kinds, fields and codes, as their declarations tell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO, get_origin

from cozeops.codes import Code, Severity, code_called
from cozeops.declare.kind import Kind
from cozeops.errors import UsageError
from cozeops.manifests.envelope import Metadata
from cozeops.manifests.wording import nearest, suggestion
from cozeops.report.explain.consequences import capabilities, consequences, identity, places
from cozeops.report.explain.declared import (
    Field,
    Root,
    fields_below,
    limits,
    marks,
    refers_to,
    roots,
    type_words,
)
from cozeops.report.explain.example import example_of, field_example
from cozeops.report.terminal.sheet import Sheet, Span

_WIDEST = 30
_METADATA = "metadata"
_CODES = "codes"
_EFFECTS = {Severity.BLOCK: "blocks apply", Severity.WARN: "warning", Severity.INFO: "note"}


def render_explanation(
    subject: str | None, stream: TextIO, *, width: int | None = None, color: bool | None = None
) -> None:
    """Explain a kind, a field, `metadata`, a code or `codes`; without a subject, what there is.

    Raises UsageError.
    """
    sheet = Sheet(stream, width=width, color=color)
    if not subject:
        _overview(sheet)
    elif subject == _CODES:
        _codes(sheet)
    elif code := code_called(subject):
        _code(sheet, code)
    else:
        _declaration(sheet, subject)


def _overview(sheet: Sheet) -> None:
    known = roots()
    widest = max(map(len, (*known, _METADATA)))
    sheet.line(Span("What `kind:` may name", "bold"))
    for name, root in known.items():
        _entry(sheet, name, root.summary, widest)
    sheet.blank()
    sheet.line(Span("What every manifest has", "bold"))
    _entry(sheet, _METADATA, "the name in the project, the workspace, labels, lifecycle", widest)
    sheet.blank()
    sheet.line("More: cozeops explain KIND, KIND.field.path, metadata, a code such as COZE105, or codes.")


def _entry(sheet: Sheet, name: str, words: str, widest: int) -> None:
    sheet.line(Span(name.ljust(widest), "place"), f"  {words}", indent=2, hang=widest + 2)


def _codes(sheet: Sheet) -> None:
    widest = max(len(code.slug) for code in Code)
    for title, problems in (("Problems of a project's files", True), ("Findings of a plan", False)):
        sheet.line(Span(title, "bold"))
        for code in Code:
            if code.is_problem is problems:
                words = code.summary if problems else f"({_EFFECTS[code.severity]}) {code.summary}"
                _entry(sheet, f"{code} {code.slug}", words, widest + len(code) + 1)
        sheet.blank()
    sheet.line("More about one of them: cozeops explain CODE.")


def _code(sheet: Sheet, code: Code) -> None:
    if code.is_problem:
        title, effect = str(code), "problem: apply and plan stop before anything is written"
    else:
        title, effect = f"{code} {code.slug}", _EFFECTS[code.severity]
    sheet.line(Span(title, "bold"), f" ({effect})")
    sheet.blank()
    sheet.line(code.explanation)
    if code.severity is Severity.BLOCK and not code.is_problem:
        sheet.blank()
        sheet.line(
            f"Review the plan, then: cozeops apply PLAN --ack {code} (or {code}@ADDRESS)."
            if code.acknowledgeable
            else "It cannot be acknowledged."
        )


def _declaration(sheet: Sheet, subject: str) -> None:
    head, *steps = subject.split(".")
    if head == _METADATA:
        anyone = Root("", "", Metadata)
        _field_or_all(sheet, anyone, [_METADATA, *steps])
        return
    root = _root_called(head)
    if steps and steps[0] not in ("spec", _METADATA):
        steps = ["spec", *steps]
    if steps in ([], ["spec"]):
        _kind(sheet, root)
    else:
        _field_or_all(sheet, root, steps)


def _root_called(name: str) -> Root:
    known = roots()
    if name in known:
        return known[name]
    hint = suggestion(name, [*known, _METADATA], "kinds")
    if best := nearest(name, [*Code, *(code.slug for code in Code if not code.is_problem), _CODES]):
        hint = f"did you mean {best}? {hint}" if "did you mean" not in hint else hint
    raise UsageError(f"there is no kind or code {name!r}", hint=hint)


def _field_or_all(sheet: Sheet, root: Root, steps: list[str]) -> None:
    model = root.metadata if steps[0] == _METADATA else root.spec
    fields = fields_below(root, (steps[0],), model)
    if len(steps) == 1:
        sheet.line(Span(_METADATA, "bold"))
        sheet.blank()
        _table(sheet, list(_opened(fields)))
        return
    found: Field | None = None
    for step in steps[1:]:
        known = {field.path[-1]: field for field in fields}
        if step not in known:
            above = found.label if found else steps[0]
            raise UsageError(
                f"{_named(root, above)} has no field {step!r}", hint=suggestion(step, known, "fields")
            )
        found, fields = known[step], known[step].fields()
    assert found is not None
    _field(sheet, found)


def _named(root: Root, label: str) -> str:
    return f"{root.name}.{label}" if root.name else label


def _kind(sheet: Sheet, root: Root) -> None:
    sheet.line(Span(root.name, "bold"), f": {root.summary}")
    sheet.blank()
    for words in (" ".join((root.spec.__doc__ or "").split()), *_abilities(root.kind)):
        sheet.line(words)
    sheet.blank()
    sheet.line(Span("Fields of spec", "bold"))
    _table(sheet, list(_opened(fields_below(root, ("spec",), root.spec))))
    sheet.blank()
    sheet.line(Span("Example", "bold"))
    for line in example_of(root).splitlines():
        sheet.line(line, indent=2)


def _abilities(kind: Kind | None) -> Iterator[str]:
    if kind:
        yield from identity(kind)
        yield from capabilities(kind)


def _opened(fields: Iterable[Field]) -> Iterator[Field]:
    """The fields with those inside groups; the forms of a text or a reference stay closed."""
    for field in fields:
        yield field
        if field.is_group:
            yield from _opened(field.fields())


def _table(sheet: Sheet, fields: list[Field]) -> None:
    names = [".".join(field.path[1:]) for field in fields]
    widest = min(max(map(len, names), default=0), _WIDEST)
    for field, name in zip(fields, names, strict=True):
        special = f" ({', '.join(marks(field))})" if marks(field) else ""
        sheet.line(
            Span(name.ljust(widest), "place"),
            "  ",
            Span(_closed_type(field), "dim"),
            Span(special, "update"),
            f": {field.description}" if field.description else "",
            indent=2,
            hang=widest + 2,
        )


def _closed_type(field: Field) -> str:
    """The type of a field whose inner fields are listed below it."""
    if not field.is_group:
        return type_words(field.annotation)
    return {list: "a list of groups", dict: "a map of groups"}.get(get_origin(field.bare), "a group")


def _field(sheet: Sheet, field: Field) -> None:
    sheet.line(Span(_named(field.root, field.label), "bold"))
    if field.description:
        sheet.blank()
        sheet.line(field.description)
    sheet.blank()
    for name, words in _facts(field):
        sheet.line(Span(name.ljust(9), "dim"), words, hang=9)
    said = list(consequences(field))
    if said:
        sheet.blank()
    for words in said:
        sheet.line(f"- {words}", hang=2)
    if inside := list(_opened(field.fields())):
        sheet.blank()
        sheet.line(Span("Fields inside" if field.is_group else "Fields of its forms", "bold"))
        _table(sheet, inside)
    sheet.blank()
    sheet.line(Span("example  ", "dim"), field_example(field), hang=9)


def _facts(field: Field) -> Iterator[tuple[str, str]]:
    yield "type", type_words(field.annotation)
    if found := marks(field):
        yield "marks", ", ".join(found)
    if not field.required and field.info.default is not None:
        yield "default", str(field.info.default)
    if found := limits(field):
        yield "limits", "; ".join(found)
    if ref := refers_to(field):
        also = f"; {' and '.join(ref.builtin)} need none" if ref.builtin else ""
        yield "names", f"{ref.kind} resources{also}"
    for number, place in enumerate(places(field)):
        yield "on Coze" if number == 0 else "", place
