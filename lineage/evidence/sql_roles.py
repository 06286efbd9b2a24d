"""What a column's place in a query tells: whether it decides rows, chooses, or gives its value."""

from collections.abc import Iterator

from sqlglot import exp

from lineage.model.edges import Influence

__all__ = ["deciding", "influence_of"]

_CLAUSES = {
    "where": Influence.FILTER,
    "group": Influence.GROUP_BY,
    "having": Influence.FILTER,
    "qualify": Influence.FILTER,
    "distinct": Influence.FILTER,
    "windows": Influence.WINDOW,
    "order": Influence.SORT,
}
"""The clauses that decide the rows of a query, as sqlglot calls them."""


def deciding(query: exp.Expr) -> Iterator[tuple[Influence, exp.Expr]]:
    """Name the expressions of a query that decide its rows."""
    for join in query.args.get("joins") or ():
        if join.args.get("on") is not None:
            yield Influence.JOIN, join.args["on"]
    for key, influence in _CLAUSES.items():
        clause = query.args.get(key)
        for item in clause if isinstance(clause, list) else [clause]:
            if isinstance(item, exp.Expr):
                yield influence, item


def influence_of(column: exp.Column) -> Influence | None:
    """Tell by its place in an expression how a column influences; None where it gives its value."""
    node: exp.Expr = column
    while node.parent is not None:
        place, key = node.parent, node.arg_key
        if isinstance(place, exp.Window) and key != "this":
            return Influence.WINDOW
        if isinstance(place, exp.If | exp.Case) and key == "this":
            return Influence.CONDITION
        if isinstance(place, exp.Filter) and key == "expression":
            return Influence.CONDITION
        if isinstance(place, exp.Where | exp.Having | exp.Join):
            return Influence.FILTER
        if isinstance(place, exp.Order) and not isinstance(place.parent, exp.WithinGroup):
            return Influence.SORT
        node = place
    return None
