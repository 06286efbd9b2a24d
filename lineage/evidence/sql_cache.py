"""A cache of readings: what was read of a text is kept in a file, and read no second time.

A reading depends on the text, the target, the dialect, the columns of the tables that were asked
about, and on the code that reads. All of these are compared before a kept reading is given back,
and so is a digest of it: a file that was damaged is passed over or made anew, and never believed.
"""

import json
import sqlite3
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from lineage.evidence.sql_reading import (
    NotRead,
    Output,
    SqlReading,
    TableColumn,
    TableName,
    read_sql,
)
from lineage.model.edges import Influence

__all__ = ["ReadingCache"]

_APPLICATION_ID = 0x6C73716C
"""Marks a SQLite file as such a cache: the letters `lsql`."""

_PATIENCE = 2.0  # seconds for another process that is writing; after that, the file is let be
_BATCH = 500  # readings that are kept at once
_MOST = 200_000  # readings in a file; the oldest make room

_ERRORS = (sqlite3.Error, UnicodeDecodeError)  # messages about damage quote it
_DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    key BLOB NOT NULL, columns BLOB NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (key, columns))
"""

_Columns = list[tuple[TableName, tuple[str, ...]]]
"""What was asked about tables while a text was read, and the answers."""


class _Row(NamedTuple):
    key: bytes
    columns: bytes
    body: bytes
    digest: bytes


class ReadingCache:
    """Readings of SQL, kept in one file; several processes may use it at a time.

    Whatever is wrong with the file, a text is read all the same, only not sooner.

    Parameters
    ----------
    path : str or PathLike
        The file; it is made where there is none. One that is something else is left alone.

    Attributes
    ----------
    hits : int
        How many readings were taken from the file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "readings.db"
    >>> sql = "insert into u select md5(email) from t"
    >>> for _ in range(2):
    ...     with ReadingCache(path) as readings:
    ...         print(readings.read_sql(sql, target="u").outputs[0].function, readings.hits)
    MD5(email) 0
    MD5(email) 1
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.hits = 0
        self._path = Path(path)
        self._is_anew = False
        self._new: dict[bytes, list[_Row]] = {}
        self._file = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Keep what was read, and close the file."""
        self._keep()
        if self._file is not None:
            self._file.close()
        self._file = None

    def read_sql(
        self,
        text: str,
        *,
        target: TableName | str,
        dialect: str = "",
        columns_of: Callable[[TableName], tuple[str, ...]] = lambda _: (),
    ) -> SqlReading:
        """Read how a text fills a table, as `sql_reading.read_sql` does.

        Parameters
        ----------
        text, target, dialect, columns_of
            As there.

        Returns
        -------
        SqlReading

        Raises
        ------
        NotRead
            Not all of the text is understood, with the reason.
        """
        name = (target,) if isinstance(target, str) else target
        key = _digest(_code(), dialect, *name, text)
        body = self._kept(key, columns_of)
        if body is None:
            body = self._read(key, text, name, dialect, columns_of)
        else:
            self.hits += 1
        return _reading(body)

    def _kept(self, key: bytes, columns_of: Callable[[TableName], tuple[str, ...]]) -> bytes | None:
        """Find a reading that was made of the same columns; one that is damaged is passed over."""
        for row in self._rows(key):
            is_sound = row.digest == _digest(row.key, row.columns, row.body)
            asked = json.loads(row.columns) if is_sound else ()
            if is_sound and all(columns_of(tuple(one)) == tuple(found) for one, found in asked):
                return row.body
        return None

    def _rows(self, key: bytes) -> list[_Row]:
        rows = list(self._new.get(key, ()))
        if self._file is not None:
            try:
                found = self._file.execute(
                    "SELECT key, columns, body, digest FROM reading WHERE key = ?", (key,)
                )
                rows += (_Row(*row) for row in found.fetchall())
            except _ERRORS as error:
                self._meet(error)
        return rows

    def _read(
        self,
        key: bytes,
        text: str,
        target: TableName,
        dialect: str,
        columns_of: Callable[[TableName], tuple[str, ...]],
    ) -> bytes:
        """Read a text, and what it asks about tables with it."""
        asked: _Columns = []

        def asking(table: TableName) -> tuple[str, ...]:
            asked.append((table, columns_of(table)))
            return asked[-1][1]

        try:
            body = _body(read_sql(text, target=target, dialect=dialect, columns_of=asking))
        except NotRead as reason:
            if isinstance(reason.__cause__, RecursionError):
                raise  # elsewhere, with less around it, the text may be read
            body = json.dumps(str(reason)).encode()
        columns = json.dumps(asked).encode()
        row = _Row(key, columns, body, _digest(key, columns, body))
        self._new.setdefault(key, []).append(row)
        if len(self._new) >= _BATCH:
            self._keep()
        return body

    def _keep(self) -> None:
        """Write what was read since, in one short transaction."""
        rows = [row for found in self._new.values() for row in found]
        self._new.clear()
        if self._file is None or not rows:
            return
        try:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?)", rows)
            self._file.execute(
                "DELETE FROM reading WHERE rowid <= (SELECT max(rowid) FROM reading) - ?", (_MOST,)
            )
            self._file.execute("COMMIT")
        except _ERRORS as error:
            self._meet(error)

    def _open(self) -> sqlite3.Connection | None:
        """Open the file, or make it; nothing is done with one that is something else."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not _is_ours(self._path):
                return None
            file = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            file.text_factory = bytes  # what is damaged may be no text
        except (OSError, sqlite3.Error):
            return None
        try:
            file.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            file.execute(_SCHEMA)
        except _ERRORS as error:
            file.close()
            return self._anew(error)
        return file

    def _meet(self, error: Exception) -> None:
        """Go on after an error: with a new file for a damaged one, else without any."""
        if self._file is not None:
            self._file.close()
        self._file = self._anew(error)

    def _anew(self, error: Exception) -> sqlite3.Connection | None:
        """Make a damaged file anew, once; of any other error the file is not to blame."""
        if self._is_anew or not _is_damage(error):
            return None
        self._is_anew = True
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return None
        return self._open()


