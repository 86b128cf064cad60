"""How often and how long a run looks whether Coze shows what it wrote."""

from __future__ import annotations

from collections.abc import Iterator

from cozeops.engine.run.context import ApplyContext

_SHOWN = (0.0, 1.0, 2.0)
"""Seconds before each look whether what was published is shown."""
BETWEEN_LOOKS = 5.0
"""The same where somebody asked to wait for it."""


def looks(run: ApplyContext) -> Iterator[None]:
    """A moment for each look whether users have what was published: a few, and more where that is awaited."""
    waited = 0.0
    for pause in _SHOWN:
        run.sleep(pause)
        yield
    while waited < run.patience.publication and not run.stop.is_set():
        pause = min(BETWEEN_LOOKS, run.patience.publication - waited)
        run.sleep(pause)
        waited += pause
        yield
