"""The state on a branch of the remote: the project is left alone, the remote decides."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cozeops.address import Address
from cozeops.errors import AccessError, UsageError
from cozeops.state import LockedError, StateError
from cozeops.state.git_message import message_of
from cozeops.state.git_program import Answer, Git, failure
from tests.state.given import CHEF, FakeTime, Place, a_run, a_state, git, record

HUB = "../hub.git"


def _footprint(root: Path) -> list[object]:
    """Everything of a project that saving must not touch."""
    files = {path: path.read_bytes() for path in root.iterdir() if path.is_file()}
    inner = [(root / ".git" / name).read_bytes() for name in ("HEAD", "index", "config")]
    asked = [
        git(root, *command)
        for command in (
            ("status", "--porcelain"),
            ("for-each-ref", "refs/heads", "refs/tags"),
            ("rev-parse", "--is-shallow-repository"),
            ("reflog", "HEAD"),
        )
    ]
    return [files, inner, asked, (root / ".git/FETCH_HEAD").exists()]


def _cycle(place: Place, id: str) -> None:
    backend = place.open()
    with backend.lock(a_run(f"run-{id}"), 0) as held:
        state = backend.load() or a_state()
        state = replace(state, run={"id": f"run-{id}", "user": "alice"})
        backend.save(state.with_record(CHEF, record(id)), held)


@pytest.mark.parametrize("depth", [[], ["--depth=1"]], ids=["full", "shallow"])
def test_the_project_is_left_alone(clone: Place, tmp_path: Path, depth: list[str]) -> None:
    """Work tree, index, HEAD, branches, configuration and shallowness stay, with changes half staged."""
    hub = (tmp_path / "hub.git").as_uri()
    git(tmp_path, "clone", "-q", *depth, "-b", "main", hub, "ci")
    root = tmp_path / "ci"
    git(root, "checkout", "-q", "--detach")
    (root / "one").write_text("changed")
    (root / "new").write_text("staged")
    git(root, "add", "new")
    (root / "two").unlink()
    git(root, "status")
    ci = replace(clone, root=root)
    before = _footprint(root)
    for id in ("1", "2"):
        _cycle(ci, id)
        _cycle(clone, f"{id}-from-elsewhere")
    _cycle(ci, "3")
    assert _footprint(root) == before
    assert git(root, "rev-list", "--count", "origin/main") == ("1\n" if depth else "2\n")
    state = ci.open().load()
    assert state is not None
    assert state.serial == 5


def test_it_works_below_the_top(clone: Place) -> None:
    """The project may be a folder of a larger repository."""
    (clone.root / "bots").mkdir()
    below = replace(clone, root=clone.root / "bots")
    _cycle(below, "1")
    _cycle(clone, "2")
    state = below.open().load()
    assert state is not None
    assert state.serial == 2


def test_a_commit_says_who_applied_what(clone: Place) -> None:
    """The branch shares nothing with the project, and its log is readable for people."""
    backend = clone.open()
    with backend.lock(a_run(), 0) as held:
        state = replace(a_state(chef="1", cook="2"), run=a_run().to_json())
        state = backend.save(state, held)
        state = state.with_record(CHEF, record("3")).without(Address("Bot", "cook"))
        backend.save(state.with_record(Address("Bot", "厨师"), record("4")), held)
    log = git(clone.root, "-C", HUB, "log", "--format=%an|%B", "cozeops-state")
    assert "apply dev: 3 resources, by alice" in log
    assert "~ Bot/chef\n- Bot/cook\n+ Bot/厨师\n" in log
    assert '"commit":"c0ffee"' in log
    assert "[skip ci]" in log
    assert log.count("cozeops|") == 2
    files = git(clone.root, "-C", HUB, "ls-tree", "--name-only", "cozeops-state").split()
    assert files == ["README.md", "dev.json"]
    with pytest.raises(Exception, match="returned non-zero"):
        git(clone.root, "-C", HUB, "merge-base", "main", "cozeops-state")


def test_the_user_of_git_commits(clone: Place) -> None:
    """Where Git knows who the user is, commits are theirs."""
    environ = {**clone.environ}
    for role in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{role}_NAME": "爱丽丝", f"GIT_{role}_EMAIL": "alice@example.com"}
    _cycle(replace(clone, environ=environ), "1")
    assert git(clone.root, "-C", HUB, "log", "-1", "--format=%an", "cozeops-state") == "爱丽丝\n"


def test_the_lock_is_a_ref(clone: Place) -> None:
    """One ref per branch and environment, gone after the run; odd names are quoted."""
    with clone.open("a..lock").lock(a_run(), 0), clone.open("dev").lock(a_run(), 0):
        refs = git(clone.root, "-C", HUB, "for-each-ref", "--format=%(refname)", "refs/cozeops")
        assert refs.split() == [
            "refs/cozeops/locks/cozeops-state/a%2E%2Elock",
            "refs/cozeops/locks/cozeops-state/dev",
        ]
    assert git(clone.root, "-C", HUB, "for-each-ref", "refs/cozeops") == ""


def test_a_branch_of_the_project_is_never_written(clone: Place) -> None:
    """A branch that cozeops did not make is refused before anything is pushed."""
    before = git(clone.root, "-C", HUB, "for-each-ref")
    wrong = replace(clone, settings={"backend": "git", "branch": "main"})
    backend = wrong.open()
    with pytest.raises(UsageError, match="main was not made by cozeops"):
        backend.load()
    with pytest.raises(UsageError, match="main was not made by cozeops"), backend.lock(a_run(), 0) as held:
        backend.save(a_state(), held)
    assert git(clone.root, "-C", HUB, "for-each-ref") == before


def test_only_remotes_of_the_project(clone: Place, tmp_path: Path) -> None:
    """A name that Git's configuration does not have is refused, though a folder has it."""
    git(clone.root, "init", "-q", "--bare", "elsewhere")
    with pytest.raises(UsageError, match="no remote 'elsewhere'") as caught:
        replace(clone, settings={"backend": "git", "remote": "elsewhere"}).open().load()
    assert "there is: origin" in caught.value.hint
    (tmp_path / "bare").mkdir()
    with pytest.raises(UsageError, match="needs a Git repository"):
        replace(clone, root=tmp_path / "bare").open().load()


