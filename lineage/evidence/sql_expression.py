"""Expressions: which columns give their value, and which only choose, partition or order.

A column's nearest place decides: under PARTITION BY it partitions, wherever the window is.
"""

from collections.abc import Callable, Iterable
from typing import ClassVar

from sqlglot import Dialect, exp

from lineage.evidence.sql_flow import Flows, Use, combine, reach
from lineage.evidence.sql_grammar import (
    CONDITIONS,
    LEAVES,
    MULTIPLYING,
    MULTIPLYING_NAMES,
    PLAIN,
    READING_ELSEWHERE,
    refused,
    require,
)
from lineage.evidence.sql_result import Influences, NotRead, TableColumn, TableName
from lineage.evidence.sql_scope import Scope
from lineage.model.edges import Influence

__all__ = ["Expression"]

_Role = Influence | None

_DEEPEST = 300  # expressions in each other; to write them takes a stack that is deeper still

_UNIT_NAMES = {
    *Dialect.DATE_PART_MAPPING.values(),
    *(f"{name}S" for name in Dialect.DATE_PART_MAPPING.values()),
}
_UNITS = {*Dialect.DATE_PART_MAPPING, *_UNIT_NAMES, "ISOWEEK", "ISOYEAR"}
"""Units of time by their names and by what dialects make of them."""

_QUOTING_UNITS = {"athena", "clickhouse", "duckdb", "hive", "postgres", "presto", "sqlite", "trino"}
"""Dialects in which functions take a unit as a text, so that a name there is a column."""


