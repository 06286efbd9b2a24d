"""Environments of other tools, each made once and kept apart from the library's own.

They take minutes and gigabytes, so they are made only where a folder is named for them:
LINEAGE_TEST_ENVIRONMENTS. Without it, tests read what such tools wrote before (`recordings.py`).
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

_READY = "ready"
_MINUTES = 10


@dataclass(frozen=True)
class Environment:
    """An environment with some packages in it."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    @property
    def variables(self) -> dict[str, str]:
        """What its programs find in theirs: themselves first, and nothing of ours."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return {**kept, "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *command: str, cwd: Path, **variables: str) -> str:
        """Run one of its programs, and return what it printed."""
        done = subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            check=False,
            cwd=cwd,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            timeout=_MINUTES * 60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def environment(name: str, *requirements: str) -> Environment:
    """Return an environment with these packages; made once, and skipped where it cannot be."""
    wanted = "\n".join((sys.version, *requirements))
    folder = _cache() / f"{name}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder.with_suffix(".lock")):
        if not (folder / _READY).exists():
            _make(folder, requirements)
    return Environment(folder)


def _cache() -> Path:
    said = os.environ.get("LINEAGE_TEST_ENVIRONMENTS")
    if not said:
        pytest.skip("LINEAGE_TEST_ENVIRONMENTS names no folder for environments of other tools")
    return Path(said)


def _make(folder: Path, requirements: tuple[str, ...]) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        pytest.skip("the environment is made by uv, which is not installed")
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            str(folder / "bin" / "python"),
            *requirements,
        ],
    ):
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=_MINUTES * 60
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or [""]
            pytest.skip(f"no environment with {', '.join(requirements)}: {said[0]}")
    (folder / _READY).touch()


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        flock(file, LOCK_EX)
        yield
