"""An oracle for the reading of SQL: run it, change what it reads, and run it again.

`python -m tests.evidence.sql_oracle 10000` tries so many warehouses and prints what came of them.
What a reading says of a column that gives an output nothing, neither by value nor by influence, is
wrong where the output changes with the column. What it says of a column that only influences is
wrong where a value of that column, which is nowhere else, turns up in the output. Of what it says
of the others, it is counted how much was never seen.
"""

import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from threading import Timer
from time import perf_counter
from typing import NamedTuple, Protocol

import duckdb

from lineage.evidence.sql_reading import NotRead, SqlReading, TableColumn, TableName, read_sql
from tests.evidence.sql_queries import Kind
from tests.evidence.sql_warehouses import Row, Warehouse, make_warehouse

__all__ = ["ENGINES", "DuckDb", "Engine", "Sqlite", "Tally", "main", "try_warehouse"]

_LONGEST = 5.0
"""Seconds after which a text counts as one that does not run."""

Rows = dict[str, list[Row]]
"""What the source tables hold."""


class Cells(NamedTuple):
    """A column of a source table."""

    table: str
    column: str


class Filled(NamedTuple):
    """What the target holds in the end."""

    names: tuple[str, ...]
    rows: list[tuple[object, ...]]

    def column(self, name: str) -> list[object]:
        """Return what a column holds."""
        position = self.names.index(name)
        return [row[position] for row in self.rows]

    def is_like(self, other: "Filled", name: str) -> bool:
        """Whether a column holds the same as another time, in any order."""
        one, two = (Counter(map(repr, filled.column(name))) for filled in (self, other))
        return one == two


# Engines


class Engine(Protocol):
    """A database in which texts are run."""

    def run(self, warehouse: Warehouse, rows: Rows) -> Filled | None:
        """Run a text over some rows; None where it fails."""
        ...


class Sqlite:
    """SQLite; a new database for each run takes next to no time."""

    def run(self, warehouse: Warehouse, rows: Rows) -> Filled | None:
        """Run a text over some rows; None where it fails."""
        database = sqlite3.connect(":memory:")
        try:
            with _time_limit(database.interrupt):
                for statement in (*_loading(warehouse, rows), *warehouse.statements):
                    database.execute(statement)
                found = database.execute("select * from d")
                return Filled(tuple(one[0] for one in found.description), found.fetchall())
        except sqlite3.Error:
            return None
        finally:
            database.close()


class DuckDb:
    """DuckDB, each run in a transaction that is rolled back.

    It plans a text alike whatever the tables hold, so that rows of no order come in one order.
    """

    def __init__(self) -> None:
        self._database = self._connect()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        database = duckdb.connect(":memory:", config={"threads": 1})
        database.execute("pragma disable_optimizer")
        return database

    def run(self, warehouse: Warehouse, rows: Rows) -> Filled | None:
        """Run a text over some rows; None where it fails."""
        try:
            self._database.execute("begin")
            with _time_limit(self._database.interrupt):
                for statement in (*_loading(warehouse, rows), *warehouse.statements):
                    self._database.execute(statement)
                found = self._database.execute("select * from d")
                return Filled(tuple(one[0] for one in found.description), found.fetchall())
        except duckdb.Error:
            return None
        finally:
            self._roll_back()

    def _roll_back(self) -> None:
        try:
            self._database.execute("rollback")
        except duckdb.Error:  # after a fault of its own it takes no more statements
            self._database = self._connect()


ENGINES: dict[str, Callable[[], Engine]] = {"duckdb": DuckDb, "sqlite": Sqlite}


