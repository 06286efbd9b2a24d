"""Edges that the search index lost: what to write again, so that both memories say one thing."""

from collections.abc import Iterable

from lineage.changes.drift import recorded_edge
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge
from lineage.model.snapshot import Disagreement

__all__ = ["find_unindexed"]

_LACKING = "the database holds it, and the search index does not show it"
_DIFFERENT = "the search index shows it otherwise than the database holds it"


def find_unindexed(
    graph: LineageGraph, disagreements: Iterable[Disagreement]
) -> tuple[tuple[Edge, str], ...]:
    """Find the edges that the database holds and the index does not show as they are.

    SQL that the index lacks is no sign: it leaves out what is too long.

    Parameters
    ----------
    graph : LineageGraph
        Of a snapshot that was read from both.
    disagreements : iterable of Disagreement
        The snapshot's.

    Returns
    -------
    tuple of (Edge, str)
        Each with the reason, sorted by downstream, then upstream.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.reference import Reference
    >>> from lineage.model.snapshot import Snapshot
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> lost = Disagreement(a, b, "database")
    >>> snapshot = Snapshot(edges=(Edge(upstream=a, downstream=b),), disagreements=(lost,))
    >>> [(edge, reason)] = find_unindexed(build_graph(snapshot), snapshot.disagreements)
    >>> print(edge.upstream, edge.downstream, reason)
    table:a table:b the database holds it, and the search index does not show it
    """
    reasons: dict[tuple[Edge, bool], None] = {}
    for item in disagreements:
        is_left_out = item.what == "sql" and item.only_in == "database"
        is_known = item.upstream in graph and item.downstream in graph
        edge = recorded_edge(graph, item.upstream, item.downstream) if is_known else None
        if edge is not None and not is_left_out:
            reasons[edge, item.what == "edge"] = None
    found = sorted(reasons, key=lambda one: (one[0].downstream, one[0].upstream))
    return tuple((edge, _LACKING if is_lacking else _DIFFERENT) for edge, is_lacking in found)