class Expression:
    """One expression in a scope, with what all its columns are used for.

    Parameters
    ----------
    expression : exp.Expr
        Its columns are resolved at once.
    scope : Scope
        The query it is in.
    without : type of exp.Expr, optional
        What is left out, with all that is inside.

    Attributes
    ----------
    tables : set of TableName
        What the queries inside of it read from.
    multiplies : bool
        Whether it gives a row several rows, or none.
    """

    def __init__(
        self, expression: exp.Expr, scope: Scope, *, without: type[exp.Expr] | None = None
    ) -> None:
        while type(expression) is exp.Paren:
            expression = expression.this
        self.scope = scope
        self.tables: set[TableName] = set()
        self.multiplies = False
        self._expression = expression
        self._uses: list[Use] = []
        self._influences: set[tuple[Influence, TableColumn]] = set()
        self._size = 0
        self._depth = 0
        self._waiting: list[tuple[exp.Expr, _Role, int]] = [(expression, None, 0)]
        while self._waiting:
            node, role, self._depth = self._waiting.pop()
            if without is None or not isinstance(node, without):
                self._take(node, role)

    def _take(self, node: exp.Expr, role: _Role) -> None:
        self._size += 1
        if self._depth > _DEEPEST:
            message = "it is nested too deeply"
            raise NotRead(message)
        if self.scope.outer is not None and isinstance(node, exp.AggFunc):
            self._refuse_foreign(node)
        self._reader_of(type(node))(self, node, role)

    @property
    def flows(self) -> Flows:
        """What it holds, in each alternative."""
        if self._uses and self._uses[0].column is self._expression:
            return self._uses[0].flows
        is_query = isinstance(self._expression, exp.Subquery)
        expression = self._expression.this if is_query else self._expression
        return combine(expression, self._uses, frozenset(self._influences), self._size)

    def reach(self, influence: Influence) -> Influences:
        """Return what decides, where a clause looks at it."""
        flows = (flow for use in self._uses for flow in use.flows)
        return reach(flows, influence) | {(influence, column) for _, column in self._influences}

    def _refuse_foreign(self, aggregate: exp.AggFunc) -> None:
        """Refuse an aggregate of an outer query's columns: it aggregates that query's rows."""
        columns = list(aggregate.find_all(exp.Column))
        if columns and not any(map(self.scope.has_own, columns)):
            message = "it aggregates rows of an outer query in an inner one"
            raise NotRead(message)

    def _go_into(self, nodes: Iterable[exp.Expr | None], role: _Role) -> None:
        depth = self._depth + 1
        self._waiting.extend((node, role, depth) for node in nodes if node is not None)

    def _plain(self, node: exp.Expr, role: _Role) -> None:
        depth = self._depth + 1
        self._waiting.extend((child, role, depth) for child in node.iter_expressions())

    def _leaf(self, node: exp.Expr, role: _Role) -> None:
        """Pass over what no column can be part of."""

    def _unit(self, node: exp.Var | exp.Literal, role: _Role) -> None:  # noqa: ARG002
        """Pass over a word; the parser takes a column for one where it expects a unit of time."""
        if node.arg_key != "unit":
            return
        word = node.name.upper().partition("(")[0]  # as in WEEK(MONDAY)
        is_column = self.scope.lists(node.name.casefold()) and (
            word not in _UNIT_NAMES or self.scope.reader.dialect in _QUOTING_UNITS
        )
        if word not in _UNITS or (is_column and not isinstance(node.parent, exp.Interval)):
            message = f"it is not known whether {node.name} is a unit of time or a column"
            raise NotRead(message)

    def _refuse(self, node: exp.Expr, role: _Role) -> None:  # noqa: ARG002  # as all of them
        raise refused(node)

    def _column(self, node: exp.Column, role: _Role) -> None:
        if isinstance(node.this, exp.Star):
            require(node.this)
            self._star([part.name.casefold() for part in node.parts[:-1]], node.this, role)
        elif all(isinstance(part, exp.Identifier | exp.Literal) for part in node.parts):
            self._uses.append(Use(role, self.scope.resolve(node), node))
        else:
            raise refused(exp.Parameter())

    def _dot(self, node: exp.Dot, role: _Role) -> None:
        """Read a field of a field as one column with a longer path."""
        path: list[str] = []
        base: exp.Expr = node
        while isinstance(base, exp.Dot) and isinstance(base.expression, exp.Identifier):
            path.append(base.expression.name.casefold())
            base = base.this
        inner = base.unnest()
        if not path or not isinstance(inner, exp.Column):
            self._plain(node, role)
            return
        column = exp.Column(this=exp.to_identifier(path[0]))
        column.meta["parts"] = [*self.scope.parts(inner), *reversed(path)]
        self._put(column, node, role)

    def _put(self, column: exp.Column, node: exp.Expr, role: _Role) -> None:
        """Put a column in the place of what means the same."""
        if node is self._expression:
            self._expression = column
        else:
            node.replace(column)
        self._uses.append(Use(role, self.scope.resolve(column), column))

    def _star(self, qualifier: list[str], star: exp.Star, role: _Role) -> None:
        """Take every column, as in `hash(*)`."""
        if star.args.get("replace") or star.args.get("rename"):
            raise refused(star)
        left_out = {item.name.casefold() for item in star.args.get("except_") or ()}
        for name, flows in self.scope.everything(qualifier):
            if name not in left_out:
                self._uses.append(Use(role, flows, None))

    def _bare_star(self, node: exp.Star, role: _Role) -> None:
        require(node)
        self._star([], node, role)

    def _count(self, node: exp.Count, role: _Role) -> None:
        if not isinstance(node.this, exp.Star):  # that of count(*) means rows alone
            self._plain(node, role)

    def _query(self, node: exp.Expr, role: _Role) -> None:
        relation = self.scope.reader.read_query(node, self.scope)
        self.tables |= relation.tables
        self._influences |= relation.rows
        listed = relation._replace(is_ordered=True).listed  # all of them are taken
        self._uses += [Use(role, flows, None) for _, flows in listed]

    def _exists(self, node: exp.Exists, role: _Role) -> None:
        """Take of a query only which rows it has; of an array, that its elements are tested."""
        if not isinstance(node.this, exp.Query):
            self._plain(node, role)
            return
        relation = self.scope.reader.read_query(node.this, self.scope)
        self.tables |= relation.tables
        self._influences |= relation.rows

    def _in(self, node: exp.In, role: _Role) -> None:
        field = node.args.get("field")
        if self.scope.reader.dialect == "clickhouse" and field is not None:
            message = f"it is not known whether {field.name} is a column or a table"
            raise NotRead(message)
        unnested = node.args.get("unnest")
        others = [child for child in node.iter_expressions() if child is not unnested]
        self._go_into(others, role)
        if unnested is not None:
            self._go_into(unnested.expressions, role)  # tested, and so not a row for each element

    def _choice(self, node: exp.Expr, role: _Role) -> None:
        chooser = node.args.get(_chooser(type(node)))
        for child in node.iter_expressions():
            self._go_into([child], Influence.CONDITION if child is chooser else role)

    def _decode(self, node: exp.DecodeCase, role: _Role) -> None:
        """Read DECODE(x, search, result, search, result, default)."""
        compared, *rest = node.expressions
        pairs = len(rest) // 2 * 2
        self._go_into([compared, *rest[:pairs:2]], Influence.CONDITION)
        self._go_into([*rest[1:pairs:2], *rest[pairs:]], role)

    def _multi_if(self, node: exp.Anonymous, role: _Role) -> None:
        """Read multiIf(condition, value, condition, value, default)."""
        *pairs, default = node.expressions
        self._go_into(pairs[::2], Influence.CONDITION)
        self._go_into([*pairs[1::2], default], role)

    def _combined(self, node: exp.Func, role: _Role) -> None:
        """Read an aggregate of ClickHouse, whose last argument is a condition after `If`."""
        *arguments, last = node.iter_expressions()
        self._go_into(arguments, role)
        self._go_into([last], Influence.CONDITION if "If" in str(node.this) else role)

    def _most(self, node: exp.Expr, role: _Role) -> None:
        """Read what is picked from the row in which something else is largest or smallest."""
        picked_by = node.args.get("expression")
        for child in node.iter_expressions():
            self._go_into([child], Influence.SORT if child is picked_by else role)

    def _window(self, node: exp.Window, role: _Role) -> None:
        require(node)
        self._go_into([node.this], role)
        self._over(node)

    def _over(self, window: exp.Window) -> None:
        """Read what a window partitions and orders by, in the window it is made of, too."""
        order, spec = window.args.get("order"), window.args.get("spec")
        self._go_into(window.args.get("partition_by") or (), Influence.WINDOW)
        if order is not None:
            require(order)
            self._go_into(order.expressions, Influence.WINDOW)
        if spec is not None:
            require(spec)
            bounds = [spec.args.get("start"), spec.args.get("end")]
            found = [bound for bound in bounds if isinstance(bound, exp.Expr)]
            self._go_into(found, Influence.WINDOW)
        if window.args.get("alias") is not None and window.args.get("over") != "KEEP":
            self._over(self.scope.window(window.args["alias"].name))

    def _order(self, node: exp.Order, role: _Role) -> None:
        """Read an argument with an order of its own: it is the value, the rest sorts."""
        require(node)
        self._go_into([node.this], role)
        self._go_into(node.expressions, Influence.SORT)

    def _within_group(self, node: exp.WithinGroup, role: _Role) -> None:
        """Read WITHIN GROUP: it sorts what is aggregated, or is what a percentile is taken of."""
        is_sorted = node.this.find(exp.Column) is not None
        self._go_into([node.this], role)
        self._go_into(node.expression.expressions, Influence.SORT if is_sorted else role)

    def _ordered(self, node: exp.Ordered, role: _Role) -> None:
        require(node)
        self._go_into([node.this], role)

    def _collate(self, node: exp.Collate, role: _Role) -> None:
        self._go_into([node.this], role)

    def _multiplying(self, node: exp.Expr, role: _Role) -> None:
        self.multiplies = True
        self._plain(node, role)

    def _comprehension(self, node: exp.Comprehension, role: _Role) -> None:
        """Read a list made of another: its variables are no columns."""
        names = {item.name for item in (node.expression, node.args.get("position")) if item}
        for column in list(node.find_all(exp.Column)):
            if column.name in names and not column.table:
                column.replace(exp.to_identifier(column.name))
        self._go_into([node.this, node.args["iterator"], node.args.get("condition")], role)

    def _called(self, node: exp.Anonymous, role: _Role) -> None:
        """Read a function that is known by its name alone."""
        name = str(node.this).casefold()
        if name in READING_ELSEWHERE or name.startswith("dict"):
            message = f"{name} may read another table"
            raise NotRead(message)
        if name == "multiif":
            self._multi_if(node, role)
        elif name == "values":  # of MySQL: what would have been inserted
            (column,) = node.expressions
            self._put(exp.column(column.name, table="excluded"), node, role)
        elif name in MULTIPLYING_NAMES:
            self._multiplying(node, role)
        else:
            self._plain(node, role)

    _READ_BY: ClassVar[dict[type[exp.Expr], Callable[..., None]]] = {
        exp.Anonymous: _called,
        exp.ArgMax: _most,
        exp.ArgMin: _most,
        exp.Collate: _collate,
        exp.Column: _column,
        exp.CombinedAggFunc: _combined,
        exp.CombinedParameterizedAgg: _combined,
        exp.Comprehension: _comprehension,
        exp.Count: _count,
        exp.DecodeCase: _decode,
        exp.Dot: _dot,
        exp.Exists: _exists,
        exp.HavingMax: _most,
        exp.In: _in,
        exp.Order: _order,
        exp.Ordered: _ordered,
        exp.Query: _query,
        exp.Star: _bare_star,
        exp.Values: _query,
        exp.Window: _window,
        exp.Literal: _unit,
        exp.Var: _unit,
        exp.WithinGroup: _within_group,
        # Functions to the parser, but of clauses, of other tables or of what is not known.
        exp.Apply: _refuse,
        exp.Columns: _refuse,
        exp.DynamicIdentifier: _refuse,
        exp.JSONTable: _refuse,
        exp.OpenJSON: _refuse,
        exp.ReadCSV: _refuse,
        exp.ReadParquet: _refuse,
        exp.XMLTable: _refuse,
        **dict.fromkeys(CONDITIONS, _choice),
        **dict.fromkeys(LEAVES, _leaf),
        **dict.fromkeys(MULTIPLYING, _multiplying),
    }

    @classmethod
    def _reader_of(cls, kind: type[exp.Expr]) -> Callable[..., None]:
        """Find what reads a kind of expression: that of the nearest of those it is one of."""
        if kind not in cls._READ_BY:
            found = (cls._READ_BY[base] for base in kind.__mro__ if base in cls._READ_BY)
            usual = cls._plain if issubclass(kind, PLAIN) else cls._refuse
            cls._READ_BY[kind] = next(found, usual)
        return cls._READ_BY[kind]


def _chooser(kind: type[exp.Expr]) -> str:
    return next(CONDITIONS[base] for base in kind.__mro__ if base in CONDITIONS)