def test_a_repository_inside_the_project_is_not_obeyed(clone: Place) -> None:
    """A bare repository that was committed as plain files could name commands: it is no repository to us."""
    trap = clone.root / "trap"
    git(clone.root, "init", "-q", "--bare", "trap")
    mark = clone.root / "ran"
    git(trap, "config", "remote.origin.url", str(clone.root))
    git(trap, "config", "remote.origin.uploadpack", f"touch {mark};")
    git(trap, "config", "core.bare", "true")
    with pytest.raises(UsageError):
        replace(clone, root=trap).open().load()
    assert not mark.exists()


@pytest.mark.skipif(os.name != "posix", reason="hooks are shell scripts")
def test_hooks_do_not_run_and_see_no_token(clone: Place) -> None:
    """Neither hooks nor what git starts gets anything of Coze's."""
    mark = clone.root.parent / "ran"
    for hook in ("pre-push", "reference-transaction", "post-update"):
        path = clone.root / ".git/hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\nenv > {mark}\n")
        path.chmod(0o755)
    environ = {
        **clone.environ,
        "COZE_API_TOKEN": "canary",
        "COZEOPS_STATE_KEY": "canary",
        "GIT_DIR": "/nowhere",
    }
    _cycle(replace(clone, environ=environ), "1")
    assert not mark.exists()
    git(clone.root, "config", "alias.show-env", "!env")
    shown = Git(clone.root, environ).run("show-env").text
    assert "canary" not in shown
    assert "GIT_TERMINAL_PROMPT=0" in shown


def test_another_environment_may_come_between(clone: Place) -> None:
    """A push that loses against another environment is repeated on top of it; nothing is lost."""
    first, second = clone.open("dev"), clone.open("prod")
    with first.lock(a_run(), 0) as held, second.lock(a_run(environment="prod"), 0) as other:
        state, foreign = first.save(a_state("dev"), held), second.save(a_state("prod"), other)
        for number in range(3):
            state = first.save(state.with_record(CHEF, record(f"d{number}")), held)
            foreign = second.save(foreign.with_record(CHEF, record(f"p{number}")), other)
    assert (clone.open("dev").load(), clone.open("prod").load()) == (state, foreign)
    assert (state.serial, foreign.serial) == (4, 4)


