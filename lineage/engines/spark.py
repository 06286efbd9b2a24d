"""Spark: the audit of an edge table that is spread over a cluster. DataFrames only.

The arcs stay where they are. What travels is what the nodes have: to every worker as two
arrays while they are small enough, else as rows that are joined to the arcs. Every step is
written to Parquet before the next one reads it, so a worker that is lost costs its tasks of
one step and nothing else, and no plan grows with the steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import numpy as np

from lineage.engines.bitmasks import Bit, allowed
from lineage.engines.propagation import SMALL_TABLES, arriving_query, new_query, propagate
from lineage.engines.results import QUERIES, seal_results
from lineage.engines.spark_step import arriving
from lineage.errors import LineageError
from lineage.files.arrow_extra import pa
from lineage.files.parquet_tables import Tables

__all__ = ["NEEDED", "find_with_spark", "open_frames", "open_session"]

NEEDED = ("arcs", "nodes", *SMALL_TABLES)
"""The tables of an edge table that the engine goes through."""

_BROADCAST = 1 << 30
_LOGGED = "node int, bits bigint"


def open_session() -> Any:
    """Open a Spark session: that of `spark-submit`, or one on this machine.

    Raises
    ------
    LineageError
        PySpark or Java is missing.
    """
    try:
        from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415  # an extra, and heavy
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ModuleNotFoundError:
        message = "the engine takes PySpark: pip install 'mlmodel-lineage[spark]'"
        raise LineageError(message) from None
    try:
        session = SparkSession.builder.appName("lineage").getOrCreate()
    except PySparkRuntimeError as error:
        message = f"Spark does not start; is Java 17 or later installed? {error}"
        raise LineageError(message.splitlines()[0]) from None
    session.sparkContext.setLogLevel("ERROR")
    return session


def open_frames(session: Any, table: Tables) -> dict[str, Any]:
    """Open what the engine needs of an edge table as DataFrames.

    Raises
    ------
    LineageError
        Spark cannot read one of the tables, or there is none of that name.
    """
    with _failures():
        return {name: session.read.parquet(table.path(name)) for name in NEEDED}


def find_with_spark(
    frames: Mapping[str, Any], results: str, *, work: str, broadcast: int = _BROADCAST
) -> None:
    """Find what reaches each target of an edge table that lies in a cluster.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Those of `NEEDED`, from wherever Spark reads.
    results : str
        The folder to write findings and evidence to: a path or a URL that Spark knows.
    work : str
        An empty folder that all workers reach, for the steps. It may be deleted afterwards.
    broadcast : int
        The most bytes that may be sent to each worker in each step. Two arrays of 8 bytes a
        node are sent if they are within it, else rows are joined.

    Raises
    ------
    LineageError
        Spark failed, more often than it may by its own settings.
    """
    with _failures(), _Executor(frames, work, broadcast) as executor:
        propagate(executor)
        for name, query in QUERIES.items():
            written = executor.session.sql(query).write.mode("overwrite")
            written.parquet(f"{results}/{name}.parquet")
    if "://" not in results:
        seal_results(Path(results))


@contextmanager
def _failures() -> Iterator[None]:
    """Report a failure in one line: Spark's first, and the last of a worker's traceback."""
    from py4j.protocol import Py4JError  # noqa: PLC0415  # comes with PySpark
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:  # the last: Java is gone
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        message = f"Spark failed: {' … '.join(dict.fromkeys((lines[0], lines[-1])))}"
        raise LineageError(message) from None


class _Executor:
    """Queries as Parquet folders in the work folder, with a view on each."""

    def __init__(self, frames: Mapping[str, Any], work: str, broadcast: int) -> None:
        self.session, self.work = frames["arcs"].sparkSession, work
        self.folders: dict[str, str] = {}
        self.numbers = count()
        self.cached = {
            "free_arcs": frames["arcs"].where("hop < 0"),
            "hop_arcs": frames["arcs"].where("hop >= 0"),
            **{
                name: frames[name].selectExpr(*columns.split(", "))
                for name, columns in SMALL_TABLES.items()
            },
        }
        for name, frame in self.cached.items():
            frame.persist().createOrReplaceTempView(name)
        ((nodes,),) = frames["nodes"].selectExpr("coalesce(max(node) + 1, 0)").collect()
        self.state = _State(nodes) if 16 * nodes <= broadcast else None

    def ask(self, query: str) -> Sequence[tuple[int, ...]]:
        return [tuple(row) for row in self.session.sql(query).collect()]

    def save(self, name: str, query: str) -> None:
        frame = self.session.sql(query)  # which may read what is called so now
        self.drop(name)
        frame.write.parquet(self._folder(name))
        self._view(name, frame.schema)

    def append(self, name: str, query: str, *, step: int) -> int:
        new: int = self._append(name, self.session.sql(query), step).count()
        return new

    def advance(self, arcs: str, bits: Sequence[Bit], *, since: int, step: int) -> int:
        if self.state is None:
            self.save("arriving", arriving_query(arcs, bits, since=since))
            return self.append("log", new_query(), step=step)
        if since == 0 and step == 1:
            self.state.begin(self.session.sql("SELECT node, bits FROM log").toArrow())
        sent = self.session.sparkContext.broadcast(self.state.to_send(bits, since))
        arrived = self.cached[arcs].mapInArrow(_arriving(sent), _LOGGED)
        new = arrived.groupBy("node").agg({"bits": "bit_or"})
        written = self._append("log", new.toDF("node", "bits"), step)
        sent.destroy()
        return self.state.absorb(step, written.toArrow())

    def drop(self, name: str) -> None:
        if self.folders.pop(name, None) is not None:
            self.session.catalog.dropTempView(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave the session as it was."""
        for name in tuple(self.folders):
            self.drop(name)
        for name, frame in self.cached.items():
            frame.unpersist()
            self.session.catalog.dropTempView(name)

    def _append(self, name: str, frame: Any, step: int) -> Any:
        part = f"{self._folder(name)}/step={step}"
        frame.write.mode("append").parquet(part)
        self._view(name, f"{_spelled(frame.schema)}, step int")
        return self.session.read.schema(frame.schema).parquet(part)

    def _folder(self, name: str) -> str:
        return self.folders.setdefault(name, f"{self.work}/{name}-{next(self.numbers)}")

    def _view(self, name: str, schema: Any) -> None:
        frame = self.session.read.schema(schema).parquet(self.folders[name])
        frame.createOrReplaceTempView(name)


