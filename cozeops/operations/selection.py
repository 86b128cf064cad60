"""Which part of a project an operation is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cozeops.errors import UsageError
from cozeops.frozen import frozen
from cozeops.operations.handles import named
from cozeops.operations.project import labels_of

if TYPE_CHECKING:
    from cozeops.declare.resource import Resource
    from cozeops.engine.plan.shards import Shard
    from cozeops.manifests.load import Project


@frozen
class Selection:
    """What a plan is about; without arguments, the whole project."""

    target: tuple[str, ...] = ()
    """Addresses, patterns, names or `Workspace/NAME/` (see `handles.named`), with what they need."""
    exclude: tuple[str, ...] = ()
    """Addresses, with what depends on them."""
    selector: tuple[str, ...] = ()
    """Labels as `key=value`."""
    rewrite: tuple[str, ...] = ()
    """Addresses whose fields that cannot be read back are sent again."""
    prune: bool = False
    """Whether what left the manifests is removed; needs a state."""
    refresh: str = "incremental"
    """`incremental`: what a list says did not move is not read; `full`: everything is."""
    changed: tuple[str, ...] | None = None
    """The addresses that differ from a Git ref; None: nobody asked."""
    run_checks: bool = False
    """Whether the programs that the project names may run."""

    @property
    def selects(self) -> bool:
        """Whether it is about a part of the project."""
        return bool(self.target or self.exclude or self.selector) or self.changed is not None

    def resources(self, project: Project, shard: Shard | None = None) -> list[Resource]:
        """The chosen resources, of a shard only its own. Raises UsageError."""
        from cozeops.engine.plan.shards import sharded
        from cozeops.engine.plan.targets import select

        if self.changed == () and not (self.target or self.selector):
            return []
        chosen = select(
            project.resources,
            targets=named((*self.target, *(self.changed or ())), project.resources),
            excluded=named(self.exclude, project.resources),
            labels=labels_of(self.selector),
        )
        if self.selects and not any(resource.kind.lives for resource in chosen):
            raise UsageError(
                "nothing that lives on Coze was selected", hint="look at --target, --exclude and --selector"
            )
        own = {resource.address for resource in sharded(project.resources, shard)}
        return [resource for resource in chosen if resource.address in own]
