"""Draft and published copies: which channels a bot must go to, leave, or be published to again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cozeops.declare.codec import Fields
from cozeops.declare.fields import UNREADABLE
from cozeops.declare.kind import Kind
from cozeops.declare.rows import rows_of
from cozeops.engine.model.live import Live
from cozeops.frozen import frozen
from cozeops.values import MISSING

# One publish call reaches its channels within moments, not at one instant.
_SAME_MOMENT = 5


@frozen
class Publishing:
    """What publication needs. `reason` says why it is published (empty: it is not)."""

    before: tuple[str, ...]
    """Connectors in scope that it is on."""
    wanted: tuple[str, ...]
    leave: tuple[str, ...]
    reason: str = ""

    @property
    def moves(self) -> bool:
        """Whether the set of channels changes."""
        return set(self.before) != set(self.wanted)


def publishing(
    kind: Kind,
    wanted: tuple[str, ...],
    live: Live | None,
    names: Mapping[str, str],
    *,
    draft_changes: bool,
    asked: str = "",
    awaited: Collection[str] = (),
) -> Publishing:
    """Decide. `names` are the connectors as people call them.

    `asked` is a reason that does not show on the live side; `awaited` are connectors that this very draft
    was published to and that do not show it yet.
    """
    before = tuple(sorted(live.channels)) if live else ()
    leave = tuple(connector for connector in before if connector not in wanted)
    reason = ""
    if wanted and draft_changes:
        reason = "the draft changes"
    elif wanted and asked:
        reason = asked
    elif missing := [one for one in wanted if one not in before and one not in awaited]:
        reason = f"not yet live on {', '.join(names.get(one, one) for one in missing)}"
    elif live and (shown := tuple(one for one in wanted if one in before)):
        reason = _behind(kind, shown, live, names)
    return Publishing(before, wanted, leave, reason)


def _behind(kind: Kind, wanted: tuple[str, ...], live: Live, names: Mapping[str, str]) -> str:
    times = {connector: live.channels[connector] for connector in wanted}
    oldest = min(times, key=lambda connector: times[connector])
    if max(times.values()) - times[oldest] > _SAME_MOMENT:
        return f"{names.get(oldest, oldest)} has an older version than another channel"
    if live.published is not None:
        differing = copies_differ(kind, live.fields, live.published)
        return f"the draft differs from the published copy in {', '.join(differing)}" if differing else ""
    # No copy to compare: times decide, and equal times mean that nothing came after publishing.
    return "the draft was edited after it was published" if live.edited > times[oldest] else ""


def copies_differ(kind: Kind, draft: Fields, published: Fields) -> list[str]:
    """Labels of fields that are readable on both copies and differ."""
    return [
        row.label
        for row in rows_of(kind)
        if row.path in draft
        and UNREADABLE not in (draft[row.path], published.get(row.path, MISSING))
        and draft[row.path] != published.get(row.path, MISSING)
    ]
