"""`python -m benchmarks.engines`: DuckDB on an edge table on disk, beside the same in memory.

Each pass runs in a process of its own, so that its peak of memory is its own. All carry eight
tags with their strengths and one kind of gap to all models, and walk back one shortest way for
every finding. Equal findings are asserted: label, target, strength and hops. Where an engine
goes through several disjoint copies of a catalog, each has to agree with the pass in memory.
"""

import json
import os
import resource
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from lineage.graph.index.arcs import sort_arcs
from lineage.graph.index.carry import Seeds
from lineage.graph.index.propagate import propagate
from lineage.graph.index.ways import Ways, make_ways
from pyarrow import parquet

from benchmarks.edge_tables import GAP, write_arrays
from benchmarks.graphs import make_arrays
from benchmarks.report import Table, render
from lineage.engines.duckdb import find_with_duckdb
from lineage.engines.results import open_results
from lineage.engines.spark import find_with_spark, open_frames, open_session
from lineage.files.parquet_tables import Tables
from lineage.model.edges import Strength

__all__ = ["Pass", "engines_table", "main", "measure_engines"]


Facts = dict[str, Any]


class Pass(NamedTuple):
    """By what, within how much memory, and through how many disjoint copies of a catalog."""

    engine: str
    memory: str = "2GB"
    copies: int = 1

    def __str__(self) -> str:
        return f"{self.engine} at {self.memory}" if self.engine == "duckdb" else self.engine


def main() -> None:
    """Measure one size, and print a row for each pass."""
    parser = ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--nodes", type=float, default=2e5, help="about how many")
    parser.add_argument("--passes", nargs="+", default=["memory", "duckdb"])
    parser.add_argument("--memory", default="2GB", help="how much DuckDB may use")
    parser.add_argument("--copies", type=int, default=1, help="so many disjoint copies of them")
    parser.add_argument("--folder", type=Path, help="where tables are kept between runs")
    parser.add_argument("--make", type=Path, help="make the tables: what one process does")
    parser.add_argument("--run", nargs=2, help="one pass over one folder: what each process does")
    options = parser.parse_args()
    if options.make:
        write_arrays(make_arrays(int(options.nodes)), options.make, copies=options.copies)
        return
    if options.run:
        _run(options.run[0], Path(options.run[1]), options.memory, options.copies)
        return
    passes = [
        Pass(engine, options.memory, 1 if engine == "memory" else options.copies)
        for engine in options.passes
    ]
    told = measure_engines(int(options.nodes), passes, folder=options.folder)
    print(render("Engines", "", (), (engines_table(told),)))


def measure_engines(
    nodes: int, passes: Sequence[Pass], *, folder: Path | None = None
) -> dict[Pass, Facts]:
    """Run each pass in a process of its own."""
    with TemporaryDirectory() as made:
        place, told = folder or Path(made), {}
        for one in passes:
            tables = place / f"{nodes}x{one.copies}"
            if not tables.exists():
                _started("--nodes", nodes, "--copies", one.copies, "--make", tables)
            options = ("--memory", one.memory, "--copies", one.copies)
            ran = _started(*options, "--run", one.engine, tables)
            told[one] = json.loads(ran.splitlines()[-1])
    if len({facts["digest"] for facts in told.values()}) != 1:
        message = f"the passes do not agree: {told}"
        raise RuntimeError(message)
    return told


def engines_table(told: dict[Pass, Facts]) -> Table:
    """Show what each pass took."""
    rows = (
        (
            f"{one}, {facts['edges']:,} arcs",
            f"{facts['seconds']:.1f} s",
            f"{facts['busy']:.1f} s",
            f"{facts['peak']:.2f} GB",
            f"{facts['findings']:,}",
        )
        for one, facts in told.items()
    )
    return Table(("Engines", "time", "processor time", "peak memory", "findings"), tuple(rows))


