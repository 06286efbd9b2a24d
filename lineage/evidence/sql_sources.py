"""Sources: what a query reads from, how that is joined, and which rows come of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from sqlglot import exp

from lineage.evidence.sql_aliases import Clause
from lineage.evidence.sql_expression import Expression
from lineage.evidence.sql_flow import NOTHING, Flows, Use, combine, reach, relabel
from lineage.evidence.sql_grammar import (
    TABLE_FUNCTION_NAMES,
    TABLE_FUNCTIONS,
    refused,
    require,
)
from lineage.evidence.sql_pivot import pivoted
from lineage.evidence.sql_result import NotRead, TableColumn, TableName
from lineage.evidence.sql_scope import Queries, Relation, Scope, Source
from lineage.evidence.sql_tables import Tables
from lineage.model.edges import Influence

__all__ = ["QueryReader", "Sources", "renamed", "table_name"]

_SIDES = {"", "LEFT", "RIGHT", "FULL", "INNER"}
_KINDS = {"", "INNER", "OUTER", "CROSS", "SEMI", "ANTI", "ANY", "ALL", "ASOF", "PASTE", "STRAIGHT"}
_METHODS = {"", "NATURAL", "ASOF", "POSITIONAL"}

_SEES_SIBLINGS = {"duckdb"}
"""Dialects in which a query in FROM sees the sources before it, without LATERAL."""

_PATHS = {"bigquery", "redshift"}
"""Dialects in which FROM takes an array of a table before it for a table."""


class QueryReader(Protocol):
    """What reads the queries in a FROM clause."""

    dialect: str
    tables: Tables

    def read(self, query: exp.Expr, outer: Scope | None, queries: Queries) -> Relation:
        """Read a query that sees an outer one and some common table expressions."""
        ...


class Sources:
    """Adds sources to a scope, one after the other.

    Attributes
    ----------
    rows : set of (Influence, TableColumn)
        What decides which rows there are.
    tables : set of TableName
        What is read from.
    """

    def __init__(self, reader: QueryReader, scope: Scope) -> None:
        self.rows: set[tuple[Influence, TableColumn]] = set()
        self.tables: set[TableName] = set()
        self._reader = reader
        self._scope = scope

    def add(self, item: exp.Expr) -> None:
        """Add one source of a FROM clause, with all that is joined to it there."""
        if isinstance(item, exp.Subquery) and isinstance(item.this, exp.Table):
            self._add_parenthesized(item)
        else:
            self._add(self._source(item))
        for join in item.args.get("joins") or ():
            self.join(join)

    def _add_parenthesized(self, item: exp.Subquery) -> None:
        if item.alias or item.args.get("pivots"):
            message = "a name for tables that are joined is not followed"
            raise NotRead(message)
        require(item)
        self.add(item.this)

    def _add(self, source: Source) -> None:
        relation = source.relation
        self.rows |= relation.rows
        self.tables |= relation.tables
        self._scope.sources.append(source)

    def _source(self, item: exp.Expr) -> Source:
        if isinstance(item, exp.Table):
            return self._table(item)
        if isinstance(item, exp.Lateral):
            require(item)
            is_query = isinstance(item.this, exp.Query)
            return self._query(item, self._scope) if is_query else self._function(item, item.this)
        if isinstance(item, exp.Unnest):
            require(item)
            call = exp.Anonymous(this="UNNEST", expressions=item.expressions)
            return self._function(item, call)
        if isinstance(item, exp.TableFromRows):
            require(item)
            return self._function(item, item.this)
        if isinstance(item, exp.Query | exp.Values):
            is_lateral = self._reader.dialect in _SEES_SIBLINGS
            return self._query(item, self._scope if is_lateral else self._scope.outer)
        raise refused(item)

    def _table(self, item: exp.Table) -> Source:
        require(item)
        for key in ("sample", "version", "when"):
            if item.args.get(key) is not None:
                self._choose(item.args[key])
        if not isinstance(item.this, exp.Identifier):
            return self._function(item, item.this)
        name = table_name(item)
        if len(name) > 1 and self._reader.dialect in _PATHS and self._scope.source(name[:1]):
            return self._function(item, exp.column(*reversed(name)))
        query = self._scope.queries.get(name[-1]) if len(name) == 1 else None
        relation = self._reader.tables.read(name) if query is None else query()
        return self._named(item, relation, name)

    def _choose(self, clause: exp.Expr) -> None:
        """Let what a sample or a version is chosen by decide the rows."""
        for item in clause.iter_expressions():
            if not isinstance(item, exp.Literal | exp.Var):
                self.decide(item, Influence.FILTER)

    def _query(self, item: exp.Expr, outer: Scope | None) -> Source:
        query = item
        if isinstance(item, exp.Lateral | exp.Subquery):
            require(item)
            query = item.this
        if any(item.args.get(key) for key in ("with_", "order", "limit", "offset")):
            raise refused(item)
        return self._named(item, self._reader.read(query, outer, self._scope.queries))

    def _named(self, item: exp.Expr, relation: Relation, name: TableName = ()) -> Source:
        """Give a relation the names it has here, after it was pivoted."""
        alias = item.args.get("alias")
        for pivot in item.args.get("pivots") or ():
            relation = pivoted(relation, pivot, self._scope)
            alias, name = pivot.args.get("alias") or alias, ()
        if alias is not None:
            require(alias)
            relation = renamed(relation, _names(alias))
        number = self._reader.tables.number()
        columns = tuple((one, relabel(flows, number)) for one, flows in relation.columns)
        called = alias.name.casefold() if alias is not None else ""
        return Source(
            called or (name[-1] if name else ""),
            relation._replace(columns=columns),
            () if called else name,
        )

    def _function(self, item: exp.Expr, call: exp.Expr) -> Source:
        """Add the rows that a function makes of what it is given."""
        alias = item.args.get("alias")
        names = [] if alias is None else _names(alias)
        flows = self._called(_unwrapped(call))
        columns = list(zip(names, _spread(flows, len(names)), strict=True))
        offset = item.args.get("offset")
        if isinstance(offset, exp.Identifier):
            columns.append((offset.name.casefold(), (NOTHING,)))
        together = tuple(dict.fromkeys(flow for one in flows for flow in one))
        is_complete = alias is not None and bool(names) and alias.this is not None
        relation = Relation(
            columns=tuple(columns),
            rows=reach(together, Influence.FILTER),
            rest=None if is_complete else lambda _: together,
        )
        return Source("" if alias is None else alias.name.casefold(), relation)

    def _called(self, call: exp.Expr) -> list[Flows]:
        """Return what a table function is given, argument by argument where that is kept apart."""
        if isinstance(call, exp.JSONTable | exp.OpenJSON):
            return [self._flows(call.this)]
        if isinstance(call, exp.XMLTable):
            return [self._flows(exp.Tuple(expressions=[call.this, *call.args["passing"]]))]
        is_known = isinstance(call, (exp.Column, *TABLE_FUNCTIONS)) or (
            isinstance(call, exp.Anonymous) and str(call.this).casefold() in TABLE_FUNCTION_NAMES
        )
        if not is_known:
            message = f"{call.name or call.key} in FROM may read another table"
            raise NotRead(message)
        if isinstance(call, exp.Anonymous) and call.name == "UNNEST":
            several = [exp.Anonymous(this="UNNEST", expressions=[one]) for one in call.expressions]
            return [self._flows(one) for one in several]
        return [self._flows(call)]

    def _flows(self, expression: exp.Expr) -> Flows:
        self._scope.look_from(Clause.WHERE)
        read = Expression(expression, self._scope)
        self.tables |= read.tables
        return read.flows

    def join(self, join: exp.Join) -> None:
        """Add what is joined, and what it is joined by."""
        require(join)
        side, kind, method = (str(join.args.get(key) or "") for key in ("side", "kind", "method"))
        if kind == "ARRAY":
            self._join_arrays(join)
            return
        is_half = kind in ("SEMI", "ANTI")
        is_known = side in _SIDES and kind in _KINDS and method in _METHODS
        if not is_known or (is_half and side == "RIGHT"):
            message = f"{' '.join(filter(None, (method, side, kind)))} JOIN is not followed"
            raise NotRead(message)
        left = list(self._scope.sources)
        self.add(join.this)
        right = self._scope.sources[len(left) :]
        for key in ("on", "match_condition"):
            if join.args.get(key) is not None:
                self.decide(join.args[key], Influence.JOIN)
        names = [item.name.casefold() for item in join.args.get("using") or ()]
        for name in _common(left, right) if method == "NATURAL" else names:
            self.join_by(name, left, right, is_outer=side in ("RIGHT", "FULL"))
        if is_half:  # of what is only looked for, nothing can be named
            del self._scope.sources[len(left) :]

    def decide(self, condition: exp.Expr, influence: Influence) -> None:
        """Let a condition decide the rows."""
        self._scope.look_from(Clause.WHERE)
        read = Expression(condition, self._scope)
        self.rows |= read.reach(influence)
        self.tables |= read.tables

    def join_by(
        self, name: str, left: Sequence[Source], right: Sequence[Source], *, is_outer: bool = False
    ) -> None:
        """Join by a column of one name on both sides, which are one column from then on."""
        joined = self._scope.joined.get(name)
        one, other = joined or _only(name, left), _only(name, right)
        self.rows |= reach((*one, *other), Influence.JOIN)
        if is_outer:  # either side may lack the row
            columns = exp.column(name), exp.column(name)
            both = exp.Coalesce(this=columns[0], expressions=[columns[1]])
            uses = [Use(None, one, columns[0]), Use(None, other, columns[1])]
            one = combine(both, uses, frozenset(), 1)
        self._scope.joined[name] = one

    def _join_arrays(self, join: exp.Join) -> None:
        """Read ARRAY JOIN: a row for each element, under the array's name or another."""
        for item in (join.this, *(join.args.get("expressions") or ())):
            flows = self._flows(item.unalias())
            self.rows |= reach(flows, Influence.FILTER)
            self._scope.joined[item.alias_or_name.casefold()] = flows


