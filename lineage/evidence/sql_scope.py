"""Scopes: the names that can be used at a place in a query, and what they mean there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlglot import exp

from lineage.evidence.sql_aliases import Clause, Meant, meant_by
from lineage.evidence.sql_flow import Flow, Flows
from lineage.evidence.sql_result import Influences, NotRead, TableName

__all__ = ["Queries", "Reader", "Relation", "Scope", "Source"]


class Relation(NamedTuple):
    """Rows that a query can read from, or yields.

    Attributes
    ----------
    columns : tuple of (str or None, Flows)
        In order; None for one that has no name of its own.
    rows : Influences
        What decides which rows there are.
    tables : frozenset of TableName
        What is read for them.
    rest : callable or None
        Gives the columns that are not listed, by name; None where all are listed.
    is_ordered : bool
        Whether the order of the columns is known.
    """

    columns: tuple[tuple[str | None, Flows], ...] = ()
    rows: Influences = frozenset()
    tables: frozenset[TableName] = frozenset()
    rest: Callable[[str], Flows] | None = None
    is_ordered: bool = True

    @property
    def listed(self) -> tuple[tuple[str | None, Flows], ...]:
        """All columns in their order, refused where they are not known."""
        if self.rest is not None:
            message = "it selects * from a table whose columns are not known"
            raise NotRead(message)
        if not self.is_ordered:
            message = "the order of its columns is not known"
            raise NotRead(message)
        return self.columns

    @property
    def everything(self) -> Iterator[Flow]:
        """Every flow of every column, refused where not all columns are known."""
        if self.rest is not None:
            message = "it takes * of a table whose columns are not known"
            raise NotRead(message)
        return (flow for _, flows in self.columns for flow in flows)


@dataclass(slots=True, eq=False)
class Source:
    """A relation in a FROM clause, under the name it has there.

    Attributes
    ----------
    alias : str
        Empty where it has none.
    name : TableName
        The table's name in parts, where it has no other alias; empty otherwise.
    is_bare : bool
        Whether its columns can be named without it.
    """

    alias: str
    relation: Relation
    name: TableName = ()
    is_bare: bool = True
    by_name: dict[str, list[Flows]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_name = {}
        for name, flows in self.relation.columns:
            if name is not None:
                self.by_name.setdefault(name, []).append(flows)

    def get(self, name: str) -> Flows | None:
        """Return a column that is listed; None where none is."""
        found = self.by_name.get(name)
        if found is not None and len(found) > 1:
            message = f"two of its outputs are called {name}"
            raise NotRead(message)
        return found[0] if found else None

    def may_get(self, name: str) -> Flows | None:
        """Return a column that is listed, or may be there all the same."""
        found = self.get(name)
        if found is None and self.relation.rest is not None:
            return self.relation.rest(name)
        return found

    def is_called(self, qualifier: Sequence[str]) -> bool:
        """Whether the parts before a column's name mean this."""
        if len(qualifier) == 1:
            return bool(self.alias) and self.alias == qualifier[0]
        pairs = list(zip(reversed(self.name), reversed(qualifier), strict=False))
        return bool(pairs) and all(one == other for one, other in pairs)


class Reader(Protocol):
    """What reads the queries inside expressions."""

    dialect: str

    def read_query(self, query: exp.Expr, scope: "Scope") -> Relation:
        """Read a query inside an expression."""
        ...


