"""Set operations: the branches of a union side by side, and what others let through."""

from collections.abc import Iterator

from sqlglot import exp

from lineage.evidence.sql_flow import NOTHING, Flows, pick, reach
from lineage.evidence.sql_result import Influences, NotRead
from lineage.evidence.sql_scope import Relation
from lineage.model.edges import Influence

__all__ = ["everything", "operated", "operations_of", "picked"]


def operations_of(query: exp.SetOperation) -> Iterator[exp.SetOperation]:
    """Yield the operations of a chain, the one that is done first first."""
    chain = [query]
    while isinstance(chain[-1].this, exp.SetOperation):
        chain.append(chain[-1].this)
    return reversed(chain)


def picked(relation: Relation, union: int, branch: int) -> Relation:
    """Mark a relation as one branch of a union."""
    columns = tuple((name, pick(flows, union, branch)) for name, flows in relation.columns)
    return relation._replace(columns=columns)


def operated(operation: exp.SetOperation, left: Relation, right: Relation) -> Relation:
    """Return what an operation makes of two relations."""
    rows = left.rows | right.rows
    is_union = isinstance(operation, exp.Union)
    columns = (_by_name if operation.args.get("by_name") else _by_position)(left, right)
    if not is_union or operation.args.get("distinct"):
        rows |= everything(left) | everything(right)
    if not is_union:  # what is on the right decides, and gives nothing
        columns = left.columns
    return Relation(columns, rows, left.tables | right.tables)


def _by_position(left: Relation, right: Relation) -> tuple[tuple[str | None, Flows], ...]:
    if len(left.listed) != len(right.listed):
        message = "the branches of a union have different numbers of columns"
        raise NotRead(message)
    pairs = zip(left.listed, right.listed, strict=True)
    return tuple((name, (*flows, *others)) for (name, flows), (_, others) in pairs)


def _by_name(left: Relation, right: Relation) -> tuple[tuple[str | None, Flows], ...]:
    """Put columns of one name together; where a branch lacks one, it gives nothing."""
    sides = [dict(side.columns) for side in (left, right)]
    if any(
        side.rest or len(side.columns) != len(found) or None in found
        for side, found in zip((left, right), sides, strict=True)
    ):
        message = "the columns of a union by name are not known"
        raise NotRead(message)
    return tuple(
        (name, tuple(flow for side in sides for flow in side.get(name, (NOTHING,))))
        for name in dict.fromkeys((*sides[0], *sides[1]))
    )


def everything(relation: Relation) -> Influences:
    """Let all columns decide which rows are alike."""
    flows = (flow for _, found in relation.listed for flow in found)
    return reach(flows, Influence.FILTER)
