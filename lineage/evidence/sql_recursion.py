"""Recursive queries: what their columns are made of once nothing new comes of them.

The query is read once, with a column of its own in the place of each column it takes from itself.
These are then replaced by what the columns are made of, until nothing is added.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce

from sqlglot import exp

from lineage.evidence.sql_flow import Flow, Flows, pick
from lineage.evidence.sql_result import Influences, NotRead, TableColumn, TableName
from lineage.evidence.sql_scope import Queries, Relation, Scope
from lineage.evidence.sql_sources import QueryReader, renamed
from lineage.evidence.sql_unions import everything, operated, operations_of, picked
from lineage.model.edges import Influence

__all__ = ["Recursion", "is_recursive", "reads"]

_WITHOUT_A_WORD = {"oracle", "snowflake", "sqlite", "tsql"}
"""Dialects in which a query may read itself without being called RECURSIVE."""


def reads(query: exp.Expr, name: str) -> bool:
    """Whether a query names a table by one word."""
    return any(
        table.name.casefold() == name and not table.args.get("db")
        for table in query.find_all(exp.Table)
    )


def is_recursive(query: exp.Expr, name: str, dialect: str, *, is_open: bool) -> bool:
    """Whether a common table expression reads itself, or a table that is called the same."""
    if not reads(query, name):
        return False
    if not dialect and not is_open and isinstance(query, exp.SetOperation):
        message = f"it is not known whether {name} reads itself"
        raise NotRead(message)
    is_union = isinstance(query, exp.SetOperation)
    return is_open or (is_union and dialect in _WITHOUT_A_WORD)


class Recursion:
    """Reads one query that reads itself.

    Parameters
    ----------
    reader : QueryReader
    name : str
        What the query calls itself.
    names : sequence of str
        What its columns are called; empty where the query itself says so.
    """

    def __init__(self, reader: QueryReader, name: str, names: Sequence[str]) -> None:
        self._reader = reader
        self._name = name
        self._names = names
        self._number = reader.tables.number()
        self._itself: TableName = ("", name, str(self._number))
        self._values: dict[str, frozenset[TableColumn]] = {}
        self._influences: dict[str, Influences] = {}

    def read(self, query: exp.Expr, outer: Scope | None, queries: Queries) -> Relation:
        """Read the branches that start it, and then those that go on from it."""
        operations = _operations(query)
        branches = [operations[0].this, *(one.expression for one in operations)]
        starting = [branch for branch in branches if not reads(branch, self._name)]
        going_on = [branch for branch in branches if reads(branch, self._name)]
        if not starting or not going_on:
            message = f"{self._name} reads itself from no start"
            raise NotRead(message)
        start = self._together(self._reader.read(one, outer, queries) for one in starting)
        named = {**queries, self._name: lambda: self._as_itself(start)}
        turns = self._together(self._reader.read(one, outer, named) for one in going_on)
        if len(turns.listed) != len(start.listed):
            message = "the branches of a union have different numbers of columns"
            raise NotRead(message)
        closed = self._closed(start, renamed(turns, [name or "" for name, _ in start.columns]))
        if any(operation.args.get("distinct") for operation in operations):
            closed = closed._replace(rows=closed.rows | everything(closed))
        return closed

    def _together(self, relations: Iterable[Relation]) -> Relation:
        """Put branches side by side."""
        union = exp.Union(distinct=False)
        number = self._reader.tables.number()
        branches = [picked(one, number, branch) for branch, one in enumerate(relations)]
        return renamed(
            reduce(lambda one, other: operated(union, one, other), branches), self._names
        )

    def _as_itself(self, start: Relation) -> Relation:
        """Return what it reads from itself: columns of its own."""
        names = [name or "" for name, _ in start.listed]
        if len({*names, ""}) != len(names) + 1:
            message = f"two columns of {self._name} have one name, or none"
            raise NotRead(message)
        columns = ((name, (Flow.of(TableColumn(self._itself, name)),)) for name in names)
        return Relation(tuple(columns), tables=frozenset((self._itself,)))

    def _closed(self, start: Relation, turns: Relation) -> Relation:
        """Replace its own columns by what they are made of."""
        self._close(start, turns)
        rows = start.rows | turns.rows
        made = {name or "": flows for name, flows in start.columns}
        passed: dict[str, set[str]] = {name: {name} for name in made}
        for name, found in turns.columns:
            for flow in found:
                if flow.column is not None and flow.column.table == self._itself:
                    passed[name or ""].add(self._own(flow.column))
                else:
                    made[name or ""] = (*made[name or ""], self._replaced(flow))
        columns = picked(start, self._number, 0).columns
        return Relation(
            tuple(
                (name, (*flows, *pick(_passed(name or "", passed, made), self._number, 1)))
                for name, flows in columns
            ),
            frozenset(item for one in rows for item in self._decided(one)),
            (start.tables | turns.tables) - {self._itself},
        )

    def _close(self, start: Relation, turns: Relation) -> None:
        """Find what each column is made of, and influenced by, until nothing is added."""
        for name, flows in start.columns:
            self._values[name or ""] = frozenset().union(*(flow.values for flow in flows))
            self._influences[name or ""] = frozenset().union(*(flow.influences for flow in flows))
        known = -1
        while known != self._known():
            known = self._known()
            for name, flows in turns.columns:
                for flow in map(self._replaced, flows):
                    self._values[name or ""] |= flow.values
                    self._influences[name or ""] |= flow.influences

    def _known(self) -> int:
        facts = (*self._values.values(), *self._influences.values())
        return sum(map(len, facts))

    def _own(self, column: TableColumn) -> str:
        """Return which of its columns one is, or is nested in."""
        name = column.column
        return name if name in self._values else name.partition(".")[0]

    def _replaced(self, flow: Flow) -> Flow:
        values: set[TableColumn] = set()
        influences: set[tuple[Influence, TableColumn]] = set()
        for column in flow.values:
            if column.table == self._itself:
                values |= self._values[self._own(column)]
                influences |= self._influences[self._own(column)]
            else:
                values.add(column)
        for item in flow.influences:
            influences |= self._decided(item)
        return replace(flow, values=frozenset(values), influences=frozenset(influences))

    def _decided(self, item: tuple[Influence, TableColumn]) -> Influences:
        """Replace a column that influences by all that it is made of."""
        influence, column = item
        if column.table != self._itself:
            return frozenset((item,))
        own = self._own(column)
        nested = {(influence, other) for _, other in self._influences[own]}
        return frozenset((influence, value) for value in self._values[own]) | nested


def _operations(query: exp.Expr) -> list[exp.SetOperation]:
    """Return the operations of a union, refused where it is anything else."""
    parts = ("with_", "order", "limit", "offset", "by_name")
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.SetOperation):
        operations = list(operations_of(query))
        is_plain = not any(one.args.get(part) for one in operations for part in parts)
        if is_plain and all(isinstance(one, exp.Union) for one in operations):
            return operations
    message = "what it reads itself by is no union"
    raise NotRead(message)


def _passed(name: str, passed: dict[str, set[str]], flows: dict[str, Flows]) -> Flows:
    """Return the alternatives of a column, with those of the columns that it takes as they are."""
    waiting, seen = [name], {name}
    while waiting:
        for other in passed[waiting.pop()] - seen:
            seen.add(other)
            waiting.append(other)
    return tuple(flow for other in sorted(seen) for flow in flows[other])