def _started(*options: object) -> str:
    """Run this program in a process of its own, and give what it prints.

    This one stays small, since a child's peak begins at that of the process it is forked from.
    """
    done = subprocess.run(  # noqa: S603  # this program itself
        [sys.executable, "-m", "benchmarks.engines", *map(str, options)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},  # what Spark starts its workers by
    )
    return done.stdout


def _run(name: str, folder: Path, memory: str, copies: int) -> None:
    paths = {path.stem: str(path) for path in folder.glob("*.parquet")}
    table = Tables(str(folder), {}, paths)
    passes = {"memory": _in_memory, "duckdb": _with_duckdb, "spark": _with_spark}
    begin = time.perf_counter()
    findings = passes[name](table, memory)
    seconds, busy = time.perf_counter() - begin, time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    facts = {
        "seconds": seconds,
        "busy": busy,
        "peak": peak,
        "edges": parquet.read_metadata(paths["arcs"]).num_rows,
        "findings": len(findings[0]),
        "digest": _digest(findings, table, copies),
    }
    print(json.dumps(facts))


def _digest(findings: list[Any], table: Tables, copies: int) -> str:
    """Fold up what is found in one of the copies; in all there are so many times as much."""
    nodes = int(table.read("nodes")["node"][0].as_py()) + 1
    chosen = findings[_COMPARED.index("target")] < nodes // copies
    first = [column[chosen] for column in findings]
    if len(first[0]) * copies != len(findings[0]):
        message = "the copies do not agree"
        raise RuntimeError(message)
    order = np.lexsort(first[::-1])
    return sha256(b"".join(column[order].tobytes() for column in first)).hexdigest()


def _with_duckdb(table: Tables, memory: str) -> list[Any]:
    with TemporaryDirectory(dir=table.folder) as results:
        find_with_duckdb(table, results, memory=memory)
        return _columns(Path(results))


def _with_spark(table: Tables, _memory: str) -> list[Any]:
    session = open_session()
    with TemporaryDirectory(dir=table.folder) as work:
        results = Path(work) / "results"
        find_with_spark(open_frames(session, table), str(results), work=f"{work}/steps")
        return _columns(results)


def _columns(results: Path) -> list[Any]:
    findings = open_results(results).read("findings")
    return [findings[name].to_numpy() for name in _COMPARED]


_ARCS = ("tail", "head", "strength", "hop")
_COMPARED = ("label", "target", "strength", "hops")


def _in_memory(table: Tables, _memory: str) -> list[Any]:
    """Carry the same labels with the index's own pass, from the same files."""
    arcs = {
        name: column.to_numpy()
        for name, column in zip(_ARCS, table.read("arcs").columns, strict=True)
    }
    seeds, targets = table.read("seeds"), table.read("targets")["node"].to_numpy()
    is_hop, nodes = arcs["hop"] >= 0, int(table.read("nodes")["node"][0].as_py()) + 1
    hops, inside = (
        sort_arcs(*(arcs[name][kept] for name in ("tail", "head", "strength")), nodes=nodes)[0]
        for kept in (is_hop, ~is_hop)
    )
    del arcs
    ways = make_ways(hops, inside)
    label, node = (seeds[name].to_numpy().astype(np.int64) for name in ("label", "node"))
    found = [
        _found(ways, Seeds(label[chosen], node[chosen], strength), targets.astype(np.int64))
        for chosen, strength in ((label != GAP, Strength.VALUE), (label == GAP, Strength.TABLE))
    ]
    return [np.concatenate(columns).astype(np.int32) for columns in zip(*found, strict=True)]


def _found(ways: Ways, seeds: Seeds, targets: Any) -> tuple[Any, ...]:
    """Propagate tags, or gaps: those are as weak as can be, so that the nearest is found."""
    found = propagate(ways, seeds, targets)
    return found.labels, found.targets, found.strengths, found.hop_counts


if __name__ == "__main__":
    main()