def _is_damage(error: Exception) -> bool:
    """Whether an error says that the file is no longer what was written."""
    code = int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
    return code in _DAMAGES or isinstance(error, UnicodeDecodeError)


def _is_ours(path: Path) -> bool:
    """Whether a file is such a cache, or none yet."""
    if not path.exists():
        return True
    with path.open("rb") as file:
        head = file.read(72)
    return not head or head[68:] == _APPLICATION_ID.to_bytes(4, "big")


@cache
def _code() -> str:
    """Name the code that reads, as exactly as there are words for it."""
    modules = sorted(
        (item for item in files("lineage.evidence").iterdir() if item.name.startswith("sql_")),
        key=lambda item: item.name,
    )
    read_by = _digest(*(item.read_bytes() for item in modules if item.is_file())).hex()
    return " ".join((version("mlmodel-lineage"), version("sqlglot"), read_by))


def _digest(*parts: str | bytes) -> bytes:
    """Sum up some parts; where one ends and the next begins counts, too."""
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def _body(reading: SqlReading) -> bytes:
    """Write a reading as JSON."""
    return json.dumps([reading.outputs, reading.rows, sorted(reading.tables)]).encode()


def _reading(body: bytes) -> SqlReading:
    """Read a reading from JSON, or raise why there is none."""
    found = json.loads(body)
    if isinstance(found, str):
        raise NotRead(found)
    outputs, rows, tables = found
    return SqlReading(
        tuple(
            Output(name, tuple(map(_column, values)), function, _influences(influences))
            for name, values, function, influences in outputs
        ),
        _influences(rows),
        frozenset(tuple(table) for table in tables),
    )


def _column(found: list[Any]) -> TableColumn:
    table, column = found
    return TableColumn(tuple(table), column)


def _influences(found: list[Any]) -> tuple[tuple[Influence, TableColumn], ...]:
    return tuple((Influence(influence), _column(column)) for influence, column in found)
