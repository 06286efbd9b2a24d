"""`python -m benchmarks`: measure everything, print it as tables, and write them if asked to."""

import json
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bars import Facts, Measured, bars, sizes_table
from benchmarks.catalogs import DEFAULT, LARGE, SMALL, TINY, CatalogShape, load
from benchmarks.explained import HOW_TO_RUN, LIMITS, NOTES, ROWS
from benchmarks.processes import measure_memory, processes_table, time_processes
from benchmarks.report import Table, environment, render
from benchmarks.sql_readings import time_sql
from benchmarks.steps import time_steps
from benchmarks.traffic import count_requests
from lineage.catalog.wsgi import Catalog
from lineage.openmetadata.client import Client

__all__ = ["main"]

_SERVED = {"tiny": TINY, "small": SMALL, "default": DEFAULT, "large": LARGE}
_SIZES = ("domains:32000", "layers:22000", "domains:100000", "layers:100000", "domains:1000000")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks."""
    options = _parse(arguments)
    shape = _SERVED[options.catalog]
    sizes = {name: _size(name, options) for name in options.sizes}
    processes = time_processes(options.rounds)
    tables = [bars(Measured(sizes, processes)), sizes_table(sizes), processes_table(processes)]
    tables += [time_sql(options.statements, options.rounds), *_served(shape, options.rounds)]
    facts = f"- {environment()}\n- served: {shape}, seed {shape.seed}\n{NOTES}"
    report = render("Benchmarks", (HOW_TO_RUN, facts), tables)
    report += f"\n## What the rows are\n\n{ROWS}\n## What takes the time\n\n{LIMITS}"
    print(report, end="")
    if options.output is not None:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "benchmarks.md").write_text(report, encoding="utf-8")


def _parse(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--sizes", nargs="+", default=_SIZES, metavar="SHAPE:NODES", help="shapes and sizes")
    add("--rounds", type=int, default=3, help="how often to time each thing; once at a million")
    add("--statements", type=int, default=10_000, help="how many statements of SQL are read")
    add("--catalog", choices=_SERVED, default="default", help="what is served")
    add("--results", type=Path, metavar="FOLDER", help="where figures of sizes are kept")
    add("--output", type=Path, metavar="FOLDER", help="write the page there too")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def _size(name: str, options: Namespace) -> Facts:
    """Measure a size, or take what was measured of it before."""
    shape, nodes = name.split(":")
    kept = None if options.results is None else options.results / f"{shape}-{nodes}.json"
    if kept is not None and kept.exists():
        printed = kept.read_text(encoding="utf-8")
    else:
        rounds = 1 if int(nodes) >= 1_000_000 else options.rounds
        with TemporaryDirectory() as folder:
            file = f"{folder}/snapshot.json.gz"
            _module("snapshots", shape, nodes, file)
            printed = _module("sizes", file, str(rounds))
        if kept is not None:
            kept.write_text(printed, encoding="utf-8")
    facts: Facts = json.loads(printed)
    return facts


def _module(part: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"benchmarks.{part}", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - our own module


def _served(shape: CatalogShape, runs: int) -> list[Table]:
    """Measure a catalog behind HTTP."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalog.db"
        with Catalog(file) as catalog, Client.in_process(catalog, catalog.token, name="") as client:
            load(client, shape)
        return [count_requests(file), time_steps(file, runs), measure_memory(file)]


if __name__ == "__main__":
    main()
