"""Changes: what UPDATE, DELETE and MERGE do to what a table holds."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from lineage.evidence.sql_aliases import Clause
from lineage.evidence.sql_flow import NOTHING, Flows
from lineage.evidence.sql_grammar import OF_SOME_ROWS, refused, require
from lineage.evidence.sql_query import Reader
from lineage.evidence.sql_result import NotRead, TableName
from lineage.evidence.sql_scope import Queries, Relation, Scope, Source
from lineage.evidence.sql_select import Clauses
from lineage.evidence.sql_sources import Sources, table_name
from lineage.evidence.sql_tables import Contents, Position
from lineage.model.edges import Influence

__all__ = ["Change", "changed_table", "delete", "is_default", "merge", "update"]


class Change(Clauses):
    """A statement that changes a table, and the tables that it looks at for that.

    Attributes
    ----------
    contents : Contents
        What is changed.
    queries : Queries
        The common table expressions before the statement.
    sources : Sources
        What it looks at, the changed table among them.
    """

    def __init__(self, statement: exp.Expr, reader: Reader) -> None:
        require(statement)
        self.queries: Queries = reader.named(statement, None, {})
        super().__init__(Scope(reader, None, self.queries))
        self.contents: Contents = reader.tables.filling(changed_table(statement))
        self.sources = Sources(reader, self.scope)
        self._itself: Source | None = None

    def look_at_itself(self, called: str) -> None:
        """Find the changed table among the sources, by the name it has there."""
        self._itself = self.scope.source((called,))

    def filter(self, condition: exp.Expr | None) -> None:
        """Let a condition decide which rows are changed."""
        if condition is not None:
            self.decide(condition, Clause.WHERE, Influence.FILTER)

    @property
    def decided(self) -> Relation:
        """What decides which rows are changed, and what was read for it."""
        rows = frozenset(self.rows | self.sources.rows)
        return Relation(rows=rows, tables=frozenset(self.tables | self.sources.tables))

    def assign(self, items: Iterable[exp.Expr]) -> None:
        """Read `column = expression`: where a row is changed, the column holds that instead."""
        assigned = [pair for item in items for pair in self._assigned(item)]
        for column, flows in assigned:
            self.hold_instead(column, flows)

    def hold_instead(self, column: Position, flows: Flows) -> None:
        """Add what a column holds in the rows that are changed."""
        decided = self.decided
        influences = decided.rows
        changed = (replace(flow, influences=flow.influences | influences) for flow in flows)
        self.contents.change(column, tuple(changed))
        self.contents.depend_on(Relation(tables=decided.tables))

    def _assigned(self, item: exp.Expr) -> Iterator[tuple[str, Flows]]:
        if not isinstance(item, exp.EQ):
            raise refused(item)
        left, right = item.this.unnest(), item.expression
        if not isinstance(left, exp.Tuple):
            yield self._column(left), self.value(right)
        elif isinstance(right, exp.Tuple) and len(left.expressions) == len(right.expressions):
            for one, other in zip(left.expressions, right.expressions, strict=True):
                yield self._column(one), self.value(other)
        elif isinstance(right, exp.Query):
            yield from self._assigned_by_query(left, right)
        else:
            raise refused(item)

    def _assigned_by_query(self, left: exp.Tuple, query: exp.Query) -> Iterator[tuple[str, Flows]]:
        """Read `(a, b) = (select …)`."""
        relation = self.scope.reader.read_query(query, self.scope)
        self.tables |= relation.tables
        if len(relation.listed) != len(left.expressions):
            raise refused(left)
        for column, (_, flows) in zip(left.expressions, relation.listed, strict=True):
            influenced = (
                replace(flow, influences=flow.influences | relation.rows) for flow in flows
            )
            yield self._column(column), tuple(influenced)

    def value(self, expression: exp.Expr) -> Flows:
        """Read what is put into a column."""
        self.scope.look_from(Clause.SELECT)
        return (NOTHING,) if is_default(expression) else self.flows(expression)

    def _column(self, column: exp.Expr) -> str:
        """Name the column of the changed table that is assigned to, or that a field is in."""
        if not isinstance(column, exp.Column | exp.Identifier):
            raise refused(column)
        if isinstance(column, exp.Identifier):
            return column.name.casefold()
        parts = self.scope.parts(column)
        for length in range(len(parts) - 1, 0, -1):
            source = self.scope.source(parts[:length])
            if source is not None and source is not self._itself:
                message = f"it changes two tables, {'.'.join(parts[:length])} too"
                raise NotRead(message)
            if source is not None:
                return parts[length]
        return parts[0]


def changed_table(statement: exp.Expr) -> TableName:
    """Name the table that a statement changes."""
    table = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    if not isinstance(table, exp.Table):
        raise refused(table or statement)
    found = _among(_looked_at(statement), _called(statement))
    return table_name(table if found is None else found)


def _called(statement: exp.Expr) -> str:
    """Return the name by which a statement calls the table it changes."""
    tables = statement.args.get("tables")
    if tables and len(tables) > 1:
        message = "it changes two tables"
        raise NotRead(message)
    name: str = (tables[0] if tables else statement.this).alias_or_name
    return name.casefold()


def _looked_at(statement: exp.Expr) -> list[exp.Expr]:
    """List the tables in the FROM of an UPDATE, or of a DELETE that names its table before it."""
    read_from = statement.args.get("from_")
    first = (
        read_from.this if read_from else statement.this if statement.args.get("tables") else None
    )
    if first is None:
        return []
    return [first, *(join.this for join in first.args.get("joins") or ())]


def _among(tables: Iterable[exp.Expr], called: str) -> exp.Table | None:
    found = (one for one in tables if isinstance(one, exp.Table))
    return next((one for one in found if one.alias_or_name.casefold() == called), None)


def is_default(expression: exp.Expr) -> bool:
    """Whether a column is given its default."""
    return isinstance(expression, exp.Column) and expression.sql().casefold() == "default"


def update(statement: exp.Update, reader: Reader) -> None:
    """Read UPDATE."""
    change = Change(statement, reader)
    called, read_from = _called(statement), statement.args.get("from_")
    if _among(_looked_at(statement), called) is None:
        change.sources.add(statement.this)
    if read_from is not None:
        require(read_from)
        change.sources.add(read_from.this)
    change.look_at_itself(called)
    where = statement.args.get("where")
    change.filter(None if where is None else where.this)
    change.sort(statement)
    change.assign(statement.expressions)


def delete(statement: exp.Delete, reader: Reader) -> None:
    """Read DELETE; without any condition it takes all rows away."""
    change = Change(statement, reader)
    some = any(statement.args.get(key) for key in ("using", "where", "tables", "limit"))
    if not some and not any(statement.this.args.get(key) for key in OF_SOME_ROWS):
        change.contents.empty()
        return
    for table in (statement.this, *(statement.args.get("using") or ())):
        change.sources.add(table)
    where = statement.args.get("where")
    change.filter(None if where is None else where.this)
    change.sort(statement)
    change.contents.depend_on(change.decided)


def merge(statement: exp.Merge, reader: Reader) -> None:
    """Read MERGE: every branch may be taken, and all conditions decide which is."""
    change = Change(statement, reader)
    change.sources.add(statement.this)
    (itself,) = change.scope.sources
    change.look_at_itself(itself.alias)
    change.sources.add(statement.args["using"])
    if statement.args.get("on") is not None:
        change.sources.decide(statement.args["on"], Influence.JOIN)
    for item in statement.args.get("using_cond") or ():
        change.sources.join_by(item.name.casefold(), [itself], change.scope.sources[1:])
    branches = statement.args["whens"].expressions
    for branch in branches:
        require(branch)
        change.filter(branch.args.get("condition"))
        where = branch.args["then"].args.get("where")
        change.filter(None if where is None else where.unnest())
    for branch in branches:
        _merge_branch(change, branch.args["then"])


def _merge_branch(change: Change, then: exp.Expr) -> None:
    """Read what a branch of MERGE does."""
    if isinstance(then, exp.Update):
        require(then)
        if not then.expressions or isinstance(then.expressions[0], exp.Star):
            for column, flows in _same_names(change, is_star=bool(then.expressions)):
                change.hold_instead(column, flows)
        else:
            change.assign(then.expressions)
    elif isinstance(then, exp.Insert):
        require(then)
        change.contents.add_rows(dict(_inserted(change, then)), change.decided)
    elif isinstance(then, exp.Var) and then.name.upper() == "DELETE":
        change.contents.depend_on(change.decided)
    elif not isinstance(then, exp.Var) or then.name.upper() != "DO NOTHING":
        raise refused(then)


def _inserted(change: Change, then: exp.Insert) -> Iterator[tuple[Position, Flows]]:
    """Pair the columns that a branch inserts into with what they get."""
    values = then.expression
    if isinstance(then.this, exp.Star):
        yield from _same_names(change, is_star=True)
        return
    if isinstance(then.this, exp.Var) and then.this.name.upper() == "ROW":
        flows = [
            found for source in change.scope.sources[1:] for _, found in source.relation.listed
        ]
        yield from zip(change.contents.positions(len(flows)), flows, strict=True)
        return
    if not isinstance(values, exp.Tuple):
        raise refused(then)
    positions = change.contents.positions(len(values.expressions))
    if then.this is not None:
        positions = tuple(item.name.casefold() for item in then.this.expressions)
    if len(positions) != len(values.expressions):
        message = f"it names {len(positions)} columns and fills {len(values.expressions)}"
        raise NotRead(message)
    for position, value in zip(positions, values.expressions, strict=True):
        yield position, change.value(value)


def _same_names(change: Change, *, is_star: bool) -> Iterator[tuple[Position, Flows]]:
    """Pair columns with those of the same name in what is merged.

    Whether a star goes by name or by position is each dialect's own rule; where all names are
    the same, in the same order, it makes no difference.
    """
    columns = [column for source in change.scope.sources[1:] for column in source.relation.listed]
    names = [name for name, _ in columns if name is not None]
    is_by_name = is_star and change.scope.reader.dialect in _STAR_BY_NAME
    if len(names) < len(columns) or not (is_by_name or tuple(names) == change.contents.names):
        message = "it is not known which columns it merges with which"
        raise NotRead(message)
    return iter([(name, flows) for name, flows in columns if name is not None])


_STAR_BY_NAME = {"databricks", "spark"}
"""Dialects whose UPDATE SET * and INSERT * go by name (Delta Lake's MERGE)."""
