"""Values against a model: pydantic decides what is wrong, this module says it in one readable sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from cozeops.codes import Code
from cozeops.declare.docs import description_of
from cozeops.declare.fields import Ref
from cozeops.declare.rows import unwrap
from cozeops.frozen import frozen
from cozeops.manifests.forms import branches_of, describe, fields_of, opened
from cozeops.manifests.project.checks_spec import NAME
from cozeops.manifests.resolve.manifest import Below, Written
from cozeops.manifests.wording import either, kind_of, label, nearest, printable, quoted, suggestion
from cozeops.manifests.yaml.document import BROKEN, Path
from cozeops.manifests.yaml.source import Problems


def validate(
    model: type[BaseModel], value: Any, written: Written, problems: Problems, *, base: str
) -> frozenset[str]:
    """The fields of `value` that do not fit the model: none, when it does.

    `written` knows the places of paths that begin in `value`.
    """
    try:
        model.__pydantic_validator__.validate_python(value)
    except ValidationError as error:
        _Telling(written, problems, base).tell(model, value, error)
        return frozenset(str(detail["loc"][0]) for detail in error.errors() if detail["loc"])
    return frozenset()


@frozen
class _Telling:
    """Turns what pydantic reports into problems."""

    written: Written
    problems: Problems
    base: str

    def tell(self, annotation: Any, value: Any, error: ValidationError) -> None:
        unions: set[Path] = set()
        details = [one for one in error.errors(include_url=False) if one["input"] is not BROKEN]
        strangers = [one["loc"] for one in details if one["type"] == "extra_forbidden"]
        for detail in details:
            if detail["type"] == "missing" and _misspelt(detail["loc"], strangers):
                continue  # one mistake, told once
            path, at, inside = _descend(annotation, value, detail["loc"])
            if len(branches_of(at)) > 1:
                if path not in unions:
                    unions.add(path)
                    self._union(at, inside, path)
            else:
                self._one(detail, path, at, inside)

    def _union(self, annotation: Any, value: Any, path: Path) -> None:
        """None of several forms fits: say what is wrong with the one that was probably meant."""
        if value is BROKEN:
            return
        branches = branches_of(annotation)
        if isinstance(value, dict) and value:
            models = [one for one in map(opened, branches) if _is_model(one)]
            meant = _meant(models, value)
            if meant is not None:
                below = _Telling(Below(self.written, path), self.problems, self._label(path))
                try:
                    TypeAdapter(meant).validate_python(value)
                except ValidationError as error:
                    below.tell(meant, value, error)
                return
            known = {name for model in models for name in model.model_fields}
            if set(value) <= known:
                message = f"{self._label(path)}: {' and '.join(map(quoted, value))} do not go together"
                hint = f"write {describe(annotation)}"
                self.problems.add(Code.RULE, self._place(path), message, hint)
                return
        wanted = describe(annotation)
        message = f"{self._label(path)} wants {wanted}; this is {self._what(value)}"
        hint = self._quoting(str, value, path) or f"write {wanted}"
        self.problems.add(Code.WRONG_TYPE, self._place(path), message, hint)

    def _one(self, detail: ErrorDetails, path: Path, at: Any, value: Any) -> None:
        kind = detail["type"]
        if kind == "extra_forbidden":
            self._unknown(path, at)
        elif kind == "missing":
            name = str(path[-1])
            place = self.written.place(path[:-1], key=True)
            hint = f"add {name}{_docstring(at, name)}"
            message = f"{self._label(path[:-1])} needs {quoted(name)}"
            self.problems.add(Code.MISSING_FIELD, place, message, hint)
        elif kind == "literal_error":
            self._choice(path, at, value)
        elif kind in _WANTED:
            wanted, asked = _WANTED[kind]
            ref = next((trait for trait in unwrap(at)[1] if isinstance(trait, Ref)), None)
            wanted = f"the name of a {ref.kind}" if ref else wanted
            message = f"{self._label(path)} wants {wanted}; this is {self._what(value)}"
            hint = self._quoting(asked, value, path) or f"write {_form(at)}"
            self.problems.add(Code.WRONG_TYPE, self._place(path), message, hint)
        elif kind == "string_pattern_mismatch":
            pattern = (detail.get("ctx") or {}).get("pattern", "")
            wanted = _PATTERNS.get(pattern, f"text that fits {pattern}")
            message = f"{self._label(path)}: {quoted(value)} is not {wanted}"
            self.problems.add(Code.BAD_VALUE, self._place(path), message, f"write {wanted}")
        else:
            bound = _bound(detail)
            message = f"{self._label(path)} is {quoted(value)}; it must be {bound}"
            self.problems.add(Code.BAD_VALUE, self._place(path), message, f"write a value that is {bound}")

    def _unknown(self, path: Path, at: Any) -> None:
        name = str(path[-1])
        known = at.model_fields if _is_model(at) else {}
        message = f"unknown field {quoted(name)} in {self._label(path[:-1])}"
        place = self.written.place(path, key=True)
        self.problems.add(Code.UNKNOWN_FIELD, place, message, suggestion(name, known, "fields here"))

    def _choice(self, path: Path, at: Any, value: Any) -> None:
        choices = [str(choice) for choice in get_args(opened(at))]
        near = nearest(str(value), choices)
        shown = f"{quoted(value)} is not" if isinstance(value, str) else f"{kind_of(value)} is not"
        message = f"{self._label(path)}: {shown} {either(choices)}"
        hint = f"did you mean {near}?" if near else f"write {either(choices)}"
        self.problems.add(Code.BAD_VALUE, self._place(path), message, hint)

    def _quoting(self, asked: type, value: Any, path: Path) -> str:
        """What to do about a scalar, list or map that stands where another is wanted."""
        if asked is str and isinstance(value, bool | int | float):
            raw = self.written.scalar(path) or quoted(value)
            where = f' where it is declared: "{quoted(value)}"' if "${" in raw else f': "{printable(raw)}"'
            return f"quote it{where}"
        if asked is bool and isinstance(value, str):
            meant = _BOOLEANS.get(value.casefold())
            return f"write {meant}, without quotes" if meant else "write true or false, without quotes"
        if asked in (int, float) and isinstance(value, str):
            return "write a number, without quotes"
        if asked is list and not isinstance(value, dict):
            return f"write a list: [{printable(str(value))[:40]}]"
        if isinstance(value, list) and len(value) == 1 and asked is not dict:
            return "write it without the list"
        return ""

    def _what(self, value: Any) -> str:
        if isinstance(value, dict) and value:
            return f"a map with {', '.join(map(quoted, list(value)[:5]))}"
        return kind_of(value)

    def _label(self, path: Sequence[str | int]) -> str:
        return label((self.base, *path))

    def _place(self, path: Path) -> Any:
        return self.written.place(path)


# Booleans to readers of YAML 1.1, texts to ours.
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "on"), "true"),
    **dict.fromkeys(("false", "no", "n", "off"), "false"),
}
_WANTED: dict[str, tuple[str, type]] = {
    "string_type": ("text", str),
    "int_type": ("a whole number", int),
    "int_from_float": ("a whole number", int),
    "float_type": ("a number", float),
    "bool_type": ("true or false", bool),
    "list_type": ("a list", list),
    "dict_type": ("a map", dict),
    "model_type": ("a map", dict),
    "model_attributes_type": ("a map", dict),
}
_PATTERNS = {
    r"^\d+$": 'an id (digits, in quotes: "7342866812345")',
    r"^https?://": "a web address (https://...)",
    NAME: "lower-case letters, digits and hyphens, such as no-deletes",
}


def _descend(annotation: Any, value: Any, loc: Sequence[str | int]) -> tuple[Path, Any, Any]:
    """Follow an error's `loc`: the path, what is declared there and the value, or the first union on it.

    For a missing or unknown field, what is declared is the model that it should be in.
    """
    path: Path = ()
    for step in loc:
        if len(branches_of(annotation)) > 1:
            break
        model = opened(annotation)
        if step == "[key]":
            break
        if _is_model(model):
            info = model.model_fields.get(step)
            path = (*path, step)
            if info is None or not isinstance(value, dict) or step not in value:
                return path, model, value
            annotation, value = fields_of(model)[str(step)], value[step]
            continue
        arguments = get_args(model)
        if not arguments or not isinstance(value, dict | list):
            break
        annotation = arguments[-1]
        path, value = (*path, step), value[step]  # type: ignore[index]
    return path, annotation, value


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _form(annotation: Any) -> str:
    """What to write where a value has the wrong type."""
    model = opened(annotation)
    if not _is_model(model):
        return describe(annotation)
    fields = model.model_fields
    first = next((name for name, info in fields.items() if info.is_required()), next(iter(fields)))
    more = ", ..." if len(fields) > 1 else ""
    return f"a map, such as {{{first}: ...{more}}}"


def _meant(models: list[type[BaseModel]], value: dict[str, Any]) -> type[BaseModel] | None:
    """The form with the most keys of `value`; None where no form has any, or two have different ones."""
    scores = [(sum(key in model.model_fields for key in value), model) for model in models]
    best = max((score for score, _ in scores), default=0)
    found = [model for score, model in scores if score == best]
    if best and len(found) == 1:
        rest = {key for key in value if key not in found[0].model_fields}
        elsewhere = {name for model in models for name in model.model_fields}
        return None if rest and rest <= elsewhere else found[0]
    if best:
        return None
    near = [model for model in models if any(nearest(key, model.model_fields) for key in value)]
    return near[0] if near else (models[0] if len(models) == 1 else None)


def _misspelt(loc: Path, strangers: Iterable[Path]) -> bool:
    """Whether a missing field is there under a wrong name."""
    return any(
        loc[:-1] == stranger[:-1] and nearest(str(stranger[-1]), [str(loc[-1])]) for stranger in strangers
    )


def _docstring(model: Any, name: str) -> str:
    info = model.model_fields.get(name) if _is_model(model) else None
    if info is None:
        return ""
    literal = get_args(opened(info.annotation)) if get_origin(opened(info.annotation)) is Literal else ()
    if literal:
        return f": {either(map(str, literal))}"
    description = description_of(model, name)
    return f": {description.splitlines()[0]}" if description else ""


def _bound(detail: ErrorDetails) -> str:
    context = detail.get("ctx") or {}
    for name, words in (("ge", "at least"), ("le", "at most"), ("gt", "more than"), ("lt", "less than")):
        if name in context:
            return f"{words} {context[name]}"
    if "min_length" in context:
        return f"at least {context['min_length']} long"
    return detail["msg"]
