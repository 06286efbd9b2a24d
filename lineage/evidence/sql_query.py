"""Queries: SELECT, and what puts queries together: unions, WITH, parentheses, lists of values."""

from collections.abc import Callable, Iterable

from sqlglot import exp

from lineage.evidence.sql_flow import NOTHING, Flow, Flows
from lineage.evidence.sql_grammar import refused, require
from lineage.evidence.sql_recursion import Recursion, is_recursive, reads
from lineage.evidence.sql_result import NotRead
from lineage.evidence.sql_scope import Queries, Relation, Scope
from lineage.evidence.sql_select import Clauses, Select
from lineage.evidence.sql_sources import renamed, table_name
from lineage.evidence.sql_tables import Tables
from lineage.evidence.sql_unions import operated, operations_of, picked

__all__ = ["Reader"]

_VALUE_NAMES = {
    "databricks": ("col", 1),
    "duckdb": ("col", 0),
    "mysql": ("column_", 0),
    "presto": ("_col", 0),
    "spark": ("col", 1),
    "trino": ("_col", 0),
}
"""What the columns of VALUES are called, and from where they are counted."""

_FROM_PARTS = ("joins", "pivots", "sample")
"""Parts of a subquery that are followed in FROM alone."""


class Reader:
    """Reads the queries of one text.

    Parameters
    ----------
    dialect : str
        As sqlglot calls it.
    tables : Tables
        What there is to read from; statements change it from outside.
    """

    def __init__(self, dialect: str, tables: Tables) -> None:
        self.dialect = dialect
        self.tables = tables

    def read_query(self, query: exp.Expr, scope: Scope) -> Relation:
        """Read a query inside an expression."""
        return self.read(query, scope, scope.queries)

    def read(self, query: exp.Expr, outer: Scope | None, queries: Queries) -> Relation:
        """Read a query that sees an outer one and some common table expressions."""
        if isinstance(query, exp.Table):
            return self.tables.read(table_name(query))
        if isinstance(query, exp.Values):
            return self._values(query, Scope(self, outer, queries))
        if not isinstance(query, exp.Query):
            raise refused(query)
        queries = self.named(query, outer, queries)
        scope = Scope(self, outer, queries)
        if isinstance(query, exp.Select):
            return Select(query, self, scope).read()
        if isinstance(query, exp.SetOperation):
            return self._sorted(query, self._operation(query, outer, queries), scope)
        if isinstance(query, exp.Subquery) and not any(query.args.get(key) for key in _FROM_PARTS):
            return self._sorted(query, self.read(query.this, outer, queries), scope)
        raise refused(query)

    def named(self, query: exp.Expr, outer: Scope | None, queries: Queries) -> Queries:
        """Add the queries that WITH names to those that can be named."""
        named = query.args.get("with_")
        if named is None:
            return queries
        require(named)
        found = dict(queries)
        later = {cte.alias.casefold() for cte in named.expressions if named.args.get("recursive")}
        for cte in named.expressions:
            require(cte)
            require(cte.args["alias"])
            name = cte.alias.casefold()
            later.discard(name)
            if not isinstance(cte.this, exp.Query | exp.Values) and not cte.args.get("scalar"):
                raise refused(cte.this)  # what changes a table does so though nobody reads it
            if any(reads(cte.this, other) for other in later):
                message = f"{name} reads a query that is named after it"
                raise NotRead(message)
            if not cte.args.get("scalar"):
                is_open = bool(named.args.get("recursive"))
                found[name] = self._lazily(cte, name, outer, dict(found), is_open=is_open)
        return found

    def _lazily(
        self, cte: exp.CTE, name: str, outer: Scope | None, queries: Queries, *, is_open: bool
    ) -> Callable[[], Relation]:
        """Read a common table expression once, when it is first asked for."""
        known: list[Relation] = []

        def read() -> Relation:
            if not known:
                known.append(self._cte(cte, name, outer, queries, is_open=is_open))
            return known[0]

        return read

    def _cte(
        self, cte: exp.CTE, name: str, outer: Scope | None, queries: Queries, *, is_open: bool
    ) -> Relation:
        names = [item.name.casefold() for item in cte.args["alias"].args.get("columns") or ()]
        if is_recursive(cte.this, name, self.dialect, is_open=is_open):
            return Recursion(self, name, names).read(cte.this, outer, queries)
        return renamed(self.read(cte.this, outer, queries), names)

    def _sorted(self, query: exp.Expr, relation: Relation, scope: Scope) -> Relation:
        """Read the order and the limit of what a query yields."""
        require(query)
        clauses = Clauses(scope)
        clauses.columns = list(relation.columns)
        for name, flows in relation.columns:
            if name is not None:
                scope.outputs.setdefault(name, flows)
        clauses.sort(query)
        return relation._replace(
            rows=relation.rows | clauses.rows, tables=relation.tables | clauses.tables
        )

    def _operation(
        self, query: exp.SetOperation, outer: Scope | None, queries: Queries
    ) -> Relation:
        """Read UNION, EXCEPT and INTERSECT from the left, in a loop: they can be long."""
        operations = list(operations_of(query))
        relation = self.read(operations[0].this, outer, queries)
        number = self.tables.number()
        for branch, operation in enumerate(operations, 1):
            require(operation)
            right = self.read(operation.expression, outer, queries)
            if branch == 1 and isinstance(operation, exp.Union):
                relation = picked(relation, number, 0)
            relation = operated(operation, relation, picked(right, number, branch))
        return relation

    def _values(self, query: exp.Values, scope: Scope) -> Relation:
        """Read a list of rows; each is an alternative, but of constants the first is kept."""
        require(query)
        clauses = Clauses(scope)
        rows = [[_value(item, clauses) for item in row.expressions] for row in query.expressions]
        if len({len(row) for row in rows}) != 1:
            message = "its rows have different numbers of columns"
            raise NotRead(message)
        stem, first = _VALUE_NAMES.get(self.dialect, ("column", 1))
        columns = [
            (f"{stem}{position}", _unlike(flow for flows in column for flow in flows))
            for position, column in enumerate(zip(*rows, strict=True), first)
        ]
        return Relation(
            tuple(columns), rows=frozenset(clauses.rows), tables=frozenset(clauses.tables)
        )


def _value(item: exp.Expr, clauses: Clauses) -> Flows:
    if isinstance(item, exp.Column) and item.sql().casefold() == "default":
        return (NOTHING,)
    return clauses.flows(item)


def _unlike(flows: Iterable[Flow]) -> Flows:
    """Keep of constants the first."""
    found: dict[object, Flow] = {}
    for flow in flows:
        is_constant = not flow.values and not flow.influences
        found.setdefault("a constant" if is_constant else flow, flow)
    return tuple(found.values())