@contextmanager
def _time_limit(interrupt: Callable[[], None]) -> Iterator[None]:
    """Interrupt what takes too long: a few texts join or recur without end."""
    timer = Timer(_LONGEST, interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _loading(warehouse: Warehouse, rows: Rows) -> Iterator[str]:
    """Write the statements that make and fill the source tables."""
    for name, table in warehouse.sources.items():
        columns = (f"{one.name} {_type(one.kind, warehouse.dialect)}" for one in table.columns)
        yield f"create table {name} ({', '.join(columns)})"
        values = (f"({', '.join(map(_literal, row))})" for row in rows[name])
        yield f"insert into {name} values {', '.join(values)}"


def _type(kind: Kind, dialect: str) -> str:
    return str(kind) if dialect == "duckdb" else "integer" if kind is Kind.INT else "text"


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "{" + ", ".join(f"'{name}': {_literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return f"'{value}'" if isinstance(value, str) else str(value)


# Changes to what the sources hold

Change = Callable[["Changes", Cells], list[object]]


@dataclass
class Changes:
    """What the columns of a warehouse's sources may be changed to; a key stays one."""

    warehouse: Warehouse
    random: Random

    def rows(self, cells: Iterable[Cells], change: Change) -> Rows:
        """Return the sources with some of their columns changed."""
        rows = {name: [list(row) for row in found] for name, found in self.warehouse.rows.items()}
        for one in cells:
            position = self._names(one.table).index(one.column)
            for row, value in zip(rows[one.table], change(self, one), strict=True):
                row[position] = value
        return rows

    def _names(self, table: str) -> list[str]:
        return [column.name for column in self.warehouse.sources[table].columns]

    @property
    def cells(self) -> list[Cells]:
        """Every column of every source."""
        return [
            Cells(table, name) for table in self.warehouse.sources for name in self._names(table)
        ]

    def values(self, cells: Cells) -> list[object]:
        """Return what a column holds."""
        position = self._names(cells.table).index(cells.column)
        return [row[position] for row in self.warehouse.rows[cells.table]]

    def kind(self, cells: Cells) -> Kind:
        """Return what kind of values a column holds."""
        columns = self.warehouse.sources[cells.table].columns
        return columns[self._names(cells.table).index(cells.column)].kind

    def number(self, cells: Cells, row: int) -> int:
        """Return a number that nothing else is, and that no sum or product of these is."""
        return 20_007 + 13 * (20 * self.cells.index(cells) + row)

    def mark(self, cells: Cells, row: int) -> object:
        """Return a value that is nowhere else, by which a cell can be known again."""
        number, kind = self.number(cells, row), self.kind(cells)
        if kind is Kind.LIST:
            return [number, number]
        if kind is Kind.STRUCT:
            return {"x": number, "y": f"mark{number}"}
        return number if kind is Kind.INT else f"mark{number}"

    def all_new(self, cells: Cells) -> list[object]:
        """Put new values everywhere."""
        return [self.mark(cells, row) for row in range(len(self.values(cells)))]

    def one_new(self, cells: Cells) -> list[object]:
        """Put a new value in one row."""
        values = self.values(cells)
        row = self.random.randrange(len(values))
        return [*values[:row], self.mark(cells, row), *values[row + 1 :]]

    def mixed(self, cells: Cells) -> list[object]:
        """Let the rows trade their values."""
        return self.random.sample(self.values(cells), len(self.values(cells)))

    def one_null(self, cells: Cells) -> list[object]:
        """Put nothing in one row, or an empty list."""
        if cells.column == "k":
            return self.mixed(cells)
        values = self.values(cells)
        row = self.random.randrange(len(values))
        empty: object = [] if self.kind(cells) is Kind.LIST and row % 2 else None
        return [*values[:row], empty, *values[row + 1 :]]

    def all_null(self, cells: Cells) -> list[object]:
        """Put nothing everywhere."""
        return self.mixed(cells) if cells.column == "k" else [None] * len(self.values(cells))

    def one_twice(self, cells: Cells) -> list[object]:
        """Give one row the value of another."""
        if cells.column == "k":
            return self.one_new(cells)
        values = self.values(cells)
        row, other = (self.random.randrange(len(values)) for _ in range(2))
        return [*values[:row], values[other], *values[row + 1 :]]

    def all_alike(self, cells: Cells) -> list[object]:
        """Give all rows one value."""
        if cells.column == "k":
            return self.all_new(cells)
        return [self.random.choice(self.values(cells))] * len(self.values(cells))


FEW: tuple[Change, ...] = (Changes.all_new, Changes.one_new, Changes.mixed, Changes.one_null)
MANY = (*FEW, Changes.all_null, Changes.one_twice, Changes.all_alike, *FEW)


# What a reading says


@dataclass
class Claims:
    """What a reading says of each output: its values, and all that reaches it."""

    values: dict[str, set[Cells]]
    reached: dict[str, set[Cells]]

    @classmethod
    def of(cls, reading: SqlReading, warehouse: Warehouse, names: Sequence[str]) -> "Claims":
        """Take from a reading what it says of the columns of the sources."""
        before = [name for name in names if "d" in warehouse.sources]  # they keep what they held
        values = {name: {Cells("d", name)} if name in before else set() for name in names}
        reached = {name: {_cells(one) for _, one in reading.rows} for name in names}
        for output in reading.outputs:
            name = output.name if isinstance(output.name, str) else names[output.name]
            values[name] |= set(map(_cells, output.values))
            reached[name] |= {_cells(one) for _, one in output.influences}
        for name in names:
            reached[name] |= values[name]
        return cls(values, reached)


def _cells(column: TableColumn) -> Cells:
    return Cells(column.table[-1], column.column.partition(".")[0])


# Trying


@dataclass
class Tally:
    """What came of many warehouses."""

    tried: int = 0
    failed: int = 0
    not_read: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    claimed: Counter[str] = field(default_factory=Counter)
    never_seen: Counter[str] = field(default_factory=Counter)

    @property
    def share_not_read(self) -> float:
        """Which share of the texts that run is not read."""
        return self.not_read.total() / max(1, self.tried - self.failed)

    def __str__(self) -> str:
        tried = f"{self.tried} warehouses, {self.failed} of which do not run"
        not_read = f"{self.share_not_read:.1%} of the others are not read"
        lines = [f"{tried}; {not_read}; {len(self.faults)} faults"]
        lines += [f"  {count} not read: {why}" for why, count in self.not_read.most_common(10)]
        for how, count in sorted(self.claimed.items()):
            never = self.never_seen[how]
            lines.append(f"  {count} claims by {how}, {never / count:.1%} of which were never seen")
        return "\n".join((*lines, *self.faults))


def try_warehouse(
    warehouse: Warehouse,
    engine: Engine,
    tally: Tally,
    *,
    changes: int = 2,
    is_measured: bool = False,
) -> None:
    """Read a warehouse's text, and try what the reading says.

    Parameters
    ----------
    warehouse : Warehouse
    engine : Engine
    tally : Tally
        What comes of it is added.
    changes : int
        How many changes to what does not reach an output are tried.
    is_measured : bool
        Whether to count, too, what the reading says and is never seen.
    """
    tally.tried += 1
    before = engine.run(warehouse, warehouse.rows)
    if before is None:
        tally.failed += 1
        return

    def columns_of(table: TableName) -> tuple[str, ...]:
        found = warehouse.sources.get(table[-1])
        return () if found is None else tuple(one.name for one in found.columns)

    try:
        reading = read_sql(
            warehouse.text, target="d", dialect=warehouse.dialect, columns_of=columns_of
        )
    except NotRead as reason:
        tally.not_read[re.sub(r"\b([a-z]|[a-z]\d+)\b", "…", str(reason))] += 1
        return
    claims = Claims.of(reading, warehouse, before.names)
    random = Random(warehouse.text)  # noqa: S311  # the same changes for the same text
    trial = _Trial(warehouse, engine, before, claims, Changes(warehouse, random))
    tally.faults += dict.fromkeys((*trial.silent_changes(changes), *trial.values_that_turn_up()))
    if is_measured:
        trial.measure(tally)


@dataclass
class _Trial:
    """One warehouse that runs and is read."""

    warehouse: Warehouse
    engine: Engine
    before: Filled
    claims: Claims
    changes: Changes

    def _after(self, cells: Iterable[Cells], change: Change) -> Filled | None:
        return self.engine.run(self.warehouse, self.changes.rows(cells, change))

    def silent_changes(self, count: int) -> Iterator[str]:
        """Change all that is said not to reach an output: the output may not change."""
        for reached in {frozenset(found) for found in self.claims.reached.values()}:
            others = [one for one in self.changes.cells if one not in reached]
            names = [name for name, found in self.claims.reached.items() if found == reached]
            for change in self.changes.random.sample(FEW, count) if others else ():
                after = self._after(others, change)
                for name in names if after is not None else ():
                    if after is not None and not after.is_like(self.before, name):
                        yield f"{name} changes with what does not reach it\n{self}"

    def values_that_turn_up(self) -> Iterator[str]:
        """Mark every value: in an output, only those may turn up that are said to be in it."""
        marks = {
            self.changes.number(one, row): one
            for one in self.changes.cells
            for row in range(len(self.changes.values(one)))
        }
        for change in (Changes.all_new, Changes.one_new):
            after = self._after(self.changes.cells, change)
            for name in () if after is None else after.names:
                found = {marks.get(one) for one in _numbers(after.column(name) if after else ())}
                for one in found - self.claims.values[name] - {None}:
                    yield f"{name} holds values of {one}\n{self}"

    def measure(self, tally: Tally) -> None:
        """Count what the reading says, and how much of it no change to one column shows."""
        for one in self.changes.cells:
            names = [name for name, found in self.claims.reached.items() if one in found]
            runs = [self._after([one], change) for change in MANY if names]
            for name in names:
                how = "value" if one in self.claims.values[name] else "influence"
                tally.claimed[how] += 1
                seen = any(run is not None and not run.is_like(self.before, name) for run in runs)
                tally.never_seen[how] += not seen

    def __str__(self) -> str:
        sources = "; ".join(
            f"{name}({', '.join(column.name for column in table.columns)})"
            for name, table in self.warehouse.sources.items()
        )
        return f"  over {sources}\n  {self.warehouse.text}"


def _numbers(values: Iterable[object]) -> Iterator[int]:
    """Find the numbers that values hold, in texts those after a mark."""
    for value in values:
        if isinstance(value, str):
            yield from map(int, re.findall(r"mark(\d{5})(?!\d)", value, re.IGNORECASE))
            if value.isdecimal():
                yield int(value)
        elif isinstance(value, int):
            yield value
        elif isinstance(value, list):
            yield from _numbers(value)
        elif isinstance(value, dict):
            yield from _numbers(value.values())


def main(arguments: Sequence[str]) -> None:
    """Try many warehouses and print what came of them: so many of each dialect, or of one."""
    count = int(arguments[0]) if arguments else 1_000
    for dialect in arguments[1:] or ENGINES:
        start, tally, engine = perf_counter(), Tally(), ENGINES[dialect]()
        for seed in range(count):
            warehouse, is_measured = make_warehouse(seed, dialect), seed % 20 == 0
            try_warehouse(warehouse, engine, tally, changes=len(FEW), is_measured=is_measured)
        took = perf_counter() - start
        print(f"{dialect}: {tally}\n  {took:.0f} s", flush=True)  # noqa: T201  # what it is for


if __name__ == "__main__":
    main(sys.argv[1:])
