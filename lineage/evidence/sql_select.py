"""SELECT: what its columns are made of, and what each of its clauses does to the rows."""

from collections.abc import Callable, Iterable, Iterator

from sqlglot import exp

from lineage.evidence.sql_aliases import Clause
from lineage.evidence.sql_expression import Expression
from lineage.evidence.sql_flow import Flows, reach
from lineage.evidence.sql_grammar import require
from lineage.evidence.sql_result import NotRead, TableColumn, TableName
from lineage.evidence.sql_scope import Relation, Scope
from lineage.evidence.sql_sources import QueryReader, Sources
from lineage.evidence.sql_star import is_star, starred
from lineage.model.edges import Influence

__all__ = ["Clauses", "Select"]

_FILTERS = {
    "prewhere": Clause.WHERE,
    "where": Clause.WHERE,
    "having": Clause.HAVING,
    "qualify": Clause.QUALIFY,
}
_SORTS = ("order", "sort", "cluster", "distribute")
_GROUPS = (exp.Cube, exp.GroupingSets, exp.Rollup, exp.Tuple)

_KEEPING_CAST_NAMES = {"postgres", "redshift"}
"""Dialects in which a column that is only cast keeps its name."""

_FIRST_OF_TWO = {"duckdb", "sqlite"}
"""Dialects in which the first of two columns of one name is meant; others refuse that."""

_UNNESTING_FIELDS = {"duckdb"}
"""Dialects in which to unnest a struct yields a column for each of its fields."""

_YIELDING_PAIRS = {"databricks", "hive", "spark"}
"""Dialects in which to explode a map yields two columns, unless one name is given."""


