"""The `git` program, as a library would be: no shell, no prompts, no hooks, no terminal, a time limit.

It knows refs and objects, and nothing of what is in them. The repository may be somebody else's: nothing in
it names a program to us, except what reaches a remote (its `core.sshCommand`, its credential helper), which
`Git.local` does not do at all.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from cozeops.errors import AccessError, UsageError
from cozeops.frozen import frozen
from cozeops.state.errors import StateError
from cozeops.system.program import find_program, run_program, search_path

_OBJECT = re.compile(r"[0-9a-f]{40,64}")
_DENIED = re.compile(
    r"authentication failed|permission denied|could not read (username|password)|access denied"
    r"|error: 40[13]|not allowed to push|write access",
    re.IGNORECASE,
)
# The server may be in the middle of the same ref's update, or we looked just before it.
_CONTENTION = re.compile(
    r"stale info|fetch first|cannot lock ref|failed to update ref|incorrect old value|already exists",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")
# The repository's configuration could name others: through a pipe or ssh they are commands.
_UPLOAD, _RECEIVE = "--upload-pack=git-upload-pack", "--receive-pack=git-receive-pack"
_ATTEMPTS = 4
_SECONDS = 60.0

# A repository may be committed inside a project: without the first, its configuration would be obeyed,
# and configuration can name commands.
_SETTINGS = (
    "safe.bareRepository=explicit",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=true",
    "http.saveCookies=false",
    "core.askPass=",
    "core.pager=cat",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "fetch.recurseSubmodules=false",
    "i18n.commitEncoding=UTF-8",
)
_PROTOCOLS = "file:http:https:ssh"
"""What a remote may be reached by: not `ext::`, which is a command, nor `git://`, which can name one."""
# Where a container runs as another user than the one who checked out. Nothing of the configuration that it
# guards against is obeyed when only objects are read.
_LOCAL = ("safe.directory=*", "protocol.allow=never")
# Which repository is meant is said by the folder alone; a hook that runs cozeops sets these.
_REPOSITORY = re.compile(
    r"GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|PREFIX|NAMESPACE|QUARANTINE_PATH|SHALLOW_FILE|GRAFT_FILE"
    r"|(ALTERNATE_)?OBJECT_DIRECTOR(Y|IES))$"
)
# What git and what it starts (ssh, credential helpers) need: all else, the token of Coze under whatever name
# among it, stays here.
_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|USERNAME|LANG|TZ|TMPDIR|TEMP|TMP|DISPLAY|SSH_[A-Z_]+|XDG_[A-Z_]+|GIT_[A-Z0-9_]+"
    r"|GH_TOKEN|GITHUB_TOKEN|GITHUB_ACTIONS|CI_JOB_TOKEN|GCM_[A-Z_]+|AWS_[A-Z_]+"
    r"|(HTTPS?|ALL|NO|FTP)_PROXY|SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE|KRB5[A-Z_]+"
    r"|SYSTEMROOT|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA|USERPROFILE|HOMEDRIVE|HOMEPATH",
    re.IGNORECASE,
)


@frozen
class Answer:
    """What a command of git said."""

    code: int
    output: bytes
    message: str

    @property
    def text(self) -> str:
        """The output as text without the space around it."""
        return self.output.decode("utf-8", "replace").strip()


@frozen
class Git:
    """Git in a folder of a repository. `local`: it only reads what is here, and reaches no remote."""

    root: Path
    environ: Mapping[str, str]
    seconds: float = _SECONDS
    extra: Mapping[str, str] = field(default_factory=dict)
    local: bool = False

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run a command, whatever comes of it. Raises UsageError where there is no git."""
        path = self.environ.get("PATH", "")
        program = find_program("git", path, self.root)
        if program is None:
            raise UsageError(
                "this needs the program git", hint="install git (one inside the project is not run)"
            )
        settings = [part for one in (*_SETTINGS, *(_LOCAL if self.local else ())) for part in ("-c", one)]
        done = run_program(
            [str(program), "--no-replace-objects", "--no-pager", *settings, *arguments],
            stdin,
            folder=self.root,
            environ=self._environment(path),
            seconds=self.seconds,
        )
        if done.failure and done.code < 0:
            late = f"git {arguments[0]} took longer than {self.seconds:.0f} s"
            return Answer(-1, b"", late if "did not end" in done.failure else f"git {done.failure}")
        message = _USER_INFO.sub("***@", done.errors.decode("utf-8", "replace").strip())
        return Answer(done.code, done.output, message)

    def run(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run a command that must succeed. Raises StateError, AccessError."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.code:
            raise failure(f"git {arguments[0]} failed", answer)
        return answer

    def _environment(self, path: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in self.environ.items()
            if _KEPT.fullmatch(name) and not _REPOSITORY.match(name)
        }
        protocols = "none" if self.local else self.environ.get("GIT_ALLOW_PROTOCOL", _PROTOCOLS)
        ours = {
            "PATH": search_path(path, self.root),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": protocols,
            "GIT_NO_LAZY_FETCH": "1" if self.local else "0",
            "GIT_ATTR_NOSYSTEM": "1",
            "LC_ALL": "C",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        return {**kept, **self.extra, **ours}


@frozen
class Remote:
    """Refs of a remote that the project's own Git configuration names. An absent ref is ""."""

    git: Git
    name: str
    sleep: Callable[[float], None] = time.sleep

    def ref(self, ref: str) -> str:
        """The object that a ref names now. Raises StateError, AccessError."""
        answer = self.git.run("ls-remote", "--quiet", _UPLOAD, "--", self.name, ref)
        for line in answer.text.splitlines():
            found, _, name = line.partition("\t")
            if name == ref and _OBJECT.fullmatch(found):
                return found
        return ""

    def fetch(self, commit: str) -> bool:
        """Have a commit and what it holds. False where the server no longer gives it."""
        if self.git.ask("cat-file", "-e", f"{commit}^{{tree}}").code == 0:
            return True
        options = (
            "--quiet",
            _UPLOAD,
            "--no-tags",
            "--no-prune",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
        )
        answer = self.git.ask("fetch", *options, "--refmap=", "--", self.name, commit)
        if answer.code and _DENIED.search(answer.message):
            raise failure("git fetch failed", answer)
        return answer.code == 0

    def move(self, ref: str, new: str, old: str) -> bool:
        """Compare and swap: the ref is `new` where it was `old`. False where it was something else.

        Raises StateError, AccessError where that cannot be told or done.
        """
        answer = Answer(1, b"", "")
        for attempt in range(_ATTEMPTS):
            answer = self.git.ask(
                *("-c", f"remote.{self.name}.mirror=false"),
                *("push", "--quiet", "--no-verify", _RECEIVE, f"--force-with-lease={ref}:{old}"),
                *("--", self.name, f"{new}:{ref}"),
            )
            if answer.code == 0:
                return True
            if _DENIED.search(answer.message):
                break
            # What git says about a refused push differs between servers: look at the ref instead.
            now = self.ref(ref)
            if now != old:
                return now == new
            if not _CONTENTION.search(answer.message):
                break
            self.sleep(0.1 * 2**attempt)
        raise failure(f"git could not push {ref} to {self.name}", answer)


def failure(what: str, answer: Answer) -> StateError | AccessError:
    """The error for a command that failed, with git's own words."""
    message = f"{what}: {answer.message[-1000:] or f'exit code {answer.code}'}"
    if _DENIED.search(answer.message):
        return AccessError(message, hint="the run needs the right to push to the project's remote")
    return StateError(message, hint="try the same with git itself: git ls-remote")
