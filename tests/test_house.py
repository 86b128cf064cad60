"""What holds the house together, beyond the layers that import-linter keeps."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
    for path in (ROOT / "cozeops").rglob("*.py")
}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in FILES.items()}
MOST_PARAMETERS = 7
PROCESS = {"os.environ", "os.getcwd", "Path.cwd", "sys.argv", "sys.stdout", "sys.stderr", "sys.stdin"}
"""What only the command line looks at."""
ASKING = {
    # It is called by programs: without variables, it takes those of the process.
    "cozeops.operations.session",
    # Whether Git tracks our folder is asked where a file of ours is opened, before anything is given to it:
    # the search path says which git there is.
    "cozeops.state.files",
}


def imported(name: str) -> Iterator[str]:
    """The files that a file imports anywhere: late, or for the type checker alone, too."""
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (
                found if (found := f"{module}.{alias.name}") in FILES else module for alias in node.names
            )


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, node


def test_no_circle_of_files() -> None:
    # The facade of the package names everything, and nothing imports a name from it.
    graph = {name: set(imported(name)) & FILES.keys() - {name, "cozeops"} for name in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_nothing_imports_from_the_facade() -> None:
    assert [name for name in FILES if "cozeops" in imported(name)] == []


def test_no_function_takes_more_than_a_reader_can_hold() -> None:
    for name, node in functions():
        if not name.startswith("cozeops.cli.commands"):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            taken = [one.arg for one in arguments if one.arg not in ("self", "cls")]
            assert len(taken) <= MOST_PARAMETERS, f"{name}.{node.name} takes {len(taken)}"


def test_only_the_command_line_knows_the_process() -> None:
    for name, tree in TREES.items():
        if name.startswith(("cozeops.cli", "cozeops.emulator", "cozeops.__main__")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in PROCESS:
                assert name in ASKING, f"{name}:{node.lineno} {ast.unparse(node)}"
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
            assert called != "print", f"{name}:{node.lineno} prints"
