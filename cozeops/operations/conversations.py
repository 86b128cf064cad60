"""The conversations of checks: noted in `.cozeops/conversations`, removed where a run left them behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from cozeops.engine.check.noted import Notes, remove_marked
from cozeops.errors import ApiError
from cozeops.operations.live_project import LiveProject
from cozeops.operations.state import place_of
from cozeops.state import Entry, Journal, RunInfo, StateError, open_journals

FOLDER = "conversations"


class JournalNotes:
    """The conversations of one run. The journal begins with the first one."""

    def __init__(self, live: LiveProject, info: RunInfo) -> None:
        self._live, self._info = live, info
        self._lock = Lock()
        self._journal: Journal | None = None
        self._off = False
        self._open: dict[str, tuple[int, str]] = {}

    def beginning(self, bot: str) -> str:
        """A conversation is about to be made: the mark that it must bear."""
        with self._lock:
            if self._journal is None and not self._off:
                self._begin()
            if self._journal is None:
                return ""
            number = self._journal.intent({"bot": bot}, sync=False)
            mark = _mark(self._info, number)
            self._open[mark] = number, ""
            return mark

    def _begin(self) -> None:
        try:
            self._journal = Journal.begin(self._info, root=self._live.project.root, folder=FOLDER)
        except StateError as error:  # a folder that nobody can write to is no reason not to talk
            self._off = True
            self._live.host.say(f"conversations are not noted: {error.message}")

    def began(self, mark: str, id: str) -> None:
        """It was made, and this is its id."""
        with self._lock:
            if self._journal is None:
                return
            before, _ = self._open[mark]
            number = self._journal.intent({"conversation": id, "mark": mark}, sync=False)
            self._open[mark] = number, id
            self._journal.done(before, {"id": id})

    def refused(self, mark: str) -> None:
        """It was not made."""
        self.ended(mark)

    def ended(self, mark: str) -> None:
        """It was removed."""
        with self._lock:
            if self._journal is None:
                return
            number, _ = self._open.pop(mark)
            self._journal.done(number, {})

    def left(self) -> str:
        """Words for what is open (empty: nothing is)."""
        known = [id for _, id in list(self._open.values())]
        if not known:
            return ""
        ids = ", ".join(id for id in known if id)
        unheard = sum(not id for id in known)
        more = f"{unheard} of which no id was heard" if unheard else ""
        told = " and ".join(filter(None, (ids, more)))
        return f"conversations left behind: {told}; the next check removes them"

    def close(self) -> None:
        """What is open stays noted."""
        with self._lock:
            if self._journal:
                self._journal.finish()


def _mark(info: RunInfo, number: int) -> str:
    return f"{info.id}.{number}"


@contextmanager
def noted(live: LiveProject) -> Iterator[Notes]:
    """Notes for a run that talks; what is left in the end is told."""
    info = RunInfo.here(
        place_of(live).slot,
        "check",
        environ=live.host.environ,
        server=live.client.base_url,
        project=live.project.name,
    )
    notes = JournalNotes(live, info)
    live.host.leaving.append(notes.left)
    try:
        yield notes
    finally:
        live.host.leaving.remove(notes.left)
        if words := notes.left():
            live.host.say(words)
        notes.close()


def remove_left_behind(live: LiveProject) -> None:
    """Remove what earlier runs left behind on this server, and tell the ids. Raises StateError."""
    journals = open_journals(
        live.project.root,
        place_of(live).slot,
        server=live.client.base_url,
        project=live.project.name,
        folder=FOLDER,
    )
    for left in journals:
        journal = left.claim()
        if journal is None:
            continue
        try:
            for entry in journal.pending:
                _remove(live, left.run, entry)
                journal.done(entry.number, {})
        except ApiError as error:
            live.host.say(f"conversations of run {left.run.id} could not be removed: {error.message}")
        finally:
            journal.finish()


def _remove(live: LiveProject, run: RunInfo, entry: Entry) -> None:
    intent = entry.intent
    id, bot = str(intent.get("conversation") or ""), str(intent.get("bot") or "")
    mark = str(intent.get("mark") or _mark(run, entry.number))
    removed = remove_marked(live.client, bot, mark, id)
    if removed:
        live.host.say(f"removed what run {run.id} left behind: {', '.join(removed)}")
