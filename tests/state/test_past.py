"""The files of an earlier commit: Git's objects as they are, whatever the repository says."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cozeops.errors import CozeopsError
from cozeops.state.files import own_folder
from cozeops.state.past import commit_here, files_at
from tests.state.given import git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project below the top of a repository, at its first commit."""
    root = tmp_path / "repository" / "bots"
    root.mkdir(parents=True)
    git(root.parent, "init", "-q", "-b", "main")
    (root.parent / "beside").write_text("not of the project")
    (root / "a.md").write_bytes(b"$Format:%H$\r\n\xff")
    (root / "deep").mkdir()
    (root / "deep/\u83dc\u8c31.md").write_text("x")
    (root / "empty").write_bytes(b"")
    _commit(root)
    return root


def _commit(root: Path) -> str:
    git(root.parent, "add", "-A", ".")
    git(root.parent, "commit", "-qm", "one")
    return git(root, "rev-parse", "HEAD").strip()


def _found(root: Path, commit: str = "") -> dict[str, bytes]:
    with files_at(root, os.environ, commit or commit_here(root, os.environ)) as folder:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


def test_the_files_of_the_project_at_a_commit(root: Path) -> None:
    """Only those below its folder, byte by byte; afterwards nothing of it is left."""
    commit = commit_here(root, os.environ)
    (root / "a.md").write_text("later")
    shutil.rmtree(root / "deep")
    assert _found(root, commit) == {
        "a.md": b"$Format:%H$\r\n\xff",
        "deep/\u83dc\u8c31.md": b"x",
        "empty": b"",
    }
    assert list((root / ".cozeops/past").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="the filter is a shell script")
def test_filters_and_attributes_take_no_part(root: Path, tmp_path: Path) -> None:
    """Neither those of the checkout nor of its configuration: nothing is run, hidden or replaced."""
    mark = tmp_path / "ran"
    (root / ".gitattributes").write_text(
        "a.md filter=trap export-subst\ndeep export-ignore\n*.md text eol=crlf\n"
    )
    commit = _commit(root)
    git(root, "config", "filter.trap.smudge", f"touch {mark}; cat")
    git(root, "config", "filter.trap.required", "true")
    found = _found(root, commit)
    assert found["a.md"].startswith(b"$Format:%H$")
    assert "deep/\u83dc\u8c31.md" in found
    assert not mark.exists()


@pytest.mark.skipif(os.name != "posix", reason="the filter is a shell script")
def test_a_bare_repository_in_the_checkout_is_not_obeyed(root: Path, tmp_path: Path) -> None:
    """A pull request can commit one as plain files, with the objects of the real one and a filter."""
    mark, objects = tmp_path / "ran", root.parent / ".git/objects"
    (root / "objects/info").mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "objects/info/alternates").write_text(f"{objects}\n")
    (root / "HEAD").write_text(commit_here(root, os.environ) + "\n")
    (root / "config").write_text(
        f'[core]\n\tbare = true\n\tfsmonitor = touch {mark}\n[filter "trap"]\n\tsmudge = touch {mark}; cat\n'
        f'[alias]\n\trev-parse = "!touch {mark}"\n'
    )
    commit = git(root.parent, "rev-parse", "HEAD").strip()
    assert commit_here(root, os.environ) == ""
    with pytest.raises(CozeopsError, match="git ls-tree"), files_at(root, os.environ, commit):
        pass
    assert not mark.exists()


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_links_stay_inside(root: Path) -> None:
    """One that leads inside is a link again; one that leads out is not there."""
    (root / "in").symlink_to("deep/\u83dc\u8c31.md")
    (root / "out").symlink_to("../beside")
    (root / "far").symlink_to("/etc/passwd")
    (root / "deep/up").symlink_to("../../..")
    found = _found(root, _commit(root))
    assert found["in"] == b"x"
    assert {"out", "far", "deep/up"}.isdisjoint(found)


def test_a_tree_that_no_checkout_could_have(root: Path) -> None:
    """Names that lead out, and files below what is also a link, are written nowhere else."""
    blob = git(root, "rev-parse", "HEAD:bots/empty").strip()
    inner = _tree(root, *(f"100644 blob {blob}	{name}" for name in ("..", ".git", "ok")))
    outer = _tree(root, f"040000 tree {inner}\tbots")
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    commit = git(root, *who, "commit-tree", "-m", "bad", outer).strip()
    assert _found(root, commit) == {"ok": b""}


def _tree(root: Path, *entries: str) -> str:
    """A tree with these entries, which git's own commands would not make."""
    raw = b""
    for entry in entries:
        about, _, name = entry.partition("\t")
        mode, _, object = about.split()
        raw += f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(object)
    line = ["git", "-C", str(root), "hash-object", "-t", "tree", "-w", "--literally", "--stdin"]
    return subprocess.run(line, input=raw, capture_output=True, check=True).stdout.decode().strip()


def test_what_git_lfs_keeps(root: Path) -> None:
    """By its digest, from where LFS keeps it; where it is not there, that is said."""
    content = b"a document" * 99
    oid = hashlib.sha256(content).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
    (root / "empty").write_text(pointer)
    commit = _commit(root)
    with pytest.raises(CozeopsError, match="Git LFS") as told:
        _found(root, commit)
    assert "git lfs fetch" in told.value.hint
    place = root.parent / ".git/lfs/objects" / oid[:2] / oid[2:4]
    place.mkdir(parents=True)
    (place / oid).write_bytes(content)
    assert _found(root, commit)["empty"] == content
    (place / oid).write_bytes(b"exchanged")
    with pytest.raises(CozeopsError, match="Git LFS"):
        _found(root, commit)


def test_what_a_killed_run_left_is_removed(root: Path) -> None:
    """By the next one; the folder of one that lives stays."""
    commit = commit_here(root, os.environ)
    with files_at(root, os.environ, commit) as living:
        place = own_folder(root, "past")
        (place / "dead").mkdir()
        (place / "dead/file").write_text("x")
        (place / "dead.lock").touch()
        with files_at(root, os.environ, commit):
            assert sorted(path.name for path in place.iterdir() if path.is_dir() and path == living) == [
                living.name
            ]
            assert not (place / "dead").exists()
    assert list(place.iterdir()) == []


def test_a_commit_that_this_clone_lacks(root: Path) -> None:
    """A shallow one, say: told, and nothing stays."""
    with pytest.raises(CozeopsError, match="git ls-tree") as told, files_at(root, os.environ, "0" * 40):
        pass
    assert "still in this clone" in told.value.hint
    assert list((root / ".cozeops/past").iterdir()) == []
