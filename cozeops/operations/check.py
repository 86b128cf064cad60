"""Check: talk to the bots, and compare what they say with what the project's Checks expect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.engine.check.conversation import BotCopy
from cozeops.engine.check.runner import Checked, Result, Talking, about, is_check, run_checks
from cozeops.engine.check.selection import identified
from cozeops.engine.plan.shards import answered
from cozeops.errors import ExitCode, UsageError
from cozeops.frozen import frozen
from cozeops.operations.conversations import noted, remove_left_behind
from cozeops.operations.handles import named
from cozeops.operations.project import labels_of
from cozeops.operations.state import recall

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource
    from cozeops.engine.plan.shards import Shard
    from cozeops.manifests.load import Project
    from cozeops.operations.live_project import LiveProject


@frozen
class CheckRequest:
    """Which Checks are run, and against which copies."""

    target: tuple[str, ...] = ()
    """Addresses of Checks, or of what they are about; empty: all."""
    selector: tuple[str, ...] = ()
    """Labels of Checks as `key=value`."""
    copy: str = "draft"
    """`draft`, `published` or a version of one bot."""
    compare: str = ""
    """Another copy that is talked to as well."""
    parallelism: int = 4
    """Conversations at a time."""


@frozen
class Conversations:
    """What a request comes to in a project."""

    checks: tuple[Resource, ...]
    copies: tuple[BotCopy, ...]
    parallelism: int

    @property
    def results(self) -> int:
        """How many results there will be: a workflow has one copy that can run."""
        return sum(len(self.copies) if "bot" in check.values else 1 for check in self.checks)


def conversations_of(project: Project, request: CheckRequest, shard: Shard | None = None) -> Conversations:
    """What will be talked about and with whom, before anybody is connected. Raises UsageError."""
    checks = _chosen(project, request, shard)
    return Conversations(checks, _copies(request, checks), request.parallelism)


@frozen
class Subjects:
    """What the checks are about, as the live side has it."""

    ids: Mapping[Address, str]
    missing: Mapping[Address, str]
    """Why something has no id."""


def look_up(live: LiveProject, planned: Conversations) -> Subjects:
    """Find what will be talked to, and remove conversations that an earlier run left.

    It may be interrupted at any moment. Raises ApiError, StateError.
    """
    remove_left_behind(live)
    prior = recall(live)
    records = prior.known(live.project.resources) if prior else None
    return Subjects(*identified(planned.checks, live.project.resources, live.client, records))


def hold(
    live: LiveProject, planned: Conversations, subjects: Subjects, listen: Callable[[Result], object]
) -> Checked:
    """Talk, and judge the answers. Raises ApiError; it changes nothing on Coze."""
    host = live.host
    with noted(live) as notes:
        talking = Talking(
            live.client,
            planned.parallelism,
            listen,
            sleep=host.sleep,
            stop=host.stop,
            secrets=live.secrets,
            notes=notes,
        )
        results = run_checks(planned.checks, planned.copies, subjects.ids, talking, missing=subjects.missing)
    first = {result.check: result for result in reversed(results)}
    return Checked(
        environment=live.project.environment,
        base_url=live.client.base_url,
        copy=planned.copies[0].name,
        results=tuple(first.values())[::-1],
        compared={result.check: result for result in results if result is not first[result.check]},
        project=live.project.name,
        shard=str(live.shard or ""),
    )


def exit_code_of(checked: Checked, live: LiveProject) -> ExitCode:
    """What the command line ends with."""
    return ExitCode.CANCELLED if live.host.stop.is_set() else checked.exit_code


def _chosen(project: Project, request: CheckRequest, shard: Shard | None) -> tuple[Resource, ...]:
    checks = [resource for resource in project.resources if is_check(resource)]
    relevant = {address for check in checks for address in (check.address, about(check))}
    wanted, labels = set[Address](), labels_of(request.selector)
    for text in request.target:
        meant = relevant.intersection(named([text], project.resources))
        if not meant:
            known = ", ".join(str(check.address) for check in checks[:8])
            hint = f"there is {known}" if known else "the project has no Check"
            raise UsageError(f"{text} is no Check, and no Check is about it", hint=hint)
        wanted |= meant
    own = answered(project.resources, shard)
    return tuple(
        check
        for check in checks
        if check.address in own
        and (not wanted or check.address in wanted or about(check) in wanted)
        and labels.items() <= check.labels.items()
    )


def _copies(request: CheckRequest, checks: tuple[Resource, ...]) -> tuple[BotCopy, ...]:
    if request.copy == request.compare:
        raise UsageError(
            f"--of and --compare are both {request.copy}", hint="compare the draft with published, say"
        )
    names = [name for name in (request.copy, request.compare) if name]
    for name in names:
        if name in ("draft", "published"):
            continue
        if not name.isdecimal():
            raise UsageError(f"{name} is no copy of a bot", hint="draft, published, or a version (digits)")
        if len({about(check) for check in checks}) > 1:
            raise UsageError(f"version {name} is of one bot", hint="say which with --target Bot/NAME")
    return tuple(BotCopy(name) for name in names)
