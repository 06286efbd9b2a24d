"""DuckDB: the audit of an edge table larger than memory, on one machine."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lineage.engines.bits import Bit
from lineage.engines.propagation import arriving_query, new_query, propagate
from lineage.engines.results import QUERIES, seal_results
from lineage.errors import BrokenFile, LineageError
from lineage.sources.tables import Tables

__all__ = ["find_with_duckdb"]


def find_with_duckdb(
    table: Tables, results: str | os.PathLike[str], *, memory: str | None = None
) -> None:
    """Find what reaches each target of an edge table, within a limit of memory.

    What does not fit goes to a temporary folder beside the results, which takes up to some
    three times the size of the edge table.

    Parameters
    ----------
    table : Tables
        An edge table.
    results : path
        The folder to write findings and evidence to.
    memory : str, optional
        How much DuckDB may use, for instance `2GB`; four fifths of the machine's unless
        told otherwise.

    Raises
    ------
    LineageError
        DuckDB is not installed, or what it was given is too little, lacks a table or cannot be
        read.
    """
    try:
        import duckdb  # noqa: PLC0415  # an extra, and heavy
    except ModuleNotFoundError:
        message = "the engine takes DuckDB: pip install 'mlmodel-lineage[duckdb]'"
        raise LineageError(message) from None
    place = Path(results)
    try:
        place.mkdir(parents=True, exist_ok=True)
        with (
            TemporaryDirectory(dir=place, prefix=".duckdb-") as work,
            duckdb.connect(str(Path(work) / "work.db")) as connection,
        ):
            _run(connection, table, place, work, memory)
        seal_results(place)
    except OSError as error:
        raise BrokenFile(str(place), f"cannot be written: {error.strerror or error}") from None
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        message = f"{table.folder}: DuckDB cannot go through it: {reason}"
        raise LineageError(message) from None


def _run(connection: Any, table: Tables, place: Path, work: str, memory: str | None) -> None:
    connection.execute("SET temp_directory = $folder", {"folder": work})
    connection.execute("SET preserve_insertion_order = false")  # the log may come in any order
    if memory is not None:
        connection.execute("SET memory_limit = $memory", {"memory": memory})
    executor = _Executor(connection)
    for name in ("labels", "seeds", "targets"):
        executor.save(name, f"SELECT * FROM {_parquet(table.path(name))}")
    arcs = f"SELECT tail, head, strength, hop FROM {_parquet(table.path('arcs'))}"
    # Arcs lie in the file, from where they can be read again; all else is temporary, so that
    # it is written only where memory does not suffice.
    connection.execute(f"CREATE TABLE free_arcs AS {arcs} WHERE hop < 0")
    connection.execute(f"CREATE TABLE hop_arcs AS {arcs} WHERE hop >= 0")
    propagate(executor)
    for name, query in QUERIES.items():
        connection.execute(f"COPY ({query}) TO {_quoted(place / f'{name}.parquet')}")


class _Executor:
    """Queries as tables of one connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def ask(self, query: str) -> Sequence[tuple[int, ...]]:
        rows: list[tuple[int, ...]] = self.connection.execute(query).fetchall()
        return rows

    def save(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def append(self, name: str, query: str, *, step: int) -> int:
        new = f"SELECT *, CAST({step} AS INT) AS step FROM ({query})"
        self.connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS {new} LIMIT 0")
        ((count,),) = self.ask(f"INSERT INTO {name} {new}")
        return count

    def carry(self, arcs: str, bits: Sequence[Bit], *, since: int, step: int) -> int:
        self.save("arriving", arriving_query(arcs, bits, since=since))
        return self.append("log", new_query(), step=step)

    def drop(self, name: str) -> None:
        self.connection.execute(f"DROP TABLE IF EXISTS {name}")


def _parquet(path: str) -> str:
    files = f"{path}/*.parquet" if Path(path).is_dir() else path
    return f"read_parquet({_quoted(files)})"


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
