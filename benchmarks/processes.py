"""Fresh processes: what importing, the demo and reading a catalog cost from nothing."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from benchmarks.report import Row, Table
from benchmarks.serving import served
from benchmarks.stopwatch import Spread

__all__ = ["Import", "measure_processes", "time_import"]

_ROOT = Path(__file__).parents[1]
_IMPORT = """
import sys, time
modules, started = len(sys.modules), time.perf_counter()
import {module}
seconds, loaded = time.perf_counter() - started, len(sys.modules) - modules
print(seconds, loaded, *{{"numpy", "httpx", "matplotlib"}} & sys.modules.keys())
"""
# A child's peak begins at that of the process it is forked from, so it gets a small one.
_SMALL_PARENT = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


class Import(NamedTuple):
    """What importing a module takes, how many modules it loads, and the heavy ones of them."""

    seconds: Spread
    modules: int
    heavy: tuple[str, ...]


def measure_processes(file: Path, imports: dict[str, Import], runs: int) -> tuple[Table, Table]:
    """Measure times, and peak memory, in processes that have done nothing before."""
    imported = (
        (f"`import {name}`", *one.seconds.cells, f"{one.modules:,}")
        for name, one in imports.items()
    )
    rows = (*imported, _demo(runs))
    times = Table(("Fresh processes", "median", "min to max", "modules loaded"), rows)
    return times, Table(("Peak memory of a fresh process", "MiB"), _memory(file))


def time_import(module: str, runs: int) -> Import:
    """Import a module in so many processes."""
    code = _IMPORT.format(module=module)
    _python("-c", code)  # so that no run has to compile
    answers = [_python("-c", code).split() for _ in range(runs)]
    _, modules, *heavy = answers[0]
    return Import(
        Spread.of([float(seconds) for seconds, *_ in answers]), int(modules), tuple(heavy)
    )


def _demo(runs: int) -> Row:
    return ("`lineage demo`", *Spread.of([_time_demo() for _ in range(runs)]).cells, "")


def _time_demo() -> float:
    with TemporaryDirectory() as folder:
        started = perf_counter()
        _python("-m", "lineage", "demo", folder)
        return perf_counter() - started


def _memory(file: Path) -> tuple[Row, ...]:
    with served(file) as server:
        reading = ("-m", "benchmarks.memory", server.client.host)
        answer = _python("-c", _SMALL_PARENT, sys.executable, *reading, token=server.token)
    return tuple(tuple(line.split("\t")) for line in answer.splitlines())


def _python(*arguments: str, token: str = "") -> str:
    answer = subprocess.run(  # noqa: S603 - runs this interpreter on arguments written here
        [sys.executable, *arguments],
        env={**os.environ, "OPENMETADATA_JWT_TOKEN": token},
        cwd=_ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return answer.stdout
