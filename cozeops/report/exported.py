"""What an export could not say, as the Markdown file beside it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from cozeops.address import Address
from cozeops.engine.export.documents import Exported
from cozeops.engine.export.scan import Skipped
from cozeops.kinds import kinds
from cozeops.report.forms.inert import code, prose

_ALWAYS = """\
No call of Coze's API lists these, so nothing of them is here:

- custom channels: `publish` names only `api` and `chat_sdk`. Where a bot is on others too, declare a
  Connector with the channel's id and add it to `publish` and to the workspace's `connectors`; until then the
  next publication leaves them with the older version;
- stores and other channels that the API does not publish to. They are never touched;
- collaborators, and the collaboration mode;
- apps, and workflows that no bot uses: the API neither makes nor changes them;
- devices of channels, and values of variables: no list says who has some;
- the people of an enterprise, and what an organization is for.

What lives in no workspace (callback apps, organizations, quotas, voices, voiceprints) is exported with all
workspaces, and not with a single one.
"""


def export_markdown(exported: Exported) -> str:
    """The text of EXPORT.md: the same for the same workspace."""
    return "\n".join(part for part in _parts(exported) if part)


def summary(exported: Exported) -> str:
    """What was exported, in a few words: `2 Bots, 1 Workspace`."""
    counts = Counter(document.address.kind for document in exported.documents)
    return ", ".join(
        f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in sorted(counts.items())
    )


def _parts(exported: Exported) -> Iterator[str]:
    yield "# What this export does not say\n"
    yield f"Exported: {summary(exported) or 'nothing'}. Planning it changes nothing.\n"
    yield (
        "What a manifest does not mention, cozeops does not touch. Everything below was left out, "
        "so it stays as it is on Coze until you add it.\n"
    )
    yield from _secrets(exported)
    yield from _skipped(exported.skipped)
    yield from _notes(exported)
    yield from _untold(exported)
    yield "## Not listed by Coze\n"
    yield _ALWAYS


def _secrets(exported: Exported) -> Iterator[str]:
    if exported.secrets:
        yield "## Secrets\n"
        yield "Where these variables are set, a plan compares them with what Coze has. The console shows the "
        yield "values, cozeops never does.\n"
        named = ((code(variable), code(label), code(str(one))) for one, label, variable in exported.secrets)
        yield "\n".join(f"- {variable}: {label} of {address}" for variable, label, address in named) + "\n"


def _skipped(skipped: Sequence[Skipped]) -> Iterator[str]:
    if skipped:
        yield "## Not exported\n"
        yield "\n".join(f"- {_who(one)}: {prose(one.reason)}" for one in skipped) + "\n"


def _who(one: Skipped) -> str:
    home = kinds()[one.kind].home or "workspace"
    where = f" in {home} {code(one.scope)}" if one.scope else ""
    if not one.id:
        return f"every {one.kind}{where}"
    called = f" {code(one.name)}" if one.name else ""
    return f"{one.kind}{called} (id {code(one.id)}){where}"


def _notes(exported: Exported) -> Iterator[str]:
    if exported.notes:
        yield "## Left out\n"
        for address, notes in groupby(exported.notes, key=lambda note: note.address):
            yield f"### {code(str(address))}\n"
            yield "\n".join(f"- {code(note.label)}: {prose(note.reason)}" for note in notes) + "\n"


def _untold(exported: Exported) -> Iterator[str]:
    """Resources with the same unreadable fields share a paragraph."""
    groups: dict[tuple[str, ...], list[Address]] = {}
    for address, labels in sorted(exported.untold.items()):
        if labels:
            groups.setdefault(labels, []).append(address)
    if groups:
        yield "## Fields that Coze tells nobody\n"
        yield (
            "They can be written and not read. A field that you add is sent with the next change. "
            "Without it, a change of the group that it is in sets it back; the plan then says so.\n"
        )
        lines = (f"- {_codes(map(str, found))}: {_codes(labels)}" for labels, found in groups.items())
        yield "\n".join(lines) + "\n"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(code, texts))