_GIVEN = {
    "bigquery": {"_partitiondate", "_partitiontime"},
    "oracle": {"level", "rowid", "rownum", "sysdate", "systimestamp", "uid", "user"},
    "postgres": {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"},
}
"""Names that no column can have: the system gives them, and nothing of a column is in them."""

Queries = Mapping[str, Callable[[], Relation]]
"""Common table expressions by name, read when they are first asked for."""


class Scope:
    """One query: its sources, the outputs named so far, and the query around it."""

    def __init__(self, reader: Reader, outer: "Scope | None", queries: Queries) -> None:
        self.reader = reader
        self.outer = outer
        self.queries = queries
        self.sources: list[Source] = []
        self.joined: dict[str, Flows] = {}
        self.outputs: dict[str, Flows] = {}
        self.windows: dict[str, exp.Window] = {}
        self.meant = Meant.COLUMN

    def look_from(self, clause: Clause, *, is_alone: bool = False) -> None:
        """Say in which clause the names that follow are used."""
        self.meant = meant_by(self.reader.dialect, clause, is_alone=is_alone)

    def resolve(self, column: exp.Column) -> Flows:
        """Return what a column is made of."""
        parts = self.parts(column)
        if len(parts) > 1:
            found = self._qualified(parts)
            if found is not None:
                return found
        flows = self._named(parts[0], is_row=len(parts) == 1)
        if flows is None and len(parts) > 1 and self.source(parts[:1]) is not None:
            message = f"{parts[0]} has no column {parts[1]}"
            raise NotRead(message)
        if flows is None:
            message = f"it is not known which table {parts[0]} is of"
            raise NotRead(message)
        return tuple(flow.field(parts[1:]) for flow in flows) if len(parts) > 1 else flows

    def has_own(self, column: exp.Column) -> bool:
        """Whether a column may be one of this query's own sources."""
        parts = self.parts(column)
        ends = range(1, len(parts))
        if any(source.is_called(parts[:end]) for source in self.sources for end in ends):
            return True
        return parts[0] in self.joined or any(
            source.may_get(parts[0]) is not None for source in self.sources
        )

    def lists(self, name: str) -> bool:
        """Whether a source is known to have a column of this name."""
        return name in self.joined or any(name in source.by_name for source in self.sources)

    @staticmethod
    def parts(column: exp.Column) -> list[str]:
        """Return the parts of a column's name, and the fields nested in it."""
        parts: list[str] | None = column.meta.get("parts") if column._meta else None  # noqa: SLF001  # makes none
        return parts or [part.name.casefold() for part in column.parts]

    def window(self, name: str) -> exp.Window:
        """Find a window that the query names."""
        found = self.windows.get(name.casefold())
        if found is None:
            message = f"it names no window {name}"
            raise NotRead(message)
        return found

    def source(self, qualifier: Sequence[str]) -> Source | None:
        """Find the source that a qualifier means, here or in a query around."""
        found = [source for source in self.sources if source.is_called(qualifier)]
        if len(found) > 1:
            message = f"two of its tables are called {'.'.join(qualifier)}"
            raise NotRead(message)
        if found or self.outer is None:
            return found[0] if found else None
        return self.outer.source(qualifier)

    def _qualified(self, parts: Sequence[str]) -> Flows | None:
        """Resolve a name with a table in front, and perhaps fields behind."""
        for length in range(min(len(parts) - 1, 3), 0, -1):
            source = self.source(parts[:length])
            flows = None if source is None else source.may_get(parts[length])
            if flows is not None:
                path = parts[length + 1 :]
                return tuple(flow.field(path) for flow in flows) if path else flows
        return None

    def _named(self, name: str, *, is_row: bool = True) -> Flows | None:
        """Resolve a bare name: a column, an output of this query, or all of a row."""
        output = self.outputs.get(name)
        if output is not None and self.meant is Meant.OUTPUT:
            return output
        found, is_certain = self._column(name)
        if output is None:
            if len(found) > 1:
                message = f"it is not known which table {name} is of"
                raise NotRead(message)
            return found[0] if found else self._row(name) if is_row else None
        if found and is_certain and self.meant is Meant.COLUMN:
            return found[0]
        candidates = (flow for flows in (*found, output) for flow in flows)
        return tuple(dict.fromkeys(candidates))

    def _column(self, name: str) -> tuple[list[Flows], bool]:
        """Find the columns that a bare name may mean, and whether it means the only one."""
        if name in self.joined:
            return [self.joined[name]], True
        if name in _GIVEN.get(self.reader.dialect, ()):
            return [(Flow(expression=exp.Var(this=name.upper())),)], True
        sources = [source for source in self.sources if source.is_bare]
        listed = [flows for source in sources if (flows := source.get(name)) is not None]
        if listed:
            return listed, len(listed) == 1
        unlisted = [source for source in sources if source.relation.rest is not None]
        if any(source.alias == name and source.relation.tables for source in unlisted):
            message = f"it is not known whether {name} is a column or a row"
            raise NotRead(message)
        found = [flows for source in unlisted if (flows := source.may_get(name)) is not None]
        outside = None if self.outer is None else self.outer._named(name)  # noqa: SLF001  # one of its own
        return [*found, *([] if outside is None else [outside])], False

    def _row(self, name: str) -> Flows | None:
        """Take a source's name for all of its row, as some dialects do."""
        source = self.source((name,))
        return None if source is None else (_together(source.relation, name),)

    def everything(self, qualifier: Sequence[str] = ()) -> Iterator[tuple[str | None, Flows]]:
        """Yield every column that `*` means inside a function."""
        for source in self.starred(qualifier):
            if source.relation.rest is not None:
                message = "it takes * of a table whose columns are not known"
                raise NotRead(message)
            yield from source.relation.columns

    def starred(self, qualifier: Sequence[str] = ()) -> list[Source]:
        """Find the sources that `*` means."""
        if not qualifier:
            return [source for source in self.sources if source.is_bare]
        source = self.source(qualifier)
        if source is None:
            message = f"it is not known what {'.'.join(qualifier)}.* is"
            raise NotRead(message)
        return [source]


def _together(relation: Relation, name: str) -> Flow:
    """Make one flow of all columns of a row."""
    flows = list(relation.everything)
    return Flow(
        values=frozenset().union(*(flow.values for flow in flows)),
        influences=frozenset().union(*(flow.influences for flow in flows)),
        expression=exp.Var(this=name),
    )
