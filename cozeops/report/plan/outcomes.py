"""The end of an apply: what did not work out, how many did, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from cozeops.engine.model.outcome import Outcome, Status
from cozeops.engine.model.plan import Plan
from cozeops.report import words
from cozeops.report.terminal.safe import one_line
from cozeops.report.terminal.sheet import Sheet, Span

STYLE = {
    Status.DONE: "create",
    Status.PENDING: "warn",
    Status.STALE: "warn",
    Status.FAILED: "block",
    Status.UNKNOWN: "block",
    Status.HELD: "block",
    Status.SKIPPED: "dim",
}
NEXT = {
    Status.FAILED: "Mend what failed and apply again: what is done is not done twice.",
    Status.UNKNOWN: "A write may or may not have happened: plan again to see what is there.",
    Status.STALE: "The live side moved and was left alone: plan again, review, apply.",
    Status.PENDING: "Coze is still at work: plan again in a while to see that nothing is left.",
    Status.HELD: "Users have what they had before; the draft has the new text. Mend it and apply again.",
    Status.SKIPPED: "What was skipped is planned again by the next run.",
}
ORDER = (Status.FAILED, Status.UNKNOWN, Status.HELD, Status.STALE, Status.PENDING, Status.SKIPPED)


def render_outcomes(
    plan: Plan,
    outcomes: Sequence[Outcome],
    stream: TextIO,
    *,
    width: int | None = None,
    color: bool | None = None,
    verbose: bool = False,
) -> None:
    """Write a line per change that is not done (with `verbose`: every change), counts, and what is next."""
    sheet = Sheet(stream, width=width, color=color)
    for status in (Status.DONE, *ORDER) if verbose else ORDER:
        for outcome in outcomes:
            if outcome.status is status:
                _outcome(sheet, outcome)
    counts = Counter(outcome.status for outcome in outcomes)
    told = [f"{counts[status]} {status.value}" for status in (Status.DONE, *ORDER) if counts[status]]
    clean = counts[Status.DONE] == len(outcomes)
    total = f"Applied: {', '.join(told)}." if told else "Applied: nothing was to be done."
    sheet.line(Span(total, "create" if clean else "bold"), hang=2)
    if clean and (news := words.reach(plan, outcomes)):
        sheet.line(one_line(news), hang=2)
    for status in ORDER:
        if counts[status] and not (status is Status.SKIPPED and len(counts) > 2):
            sheet.line(NEXT[status], hang=2)


def _outcome(sheet: Sheet, outcome: Outcome) -> None:
    head = [
        Span(f"{outcome.status.value:<7} ", STYLE[outcome.status]),
        Span(one_line(str(outcome.address)), "bold"),
    ]
    if outcome.message:
        head.append(Span(f": {one_line(outcome.message)}"))
    if outcome.status is Status.FAILED and outcome.wrote:
        head.append(Span(" (in part: some of it was written)", "dim"))
    if outcome.status is Status.DONE:
        head.append(Span(f"  {outcome.seconds:.1f}s", "dim"))
    sheet.line(*head, hang=8)
    if outcome.hint:
        sheet.line(Span("hint: ", "dim"), one_line(outcome.hint), indent=8, hang=6)
    if outcome.log_id:
        sheet.line(Span(f"log id: {one_line(outcome.log_id)}", "dim"), indent=8, hang=2)
