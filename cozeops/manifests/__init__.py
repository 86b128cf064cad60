"""Manifests: files -> documents with positions -> validated manifests -> resolved resources.

The only place that reads YAML. It knows no HTTP and no terminal.
"""

from __future__ import annotations

from cozeops.manifests.codes import Code
from cozeops.manifests.load import Project, load_project, load_settings
from cozeops.manifests.project_file import Settings

__all__ = ["Code", "Project", "Settings", "load_project", "load_settings"]
