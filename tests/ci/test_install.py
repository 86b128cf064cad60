"""What the recipes install: the commit that was checked out, and what was pinned with its hash."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.ci.conftest import CI, SCRIPTS

# A `python3 -m venv` that makes only a pip which notes its arguments.
FAKE = """#!/bin/sh
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" >>"$PIP_LOG"\\n' >"$3/bin/pip"
chmod +x "$3/bin/pip"
"""


def _installed(folder: Path, **environ: str) -> list[str]:
    """The arguments of each call of pip."""
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").write_text(FAKE, encoding="utf-8")
    (folder / "bin" / "python3").chmod(0o755)
    log = folder / "pip.log"
    subprocess.run(
        ["sh", str(SCRIPTS / "install.sh")],
        env={
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "COZEOPS_SOURCE": str(CI),
            "RUNNER_TEMP": str(folder),
            "PIP_LOG": str(log),
            **environ,
        },
        check=True,
        capture_output=True,
    )
    return log.read_text("utf-8").splitlines()


def test_pins_with_hashes(tmp_path: Path) -> None:
    """Nothing that is not in the file: no dependency and no build tool is looked for elsewhere."""
    first, second = _installed(tmp_path, COZEOPS_REQUIREMENTS="pins.txt")
    assert first.endswith("--require-hashes -r pins.txt")
    assert second.endswith(f"--no-deps --no-build-isolation {CI.resolve()}")


def test_without_pins(tmp_path: Path) -> None:
    """The source itself is the folder, whatever."""
    (line,) = _installed(tmp_path)
    assert line.endswith(f"{CI.resolve()}[check,fast,jwt,s3]")


@pytest.mark.parametrize("right", [True, False])
def test_a_package_of_another_hash_is_refused(tmp_path: Path, right: bool) -> None:
    """By pip itself, as the script calls it."""
    wheel = tmp_path / "pinned-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("pinned.py", "")
        file.writestr("pinned-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pinned\nVersion: 1.0\n")
        file.writestr(
            "pinned-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr("pinned-1.0.dist-info/RECORD", "")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pins = tmp_path / "pins.txt"
    pins.write_text(f"pinned==1.0 --hash=sha256:{found if right else '0' * 64}\n", encoding="utf-8")
    ran = subprocess.run(
        [
            *("python3", "-m", "pip", "install", "--no-index", "--find-links", str(tmp_path)),
            *("--require-hashes", "--target", str(tmp_path / "out"), "-r", str(pins)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named pip" in ran.stderr:
        pytest.skip("python3 has no pip")
    assert (ran.returncode == 0) is right, ran.stderr
    assert right or "DO NOT MATCH THE HASHES" in ran.stderr