def renamed(relation: Relation, names: Sequence[str]) -> Relation:
    """Give the first columns of a relation other names."""
    if not names:
        return relation
    listed = relation.listed
    if len(names) > len(listed):
        message = f"it names {len(names)} columns of {len(listed)}"
        raise NotRead(message)
    columns = [(name, flows) for name, (_, flows) in zip(names, listed, strict=False)]
    return relation._replace(columns=(*columns, *listed[len(names) :]))


def table_name(table: exp.Table) -> TableName:
    """Return the parts of a table's name; one that is left out between others is empty."""
    parts = [part.name.casefold() for part in table.parts]
    if table.args.get("db") == "":
        parts.insert(len(parts) - 1, "")
    if any(mark in part for part in parts for mark in "{}*") or not parts[-1]:
        message = f"{'.'.join(parts)} does not name a table"
        raise NotRead(message)
    return tuple(parts)


def _names(alias: exp.TableAlias) -> list[str]:
    return [item.name.casefold() for item in alias.args.get("columns") or ()]


def _unwrapped(call: exp.Expr) -> exp.Expr:
    """Take a function out of `TABLE(…)`."""
    while isinstance(call, exp.Anonymous) and str(call.this).casefold() == "table":
        (call,) = call.expressions
    return call


def _spread(flows: list[Flows], width: int) -> Iterator[Flows]:
    """Give each column what it is made of: its own argument, or any where that is not known."""
    if len(flows) == width:
        return iter(flows)
    together: Flows = tuple(dict.fromkeys(flow for one in flows for flow in one))
    return iter([together] * width)


def _only(name: str, sources: Iterable[Source]) -> Flows:
    """Find the one column of a name that sources are joined by."""
    sources = list(sources)
    found = [flows for source in sources if (flows := source.get(name)) is not None]
    if not found:
        found = [flows for source in sources if (flows := source.may_get(name)) is not None]
    if len(found) != 1:
        message = f"it is not known which table {name} is of, which it joins by"
        raise NotRead(message)
    return found[0]


def _common(left: Iterable[Source], right: Iterable[Source]) -> list[str]:
    """Name the columns that both sides of a natural join have."""
    sides = []
    for sources in (left, right):
        relations = [source.relation for source in sources]
        if any(relation.rest is not None for relation in relations):
            message = "the columns of a natural join are not known"
            raise NotRead(message)
        sides.append([name for relation in relations for name, _ in relation.columns if name])
    return [name for name in dict.fromkeys(sides[0]) if name in sides[1]]
