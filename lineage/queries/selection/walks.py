"""Walks of selections: what is upstream or downstream of a whole set, in one walk."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from lineage.graph.index.index import Direction
from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.completeness import Grain, gaps_hiding
from lineage.queries.reached import ends_among, found_by, walk_from

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
    gaps: frozenset[Gap] = frozenset()

    def joined(self, other: "Reach") -> "Reach":
        """Join what two walks came to."""
        return Reach(self.references | other.references, self.gaps | other.gaps)


def reach(
    graph: LineageGraph,
    starts: Iterable[Reference],
    direction: Direction,
    *,
    depth: int | None = None,
) -> Reach:
    """Walk from all starts at once: by parts, and from entities between entities as well.

    So a column arrives at the model whose feature it becomes, and a model at the columns it comes
    from: whatever is asked of what was found, it is there.

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
    found = Reach(starts)
    for grain, own in _by_grain(starts):
        walk = walk_from(graph, own, direction, grain=grain, depth=depth)
        found = found.joined(Reach(_found(graph, walk), _gaps(graph, walk, grain)))
    return found


def between(
    graph: LineageGraph, upstream: Iterable[Reference], downstream: Iterable[Reference]
) -> Reach:
    """Find what is downstream of one set and upstream of another, the sets included.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    upstream, downstream : iterable of Reference
        Where paths begin and end; each belongs to what is found where there is a path.
    """
    first, last = frozenset(upstream), frozenset(downstream)
    found = Reach(first & last)
    for grain, own in _by_grain(first):
        others = last if grain == "part" else frozenset(i for i in last if not i.is_part)
        above = walk_from(graph, others, "upstream", grain=grain)
        below = walk_from(graph, own, "downstream", grain=grain)
        after, before = _found(graph, below) | own, _found(graph, above) | others
        passed = after & before
        if grain == "part":  # a path begins at a column of a table, and ends at a feature
            passed |= (after & _inside(graph, others)) | (before & _inside(graph, own))
        found = found.joined(Reach(passed, _gaps(graph, above, grain)))
    return found


def ends(
    graph: LineageGraph, references: frozenset[Reference], side: Literal["roots", "sinks"]
) -> frozenset[Reference]:
    """Keep what has nothing upstream, or nothing downstream, among the references themselves."""
    return ends_among(graph, "upstream" if side == "roots" else "downstream", references)


def _by_grain(starts: frozenset[Reference]) -> list[tuple[Grain, frozenset[Reference]]]:
    entities = frozenset(start for start in starts if not start.is_part)
    grains: list[tuple[Grain, frozenset[Reference]]] = [("entity", entities), ("part", starts)]
    return [(grain, own) for grain, own in grains if own]


def _inside(graph: LineageGraph, references: frozenset[Reference]) -> frozenset[Reference]:
    return frozenset(part for item in references for part in graph.nested_parts(item))


def _found(graph: LineageGraph, walk: Walk) -> frozenset[Reference]:
    references = graph.storage.references
    return frozenset(references[number] for number in found_by(walk, graph).numbers.tolist())


def _gaps(graph: LineageGraph, walk: Walk, grain: Grain) -> frozenset[Gap]:
    """List what was not read; what a depth that was asked for leaves out is no gap."""
    gaps = gaps_hiding(graph, walk, grain)
    return frozenset(gap for gap in gaps if gap.kind != GapKind.DEPTH_LIMIT)
