"""Carrying out checks: every repetition a conversation of its own, many at once, all of them judged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from functools import partial
from threading import Event as Flag

from cozeops.address import Address
from cozeops.declare.resource import Resource
from cozeops.engine.check.answer import Answer, NoAnswerError
from cozeops.engine.check.conversation import PUBLISHED, BotCopy, Conversation, Talker, run_workflow
from cozeops.engine.check.expectations import Ids, Miss, judge
from cozeops.engine.check.noted import NoNotes, Notes
from cozeops.engine.observe.threads import begun, results_until
from cozeops.engine.policy.secrets import hidden
from cozeops.errors import ExitCode
from cozeops.frozen import frozen
from cozeops.kinds.parts.json_schema import demand_library
from cozeops.kinds.parts.patterns import demand_patterns
from cozeops.values import Json, canonical

CHECK = "Check"
TRIES = 2
"""Conversations that are begun for one repetition, where what went wrong may pass."""
_SECONDS = 60
_GRACE = 1.0
"""Seconds that conversations have to end once they are told to; those that do not are left to themselves."""


class Verdict(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NO_RESULT = "no result"
    """Nobody answered, too often to tell: neither passed nor failed."""


@frozen
class Turn:
    """What was said, the answer, and the expectations that it misses."""

    asked: str
    said: Answer
    misses: tuple[Miss, ...] = ()


@frozen
class Attempt:
    """One repetition. `trouble` says why it came to no end (empty: it did)."""

    turns: tuple[Turn, ...] = ()
    trouble: str = ""
    hint: str = ""
    denied: bool = False
    left: tuple[str, ...] = ()
    """Ids of conversations that could not be removed."""
    unanswered: str = ""
    """What was said last, and never answered."""

    @property
    def verdict(self) -> Verdict:
        """A miss is a failure, also where a later turn was never answered."""
        if any(turn.misses for turn in self.turns):
            return Verdict.FAILED
        return Verdict.NO_RESULT if self.trouble else Verdict.PASSED


@frozen
class Result:
    """What came of one check with one copy."""

    check: Address
    about: Address
    copy: str
    attempts: tuple[Attempt, ...]
    needed: int
    """How many of the attempts must pass."""
    seconds: float = 0.0

    @property
    def passed(self) -> int:
        """How many of the attempts passed."""
        return sum(one.verdict is Verdict.PASSED for one in self.attempts)

    @property
    def verdict(self) -> Verdict:
        """Failed where enough attempts failed, whatever the others would have been."""
        open = sum(one.verdict is Verdict.NO_RESULT for one in self.attempts)
        if self.passed >= self.needed:
            return Verdict.PASSED
        return Verdict.NO_RESULT if self.passed + open >= self.needed else Verdict.FAILED

    @property
    def telling(self) -> Attempt:
        """The attempt that shows why it ended as it did: one that failed, else one without a result."""
        order = (Verdict.FAILED, Verdict.NO_RESULT, Verdict.PASSED)
        return min(self.attempts, key=lambda one: order.index(one.verdict))

    @property
    def why(self) -> str:
        """The first reason why it did not pass, on one line; empty where it did."""
        if self.verdict is Verdict.PASSED:
            return ""
        missed = [str(one) for turn in self.telling.turns for one in turn.misses]
        return missed[0] if missed else self.telling.trouble

    @property
    def denied(self) -> bool:
        """Whether the token may not talk."""
        return any(one.denied for one in self.attempts)


_ABANDONED = (Attempt(trouble="cancelled"), 0.0)


@frozen
class Talking:
    """How checks are carried out."""

    remote: Talker
    parallelism: int = 4
    listen: Callable[[Result], object] = id
    """Told each result as it comes."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    stop: Flag = field(default_factory=Flag)
    secrets: tuple[str, ...] = ()
    """What no report may show."""
    notes: Notes = field(default_factory=NoNotes)
    """Where its conversations are noted until they are removed."""


def is_check(resource: Resource) -> bool:
    """Whether a resource is a check."""
    return resource.kind.name == CHECK


def about(check: Resource) -> Address:
    """The bot or workflow that a check is about."""
    found: Address = (check.values.get("bot") or check.values["workflow"]).address
    return found


def run_checks(
    checks: Iterable[Resource],
    copies: Sequence[BotCopy],
    ids: Mapping[Address, str],
    talking: Talking,
    *,
    missing: Mapping[Address, str] | None = None,
) -> list[Result]:
    """Carry out each check with each copy, in this order; a workflow has one that can run.

    `ids` are those of everything that the checks name; `missing` says why something has none.
    Raises UsageError where what they need is not installed.
    """
    wanted = list(checks)
    _demand_libraries([expect for one in wanted for expect in _expectations(one)])
    jobs = [(one, copy) for one in wanted for copy in (copies if "bot" in one.values else [PUBLISHED])]
    errands = [
        partial(_attempt, one, copy, ids, missing or {}, talking)
        for one, copy in jobs
        for _ in range(_repeat(one))
    ]
    made = results_until(begun(talking.parallelism, errands, CHECK.lower()), talking.stop, _GRACE)
    return [
        _result(one, copy, [next(made) or _ABANDONED for _ in range(_repeat(one))], talking)
        for one, copy in jobs
    ]


def _demand_libraries(expectations: Sequence[Json]) -> None:
    schemas = any("json_schema" in one for one in expectations)
    if schemas:
        demand_library()
    if schemas or any(
        "matches" in one or any("matches" in value for value in one.get("json_values", ()))
        for one in expectations
    ):
        demand_patterns()


