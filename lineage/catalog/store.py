"""The store: one SQLite file, its tables and its transactions. The only user of sqlite3.

An acknowledged write is on the disk: the file is in WAL mode with `synchronous=FULL`, and
every request that writes is one `BEGIN IMMEDIATE` transaction. One connection serves all
threads of a process, one transaction at a time; other processes wait their turn.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from lineage.errors import BrokenFile

__all__ = ["Store"]

_APPLICATION_ID = 0x6C696E65
"""Marks a SQLite file as a catalog: the letters `line`."""

_SCHEMA_VERSION = 4

_PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""

_EVENTS = (
    # Numbers are never used again: cursors of the feeds point at them.
    """CREATE TABLE event (
        number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, type TEXT NOT NULL,
        kind TEXT NOT NULL, fqn TEXT NOT NULL, user TEXT NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX event_time ON event (time)",
    "CREATE INDEX event_kind ON event (kind, time)",
)

_EDGE_INDEX = (
    """CREATE TABLE indexed_edge (
        from_id TEXT NOT NULL, from_kind TEXT NOT NULL, from_fqn TEXT NOT NULL,
        to_id TEXT NOT NULL, pipeline_id TEXT, details TEXT NOT NULL,
        PRIMARY KEY (from_id, to_id))""",
    "CREATE INDEX indexed_edge_to ON indexed_edge (to_id)",
    "CREATE INDEX indexed_edge_pipeline ON indexed_edge (pipeline_id)",
)
_FILL_EDGE_INDEX = """INSERT INTO indexed_edge
    SELECT from_id, document.kind, document.fqn, to_id, pipeline_id, details
    FROM edge JOIN document ON document.id = edge.from_id ORDER BY edge.rowid"""

_PROFILES = (
    """CREATE TABLE profile (
        id TEXT NOT NULL, part TEXT NOT NULL, time INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (id, part, time)) WITHOUT ROWID""",
)

_SCHEMA = (
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE document (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, fqn TEXT NOT NULL,
        deleted INTEGER NOT NULL, body TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX document_name ON document (kind, fqn)",
    "CREATE INDEX document_listing ON document (kind, deleted, fqn)",
    "CREATE INDEX document_order ON document (deleted, fqn)",
    """CREATE TABLE version (
        id TEXT NOT NULL, number REAL NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id, number))""",
    """CREATE TABLE edge (
        from_id TEXT NOT NULL, to_id TEXT NOT NULL, pipeline_id TEXT, source TEXT,
        details TEXT NOT NULL, PRIMARY KEY (from_id, to_id))""",
    "CREATE INDEX edge_to ON edge (to_id)",
    "CREATE INDEX edge_pipeline ON edge (pipeline_id)",
    *_EVENTS,
    *_EDGE_INDEX,
    *_PROFILES,
)

_UPGRADES = {1: _EVENTS, 2: (*_EDGE_INDEX, _FILL_EDGE_INDEX), 3: _PROFILES}
"""What brings a file of an earlier version to the next one."""


class Store:
    """The file, open.

    Parameters
    ----------
    path : str or os.PathLike
        The file; made where there is none, readable by its owner only since it holds a token.

    Raises
    ------
    BrokenFile
        The file is no catalog, or cannot be opened, made or written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = str(path)
        self._lock = RLock()
        _check_place(self.path)
        with self._plain_errors():
            # In full, since SQLite has names of its own, `:memory:` for one.
            place = Path(self.path).absolute()
            self._connection = sqlite3.connect(
                place, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare()
        except BrokenFile:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """Hold the file for one request: all of its changes are kept, or none.

        Raises
        ------
        BrokenFile
            The file cannot be read, or another process does not stop writing.
        """
        with self._lock, self._plain_errors():
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Hold a part of a transaction: an error inside undoes that part alone."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            raise
        finally:
            self._connection.execute("RELEASE part")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask for rows."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """Ask for the first row, None where there is none."""
        found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return found

    def change(self, sql: str, *values: object) -> int:
        """Change rows; gives how many were touched."""
        return self._connection.execute(sql, values).rowcount

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._lock:
            self._connection.close()

    def __repr__(self) -> str:
        return f"Store({self.path!r})"

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise BrokenFile(self.path, _reason(error)) from error

    def _prepare(self) -> None:
        with self.transaction(write=False):
            # Before anything is written into a file that may be another program's.
            self._check()
        with self._plain_errors():
            _use_write_ahead_log(self._connection)
            self._connection.execute("PRAGMA synchronous=FULL")
        with self.transaction(write=True):
            # Looked at again, since another process may have made the file meanwhile.
            if not self._pragma("application_id"):
                self._run(_SCHEMA)
                self.change(f"PRAGMA application_id={_APPLICATION_ID}")
            else:
                for version in range(self._pragma("user_version"), _SCHEMA_VERSION):
                    self._run(_UPGRADES[version])
            self.change(f"PRAGMA user_version={_SCHEMA_VERSION}")

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self.change(statement)

    def _check(self) -> None:
        application, version = self._pragma("application_id"), self._pragma("user_version")
        if application == 0 and not self.row("SELECT name FROM sqlite_schema LIMIT 1"):
            return
        if application != _APPLICATION_ID:
            raise BrokenFile(self.path, "a SQLite file, but no catalog")
        if version != _SCHEMA_VERSION and version not in _UPGRADES:
            message = f"a catalog of version {version}; this library reads {_SCHEMA_VERSION}"
            raise BrokenFile(self.path, message)

    def _pragma(self, name: str) -> int:
        row = self.row(f"PRAGMA {name}")
        return int(row[0]) if row else 0


def _check_place(path: str) -> None:
    place = Path(path)
    try:
        if not place.parent.is_dir():
            raise BrokenFile(path, f"the folder {place.parent} does not exist")
        if place.is_dir():
            raise BrokenFile(path, "a folder, not a file")
        os.close(os.open(place, os.O_RDWR | os.O_CREAT, 0o600))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BrokenFile(path, f"cannot be written: {reason}") from error


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Two processes that make the same file meet here, and for this one statement SQLite
    # gives up at once instead of waiting.
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


_REASONS = {
    sqlite3.SQLITE_NOTADB: "not a SQLite file",
    sqlite3.SQLITE_BUSY: "another process keeps it locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_READONLY: "cannot be written",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened, or its folder cannot be written",
}


def _reason(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _REASONS.get(code, f"SQLite says: {error}")
