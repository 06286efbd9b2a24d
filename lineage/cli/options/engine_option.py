"""How `lineage audit` has an engine do its work."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from lineage.cli.options.catalog_option import load_graph
from lineage.errors import LineageError
from lineage.governance.audit.audit import Audit
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.queries.lookup import find_among, find_model

if TYPE_CHECKING:
    from lineage.files.parquet_tables import Tables

__all__ = ["Engine", "Work", "audit_with_engine", "refuse_edge_table"]


class Engine(StrEnum):
    """What goes through an edge table."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Work(NamedTuple):
    """What is asked of an engine."""

    engine: Engine
    memory: str | None = None
    tags: tuple[str, ...] | None = None
    suggested: bool = False
    sql: bool = True


@contextmanager
def audit_with_engine(location: str, models: Sequence[str], work: Work) -> Iterator[Audit]:
    """Audit an edge table, or the one of whatever else a location names.

    What is not looked at before the end is never read: a table that was made for this is gone then.
    """
    from lineage.engines.edge_table import is_edge_table, open_edge_table
    from lineage.engines.engine_audit import models_in, read_audit
    from lineage.engines.results import open_results

    with TemporaryDirectory(prefix="lineage-") as made:
        place = Path(made)
        if is_edge_table(location):
            if work.tags is not None or work.suggested:
                message = f"{location} has the tags it was compiled for: `lineage compile` it anew"
                raise LineageError(message)
            table = open_edge_table(location)
            known = models_in(table) if models else ()
            chosen = [find_among(known, name) for name in models]
        else:
            graph = load_graph(location, sql=work.sql)
            chosen = [find_model(graph, name) for name in models]
            table = _compiled(graph, place / "table", chosen, work)
        _find(table, place, work)
        yield read_audit(table, open_results(place / "results"), models=chosen or None)


def refuse_edge_table(location: str) -> None:
    """Refuse an edge table where no engine was chosen.

    Raises
    ------
    LineageError
        It is one; the message names the engines.
    """
    if not Path(location).is_dir():
        return
    from lineage.engines.edge_table import is_edge_table

    if is_edge_table(location):
        message = f"{location} is an edge table: choose an engine for it, --engine duckdb or spark"
        raise LineageError(message)


def _compiled(
    graph: LineageGraph, place: Path, models: Sequence[Reference], work: Work
) -> "Tables":
    from lineage.engines.edge_table import open_edge_table, write_edge_table

    tags, suggested = work.tags, work.suggested
    write_edge_table(graph, place, models=models or None, tags=tags, suggested=suggested)
    return open_edge_table(place)


def _find(table: "Tables", place: Path, work: Work) -> None:
    if work.engine == Engine.DUCKDB:
        from lineage.engines.duckdb import find_with_duckdb

        find_with_duckdb(table, place / "results", memory=work.memory)
        return
    if work.memory is not None:
        message = "--memory is for DuckDB: Spark takes --driver-memory of spark-submit"
        raise LineageError(message)
    from lineage.engines.spark import find_with_spark, open_frames, open_session

    # Spark starts its workers by this name; they need what is installed here.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = open_session()
    frames = open_frames(session, table)
    find_with_spark(frames, str(place / "results"), work=str(place / "steps"))
    # Not after a failure: who would answer may be gone, and that would hide what failed.
    session.stop()
