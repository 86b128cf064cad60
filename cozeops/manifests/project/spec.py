"""cozeops.yaml: the Project document, its environments, and the settings of the one that is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from cozeops.codes import Code
from cozeops.declare.fields import Spec
from cozeops.frozen import frozen
from cozeops.manifests.project.checks_spec import ChecksSpec, check_commands
from cozeops.manifests.resolve.interpolate import Scope, fill_all, merged
from cozeops.manifests.resolve.manifest import Below
from cozeops.manifests.validate import validate
from cozeops.manifests.wording import either, label, printable, quoted, suggestion
from cozeops.manifests.yaml.document import BROKEN, Document, Path
from cozeops.manifests.yaml.source import Problems
from cozeops.values import Json, Secret

DEFAULT = "default"
_SPEC: Path = ("spec",)
_SHARE = re.compile(r"(?:100|[0-9]{1,2})%")
_ADDRESS = re.compile(r"https?://[^\s/]+.*")


STATE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "local": ("path",),
    "git": ("branch", "remote"),
    "s3": ("bucket", "key", "endpoint", "region"),
}
"""Backend -> the fields that its block may have besides `backend`."""


class StateSpec(Spec):
    """Where the memory between runs is kept."""

    backend: Literal["local", "git", "s3"]
    """A file of this machine, a branch of the project's remote, or a store of objects."""
    path: str | None = None
    """local: the folder, below the project's root."""
    branch: str | None = None
    """git: the branch (cozeops-state)."""
    remote: str | None = None
    """git: the remote, as the project's Git configuration names it (origin)."""
    bucket: str | None = None
    """s3: the bucket."""
    key: str | None = None
    """s3: what the object's name is made from; it may contain {env}."""
    endpoint: str | None = None
    """s3: the store, where it is not Amazon's."""
    region: str | None = None
    """s3: the region."""


class ExpectSpec(Spec):
    """What the live side must be; anything else blocks."""

    user: str | None = None
    """The id of the token's user."""
    workspaces: dict[str, str] | None = None
    """Workspace resources with their ids on Coze."""


class ThresholdsSpec(Spec):
    """How much one apply may change: a number, or a share such as 30%."""

    create: int | str | None = None
    update: int | str | None = None
    publish: int | str | None = None
    unpublish: int | str | None = None
    delete: int | str | None = None


class EnterpriseSpec(Spec):
    """What operations on an enterprise need for themselves."""

    token: str | None = None
    """`${env:NAME}`: the environment variable that holds the token for them."""


class GateSpec(Spec):
    """What must hold before users get a change. Checks are resources: `cozeops explain Check`."""

    checks: Literal["before", "after"] | None = None
    """`before`: the draft passes its Checks, or is not published. `after`: so does the published copy, or the
    bot goes back. What `apply --check` asks for in one run."""
    passed_in: str | None = None
    """An environment whose state must say that the same content passed its checks there."""


class SettingsSpec(Spec):
    """Settings that the project has, and each environment may have for itself."""

    values: dict[str, Any] | None = None
    """For `${values.x}`."""
    base_url: str | None = None
    """The API, such as https://api.coze.cn."""
    token: str | None = None
    """`${env:NAME}`: the environment variable that holds the token."""
    enterprise: EnterpriseSpec | None = None
    """Absent: `token` serves for the enterprise too."""
    state: StateSpec | None = None
    """Absent: no state."""
    expect: ExpectSpec | None = None
    thresholds: ThresholdsSpec | None = None
    checks: ChecksSpec | None = None
    """An environment's own are laid upon the project's."""
    gate: GateSpec | None = None
    """Absent: nobody talks to a bot before it is published."""


class EnvironmentSpec(SettingsSpec):
    """One environment: what differs from the project."""

    default: bool | None = None
    """Whether it is meant when no `--env` is given."""
    patches: list[str] | None = None
    """Folders or files with partial documents, applied in this order."""
    manifests: list[str] | None = None
    """Folders or files with documents that only this environment has."""


class ProjectSpec(SettingsSpec):
    """A project: where its manifests are, and its environments."""

    manifests: list[str] | None = None
    """Folders or files; absent: everything below the root."""
    environments: dict[str, EnvironmentSpec] | None = None


@frozen
class Settings:
    """The settings of the chosen environment, references filled."""

    base_url: str | None = None
    token: Secret | None = None
    enterprise_token: Secret | None = None
    state: Mapping[str, Any] | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    checks: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] = field(default_factory=dict)
    """With `evidence`: the state block of the environment that `passed_in` names."""


