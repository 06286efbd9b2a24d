"""The semantics of reaching, once more and naively, for the library to be compared with."""

from lineage.governance.audit.masking import Masking
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop, Strength
from lineage.model.reference import Reference

__all__ = ["strongest"]


def strongest(graph: LineageGraph, sensitive: Reference, target: Reference) -> Strength | None:
    """Try every simple path, with the semantics spelled out once more and naively.

    A value sits in a column, or somewhere in an entity. From a column it goes along its
    mappings, or along the bare edges of its table to somewhere in the next entity; from
    somewhere in an entity it goes on as if it sat in any of its columns.
    """
    best: list[Strength] = []
    waiting = [(sensitive, Strength.VALUE, frozenset({sensitive}))]
    while waiting:
        place, strength, passed = waiting.pop()
        if place == target or (not place.is_part and target in graph.parts(place)):
            best.append(strength)
        for following, own in _steps(graph, place):
            if following not in passed:
                waiting.append((following, min(strength, own), passed | {following}))
    return max(best, default=None)


def _steps(graph: LineageGraph, place: Reference) -> list[tuple[Reference, Strength]]:
    hops = list(graph.hops())
    inside = {place} if place.is_part else {place, *graph.parts(place)}
    owner = graph.entity_of(place)
    found = []
    for hop in hops:
        if hop.column_edge is None:
            if hop.upstream == owner and not _spoken_for(hop, hops):
                found.append((hop.downstream, Strength.TABLE))
        elif hop.upstream.kind == "featureSource":  # it may mean any column of its table
            if graph.parent(hop.upstream) == owner:
                found.append((hop.downstream, Strength.TABLE))
        elif hop.upstream in inside:
            found.append((hop.downstream, Masking()(hop.edge, hop.column_edge)))
    return found


def _spoken_for(hop: Hop, hops: list[Hop]) -> bool:
    pair = (hop.edge.upstream, hop.edge.downstream)
    return bool(hop.edge.value_mappings) or any(
        other.edge.evidence.origin == "declared"
        and (other.edge.upstream, other.edge.downstream) == pair
        for other in hops
    )
