"""DuckDB: the audit of an edge table larger than memory, on one machine.

The arcs and what was found lie in tables, of which DuckDB keeps in memory what fits. What has
arrived at each node so far is an array, if there is room for it: to look it up there instead of
joining it spares a third of all the time.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage.engines.bitmasks import Bit
from lineage.engines.propagation import SMALL_TABLES, arriving_query, new_query, propagate
from lineage.engines.results import QUERIES, seal_results
from lineage.errors import BrokenFile, LineageError
from lineage.files.arrow_extra import pa
from lineage.files.parquet_tables import Tables

__all__ = ["find_with_duckdb"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]i?B)", re.IGNORECASE)
_BUFFERS, _STATE = 0.75, 0.1
"""What share of the memory DuckDB's buffers get, which its own limit counts, and what our array.

The rest is what a process takes besides.
"""
_AT_ONCE = 1 << 18  # rows that arrive, as arrays
_NODES = """
    SELECT coalesce(max(CAST(node AS BIGINT)) + 1, 0)
    FROM (
        SELECT node FROM seeds
        UNION ALL SELECT head FROM free_arcs
        UNION ALL SELECT head FROM hop_arcs
    ) AS given"""
_LOGGED = pa.schema({"node": pa.int32(), "bits": pa.int64()})


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
        How much all of it may take, for instance `2GB`: DuckDB's buffers get three quarters.
        Unless given they get four fifths of the machine's.

    Raises
    ------
    LineageError
        DuckDB is not installed, or what it was given is too little, lacks a table or cannot be
        read.
    """
    room = None if memory is None else _bytes(memory)
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
            _set_limits(connection, work, room)
            _run(connection, table, place, room)
        seal_results(place)
    except OSError as error:
        raise BrokenFile(str(place), f"cannot be written: {error.strerror or error}") from None
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        message = f"{table.folder}: DuckDB cannot go through it: {reason}"
        raise LineageError(message) from None


def _bytes(memory: str) -> float:
    """Read a size as bytes."""
    size = _SIZE.fullmatch(memory)
    if size is None:
        message = f"{memory!r} is no size of memory: write it as in 2GB or 512MiB"
        raise LineageError(message)
    unit = size[2].upper()
    thousand = 1024.0 if "I" in unit else 1000.0
    return float(size[1]) * thousand ** ("KMGT".index(unit[0]) + 1)


def _set_limits(connection: Any, work: str, room: float | None) -> None:
    connection.execute("SET temp_directory = $folder", {"folder": work})
    connection.execute("SET preserve_insertion_order = false")  # the log may come in any order
    if room is not None:
        limit = f"{int(room * _BUFFERS / 1000)}KB"
        connection.execute("SET memory_limit = $limit", {"limit": limit})


def _run(connection: Any, table: Tables, place: Path, room: float | None) -> None:
    executor = _Executor(connection)
    for name, columns in SMALL_TABLES.items():
        executor.save(name, f"SELECT {columns} FROM {_parquet(table.path(name))}")
    arcs = f"SELECT tail, head, strength, hop FROM {_parquet(table.path('arcs'))}"
    # Arcs lie in the file, from where they can be read again; all else is temporary, so that
    # it is written only where memory does not suffice.
    connection.execute(f"CREATE TABLE free_arcs AS {arcs} WHERE hop < 0")
    connection.execute(f"CREATE TABLE hop_arcs AS {arcs} WHERE hop >= 0")
    ((nodes,),) = executor.ask(_NODES)
    if room is None or 8 * nodes <= room * _STATE:
        executor.seen = np.zeros(nodes, np.int64)
    propagate(executor)
    for name, query in QUERIES.items():
        connection.execute(f"COPY ({query}) TO {_quoted(place / f'{name}.parquet')}")


class _Executor:
    """Queries as tables of one connection.

    Attributes
    ----------
    seen : array of int64, optional
        The bits that each node has, if there is room for them.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.seen: NDArray[np.int64] | None = None

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

    def advance(self, arcs: str, bits: Sequence[Bit], *, since: int, step: int) -> int:
        arriving = arriving_query(arcs, bits, since=since)
        if self.seen is None:
            self.save("arriving", arriving)
            return self.append("log", new_query(), step=step)
        if step == 1:
            self.seen[:] = 0
            for seeds in self._batches("SELECT node, bits FROM log"):
                _take_in(seeds, self.seen)
        new = [_take_in(batch, self.seen) for batch in self._batches(arriving)]
        self.connection.register("new", pa.Table.from_batches(new, _LOGGED))
        return self.append("log", "SELECT node, bits FROM new", step=step)

    def drop(self, name: str) -> None:
        self.connection.execute(f"DROP TABLE IF EXISTS {name}")

    def _batches(self, query: str) -> Iterator[Any]:
        return iter(self.connection.sql(query).to_arrow_reader(_AT_ONCE))


def _take_in(batch: Any, seen: NDArray[np.int64]) -> Any:
    """Add what arrives, a row a node, to what is there; return what is new of it."""
    nodes, arriving = (batch[name].to_numpy() for name in ("node", "bits"))
    bits = arriving & ~seen[nodes]
    seen[nodes] |= bits
    kept = bits.nonzero()[0]
    columns = [pa.array(nodes[kept]), pa.array(bits[kept])]
    return pa.RecordBatch.from_arrays(columns, schema=_LOGGED)


def _parquet(path: str) -> str:
    files = f"{path}/*.parquet" if Path(path).is_dir() else path
    return f"read_parquet({_quoted(files)})"


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
