"""Reach: everything upstream or downstream of a whole set, in one walk and not one a node."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np

from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.traversal import Direction, Grain

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
    grains: tuple[tuple[Grain, frozenset[Reference]], ...] = (
        ("entity", starts - parts),
        ("part", parts),
    )
    for grain, own in grains:
        if own:
            walk = _walk(graph, own, direction, grain=grain, depth=depth)
            references.update(reference for reference, *_ in walk.reached())
            # An edge that was not read may begin anywhere.
            is_upstream = direction == "upstream"
            gaps.update(_gaps_above(graph, walk, grain) if is_upstream else graph.gaps)
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
    grain: Grain = "part" if by_part else "entity"
    above = _walk(graph, last, "upstream", grain=grain)
    index, below = above.index, _walk(graph, first, "downstream", grain=grain)
    both = above.distances().keys() & below.distances().keys()
    hops = index.hops_between(np.array(sorted(both), dtype=np.int64))
    references = {end for hop in hops for end in (hop.upstream, hop.downstream)}
    references.update(reference for reference in first if index.entry(reference) in both)
    references.update(reference for reference in last if index.exit(reference) in both)
    return Reach(frozenset(references), frozenset(_gaps_above(graph, above, grain)))


def ends(
    graph: LineageGraph, references: frozenset[Reference], side: Literal["roots", "sinks"]
) -> frozenset[Reference]:
    """Keep what has nothing upstream, or nothing downstream, among the references themselves."""
    inside = (
        hop for hop in graph.hops() if hop.upstream in references and hop.downstream in references
    )
    return references - {hop.downstream if side == "roots" else hop.upstream for hop in inside}


def _walk(
    graph: LineageGraph,
    starts: Iterable[Reference],
    direction: Direction,
    *,
    grain: Grain,
    depth: int | None = None,
) -> Walk:
    index = graph.part_index() if grain == "part" else graph.entity_index()
    # Upstream, what a start comes from leaves by its exit, and by those of its parts.
    node = index.exit if direction == "upstream" else index.entry
    nodes = sorted(node(start) for start in starts)
    return Walk(index, *nodes, direction=direction, depth=depth)


def _gaps_above(graph: LineageGraph, walk: Walk, grain: Grain) -> set[Gap]:
    """Collect the gaps that may hide something upstream of what was passed."""
    passed = walk.passed()
    found = set()
    for gap in graph.gaps:
        subject = gap.subject
        if grain == "entity" and subject is not None and subject in graph:
            subject = graph.entity_of(subject)
        if gap.hides_upstream and (subject not in graph or subject in passed):
            found.add(gap)
    return found
