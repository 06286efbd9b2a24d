"""An ML Metadata store in SQLite: artifacts, executions, contexts, and the events between them."""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Self

from lineage.errors import BrokenFile

__all__ = ["Artifact", "Execution", "Store", "read_store"]

_SCHEMA = 10
_INPUTS, _OUTPUTS = "(2, 3, 5)", "(1, 4, 6)"
"""Types of events: what an execution read, and what it made; declared, done and internal."""


class Artifact(NamedTuple):
    """Something that an execution made or read."""

    id: int
    kind: str
    uri: str
    name: str
    state: int
    properties: dict[str, str]


class Execution(NamedTuple):
    """One run of one step.

    Attributes
    ----------
    contexts : dict
        The name of its context of each type: pipeline, pipeline_run, node.
    """

    id: int
    kind: str
    name: str
    properties: dict[str, str]
    contexts: dict[str, str]


class Store(NamedTuple):
    """Everything that is read of a store, by id.

    Attributes
    ----------
    makers : dict
        The executions that made an artifact.
    inputs, outputs : dict
        The artifacts that an execution read, and those it made.
    """

    artifacts: dict[int, Artifact]
    executions: dict[int, Execution]
    makers: dict[int, list[int]]
    inputs: dict[int, list[int]]
    outputs: dict[int, list[int]]

    def upstream(self, artifact: int) -> Iterator[Artifact | Execution]:
        """Go through what an artifact was made by and of, each once."""
        waiting, seen = [artifact], {artifact}
        steps: set[int] = set()
        while waiting:
            current = waiting.pop()
            yield self.artifacts[current]
            for step in self.makers.get(current, ()):
                if step not in steps:
                    steps.add(step)
                    yield self.executions[step]
                    new = [one for one in self.inputs.get(step, ()) if one not in seen]
                    seen.update(new)
                    waiting += new

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Self:
        """Read all of it."""
        noted = _properties(connection, "Artifact")
        artifacts = {
            id_: Artifact(id_, kind, uri, name, state, noted.get(id_, {}))
            for id_, kind, uri, name, state in connection.execute(
                "SELECT a.id, t.name, coalesce(a.uri, ''), coalesce(a.name, ''), "
                "coalesce(a.state, 0) FROM Artifact a JOIN Type t ON t.id = a.type_id"
            )
        }
        noted, contexts = _properties(connection, "Execution"), _contexts(connection)
        executions = {
            id_: Execution(id_, kind, name, noted.get(id_, {}), contexts.get(id_, {}))
            for id_, kind, name in connection.execute(
                "SELECT e.id, t.name, coalesce(e.name, '') "
                "FROM Execution e JOIN Type t ON t.id = e.type_id"
            )
        }
        ends = "SELECT DISTINCT {}, {} FROM Event WHERE type IN {} ORDER BY 1, 2"
        return cls(
            artifacts,
            executions,
            _lists(connection.execute(ends.format("artifact_id", "execution_id", _OUTPUTS))),
            _lists(connection.execute(ends.format("execution_id", "artifact_id", _INPUTS))),
            _lists(connection.execute(ends.format("execution_id", "artifact_id", _OUTPUTS))),
        )


def read_store(path: str | os.PathLike[str]) -> Store:
    """Read a store; it is not changed.

    Raises
    ------
    BrokenFile
        It cannot be read, is no such store, or is of a schema that is not read.
    """
    place = Path(path)
    if not place.is_file():
        raise BrokenFile(str(path), "cannot be read: there is no such file")
    try:
        address = f"{place.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            (found,) = connection.execute("SELECT schema_version FROM MLMDEnv").fetchone() or (0,)
            if found == _SCHEMA:
                return Store.of(connection)
    except (sqlite3.DatabaseError, KeyError, TypeError) as error:
        raise BrokenFile(str(path), f"is no store of ML Metadata: {error}") from None
    raise BrokenFile(str(path), f"has schema {found} of ML Metadata; schema {_SCHEMA} is read")


def _properties(connection: sqlite3.Connection, what: str) -> dict[int, dict[str, str]]:
    """Read the properties of artifacts or executions, as texts."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    column = f"{what.lower()}_id"
    rows = connection.execute(
        f"SELECT {column}, name, coalesce(string_value, int_value, double_value, bool_value) "  # noqa: S608  # our own two names
        f"FROM {what}Property ORDER BY {column}, name"
    )
    for owner, name, value in rows:
        if value is not None:
            found[owner][name] = str(value)
    return found


def _contexts(connection: sqlite3.Connection) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = connection.execute(
        "SELECT a.execution_id, t.name, c.name FROM Association a "
        "JOIN Context c ON c.id = a.context_id JOIN Type t ON t.id = c.type_id ORDER BY c.id"
    )
    for execution, kind, name in rows:
        found[execution][kind] = name
    return found


def _lists(rows: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return dict(found)
