"""Manifests: files -> documents with positions -> validated manifests -> resolved resources.

The only place that reads YAML. It knows no HTTP and no terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cozeops.lazily import exports

if TYPE_CHECKING:
    from cozeops.manifests.codes import Code
    from cozeops.manifests.load import Project, load_project, load_settings
    from cozeops.manifests.project_file import Settings

__all__ = ["Code", "Project", "Settings", "load_project", "load_settings"]

__getattr__ = exports(
    __name__,
    {
        "Code": "codes",
        "Project": "load",
        "Settings": "project_file",
        "load_project": "load",
        "load_settings": "load",
    },
)