@frozen(eq=False)
class Setup:
    """The Project document, read for one environment. Paths lead to the entries of the document."""

    name: str
    environment: str = DEFAULT
    settings: Settings = Settings()
    values: Mapping[str, Any] = field(default_factory=dict)
    document: Document | None = None
    manifests: tuple[Path, ...] | None = None
    """None: everything below the root."""
    own_manifests: tuple[Path, ...] = ()
    patches: tuple[Path, ...] = ()
    set_apart: tuple[Path, ...] = ()
    """What is not read as manifests of all: patches and own manifests of every environment."""


def choose(document: Document, wanted: str | None, problems: Problems) -> str | None:
    """The name of the environment that is meant; None where nobody can know."""
    environments: Json = document.data.get("spec", {}).get("environments") or {}
    where = document.place(("spec", "environments"), key=True)
    known = ", ".join(printable(name) for name in environments)
    if wanted is not None and wanted not in environments:
        if not environments and wanted == DEFAULT:
            return DEFAULT
        hint = suggestion(wanted, environments, "environments")
        problems.add(Code.ENVIRONMENT, where, f"there is no environment {quoted(wanted)}", hint)
        return None
    if wanted is not None or not environments:
        return wanted or DEFAULT
    defaults = [name for name, spec in environments.items() if spec.get("default")]
    if len(defaults) == 1:
        return defaults[0]
    if defaults:
        second = document.place(("spec", "environments", defaults[1], "default"))
        message = f"{' and '.join(map(printable, defaults))} are both default: true"
        problems.add(Code.ENVIRONMENT, second, message, "keep one, or choose with --env")
    else:
        problems.add(Code.ENVIRONMENT, where, "which environment?", f"choose with --env: {known}")
    return None


def set_up(
    document: Document, name: str, environment: str, environ: Mapping[str, str], problems: Problems
) -> Setup:
    """The project as one environment sees it."""
    spec: Json = document.data.get("spec", {})
    own: Json = (spec.get("environments") or {}).get(environment, {})
    here: Path = ("spec", "environments", environment)
    check_gate(document, environment, problems)
    reader = _Reader(document, environ, problems)
    values = merged(reader.filled(_SPEC, spec, "values") or {}, reader.filled(here, own, "values") or {})
    reader.values = values
    return Setup(
        name=name,
        environment=environment,
        settings=reader.settings([(here, own), (_SPEC, spec)]),
        values=values,
        document=document,
        manifests=_entries(_SPEC, spec, "manifests") if "manifests" in spec else None,
        own_manifests=_entries(here, own, "manifests"),
        patches=_entries(here, own, "patches"),
        set_apart=tuple(_set_apart(spec.get("environments") or {})),
    )


def check_gate(document: Document, environment: str, problems: Problems) -> None:
    """Tell of evidence that nobody could give: another environment keeps it in its state."""
    spec: Json = document.data.get("spec", {})
    environments: Json = spec.get("environments") or {}
    for path, level in (
        (("spec", "environments", environment), environments.get(environment, {})),
        (_SPEC, spec),
    ):
        wanted = (level.get("gate") or {}).get("passed_in")
        if wanted is None:
            continue
        place = document.place((*path, "gate", "passed_in"))
        if wanted not in environments or wanted == environment:
            others = [name for name in environments if name != environment]
            what = "is this environment" if wanted == environment else "is no environment"
            problems.add(
                Code.GATE, place, f"{quoted(wanted)} {what}", suggestion(wanted, others, "environments")
            )
        elif not (environments[wanted].get("state") or spec.get("state")):
            message = f"{quoted(wanted)} keeps no state: nothing can say what passed there"
            problems.add(
                Code.GATE, place, message, "give it a state that both can read, such as {backend: git}"
            )
        return


def _entries(base: Path, spec: Json, name: str) -> tuple[Path, ...]:
    return tuple((*base, name, index) for index in range(len(spec.get(name) or [])))


def _set_apart(environments: Json) -> list[Path]:
    return [
        path
        for name, spec in environments.items()
        for part in ("patches", "manifests")
        for path in _entries(("spec", "environments", name), spec, part)
    ]


