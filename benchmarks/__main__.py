"""`python -m benchmarks`: measure everything, print it as a table, and write it if asked to."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.catalogs import DEFAULT, LARGE, SMALL, CatalogShape, load
from benchmarks.processes import measure_processes
from benchmarks.questions import time_questions
from benchmarks.report import environment, render
from benchmarks.traffic import count_requests
from lineage.catalog.application import Catalog
from lineage.openmetadata.client import Client

__all__ = ["main", "measure"]

_NOTES = (
    "the embedded catalog serves from a process of its own, over HTTP on loopback",
    "first: asked of a new graph, which compiles its flow for the whole catalog; the audit too",
    (
        "networkx: `ancestors`, and for the audit one walk a model for shortest paths, in a "
        "network exported beforehand; it is asked for less (no features, strength, masking or "
        "gaps) and passes no column where only two tables are connected, yet counts the tables "
        "and features on its way as found"
    ),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks."""
    options = _parse(arguments)
    report = measure(options.shape, options.runs)
    print(report, end="")
    if options.output is not None:
        options.output.write_text(report, encoding="utf-8")


def measure(shape: CatalogShape, runs: int) -> str:
    """Measure a catalog of some shape, and report in Markdown."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalog.db"
        with Catalog(file) as catalog, Client.in_process(catalog, catalog.token, name="") as client:
            load(client, shape)
        tables = (
            count_requests(file),
            *time_questions(file, runs),
            *measure_processes(file, runs),
        )
    facts = (environment(), f"{shape}, seed {shape.seed}", f"medians of {runs} runs", *_NOTES)
    return render("Benchmarks", facts, tables)


def _parse(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    sizes = parser.add_mutually_exclusive_group()
    for option, shape in (("--small", SMALL), ("--large", LARGE)):
        sizes.add_argument(
            option,
            help=str(shape),
            action="store_const",
            const=shape,
            default=DEFAULT,
            dest="shape",
        )
    parser.add_argument("--runs", type=int, default=5, help="how often to time each thing")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report there too")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    return options


if __name__ == "__main__":
    main()
