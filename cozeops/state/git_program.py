"""The `git` program, as a library would be: no shell, no prompts, no hooks, no terminal, a time limit.

It knows refs and objects, and nothing of what is in them.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from cozeops.errors import AccessError, UsageError
from cozeops.frozen import frozen
from cozeops.state.errors import StateError

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
_ATTEMPTS = 4
_SECONDS = 60.0

# A repository may be committed inside a project: without the first, its configuration would be obeyed,
# and configuration can name commands.
_SETTINGS = (
    "safe.bareRepository=explicit",
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "fetch.recurseSubmodules=false",
    "i18n.commitEncoding=UTF-8",
)
# Which repository is meant is said by the folder alone; a hook that runs cozeops sets these.
_REPOSITORY = re.compile(
    r"GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|PREFIX|NAMESPACE|QUARANTINE_PATH|SHALLOW_FILE|GRAFT_FILE"
    r"|(ALTERNATE_)?OBJECT_DIRECTOR(Y|IES))$"
)
# Nothing that git starts (credential helpers, ssh) needs the token of Coze.
_OURS = re.compile(r"(COZE|COZEOPS)_")


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
    """Git in a folder of a repository."""

    root: Path
    environ: Mapping[str, str]
    seconds: float = _SECONDS
    extra: Mapping[str, str] = field(default_factory=dict)

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run a command, whatever comes of it. Raises UsageError where there is no git."""
        program = shutil.which("git", path=self.environ.get("PATH"))
        if program is None:
            raise UsageError("the state backend git needs the program git", hint="install git")
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [program, "--no-replace-objects", "-C", str(self.root), *settings, *arguments]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            # No terminal to ask a password on, and Ctrl-C does not end a save.
            start_new_session=True,
        ) as process:
            try:
                output, errors = process.communicate(stdin, timeout=self.seconds)
            except BaseException as error:
                _end(process)
                if isinstance(error, subprocess.TimeoutExpired):
                    return Answer(-1, b"", f"git {arguments[0]} took longer than {self.seconds:.0f} s")
                raise
        message = _USER_INFO.sub("***@", errors.decode("utf-8", "replace").strip())
        return Answer(process.returncode, output, message)

    def run(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run a command that must succeed. Raises StateError, AccessError."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.code:
            raise failure(f"git {arguments[0]} failed", answer)
        return answer

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in self.environ.items()
            if not _OURS.match(name) and not _REPOSITORY.match(name)
        }
        return {**kept, **self.extra, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


@frozen
class Remote:
    """Refs of a remote that the project's own Git configuration names. An absent ref is ""."""

    git: Git
    name: str
    sleep: Callable[[float], None] = time.sleep

    def ref(self, ref: str) -> str:
        """The object that a ref names now. Raises StateError, AccessError."""
        answer = self.git.run("ls-remote", "--quiet", "--", self.name, ref)
        for line in answer.text.splitlines():
            found, _, name = line.partition("\t")
            if name == ref and _OBJECT.fullmatch(found):
                return found
        return ""

    def fetch(self, commit: str) -> bool:
        """Have a commit and what it holds. False where the server no longer gives it."""
        if self.git.ask("cat-file", "-e", f"{commit}^{{tree}}").code == 0:
            return True
        options = ("--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-auto-maintenance")
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
                *("push", "--quiet", "--no-verify", f"--force-with-lease={ref}:{old}"),
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


def _end(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)  # what git started waits on the network, too
    else:
        process.kill()
    process.wait()
