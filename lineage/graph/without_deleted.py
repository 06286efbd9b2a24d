"""The graph as it is if what is soft-deleted no longer counts."""

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["deleted_entities", "without_deleted"]


def deleted_entities(graph: LineageGraph) -> tuple[Reference, ...]:
    """List the entities that are soft-deleted; sorted."""
    values = ((reference, graph.value(reference)) for reference in graph.references())
    return tuple(
        reference for reference, value in values if isinstance(value, Entity) and value.deleted
    )


def without_deleted(graph: LineageGraph) -> LineageGraph:
    """Make a graph in which soft-deleted entities conduct nothing.

    Each stays by its name alone, as if it were hidden: nothing flows into it, nothing in it
    is tagged, and a gap says that it was left out. So what is downstream of it is not known,
    and no answer takes it for harmless.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.

    Returns
    -------
    LineageGraph
        With a gap of the kind `deleted-left-out` for each entity that was left out.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> gone = Entity(reference=Reference("table", "old"), deleted=True)
    >>> print(*without_deleted(build_graph(Snapshot(entities=(gone,)))).gaps)
    deleted-left-out at table:old: it is soft-deleted, and was left out as asked
    """
    left_out = frozenset(deleted_entities(graph))
    reason = "it is soft-deleted, and was left out as asked"
    gaps = [Gap(GapKind.DELETED_LEFT_OUT, entity, reason) for entity in sorted(left_out)]
    result = LineageGraph(
        server=graph.server, server_version=graph.server_version, gaps=(*graph.gaps, *gaps)
    )
    for reference in graph:
        value = None if graph.entity_of(reference) in left_out else graph.value(reference)
        result.add_value(reference, value, parent=graph.parent(reference))
    for hop in graph.hops():
        if graph.entity_of(hop.downstream) not in left_out:
            result.add_edge(hop.upstream, hop.downstream, hop.edge, hop.column_edge)
    return result