class _Reader:
    """Reads settings, the environment's own before the project's, and fills their references."""

    def __init__(self, document: Document, environ: Mapping[str, str], problems: Problems) -> None:
        self._document = document
        self._environ = environ
        self._problems = problems
        self.values: Json = {}

    def settings(self, levels: list[tuple[Path, Json]]) -> Settings:
        """The settings; the first level that has one decides."""

        def setting(name: str, *, secret: bool = False) -> Any:
            for path, spec in levels:
                if name in spec:
                    value = self.filled(path, spec, name, secret=secret)
                    # What a reference became may be of another type than the text that it stood in.
                    written, base = Below(self._document, path), label(path)
                    bad = validate(SettingsSpec, {name: value}, written, self._problems, base=base)
                    return None if bad else value
            return None

        for path, spec in levels:
            self._check_token(path, spec)
            self._check_token((*path, "enterprise"), spec.get("enterprise") or {})
        token = setting("token", secret=True)
        enterprise_token = (setting("enterprise", secret=True) or {}).get("token")
        base_url = setting("base_url")
        thresholds = setting("thresholds") or {}
        state = setting("state")
        self._check(levels, base_url, thresholds)
        self._check_state(levels, state or {})
        return Settings(
            base_url=base_url.rstrip("/") if isinstance(base_url, str) else None,
            token=Secret(token) if isinstance(token, str) else None,
            enterprise_token=Secret(enterprise_token) if isinstance(enterprise_token, str) else None,
            state=state,
            expect=setting("expect") or {},
            thresholds=thresholds,
            checks=self._checks(levels),
            gate=self._gate(setting("gate") or {}),
        )

    def _gate(self, gate: Json) -> Json:
        """The gate, with the place where its evidence is kept."""
        spec: Json = self._document.data.get("spec", {})
        other: Json = (spec.get("environments") or {}).get(gate.get("passed_in"), {})
        if not other:
            return gate
        here: Path = ("spec", "environments", str(gate["passed_in"]))
        path, level = (here, other) if "state" in other else (_SPEC, spec)
        mine = self.values
        self.values = merged(
            self.filled(_SPEC, spec, "values") or {}, self.filled(here, other, "values") or {}
        )
        evidence, self.values = self.filled(path, level, "state"), mine
        return {**gate, "evidence": evidence}

    def _checks(self, levels: list[tuple[Path, Json]]) -> Json:
        checks: Json = {}
        for path, spec in reversed(levels):
            own = self.filled(path, spec, "checks") or {}
            check_commands(own.get("commands") or [], self._document, (*path, "checks"), self._problems)
            checks = merged(checks, own)
        return checks

    def filled(self, path: Path, spec: Json, name: str, *, secret: bool = False) -> Any:
        """A field of the document with its references filled."""
        scope = Scope(self.values, self._environ, secret=secret)

        def refuse(inner: Path, refused: Any) -> None:
            self._problems.refuse(refused, self._document.place((*path, name, *inner)))

        return fill_all(spec.get(name), scope, refuse)

    def _check_token(self, path: Path, spec: Json) -> None:
        if "token" in spec and "${env:" not in spec["token"]:
            self._problems.add(
                Code.BAD_VALUE,
                self._document.place((*path, "token")),
                "a token does not belong in a file",
                "write token: ${env:NAME}, and revoke this one if it was real",
            )

    def _check_state(self, levels: list[tuple[Path, Json]], state: Json) -> None:
        known = STATE_FIELDS.get(state.get("backend", ""), ())
        for name in state:
            if name != "backend" and name not in known:
                path = next(path for path, spec in levels if "state" in spec)
                self._problems.add(
                    Code.RULE,
                    self._document.place((*path, "state", name), key=True),
                    f"the backend {state['backend']} has no {name}",
                    f"it has {either(known)}",
                )

    def _check(self, levels: list[tuple[Path, Json]], base_url: Any, thresholds: Json) -> None:
        if isinstance(base_url, str) and not _ADDRESS.fullmatch(base_url):
            path = next(path for path, spec in levels if "base_url" in spec)
            self._problems.add(
                Code.BAD_VALUE,
                self._document.place((*path, "base_url")),
                f"{quoted(base_url)} is not a web address",
                "write it with its scheme, such as https://api.coze.cn",
            )
        for name, limit in thresholds.items():
            if limit is BROKEN or (isinstance(limit, int) and limit >= 0):
                continue
            if isinstance(limit, str) and _SHARE.fullmatch(limit):
                continue
            path = next(path for path, spec in levels if "thresholds" in spec)
            self._problems.add(
                Code.BAD_VALUE,
                self._document.place((*path, "thresholds", name)),
                f"{quoted(limit)} is not a threshold",
                "write a number such as 2, or a share such as 30%",
            )
