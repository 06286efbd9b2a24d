"""Pruning: what is recorded and no longer declared, as removals."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from lineage.changes.drift import declared_edges
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Origin
from lineage.model.reference import Kind, Reference
from lineage.writes.edge_planner import Refusal
from lineage.writes.ownership import DERIVED, Owner, Ownership
from lineage.writes.removal import Removal, forbidden

__all__ = ["find_undeclared", "find_unproven"]

Ends = tuple[Reference, Reference]


def find_undeclared(
    graph: LineageGraph,
    *,
    desired: Iterable[Edge] | None = None,
    ownership: Ownership | None = None,
    named: Collection[Reference] = (),
) -> tuple[Removal, ...]:
    """Find what is recorded and not declared, as far as it is ours or named.

    Looked at are the edges into every model, or into whatever `desired` names, and into what
    our manifest lists. What models declare is declared, whatever `desired` names besides. Of an
    edge that is declared without any mapping, no mapping is found: it is not stated which there
    should be. Where one of the two entities was not read, nothing is found.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    desired : iterable of Edge, optional
        The edges that are wanted besides those that the models declare.
    ownership : Ownership, optional
        What is ours; if not given, nothing is.
    named : collection of Reference
        Entities into which every edge that is not declared is to go, whoever wrote it.

    Returns
    -------
    tuple of Removal
        In the order of the graph.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Entity
    >>> from lineage.model.snapshot import Snapshot
    >>> a, b = (Entity(reference=Reference(*end)) for end in (("table", "a"), ("mlmodel", "b")))
    >>> edge = Edge(upstream=a.reference, downstream=b.reference)
    >>> graph = build_graph(Snapshot(entities=(a, b), edges=(edge,)))
    >>> find_undeclared(graph)
    ()
    >>> [removal.reason for removal in find_undeclared(graph, named=[b.reference])]
    ['nothing declares the edge']
    """
    ownership = ownership or Ownership()
    wanted = None if desired is None else tuple(desired)
    declared: dict[Ends, list[Edge]] = {}
    for edge in (*declared_edges(graph), *(wanted or ())):
        declared.setdefault((edge.upstream, edge.downstream), []).append(edge)
    fed = _fed(graph, wanted, ownership)
    pruning = _Pruning(declared, ownership, frozenset(named))
    return tuple(
        removal
        for hop in graph.hops()
        if hop.column_edge is None and _is_prunable(graph, hop.edge, fed | pruning.named)
        for removal in pruning.removals(hop.edge)
    )


def find_unproven(
    graph: LineageGraph, *, desired: Iterable[Edge] | None = None, ownership: Ownership
) -> tuple[Refusal, ...]:
    """Find what is recorded and not declared, and stays since it is not provably ours.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    desired : iterable of Edge, optional
        The edges that are wanted besides those that the models declare.
    ownership : Ownership
        What is ours.

    Returns
    -------
    tuple of Refusal
        One an edge, in the order of the graph, each with the reason.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Evidence
    >>> from lineage.model.entities import Entity
    >>> from lineage.model.snapshot import Snapshot
    >>> a, b = (Entity(reference=Reference(*end)) for end in (("table", "a"), ("mlmodel", "b")))
    >>> drawn = Evidence(recorded_as="Manual", created_by="bot")
    >>> edge = Edge(upstream=a.reference, downstream=b.reference, evidence=drawn)
    >>> graph = build_graph(Snapshot(entities=(a, b), edges=(edge,)))
    >>> find_unproven(graph, ownership=Ownership(user="bot"))[0].reason
    'not provably ours: written by bot, recorded as Manual; name it to remove it'
    """
    wanted = None if desired is None else tuple(desired)
    named = _fed(graph, wanted, ownership)
    undeclared = find_undeclared(graph, desired=wanted, ownership=ownership, named=named)
    return tuple(
        Refusal(removal.edge.upstream, removal.edge.downstream, reason)
        for removal in undeclared
        for reason in (forbidden(replace(removal, is_named=False), ownership),)
        if reason
    )


def _fed(
    graph: LineageGraph, desired: Iterable[Edge] | None, ownership: Ownership
) -> set[Reference]:
    """Give what is looked at: what is wanted to be fed, and what our manifest lists."""
    fed = {edge.downstream for edge in desired or ()}
    if desired is None:
        fed.update(graph.references(Kind.MLMODEL))
    if ownership.manifest is not None:
        fed.update(ends[1] for ends in ownership.manifest.edges)
        fed.update(entry[1] for entry in ownership.manifest.mappings)
    return fed


class _Pruning:
    """What is declared, what is ours, what is named."""

    def __init__(
        self, declared: dict[Ends, list[Edge]], ownership: Ownership, named: frozenset[Reference]
    ) -> None:
        self.declared, self.ownership, self.named = declared, ownership, named

    def removals(self, edge: Edge) -> Iterator[Removal]:
        """Give what should go of one edge."""
        is_named = edge.downstream in self.named
        declared = self.declared.get((edge.upstream, edge.downstream), [])
        if not declared and (is_named or self.ownership.owner(edge) == Owner.OURS):
            yield Removal(edge=edge, reason="nothing declares the edge", is_named=is_named)
            return
        if not all(one.value_mappings for one in declared):
            return
        kept = {pair for one in declared for mapping in one.column_edges for pair in mapping.pairs}
        gone = tuple(self._gone(edge, kept, is_named=is_named))
        if gone:
            reason = "nothing declares the mapping"
            yield Removal(edge=edge, mappings=gone, reason=reason, is_named=is_named)

    def _gone(
        self, edge: Edge, kept: set[tuple[str, str]], *, is_named: bool
    ) -> Iterator[ColumnEdge]:
        for mapping in edge.column_edges:
            pairs = ((column, mapping.downstream) for column in mapping.upstream)
            columns = tuple(
                pair[0]
                for pair in pairs
                if pair not in kept and (is_named or self.ownership.owns(edge, pair))
            )
            if columns:
                yield ColumnEdge(
                    upstream=columns, downstream=mapping.downstream, function=mapping.function
                )


def _is_prunable(graph: LineageGraph, edge: Edge, fed: Collection[Reference]) -> bool:
    return (
        edge.downstream in fed
        and edge.evidence.origin == Origin.RECORDED
        and edge.evidence.recorded_as != DERIVED
        and graph.value(edge.upstream) is not None
        and graph.value(edge.downstream) is not None
    )