def test_a_push_that_arrived_without_our_knowing(clone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks after the effect: the state is there, and the run goes on from it."""
    backend = clone.open()
    ask = Git.ask

    def broken(self: Git, *arguments: str, stdin: bytes = b"") -> Answer:
        answer = ask(self, *arguments, stdin=stdin)
        return Answer(128, b"", "fatal: the remote end hung up") if "push" in arguments else answer

    with backend.lock(a_run(), 0) as held:
        monkeypatch.setattr(Git, "ask", broken)
        state = backend.save(a_state(chef="1"), held)
        state = backend.save(state.with_record(CHEF, record("2")), held)
    monkeypatch.undo()
    assert clone.open().load() == state
    assert state.serial == 2
    assert clone.open().holder() is None


def test_a_remote_that_is_away(clone: Place) -> None:
    """Nothing is saved and the error has git's words; once it is back, the same save works."""
    backend = clone.open()
    hub = clone.root.parent / "hub.git"
    with backend.lock(a_run(), 0) as held:
        hub.rename(hub.with_name("gone"))
        with pytest.raises(StateError, match="git"):
            backend.save(a_state(), held)
        hub.with_name("gone").rename(hub)
        assert backend.save(a_state(), held).serial == 1
        hub.rename(hub.with_name("gone"))
        with pytest.raises(StateError), clone.open().lock(a_run("run-2"), 0):
            raise AssertionError("locked without a remote")
        hub.with_name("gone").rename(hub)


def test_a_lock_that_cannot_be_given_back_is_told(clone: Place) -> None:
    """A run that is done otherwise says that its lock stayed; a failed run keeps its own error."""
    hub = clone.root.parent / "hub.git"
    for error in (None, ZeroDivisionError()):
        lock = clone.open().lock(a_run(), 0)
        lock.__enter__()
        hub.rename(hub.with_name("gone"))
        if error is None:
            with pytest.raises(StateError, match=r"could not push|ls-remote failed"):
                lock.__exit__(None, None, None)
        else:
            assert not lock.__exit__(type(error), error, None)
        hub.with_name("gone").rename(hub)
        with pytest.raises(LockedError):
            clone.open().lock(a_run("run-2"), 0).__enter__()
        clone.open().unlock(force=True)


def test_a_lock_that_somebody_else_made_by_hand(clone: Place) -> None:
    """A ref without a run is a lock all the same, and can be removed."""
    git(clone.root, "push", "-q", "origin", "main:refs/cozeops/locks/cozeops-state/dev")
    with pytest.raises(LockedError, match="is locked by another process"):
        clone.open().lock(a_run(), 0).__enter__()
    assert clone.open().unlock(force=True) is None
    with clone.open().lock(a_run(), 0):
        pass


def test_commits_of_others_are_read(clone: Place, tmp_path: Path) -> None:
    """A commit made by hand has no run; what it says counts."""
    _cycle(clone, "1")
    git(tmp_path, "clone", "-q", "-b", "cozeops-state", "hub.git", "hand")
    (tmp_path / "hand/dev.json").write_text((tmp_path / "hand/dev.json").read_text().replace('"1"', '"9"'))
    git(tmp_path / "hand", "commit", "-qam", "Mend it by hand")
    git(tmp_path / "hand", "push", "-q")
    state = clone.open().load()
    assert state is not None
    assert state.resources[CHEF].id == "9"


def test_denied_is_an_access_error_without_the_password() -> None:
    """What the remote refuses for want of rights has the exit code of permissions."""
    answer = Answer(128, b"", "fatal: Authentication failed for 'https://example.com/'")
    assert isinstance(failure("git push failed", answer), AccessError)
    assert isinstance(failure("git push failed", Answer(1, b"", "no space")), StateError)


def test_a_password_in_a_url_is_not_shown(clone: Place) -> None:
    """Git's words are quoted without what stands before the @."""
    git(clone.root, "remote", "set-url", "origin", "https://user:canary@127.0.0.1:1/x.git")
    with pytest.raises((StateError, AccessError)) as caught:
        clone.open().load()
    assert "canary" not in caught.value.message
    assert "127.0.0.1" in caught.value.message


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
def test_git_that_hangs_is_ended(tmp_path: Path) -> None:
    """After its time git and what it started are ended."""
    program, root = tmp_path / "git", tmp_path / "project"
    root.mkdir()
    program.write_text(f"#!/bin/sh\n{sys.executable} -c 'import time; time.sleep(600)'\n")
    program.chmod(0o755)
    answer = Git(root, {"PATH": str(tmp_path)}, seconds=0.2).ask("fetch")
    assert answer.code == -1
    assert "took longer" in answer.message


def test_no_git_is_told(tmp_path: Path) -> None:
    """A machine without git is told what is missing."""
    with pytest.raises(UsageError, match="needs the program git"):
        Git(tmp_path, {"PATH": str(tmp_path)}).ask("status")


def test_a_message_ends_with_the_run() -> None:
    """One line each, whatever the run has in it; a message of many changes is cut."""
    state = replace(
        a_state(**{f"b{n}": "1" for n in range(80)}), serial=3, run={"id": "x", "note": "a\nb\u2028c"}
    )
    message = message_of(state, None)
    serial, run, end = message.split("\n")[-3:]
    assert (serial, end) == ("Serial: 3", "")
    assert json.loads(run.removeprefix("Run: ")) == state.run
    assert "… and 30 more" in message


def test_waiting_asks_rarely(clone: Place) -> None:
    """A run that waits for a lock asks the remote at intervals, not all the time."""
    fake = FakeTime()
    with clone.open().lock(a_run(), 0), pytest.raises(LockedError):
        clone.open(fake=fake).lock(a_run("run-2"), 20).__enter__()
    assert [seconds for seconds in fake.slept if seconds >= 1] == [5.0, 5.0, 5.0, 5.0]
