"""The HTTP side: where to connect, as whom, how often, how fast; and what a reply means.

The only floor that knows HTTP. It carries out the calls that kinds declare and knows no kind by name.
"""

from __future__ import annotations

import sys

# httpx has a command line of its own, which would load rich and pygments into every run.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
