"""What feeds what among selected references."""

from collections.abc import Collection, Iterator

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop
from lineage.model.reference import Reference

__all__ = ["hops_among"]


def hops_among(graph: LineageGraph, selected: Collection[Reference]) -> Iterator[Hop]:
    """Iterate over the hops between selected references, or what they are parts of.

    An edge whose mappings are among them is there by these alone.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    selected : collection of Reference

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> a, b, c = (Reference("table", name) for name in "abc")
    >>> edges = (Edge(upstream=a, downstream=b), Edge(upstream=b, downstream=c))
    >>> graph = build_graph(Snapshot(edges=edges))
    >>> [(hop.upstream.fqn, hop.downstream.fqn) for hop in hops_among(graph, {a, b})]
    [('a', 'b')]
    """
    chosen = frozenset(selected)
    inside = [
        hop
        for hop in graph.hops()
        if all(end in chosen or graph.entity_of(end) in chosen for end in _ends(hop))
    ]
    mapped = {tuple(map(graph.entity_of, _ends(hop))) for hop in inside if hop.column_edge}
    return (hop for hop in inside if hop.column_edge or _ends(hop) not in mapped)


def _ends(hop: Hop) -> tuple[Reference, Reference]:
    return hop.upstream, hop.downstream
