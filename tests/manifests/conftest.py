from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifests.projects import Loader


@pytest.fixture
def project(tmp_path: Path) -> Loader:
    return Loader(tmp_path)
