"""Reading SQL: different statements of ten columns, the first time and again from a cache.

Both are what a caller does: a cache is opened, each text is read through it, the cache is closed.
Again means in a new cache over the same file, with every answer compared with the first.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Table
from benchmarks.stopwatch import Stopwatch
from lineage.evidence.sql_cache import ReadingCache
from lineage.evidence.sql_reading import SqlReading, TableName

__all__ = ["time_sql"]

_PEOPLE = ("id", "email", "phone", "age", "city", "country", "a", "b", "c", "x", "y", "name")
_ORDERS = ("z", "total", "person", "day")
_SELECTED = (
    "p.id",
    "lower(email) as mail",
    "md5(phone) as phone_hash",
    "case when age < 18 then city else country end as place",
    "coalesce(a, b, c) as d",
    "sum(total) over (partition by person order by day) as running",
    "cast(x as int) as number",
    "p.y",
    "o.z + 1 as next",
    "substring(name, 1, 3) as initials",
)


def time_sql(statements: int, rounds: int) -> Table:
    """Time reading so many statements, first and again."""
    watch, texts = Stopwatch(), list(_texts(statements))
    for _ in range(rounds):
        with TemporaryDirectory() as folder:
            file = Path(folder) / "readings.db"
            first = watch.time("reading SQL, first", lambda: _read(file, texts))  # noqa: B023
            again = watch.time("reading SQL, again", lambda: _read(file, texts))  # noqa: B023
        if first != again:
            message = "what was read again differs"
            raise RuntimeError(message)
    header = (f"{statements:,} statements of SQL", "median", "min to max")
    return Table(header, tuple((name, *watch.own(name).cells) for name in watch.names))


def _texts(count: int) -> Iterator[str]:
    selected = ", ".join(_SELECTED)
    for number in range(count):
        tables = f"people_{number} p join orders_{number} o on o.person = p.id"
        age = f"p.age > {number % 90}"
        yield f"insert into filled select {selected} from {tables} where {age}"  # noqa: S608  # runs nowhere


def _read(file: Path, texts: list[str]) -> list[SqlReading]:
    with ReadingCache(file) as cache:
        return [
            cache.read_sql(text, target="filled", dialect="snowflake", columns_of=_columns_of)
            for text in texts
        ]


def _columns_of(table: TableName) -> tuple[str, ...]:
    known = {"people": _PEOPLE, "orders": _ORDERS}
    return known.get(table[-1].partition("_")[0], ())
