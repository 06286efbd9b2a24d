"""Processes from start to end: what whole commands cost, beside importing networkx."""

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.report import Row, Table
from benchmarks.serving import served
from benchmarks.stopwatch import Spread

__all__ = ["measure_memory", "processes_table", "time_processes"]

_ROOT = Path(__file__).parents[1]
_COMMANDS = {
    "`import networkx`": ("-c", "import networkx"),
    "`import lineage`": ("-c", "import lineage"),
    "`lineage --help`": ("-m", "lineage", "--help"),
    "`lineage upstream churn`": ("-m", "lineage", "upstream", "churn", "-c", "snapshot.json.gz"),
    "`lineage audit`": ("-m", "lineage", "audit", "--summary", "-c", "snapshot.json.gz"),
}
# A child's peak begins at that of the process it is forked from, so it gets a small one.
_SMALL_PARENT = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


def time_processes(runs: int) -> dict[str, list[float]]:
    """Run each command in turn, so often, on the snapshot that the demo writes."""
    seconds: dict[str, list[float]] = defaultdict(list)
    with TemporaryDirectory() as folder:
        started = perf_counter()
        _python("-m", "lineage", "demo", ".", folder=folder)
        seconds["`lineage demo`"].append(perf_counter() - started)
        for _ in range(runs):
            for name, arguments in _COMMANDS.items():
                started = perf_counter()
                _python(*arguments, folder=folder)
                seconds[name].append(perf_counter() - started)
    return seconds


def processes_table(seconds: dict[str, list[float]]) -> Table:
    """Show how long each took on the wall."""
    rows = ((name, *Spread.of(runs).cells) for name, runs in seconds.items())
    return Table(("Processes, from start to end", "median", "min to max"), tuple(rows))


def measure_memory(file: Path) -> Table:
    """Measure the peak memory of reading a catalog that is served."""
    with served(file) as server:
        reading = ("-m", "benchmarks.memory", server.client.host)
        answer = _python("-c", _SMALL_PARENT, sys.executable, *reading, token=server.token)
    rows: list[Row] = [tuple(line.split("\t")) for line in answer.splitlines()]
    return Table(("Peak memory of a fresh process", "MiB"), tuple(rows))


def _python(*arguments: str, token: str = "", folder: str | None = None) -> str:
    answer = subprocess.run(  # noqa: S603 - runs this interpreter on arguments written here
        [sys.executable, *arguments],
        env={**os.environ, "OPENMETADATA_JWT_TOKEN": token, "PYTHONPATH": str(_ROOT)},
        cwd=folder or _ROOT,
        check=False,  # an audit that finds something ends with 1
        stdout=subprocess.PIPE,
        text=True,
    )
    if answer.returncode > 1:
        raise RuntimeError(" ".join(arguments))
    return answer.stdout