class Clauses:
    """What decides the rows of a query, clause by clause.

    Attributes
    ----------
    columns : list of (str or None, Flows)
        What the query yields; positions in clauses count along it.
    rows : set of (Influence, TableColumn)
        What decides the rows.
    tables : set of TableName
        What is read from.
    is_multiplied : bool
        Whether what was read last gives a row several rows.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.columns: list[tuple[str | None, Flows]] = []
        self.rows: set[tuple[Influence, TableColumn]] = set()
        self.tables: set[TableName] = set()
        self.is_multiplied = False

    def flows(self, expression: exp.Expr) -> Flows:
        """Read an expression for what it holds."""
        read = Expression(expression, self.scope)
        flows = read.flows
        self.tables |= read.tables
        self.is_multiplied = read.multiplies
        if read.multiplies:
            self.rows |= reach(flows, Influence.FILTER)
        return flows

    def decide(self, expression: exp.Expr, clause: Clause, influence: Influence) -> None:
        """Let an expression in a clause decide the rows; a number is the position of a column."""
        while isinstance(expression, exp.Ordered | exp.Paren):
            if isinstance(expression, exp.Ordered):
                require(expression)
            expression = expression.this
        is_positional = clause in (Clause.GROUP, Clause.ORDER) and expression.is_int
        if is_positional:
            self.rows |= reach(self._at(int(expression.name)), influence)
            return
        self.scope.look_from(clause, is_alone=isinstance(expression, exp.Column))
        read = Expression(expression, self.scope)
        self.rows |= read.reach(influence)
        self.tables |= read.tables

    def _at(self, position: int) -> Flows:
        if not 0 < position <= len(self.columns):
            message = f"it has no column {position}"
            raise NotRead(message)
        return self.columns[position - 1][1]

    def decide_by_all(self, influence: Influence) -> None:
        """Let every column decide the rows."""
        for _, flows in self.columns:
            self.rows |= reach(flows, influence)

    def sort(self, query: exp.Expr) -> None:
        """Read the order of the rows, and their limit."""
        for key in _SORTS:
            order = query.args.get(key)
            if order:
                for item in order.expressions:
                    self._sort_by(item)
        for key in ("limit", "offset"):
            clause = query.args.get(key)
            if clause:
                self._limit(clause)

    def _sort_by(self, item: exp.Expr) -> None:
        if isinstance(item, exp.Ordered) and isinstance(item.this, exp.Var):  # ORDER BY ALL
            self.decide_by_all(Influence.SORT)
        else:
            self.decide(item, Clause.ORDER, Influence.SORT)

    def _limit(self, clause: exp.Expr) -> None:
        require(clause)
        bounds = (clause.args.get(key) for key in ("expression", "count", "offset"))
        for item in (*bounds, *clause.expressions):
            if isinstance(item, exp.Expr) and not isinstance(item, exp.Literal | exp.Var):
                self.decide(item, Clause.WHERE, Influence.FILTER)


class Select(Clauses):
    """Reads one SELECT."""

    def __init__(self, query: exp.Select, reader: QueryReader, scope: Scope) -> None:
        super().__init__(scope)
        self.query = query
        self.reader = reader
        self.rest: Callable[[str], Flows] | None = None
        self.is_ordered = not query.args.get("kind")  # AS STRUCT and AS VALUE have other columns

    def read(self) -> Relation:
        """Read all of it."""
        require(self.query)
        self._read_sources()
        for window in self.query.args.get("windows") or ():
            self.scope.windows[window.this.name.casefold()] = window
        for item in self.query.expressions:
            self._add(item)
        self._filter()
        self._group()
        self._take_distinct()
        self.sort(self.query)
        return Relation(
            tuple(self.columns),
            frozenset(self.rows),
            frozenset(self.tables),
            self.rest,
            self.is_ordered,
        )

    def _read_sources(self) -> None:
        sources = Sources(self.reader, self.scope)
        read_from = self.query.args.get("from_")
        if read_from is not None:
            sources.add(read_from.this)
        for lateral in self.query.args.get("laterals") or ():
            sources.add(lateral)
        for join in self.query.args.get("joins") or ():
            sources.join(join)
        self.rows |= sources.rows
        self.tables |= sources.tables
        for cte in self._scalars():
            self.scope.look_from(Clause.SELECT)
            self.scope.outputs[cte.alias.casefold()] = self.flows(cte.this)

    def _scalars(self) -> Iterator[exp.CTE]:
        """Find the values that WITH names, as in ClickHouse."""
        named = self.query.args.get("with_")
        return (cte for cte in (named.expressions if named else ()) if cte.args.get("scalar"))

    def _add(self, item: exp.Expr) -> None:
        """Add what an item of the list yields."""
        self.scope.look_from(Clause.SELECT)
        if is_star(item):
            self._add_star(item)
            return
        names = [_output_name(item, self.reader.dialect)]
        if isinstance(item, exp.Aliases):
            names = [alias.name.casefold() for alias in item.expressions]
        expression = item.this if isinstance(item, exp.Alias | exp.Aliases) else item
        flows = self.flows(expression)
        if self.is_multiplied and _is_wide(item, self.reader.dialect):
            self.is_ordered = False
        for name in names:
            if name is not None and self.rest is not None and self.reader.dialect in _FIRST_OF_TWO:
                self._yield(name, (*flows, *self.rest(name)))
            else:
                self._yield(name, flows)

    def _add_star(self, item: exp.Expr) -> None:
        relation = starred(item, self.scope, self.flows)
        for name, flows in relation.columns:
            self._yield(name, flows)
        if self.rest is not None and relation.rest is not None:
            message = "it selects * twice from tables whose columns are not known"
            raise NotRead(message)
        self.rest = self.rest or relation.rest
        self.is_ordered = self.is_ordered and relation.is_ordered

    def _yield(self, name: str | None, flows: Flows) -> None:
        self.columns.append((name, flows))
        if name is not None:
            self.scope.outputs[name] = (*self.scope.outputs.get(name, ()), *flows)

    def _filter(self) -> None:
        for key, clause in _FILTERS.items():
            condition = self.query.args.get(key)
            if condition is not None:
                self.decide(condition.this, clause, Influence.FILTER)
        connect = self.query.args.get("connect")
        if connect is not None:
            require(connect)
            self.decide(connect.args["connect"], Clause.WHERE, Influence.JOIN)
            if connect.args.get("start") is not None:
                self.decide(connect.args["start"], Clause.WHERE, Influence.FILTER)

    def _group(self) -> None:
        group = self.query.args.get("group")
        if group is not None:
            require(group)
            kinds = (group.args.get(key) or () for key in ("grouping_sets", "cube", "rollup"))
            items = [*group.expressions, *(item for kind in kinds for item in kind)]
            for item in _flattened(items):
                self.decide(item, Clause.GROUP, Influence.GROUP_BY)
            if group.args.get("all") and not items:
                self._group_by_all()
        if self.reader.dialect == "sqlite":
            self._pick_bare_columns([] if group is None else group.expressions)

    def _group_by_all(self) -> None:
        """Group by all that is not aggregated."""
        self.scope.look_from(Clause.SELECT)
        for item in self.query.expressions:
            if is_star(item):
                self.decide_by_all(Influence.GROUP_BY)
            else:
                read = Expression(item.unalias(), self.scope, without=exp.AggFunc)
                self.rows |= read.reach(Influence.GROUP_BY)

    def _pick_bare_columns(self, groups: list[exp.Expr]) -> None:
        """Take what is neither grouped nor aggregated from the row with the minimum or maximum.

        https://www.sqlite.org/lang_select.html#bare_columns_in_an_aggregate_query
        """
        items = [item.unalias() for item in self.query.expressions]
        picking = [node for item in items for node in _own(item, (exp.Min, exp.Max))]
        bare = [item for item in items if item not in groups and not any(_own(item, exp.AggFunc))]
        if picking and any(True for item in bare for _ in _own(item, (exp.Column, exp.Star))):
            for node in picking:
                self.decide(node.this, Clause.SELECT, Influence.SORT)

    def _take_distinct(self) -> None:
        distinct = self.query.args.get("distinct")
        if distinct is None:
            return
        require(distinct)
        on = distinct.args.get("on")
        if on is None:
            self.listed()
            self.decide_by_all(Influence.FILTER)
            return
        for item in on.expressions if isinstance(on, exp.Tuple) else [on]:
            self.decide(item, Clause.DISTINCT, Influence.FILTER)

    def listed(self) -> None:
        """Refuse columns that are not listed where all of them count."""
        if self.rest is not None:
            message = "it takes * of a table whose columns are not known"
            raise NotRead(message)


def _flattened(items: Iterable[exp.Expr]) -> Iterator[exp.Expr]:
    """Yield what rows are grouped by, out of ROLLUP, CUBE and GROUPING SETS."""
    for item in items:
        if isinstance(item, _GROUPS):
            yield from _flattened(item.expressions)
        else:
            yield item


def _own(item: exp.Expr, kinds: type[exp.Expr] | tuple[type[exp.Expr], ...]) -> Iterator[exp.Expr]:
    """Find expressions of some kinds that no query and no window inside is around."""
    for node in item.walk(prune=lambda node: isinstance(node, exp.Query | exp.Window)):
        if isinstance(node, kinds):
            yield node


def _is_wide(item: exp.Expr, dialect: str) -> bool:
    """Whether a function that multiplies rows may yield several columns, too."""
    is_named = isinstance(item, exp.Alias | exp.Aliases)
    return dialect in _UNNESTING_FIELDS or (dialect in _YIELDING_PAIRS and not is_named)


def _output_name(item: exp.Expr, dialect: str) -> str | None:
    """Return what an item of a SELECT list is called; None where only its position is sure."""
    if isinstance(item, exp.Cast) and dialect in _KEEPING_CAST_NAMES:
        item = item.this
    if isinstance(item, exp.Dot):
        return item.expression.name.casefold() or None
    is_named = isinstance(item, exp.Alias | exp.Column)
    return (item.alias_or_name.casefold() or None) if is_named else None