def _result(
    check: Resource, copy: BotCopy, made: Sequence[tuple[Attempt, float]], talking: Talking
) -> Result:
    result = Result(
        check=check.address,
        about=about(check),
        copy=copy.name,
        attempts=tuple(attempt for attempt, _ in made),
        needed=_needed(check),
        seconds=sum(seconds for _, seconds in made),
    )
    talking.listen(result)
    return result


def _expectations(check: Resource) -> list[Json]:
    turns = check.values.get("turns") or [check.values]
    return [turn["expect"] for turn in turns if turn.get("expect")]


def _repeat(check: Resource) -> int:
    return int(check.values.get("repeat", 1))


def _needed(check: Resource) -> int:
    share = int(check.values.get("pass_share", "100%").removesuffix("%"))
    return math.ceil(_repeat(check) * share / 100)


def _attempt(
    check: Resource,
    copy: BotCopy,
    ids: Mapping[Address, str],
    missing: Mapping[Address, str],
    talking: Talking,
) -> tuple[Attempt, float]:
    """One repetition, and how long it took."""
    began, left = talking.clock(), list[str]()
    for number in range(TRIES):
        if talking.stop.is_set():
            made = Attempt(trouble="cancelled")
            break
        made, passing = _once(check, copy, ids, missing, talking)
        left += made.left
        if not passing or number + 1 == TRIES:
            break
    return _without_secrets(replace(made, left=tuple(left)), talking.secrets), talking.clock() - began


def _once(
    check: Resource,
    copy: BotCopy,
    ids: Mapping[Address, str],
    missing: Mapping[Address, str],
    talking: Talking,
) -> tuple[Attempt, bool]:
    """One repetition, once; and whether another try may go better."""
    subject = about(check)
    if subject not in ids:
        return Attempt(trouble=missing.get(subject, f"{subject} is not on Coze")), False
    known = {str(address): id for address, id in ids.items()}
    if "workflow" in check.values:
        return _run(check, ids[subject], known, talking)
    return _converse(
        check,
        Conversation(
            talking.remote,
            ids[subject],
            copy,
            variables=check.values.get("variables", {}),
            stream=check.values.get("stream", False),
            seconds=check.values.get("timeout_seconds", _SECONDS),
            sleep=talking.sleep,
            clock=talking.clock,
            notes=talking.notes,
        ),
        known,
    )


def _converse(check: Resource, conversation: Conversation, ids: Ids) -> tuple[Attempt, bool]:
    turns: list[Turn] = []
    asked = ""
    try:
        with conversation.open():
            for turn in check.values["turns"]:
                asked = turn["say"]
                said = conversation.ask(asked)
                turns.append(Turn(asked, said, tuple(judge(turn.get("expect", {}), said, ids))))
    except NoAnswerError as error:
        return _failed(error, turns, asked, conversation.left)
    return Attempt(tuple(turns), left=_left(conversation.left)), False


def _run(check: Resource, workflow: str, ids: Ids, talking: Talking) -> tuple[Attempt, bool]:
    asked = _parameters(check)
    try:
        said = run_workflow(
            talking.remote,
            workflow,
            check.values.get("parameters", {}),
            stream=check.values.get("stream", False),
            seconds=check.values.get("timeout_seconds", _SECONDS),
            clock=talking.clock,
        )
    except NoAnswerError as error:
        return _failed(error, [], asked, "")
    return Attempt((Turn(asked, said, tuple(judge(check.values["expect"], said, ids))),)), False


def _failed(error: NoAnswerError, turns: Sequence[Turn], asked: str, left: str) -> tuple[Attempt, bool]:
    made = Attempt(tuple(turns), error.message, error.hint, error.denied, _left(left), asked)
    return made, error.passing


def _left(conversation: str) -> tuple[str, ...]:
    return (conversation,) if conversation else ()


def _parameters(check: Resource) -> str:
    return canonical(check.values.get("parameters", {}))


def _without_secrets(attempt: Attempt, secrets: Sequence[str]) -> Attempt:
    """The attempt as it may be shown."""

    def shown(text: str) -> str:
        return hidden(text, secrets)

    turns = tuple(
        Turn(
            shown(turn.asked),
            replace(
                turn.said, answer=shown(turn.said.answer), follow_ups=tuple(map(shown, turn.said.follow_ups))
            ),
            tuple(Miss(one.expectation, shown(one.wanted), shown(one.found)) for one in turn.misses),
        )
        for turn in attempt.turns
    )
    return replace(attempt, turns=turns, trouble=shown(attempt.trouble), unanswered=shown(attempt.unanswered))


@frozen
class Checked:
    """What came of all checks of a run; `compared` are those that were done with another copy, too."""

    environment: str
    base_url: str
    copy: str
    results: tuple[Result, ...]
    compared: Mapping[Address, Result] = field(default_factory=dict)
    project: str = ""
    shard: str = ""

    @property
    def pairs(self) -> list[tuple[Result, Result | None]]:
        """Each result with that of the other copy."""
        return [(one, self.compared.get(one.check)) for one in self.results]

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many checks ended how."""
        return {verdict: sum(one.verdict is verdict for one in self.results) for verdict in Verdict}

    @property
    def exit_code(self) -> ExitCode:
        """5 when a check failed, 1 (or 4 for the token) when one came to no result."""
        if any(one.denied for one in self.results if one.verdict is Verdict.NO_RESULT):
            return ExitCode.ACCESS
        if self.counts[Verdict.FAILED]:
            return ExitCode.BLOCKED
        return ExitCode.ERROR if self.counts[Verdict.NO_RESULT] else ExitCode.OK
