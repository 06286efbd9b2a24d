"""Pivots: rows turned into columns, and columns into rows."""

from dataclasses import replace

from sqlglot import exp

from lineage.evidence.sql_expression import Expression
from lineage.evidence.sql_flow import NOTHING, Flows, reach
from lineage.evidence.sql_grammar import refused, require
from lineage.evidence.sql_result import Influences, NotRead
from lineage.evidence.sql_scope import Relation, Scope, Source
from lineage.model.edges import Influence

__all__ = ["pivoted"]

_Columns = list[tuple[str | None, Flows]]


def pivoted(relation: Relation, pivot: exp.Pivot, outer: Scope) -> Relation:
    """Return what PIVOT or UNPIVOT makes of a relation whose columns are known.

    The position of the new columns is each dialect's own rule, and is left unknown.
    """
    require(pivot)
    scope = Scope(outer.reader, None, outer.queries)
    scope.sources.append(Source("", relation._replace(columns=relation.listed)))
    read = _columns_to_rows if pivot.args.get("unpivot") else _rows_to_columns
    columns, rows = read(pivot, scope)
    return Relation(
        columns=tuple(columns),
        rows=relation.rows | rows,
        tables=relation.tables,
        is_ordered=False,
    )


def _rows_to_columns(pivot: exp.Pivot, scope: Scope) -> tuple[_Columns, Influences]:
    """Read PIVOT: a new column aggregates the rows that a column's value picks for it.

    What is neither aggregated nor picked by groups the rows.
    """
    names = [item.name.casefold() for item in pivot.args.get("columns") or ()]
    if not names:
        message = "the columns of a pivot are not known"
        raise NotRead(message)
    picking = [item.this for item in pivot.args["fields"]]
    picked = [Expression(item, scope).reach(Influence.CONDITION) for item in picking]
    conditions: Influences = frozenset().union(*picked)
    aggregated = tuple(
        replace(flow, influences=flow.influences | conditions)
        for item in pivot.expressions
        for flow in Expression(item.unalias(), scope).flows
    )
    left = _without(scope, [*picking, *pivot.expressions])
    grouping = reach((flow for _, flows in left for flow in flows), Influence.GROUP_BY)
    return [*left, *((name, aggregated) for name in names)], grouping


def _columns_to_rows(pivot: exp.Pivot, scope: Scope) -> tuple[_Columns, Influences]:
    """Read UNPIVOT: one column holds the values of several, one row each where there is one."""
    (value, *others), (field, *more) = pivot.expressions, pivot.args["fields"]
    turned = [item.this if isinstance(item, exp.PivotAlias) else item for item in field.expressions]
    simple = [value, *turned]
    if others or more or not all(isinstance(one, exp.Identifier | exp.Column) for one in simple):
        raise refused(pivot)
    flows = tuple(flow for item in turned for flow in Expression(item, scope).flows)
    left = _without(scope, turned)
    named: _Columns = [(field.this.name.casefold(), (NOTHING,)), (value.name.casefold(), flows)]
    return [*left, *named], reach(flows, Influence.FILTER)


def _without(scope: Scope, used: list[exp.Expr]) -> _Columns:
    """Return the columns that are not used up."""
    gone = {column.name.casefold() for item in used for column in item.find_all(exp.Column)}
    (source,) = scope.sources
    return [(name, flows) for name, flows in source.relation.columns if name not in gone]
