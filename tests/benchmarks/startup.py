"""What a user waits for before anything happens: `--help`, and `validate` against a bare load of the YAML."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.fleet import Fleet
from tests.benchmarks.measure import cozeops, median_of, row, run, title

_LOAD = """
try:
    from ruamel.yaml.cyaml import CSafeLoader
    def load(text):
        loader = CSafeLoader(text)
        found = loader.get_single_data()
        loader.dispose()
        return found
except ImportError:
    from ruamel.yaml import YAML
    load = YAML(typ="safe").load
"""
_BARE = f"""{_LOAD}
import sys, pathlib
for file in sorted(pathlib.Path(sys.argv[1]).rglob("*.yaml")):
    load(file.read_text("utf-8"))
"""
_IN_PROCESS = f"""{_LOAD}
import sys, pathlib, time
from cozeops.manifests import load_project
texts = [one.read_text("utf-8") for one in sorted(pathlib.Path(sys.argv[1]).rglob("*.yaml"))]
def bare():
    for text in texts: load(text)
def whole(): load_project(pathlib.Path(sys.argv[1]), environment=None, environ={{}})
def took(action):
    began = time.process_time(); action(); return time.process_time() - began
times = [(took(bare), took(whole)) for _ in range(5)]
print(min(a for a, _ in times), min(b for _, b in times))
"""


def main(bots: int, folder: Path) -> None:
    """Measure processes from their start to their end."""
    title("start-up and validate")
    python = median_of(9, lambda: run([sys.executable, "-c", "pass"]).seconds)
    row("python -c pass", python)
    for arguments in (["--help"], ["--version"], ["plan", "--help"]):
        seconds = median_of(9, lambda line=arguments: run([sys.executable, "-m", "cozeops", *line]).seconds)
        row(f"cozeops {' '.join(arguments)}", seconds, f"ratio {seconds / python:.1f}")
    Fleet(bots).write(folder)
    try:
        import _ruamel_yaml  # noqa: F401

        parser = "C"
    except ImportError:
        parser = "pure Python: install the extra `fast`"
    bare = median_of(3, lambda: run([sys.executable, "-c", _BARE, str(folder)]).seconds)
    row(f"bare YAML load of {bots} manifests ({parser})", bare)
    seconds = median_of(3, lambda: cozeops(folder, "validate").seconds)
    row("cozeops validate", seconds, f"ratio {seconds / bare:.2f}", f"without start-up {_alone(folder)}")


def _alone(folder: Path) -> str:
    ran = run([sys.executable, "-c", _IN_PROCESS, str(folder)])
    bare, whole = (float(one) for one in ran.out.split())
    return f"{whole:.3f} s / {bare:.3f} s = {whole / bare:.2f} of CPU"
