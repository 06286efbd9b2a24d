"""Likely replacements of columns that are gone, as what a plan takes away and wants instead."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from lineage.changes.stale import Stale, StaleEdge
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.reference import Reference
from lineage.writes.merge import Merge
from lineage.writes.ownership import Ownership
from lineage.writes.plan import Plan, make_plan
from lineage.writes.removal import Removal, forbidden

__all__ = ["plan_replacements"]


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What goes of an edge, and what takes its place."""

    removal: Removal
    wanted: Edge


def plan_replacements(
    graph: LineageGraph,
    stale: Stale,
    *,
    named: Collection[Reference] = (),
    ownership: Ownership | None = None,
) -> Plan:
    """Plan to map the columns that probably replace those that are gone, in their places.

    The rules are those of removals: what a person may have drawn is planned only where one of
    its ends is named, and what is not provably ours is refused unless it is named. Nothing of
    this is certain: each step says why it is likely, and is to be reviewed.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    stale : Stale
        What is stale in it.
    named : collection of Reference
        Entities whose mappings are to be changed, whoever wrote them.
    ownership : Ownership, optional
        What is ours; if not given, nothing is.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> plan_replacements(build_graph(Snapshot()), Stale(edges=()))
    <Plan: nothing to do>
    """
    ownership = ownership or Ownership()
    exchanges = [
        exchange
        for item in stale.edges
        if item.likely and (not item.is_manual or _is_named(item, named))
        for exchange in (_exchange(item, is_named=_is_named(item, named)),)
    ]
    return make_plan(
        graph,
        desired=[one.wanted for one in exchanges if not forbidden(one.removal, ownership)],
        remove=[one.removal for one in exchanges],
        merge=Merge(ownership=ownership),
    )


def _is_named(item: StaleEdge, named: Collection[Reference]) -> bool:
    return item.edge.upstream in named or item.edge.downstream in named


def _exchange(item: StaleEdge, *, is_named: bool) -> _Exchange:
    edge, changes = item.edge, tuple(_changes(item))
    reason = "; ".join(str(replacement) for replacement in item.likely)
    return _Exchange(
        Removal(
            edge=edge,
            mappings=tuple(old for old, _ in changes),
            reason=reason,
            is_named=is_named,
        ),
        Edge(
            upstream=edge.upstream,
            downstream=edge.downstream,
            column_edges=tuple(new for _, new in changes),
            evidence=Evidence(origin=Origin.DECLARED),
        ),
    )


def _changes(item: StaleEdge) -> Iterator[tuple[ColumnEdge, ColumnEdge]]:
    """Give each mapping that changes, and what it becomes; what nothing replaces stays stale."""
    new = {one.gone.fqn: one.new.fqn for one in item.likely}
    lost = {part.fqn for part in item.gone} - new.keys()
    for mapping in item.edge.column_edges:
        names = {*mapping.upstream, mapping.downstream}
        if mapping.downstream not in lost and not names.isdisjoint(new):
            kept = tuple(column for column in mapping.upstream if column not in lost)
            columns = dict.fromkeys(new.get(column, column) for column in kept)
            target = new.get(mapping.downstream, mapping.downstream)
            if kept:
                yield (
                    replace(mapping, upstream=kept),
                    replace(mapping, upstream=tuple(columns), downstream=target),
                )
