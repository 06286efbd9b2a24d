"""What a graph was built from: its entities and its edges."""

from collections.abc import Iterator

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge, Origin
from lineage.model.entities import Entity

__all__ = ["entities_of", "stated_edges"]


def entities_of(graph: LineageGraph) -> Iterator[Entity]:
    """Go through the entities of a graph that were read, in the order they came."""
    for reference in graph:
        value = None if reference.is_part else graph.value(reference)
        if isinstance(value, Entity):
            yield value


def stated_edges(graph: LineageGraph) -> Iterator[Edge]:
    """Go through the edges of a graph, but for those that models declare by their sources."""
    for hop in graph.hops():
        if hop.column_edge is None and hop.edge.evidence.origin != Origin.DECLARED:
            yield hop.edge