class _State:
    """What every node has, on the driver."""

    def __init__(self, nodes: int) -> None:
        self.seen = np.zeros(nodes, np.int64)
        self.new: dict[int, tuple[Any, Any]] = {}

    def begin(self, seeds: Any) -> None:
        """Start a pass from its seeds."""
        self.seen[:] = 0
        self.new = {}
        self.absorb(0, seeds)

    def absorb(self, step: int, rows: Any) -> int:
        """Take in what a step newly set; count it."""
        nodes, bits = (rows[name].to_numpy() for name in ("node", "bits"))
        np.bitwise_or.at(self.seen, nodes, bits)
        self.new[step] = nodes, bits
        return len(nodes)

    def to_send(self, bits: Sequence[Bit], since: int) -> tuple[Any, Any, Any]:
        """Return what was set since a step, what is set, and what arcs let pass."""
        newest = np.zeros_like(self.seen)
        for step, (nodes, own) in self.new.items():
            if step >= since:
                np.bitwise_or.at(newest, nodes, own)
        passing = [allowed(bits, strength) for strength in range(5)]
        return newest, self.seen, np.array(passing, np.int64)


def _arriving(sent: Any) -> Any:
    """Make what each worker does with its arcs; the package has to be installed there."""

    def over(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            columns = arriving(batch, *sent.value)
            yield pa.RecordBatch.from_arrays([*map(pa.array, columns)], ["node", "bits"])

    return over


def _spelled(schema: Any) -> str:
    return ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in schema)
