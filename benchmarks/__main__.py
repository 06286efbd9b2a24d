"""`python -m benchmarks`: measure everything, print it as tables, and write them if asked to."""

import json
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import debian
from benchmarks.bars import Facts, Measured, bars
from benchmarks.catalogs import DEFAULT, LARGE, SMALL, TINY, CatalogShape, load
from benchmarks.explained import HOW_TO_RUN, NOTES, ROWS
from benchmarks.growth import draw, grown
from benchmarks.processes import Import, measure_processes, time_import
from benchmarks.questions import time_questions
from benchmarks.report import Table, environment, render
from benchmarks.stopwatch import Spread
from benchmarks.traffic import count_requests
from lineage.catalog.wsgi import Catalog
from lineage.openmetadata.client import Client

__all__ = ["main"]

_SHAPES = {"tiny": TINY, "small": SMALL, "default": DEFAULT, "large": LARGE}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks."""
    options = _parse(arguments)
    shape = _SHAPES[options.catalog]
    sizes = {nodes: _size(options.rounds, "graphs", str(nodes)) for nodes in options.sizes}
    is_debian = options.debian and debian.FOLDER.is_dir()
    real = {0: _size(options.rounds, "debian")} if is_debian else {}
    objects = _run("objects", str(options.objects), str(options.rounds))
    imports = {name: time_import(name, options.rounds) for name in ("lineage", "networkx")}
    nodes, copies = options.engines, options.copies
    engines, engine_tables = _engines(nodes, copies) if nodes else ({}, [])
    measured = Measured(sizes, objects, imports, engines)
    tables = [bars(measured), grown("Times by size", sizes), _objects(objects)]
    tables += [grown("Debian's dependencies", real)] if real else []
    tables += engine_tables
    tables += _served(shape, imports, options.rounds)
    facts = (
        environment(),
        f"medians of {options.rounds} rounds, fastest to slowest",
        f"served: {shape}, seed {shape.seed}",
        *NOTES,
        *([] if is_debian else ["Debian's dependencies are left out, or not at hand"]),
    )
    explained = "".join(f"- {name}: {what}\n" for name, what in ROWS)
    report = (
        render("Benchmarks", HOW_TO_RUN, facts, tables)
        + f"\n![How times grow](benchmarks.svg)\n\n## What the rows are\n\n{explained}"
    )
    print(report, end="")
    if options.output is not None:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "benchmarks.md").write_text(report, encoding="utf-8")
        draw(sizes, options.output / "benchmarks.svg")


def _parse(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = partial(parser.add_argument, type=int)
    add("--sizes", nargs="+", default=[10_000, 100_000, 1_000_000], help="of graphs of arrays")
    add("--objects", default=100_000, help="the size of a graph of objects")
    add("--engines", default=0, help="the size of an edge table for DuckDB")
    add("--copies", default=1, help="so many of them in another edge table")
    add("--rounds", default=5, help="how often to time each thing")
    parser.add_argument("--catalog", choices=_SHAPES, default="default", help="what is served")
    parser.add_argument("--no-debian", dest="debian", action="store_false", help="leave it out")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write all there too")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def _size(rounds: int, made_by: str, *arguments: str) -> Facts:
    with TemporaryDirectory() as folder:
        _module(made_by, *arguments, folder)
        return _run("sizes", folder, str(rounds))


def _run(part: str, *arguments: str) -> Facts:
    facts: Facts = json.loads(_module(part, *arguments))
    return facts


def _module(part: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"benchmarks.{part}", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - our own module


def _engines(nodes: int, copies: int) -> tuple[dict[str, Facts], list[Table]]:
    from benchmarks.engines import (  # noqa: PLC0415 - needs an extra
        Pass,
        engines_table,
        measure_engines,
    )

    passes = {"memory": Pass("memory"), "duckdb": Pass("duckdb")}
    if copies > 1:
        passes["copies"] = Pass("duckdb", "6GB", copies)
    told = measure_engines(nodes, list(passes.values()))
    return {name: told[one] for name, one in passes.items()}, [engines_table(told)]


def _objects(facts: Facts) -> Table:
    rows = ((name, *Spread(*spread).cells) for name, spread in facts["seconds"].items())
    return Table((f"Objects, {facts['nodes']:,} nodes", "median", "min to max"), tuple(rows))


def _served(shape: CatalogShape, imports: dict[str, Import], runs: int) -> list[Table]:
    """Measure a catalog behind HTTP."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalog.db"
        with Catalog(file) as catalog, Client.in_process(catalog, catalog.token, name="") as client:
            load(client, shape)
        return [
            count_requests(file),
            *time_questions(file, runs),
            *measure_processes(file, imports, runs),
        ]


if __name__ == "__main__":
    main()
