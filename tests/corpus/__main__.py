"""Print what is said about each broken project: `python -m tests.corpus [WORDS OF ITS NAME]`."""

from __future__ import annotations

import sys

from tests.corpus import every
from tests.corpus.run import run

if __name__ == "__main__":
    for name, case in every.cases().items():
        if all(word in name for word in sys.argv[1:]):
            ran = run(case, "plan")
            print(f"━━━ {name}  exit {ran.code}\n{ran.err}{ran.out}")  # noqa: T201
