"""Flows: what one column of a query holds, as far as columns of tables are concerned.

A column can come about in several alternatives, one for each branch of the unions below it.
Columns of one union come from the same branch in the same row, so each flow remembers the
branches it was picked from, and an expression combines only flows that agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlglot import exp

from lineage.evidence.sql_result import Influences, NotRead, TableColumn
from lineage.model.edges import Influence

__all__ = ["NOTHING", "Flow", "Flows", "Use", "columns_in", "combine", "pick", "reach", "relabel"]

_ALTERNATIVES = 32  # of one output: unions of unions multiply
_NODES = 20_000  # of expressions put in each other's place: nested queries multiply too

_Key = tuple[int, ...]
"""Names a union, by itself and by the queries it was brought into."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """One alternative of what a column holds.

    Attributes
    ----------
    values : frozenset of TableColumn
        The columns whose values it is made of.
    influences : Influences
        The columns that decide its value without being part of it.
    column : TableColumn or None
        The column that it is, where nothing is done to it.
    expression : exp.Expr or None
        What is done, where anything is; `parts` says what its columns are.
    parts : tuple of (exp.Column, Flow)
        What the columns in the expression are made of.
    size : int
        The nodes of the expression with all its parts in place.
    picks : mapping
        The branch of each union that it comes from.
    """

    values: frozenset[TableColumn] = frozenset()
    influences: Influences = frozenset()
    column: TableColumn | None = None
    expression: exp.Expr | None = None
    parts: tuple[tuple[exp.Column, "Flow"], ...] = ()
    size: int = 1
    picks: Mapping[_Key, int] = field(default_factory=dict)

    @classmethod
    def of(cls, column: TableColumn) -> "Flow":
        """Return the flow that a column of a table is by itself."""
        return cls(values=frozenset((column,)), column=column)

    def field(self, path: Sequence[str]) -> "Flow":
        """Return a field nested in this; of what is computed, all of it may be in each field."""
        if self.column is None:
            return self
        nested = TableColumn(self.column.table, ".".join((self.column.column, *path)))
        return replace(self, values=frozenset((nested,)), column=nested)


Flows = tuple[Flow, ...]
"""The alternatives of one column; never empty."""

NOTHING = Flow(expression=exp.Null())
"""What a column holds that no column of a table gives anything to."""


class Use(NamedTuple):
    """A column in an expression: how it influences (None where it gives its value), what it is."""

    role: Influence | None
    flows: Flows
    column: exp.Column | None


def combine(expression: exp.Expr, uses: Sequence[Use], influences: Influences, size: int) -> Flows:
    """Return the alternatives of an expression: one for each agreeing choice of its values.

    What only decides is the same in all of them; in words, it is its first alternative.
    """
    values = [use for use in uses if use.role is None]
    choices: list[tuple[Mapping[_Key, int], dict[int, Flow]]] = [({}, {})]
    for flows in {id(use.flows): use.flows for use in values}.values():  # a column used twice, once
        choices = [
            (merged, {**chosen, id(flows): flow})
            for picks, chosen in choices
            for flow in flows
            if (merged := _merged(picks, flow.picks)) is not None
        ]
        if len(choices) > _ALTERNATIVES:
            raise _multiplied()
    deciding = [use for use in uses if use.role is not None]
    decided = frozenset(influences).union(*map(_decided, deciding))
    others = [(use, use.flows[0]) for use in deciding]
    return tuple(
        _flow(
            expression,
            [*((use, chosen[id(use.flows)]) for use in values), *others],
            decided,
            size,
            picks,
        )
        for picks, chosen in choices
    )


def _decided(use: Use) -> Influences:
    """Return what decides by a use that gives no value, whatever alternative it comes from."""
    values = {(use.role, column) for flow in use.flows for column in flow.values if use.role}
    return frozenset(values).union(*(flow.influences for flow in use.flows))


def _flow(
    expression: exp.Expr,
    chosen: Sequence[tuple[Use, Flow]],
    influences: Influences,
    size: int,
    picks: Mapping[_Key, int],
) -> Flow:
    values = [flow for use, flow in chosen if use.role is None]
    size += sum(flow.size for _, flow in chosen)
    if size > _NODES:
        raise _multiplied()
    return Flow(
        values=frozenset().union(*(flow.values for flow in values)),
        influences=influences.union(*(flow.influences for flow in values)),
        expression=expression,
        parts=tuple((use.column, flow) for use, flow in chosen if use.column is not None),
        size=size,
        picks=picks,
    )


def _multiplied() -> NotRead:
    return NotRead("its queries multiply beyond what is read")


def _merged(one: Mapping[_Key, int], other: Mapping[_Key, int]) -> Mapping[_Key, int] | None:
    """Put picks together; None where they come from different branches of one union."""
    if not one or not other:
        return one or other
    if any(one.get(key, branch) != branch for key, branch in other.items()):
        return None
    return {**one, **other}


def pick(flows: Flows, union: int, branch: int) -> Flows:
    """Mark flows as coming from one branch of a union."""
    return tuple(replace(flow, picks={**flow.picks, (union,): branch}) for flow in flows)


def relabel(flows: Flows, number: int) -> Flows:
    """Set flows apart from those of the same query in another place: rows differ there."""
    if not any(flow.picks for flow in flows):
        return flows
    return tuple(
        replace(flow, picks={(number, *key): branch for key, branch in flow.picks.items()})
        for flow in flows
    )


def columns_in(flows: Iterable[Flow]) -> Iterable[TableColumn]:
    """Yield every column that has a part in some flows, by value or by influence."""
    for flow in flows:
        yield from flow.values
        yield from (column for _, column in flow.influences)


def reach(flows: Iterable[Flow], influence: Influence) -> Influences:
    """Return what decides, where a clause looks at some flows."""
    return frozenset((influence, column) for column in columns_in(flows))
