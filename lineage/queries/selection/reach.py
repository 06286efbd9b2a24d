"""Reach: everything upstream or downstream of a whole set, in one walk and not one a node."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from lineage.graph.flow import Arc, Flow
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.traversal import Direction

__all__ = ["Reach", "between", "ends", "reach"]


class Reach(NamedTuple):
    """What a walk came to.

    Attributes
    ----------
    references : frozenset of Reference
        What a hop led to, and where the walk began.
    gaps : frozenset of Gap
        What was not read, so that the walk may have missed something.
    """

    references: frozenset[Reference]
    gaps: frozenset[Gap]


def reach(
    graph: LineageGraph,
    starts: Iterable[Reference],
    direction: Direction,
    *,
    depth: int | None = None,
) -> Reach:
    """Walk from all starts at once: from entities between entities, from parts between parts.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    starts : iterable of Reference
    direction : {"upstream", "downstream"}
    depth : int, optional
        Go no further than so many hops.
    """
    starts = frozenset(starts)
    parts = frozenset(start for start in starts if start.is_part)
    references, gaps = set(starts), set[Gap]()
    for compile_flow, own in (
        (graph.entity_flow, starts - parts),
        (graph.part_flow, parts),
    ):
        if own:
            flow = compile_flow()
            nodes = _nodes(flow, own, direction, depth)
            references.update(flow.references[arc.node] for arc in _arcs(flow, nodes, direction))
            # An edge that was not read may begin anywhere.
            is_upstream = direction == "upstream"
            gaps.update(_gaps_above(graph, flow, nodes) if is_upstream else graph.gaps)
    return Reach(frozenset(references), frozenset(gaps))


def between(
    graph: LineageGraph, upstream: Iterable[Reference], downstream: Iterable[Reference]
) -> Reach:
    """Find what lies on a way from one set to another, by parts if either holds any.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    upstream, downstream : iterable of Reference
        Where the ways begin and end; both belong to what is found, where there is a way.
    """
    first, last = frozenset(upstream), frozenset(downstream)
    by_part = any(reference.is_part for reference in first | last)
    flow = graph.part_flow() if by_part else graph.entity_flow()
    above = _nodes(flow, last, "upstream", None)
    both = _nodes(flow, first, "downstream", None) & above
    arcs = (*_arcs(flow, both, "downstream"), *_arcs(flow, both, "upstream"))
    references = {flow.references[arc.node] for arc in arcs}
    references.update(reference for reference in first if flow.entries[reference] in both)
    references.update(reference for reference in last if flow.exits[reference] in both)
    return Reach(frozenset(references), frozenset(_gaps_above(graph, flow, above)))


def ends(
    graph: LineageGraph, references: frozenset[Reference], side: Literal["roots", "sinks"]
) -> frozenset[Reference]:
    """Keep what has nothing upstream, or nothing downstream, among the references themselves."""
    inside = (
        hop for hop in graph.hops() if hop.upstream in references and hop.downstream in references
    )
    return references - {hop.downstream if side == "roots" else hop.upstream for hop in inside}


def _nodes(
    flow: Flow, starts: Iterable[Reference], direction: Direction, depth: int | None
) -> set[int]:
    # Upstream, what a start comes from leaves by its exit, and by those of its parts.
    first = flow.exits if direction == "upstream" else flow.entries
    nodes = sorted(first[start] for start in starts)
    return set(flow.distances(nodes, along=_along(flow, direction), depth=depth))


def _arcs(flow: Flow, nodes: set[int], direction: Direction) -> list[Arc]:
    """Collect the hops between nodes."""
    along = _along(flow, direction)
    return [
        arc for node in nodes for arc in along[node] if arc.hop is not None and arc.node in nodes
    ]


def _along(flow: Flow, direction: Direction) -> list[list[Arc]]:
    return flow.upstream if direction == "upstream" else flow.downstream


def _gaps_above(graph: LineageGraph, flow: Flow, nodes: set[int]) -> set[Gap]:
    """Collect the gaps that may hide something upstream of nodes."""
    passed = {flow.references[node] for node in nodes}
    found = set()
    for gap in graph.gaps:
        subject = gap.subject
        if subject in graph and subject is not None and subject not in flow.entries:
            subject = graph.entity_of(subject)
        if gap.hides_upstream and (subject not in graph or subject in passed):
            found.add(gap)
    return found
