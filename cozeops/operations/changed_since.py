"""`--changed-since REF`: the resources that the project's files make into something else than at REF.

Not files are compared but what comes of them: a comment selects nothing, and a value in cozeops.yaml or
a shared prompt selects exactly the resources that use it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from cozeops.address import Address
from cozeops.errors import CozeopsError, InvalidProject, UsageError

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource
    from cozeops.manifests.load import Project
    from cozeops.operations.host import Host
    from cozeops.state.git_program import Git


def changed_since(project: Project, ref: str, host: Host) -> tuple[str, ...]:
    """The addresses that are new or different since the commit where this branch left `ref`.

    Raises UsageError outside Git, and for a ref that is not there.
    """
    from cozeops.state.past import local_git

    git = local_git(project.root, host.environ)
    commit = _base(git, _commit(git, ref))
    before = _at(project, commit, host)
    changed = [one for one in project.resources if before.get(one.address) != _identity(one)]
    if not changed:
        host.say(f"Nothing that cozeops manages differs from {ref}.")
    return tuple(str(one.address) for one in changed)


def is_edited(project: Project, commit: str, environ: Mapping[str, str]) -> bool:
    """Whether the project's files make something else than those of a commit: what is not kept anywhere."""
    try:
        then = _resources_at(project, commit, environ)
    except CozeopsError:  # no valid project then, or this clone lacks a part of it
        return True
    return then != {one.address: _identity(one) for one in project.resources}


def _resources_at(project: Project, commit: str, environ: Mapping[str, str]) -> dict[Address, Hashable]:
    from cozeops.manifests.load import load_project
    from cozeops.state.past import files_at

    with files_at(project.root, environ, commit) as folder:
        then = load_project(folder, environment=project.environment, environ=environ)
        return {one.address: _identity(one) for one in then.resources}


def _identity(resource: Resource) -> Hashable:
    """Everything that planning a resource depends on."""
    return resource.inputs, resource.lifecycle, resource.moved_from


def _commit(git: Git, ref: str) -> str:
    if git.ask("rev-parse", "--show-toplevel").code:
        raise UsageError(
            f"--changed-since {ref}: {git.root} is not in a Git repository", hint="leave the option out"
        )
    found = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if found.code:
        raise UsageError(
            f"--changed-since {ref}: Git knows no such commit here",
            hint="fetch it first (git fetch origin main; in CI: check out with the full history)",
        )
    return found.text


def _base(git: Git, commit: str) -> str:
    """Where this branch left the other: what others merged since then is not ours to plan."""
    found = git.ask("merge-base", commit, "HEAD")
    return commit if found.code else found.text


def _at(project: Project, commit: str, host: Host) -> dict[Address, Hashable]:
    """The resources of the project at a commit; none where it was no valid project then."""
    try:
        return _resources_at(project, commit, host.environ)
    except InvalidProject as error:
        host.say(f"At {commit[:12]} the project has {error.message}: all of it is planned.")
        return {}
