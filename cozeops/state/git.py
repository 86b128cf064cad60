"""The state on a branch of the project's own remote: no new infrastructure, a commit per save.

Only objects and one private ref are written on this side: the work tree, the index and HEAD of the
project stay as they are. Every change of a ref is a push that says what was there before, so the remote
decides who was first. The lock is a ref, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cozeops.errors import CozeopsError, UsageError
from cozeops.frozen import frozen
from cozeops.state.backend import Held, RetryPolicy
from cozeops.state.document import Loaded, based_on, load_bytes, to_bytes
from cozeops.state.errors import LockedError, StateError
from cozeops.state.git_message import message_of
from cozeops.state.git_program import Git, Remote
from cozeops.state.model import State
from cozeops.state.run import RunInfo, lock_bytes

DEFAULT_BRANCH = "cozeops-state"
DEFAULT_REMOTE = "origin"
_BRANCH = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*", re.ASCII)
_REMOTE = re.compile(r"[A-Za-z0-9_][\w.-]*", re.ASCII)
_ATTEMPTS = 10
"""Saves that other environments on the same branch may win before ours gives up."""
_README = "README.md"
_ABOUT = b"""# The state of cozeops

This branch is the memory of `cozeops apply`: a file per environment, a commit per save. It shares no
history with the project. Read it with `cozeops state list` and `cozeops history`; do not edit it by hand.
"""
_NOBODY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "cozeops"), ("EMAIL", "cozeops@localhost"))
}
"""Who commits where Git was not told who the user is, as in CI."""


@frozen
class _Tip:
    """The branch as we last saw it: no commit is ""."""

    commit: str = ""
    entries: tuple[bytes, ...] = ()
    """Files and folders of others."""
    beside: tuple[bytes, ...] = ()
    """Files of other environments of the project, where it has a folder."""
    loaded: Loaded | None = None


class GitBackend:
    """`<project>/<environment>.json` on an orphan branch; without a project, the file alone."""

    interval = 10.0

    def __init__(
        self,
        git: Git,
        environment: str,
        *,
        project: str = "",
        branch: str = DEFAULT_BRANCH,
        remote: str = DEFAULT_REMOTE,
        patience: RetryPolicy | None = None,
    ) -> None:
        _check_names(branch, remote)
        self._git = git
        self._environment = environment
        self._patience = patience or RetryPolicy(pause=2.0)
        self._remote = Remote(git, remote, self._patience.sleep)
        self._project = project
        self._file = f"{environment}.json"
        self._path = f"{project}/{self._file}" if project else self._file
        self._branch = f"refs/heads/{branch}"
        # Not every name may stand in a ref: no "..", no ".lock" at the end.
        self._lock_ref = f"refs/cozeops/locks/{_part(branch)}/{_part(environment)}"
        if project:
            self._lock_ref = f"refs/cozeops/locks/{_part(branch)}/of/{_part(project)}/{_part(environment)}"
        # Keeps what was fetched from being collected, and the next fetch small.
        self._kept_ref = f"refs/cozeops/kept/{remote}/{branch}"
        self._tip: _Tip | None = None
        self._checked = False
        self._committing: Git | None = None
        self.name = f"the state {self._path} on {remote}/{branch}"

    def load(self) -> State | None:
        """The state on the remote now."""
        self._check_remote()
        self._tip = self._read_tip()
        return self._tip.loaded.state if self._tip.loaded else None

    @contextmanager
    def lock(self, info: RunInfo, timeout: float) -> Iterator[Held]:
        """Hold the lock's ref. A run that is killed leaves it behind."""
        self._check_remote()
        commit = self._commit(self._tree([]), "", lock_bytes(info))
        self._patience.acquire(lambda: self._try_lock(commit), timeout)
        held = Held(info, token=commit)
        try:
            yield held
        except BaseException:
            held.released = True
            with suppress(CozeopsError):  # what ended the run is what its user must hear
                self._remote.move(self._lock_ref, "", commit)
            raise
        held.released = True
        # False is no error: somebody forced the lock, and every save was checked by itself.
        self._remote.move(self._lock_ref, "", commit)

    def save(self, state: State, held: Held) -> State:
        """Push a commit on top of the one that we saw; other environments may come between."""
        held.check()
        self._check_remote()
        for _ in range(_ATTEMPTS):
            tip = self._tip = self._tip or self._read_tip()
            saved = based_on(self.name, state, tip.loaded, held.attempted)
            content = held.attempted = to_bytes(saved)
            message = message_of(saved, tip.loaded.state if tip.loaded else None).encode("utf-8", "replace")
            others = tip.entries if tip.commit else (self._entry(_README, _ABOUT),)
            own = self._entry(self._file, content)
            if self._project:
                own = f"040000 tree {self._tree([*tip.beside, own])}\t{self._project}".encode()
            commit = self._commit(self._tree([*others, own]), tip.commit, message)
            # Unless the push comes back, we do not know the branch.
            self._tip = None
            if self._remote.move(self._branch, commit, tip.commit):
                self._tip = _Tip(commit, others, tip.beside, Loaded(saved, content))
                held.version, held.saved = commit, True
                self._git.ask("update-ref", "--no-deref", self._kept_ref, commit)
                return saved
            # It was not stored: the same content on the branch would be somebody else's.
            held.attempted = b""
        raise StateError(
            f"{self.name}: the branch moved {_ATTEMPTS} times while we saved", hint="apply again"
        )

    def holder(self) -> RunInfo | None:
        """Who holds the lock."""
        self._check_remote()
        commit = self._remote.ref(self._lock_ref)
        return self._holder(commit) if commit else None

    def projects(self) -> tuple[str, ...]:
        """The folders of the branch."""
        tip = self._tip or self._read_tip()
        listed = self._listed(tip.commit) if tip.commit else {}
        return tuple(name for name, entry in listed.items() if entry.startswith(b"040000 tree "))

    def unlock(self, force: bool) -> RunInfo | None:
        """Delete the lock's ref, if it still is the one that we looked at."""
        self._check_remote()
        commit = self._remote.ref(self._lock_ref)
        if not commit:
            return None
        holder = self._holder(commit)
        if not force and not (holder and holder.died_here()):
            raise self._locked(holder)
        self._remote.move(self._lock_ref, "", commit)
        return holder

    def _check_remote(self) -> None:
        """Only a remote of the project's own configuration, so that no manifest says where we push."""
        if self._checked:
            return
        inside = self._git.ask("rev-parse", "--git-dir")
        if inside.code:
            raise UsageError(
                f"the state backend git needs a Git repository: {inside.message}",
                hint="git init, git remote add, or another backend",
            )
        name = self._remote.name
        if self._git.ask("config", "--get", f"remote.{name}.url").code:
            known = ", ".join(self._git.run("remote").text.split()) or "none"
            raise UsageError(
                f"the repository has no remote {name!r}", hint=f"there is: {known}; git remote add {name} URL"
            )
        self._checked = True

    def _try_lock(self, commit: str) -> None:
        while not self._remote.move(self._lock_ref, commit, ""):
            # It may be given back between the two calls: then we try again at once.
            if other := self._remote.ref(self._lock_ref):
                raise self._locked(self._holder(other))

    def _locked(self, holder: RunInfo | None) -> LockedError:
        return LockedError(self.name, holder, now=self._patience.now())

    def _holder(self, commit: str) -> RunInfo | None:
        if not self._remote.fetch(commit):
            return None
        answer = self._git.ask("cat-file", "commit", commit)
        with suppress(ValueError, RecursionError):
            return RunInfo.from_json(json.loads(answer.output.partition(b"\n\n")[2]))
        return None

    def _read_tip(self) -> _Tip:
        for _ in range(_ATTEMPTS):
            commit = self._remote.ref(self._branch)
            if not commit:
                return _Tip()
            if self._remote.fetch(commit):
                self._git.ask("update-ref", "--no-deref", self._kept_ref, commit)
                return self._tip_at(commit)
        raise StateError(
            f"{self.name}: git cannot fetch the branch", hint=f"try: git fetch {self._remote.name}"
        )

    def _tip_at(self, commit: str) -> _Tip:
        entries = self._listed(commit)
        if self._project == _README or _README not in entries:
            raise UsageError(
                f"the branch {self._branch.removeprefix('refs/heads/')} was not made by cozeops",
                hint="name a branch that does not exist yet: the project's own branches are never written",
            )
        files, folder = entries, entries.pop(self._project, b"") if self._project else b""
        if self._project:
            if folder and not folder.startswith(b"040000 tree "):
                raise UsageError(
                    f"{self.name}: the branch has a file called {self._project}",
                    hint="give the project another name (metadata.name in cozeops.yaml)",
                )
            files = self._listed(_object(folder)) if folder else {}
        own = files.pop(self._file, None)
        loaded = None
        if own:
            content = self._git.run("cat-file", "blob", _object(own)).output
            loaded = load_bytes(content, self.name, environment=self._environment)
        beside = tuple(files.values()) if self._project else ()
        return _Tip(commit, tuple(entries.values()), beside, loaded)

    def _listed(self, tree: str) -> dict[str, bytes]:
        """The entries of a tree by their names."""
        listed = self._git.run("ls-tree", "-z", "--full-tree", tree).output.split(b"\0")
        return {line.partition(b"\t")[2].decode("utf-8", "replace"): line for line in listed if line}

    def _entry(self, name: str, content: bytes) -> bytes:
        blob = self._git.run("hash-object", "-w", "--no-filters", "--stdin", stdin=content).text
        return f"100644 blob {blob}\t{name}".encode()

    def _tree(self, entries: list[bytes]) -> str:
        return self._git.run("mktree", "-z", "--missing", stdin=b"".join(e + b"\0" for e in entries)).text

    def _commit(self, tree: str, parent: str, message: bytes) -> str:
        return (
            self._committer()
            .run(
                "commit-tree",
                tree,
                *(("-p", parent) if parent else ()),
                stdin=message,
            )
            .text
        )

    def _committer(self) -> Git:
        if self._committing is None:
            asked = [self._git.ask("var", f"GIT_{role}_IDENT").code for role in ("AUTHOR", "COMMITTER")]
            nobody = Git(self._git.root, self._git.environ, self._git.seconds, _NOBODY)
            self._committing = nobody if any(asked) else self._git
        return self._committing


def _check_names(branch: str, remote: str) -> None:
    parts = branch.split("/")
    if not _BRANCH.fullmatch(branch) or ".." in branch or any(p.endswith((".", ".lock")) for p in parts):
        hint = f"such as {DEFAULT_BRANCH}"
        raise UsageError(f"state.branch: {branch!r} cannot be the name of a branch", hint=hint)
    if not _REMOTE.fullmatch(remote) or ".." in remote:
        raise UsageError(
            f"state.remote: {remote!r} is not the name of a remote",
            hint="name a remote of the project's repository, such as origin; a URL is not taken from here",
        )


def _object(entry: bytes) -> str:
    """The id in an entry of a tree."""
    return entry.partition(b"\t")[0].split()[2].decode()


def _part(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F").replace(".", "%2E")
