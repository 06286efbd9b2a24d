"""The order of an index: nodes in stages, so that what leads to a node comes before it.

Without cycles a stage is all nodes of one level. What lies on cycles, and between them, is one
stage of its own, the knot, which has to be gone through until nothing changes any more.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lineage.graph.index.arcs import Arcs, Ints, Longs, Strengths, sort_arcs
from lineage.graph.index.carry import Ways

__all__ = ["Order", "Segment", "Stage", "put_in_order"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One arc for each of some nodes of a stage.

    Attributes
    ----------
    rows : array of int32 or slice
        The places of the nodes in their stage.
    tails : array of int32
        Where the arcs come from.
    weak, strengths : array
        Which of the arcs prove less than `value`, and how much those do.
    is_hop : bool
        Whether the arcs are hops or free.
    """

    rows: Longs
    tails: Ints
    weak: Longs
    strengths: Strengths
    is_hop: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """Nodes that do not lead to each other, unless they are the knot."""

    nodes: Longs
    segments: tuple[Segment, ...]
    is_knot: bool


@dataclass(frozen=True, slots=True)
class Order:
    """Ways put in order.

    Attributes
    ----------
    stages : tuple of Stage
        Each after all that leads to it.
    hops, inside : Arcs
        The arcs of the ways backwards, from where they end.
    """

    stages: tuple[Stage, ...]
    hops: Arcs
    inside: Arcs


def put_in_order(ways: Ways) -> Order:
    """Put all nodes in stages."""
    hops, inside = _backwards(ways.hops), _backwards(ways.inside)
    stage, knot = _stages(ways, hops, inside)
    by_stage = np.argsort(stage, kind="stable")
    bounds = np.append(0, np.bincount(stage).cumsum())
    stages = tuple(
        _stage(by_stage[begin:end], hops, inside, is_knot=number == knot)
        for number, (begin, end) in enumerate(pairwise(bounds.tolist()))
    )
    return Order(stages, hops, inside)


def _backwards(arcs: Arcs) -> Arcs:
    return sort_arcs(arcs.ends, arcs.starts(), arcs.strengths, nodes=arcs.nodes)[0]


def _stages(ways: Ways, hops: Arcs, inside: Arcs) -> tuple[Longs, int]:
    """Number the stage of each node; tell which is the knot."""
    forwards, backwards = (ways.hops, ways.inside), (hops, inside)
    level = np.full(ways.hops.nodes, -1, dtype=np.int64)
    knot = _peel(level, forwards, backwards)
    rest = np.where(level < 0, -1, -2)
    depth = _peel(rest, backwards, forwards)
    level[rest >= 0] = knot + depth - rest[rest >= 0]
    level[rest == -1] = knot
    return level, knot


def _peel(level: Longs, onward: tuple[Arcs, Arcs], back: tuple[Arcs, Arcs]) -> int:
    """Number what nothing leads to, again and again without it; tell how many rounds it took.

    Only nodes at -1 are peeled. Others count as gone if they have no such number.
    """
    missing = back[0].counts.astype(np.int64) + back[1].counts
    for arcs in onward:
        gone = (level < -1).nonzero()[0]
        np.subtract.at(missing, arcs.ends[arcs.leaving(gone)[1]], 1)
    ready = ((missing == 0) & (level == -1)).nonzero()[0]
    rounds = 0
    while len(ready):
        level[ready] = rounds
        rounds += 1
        heads = np.concatenate([arcs.ends[arcs.leaving(ready)[1]] for arcs in onward])
        np.subtract.at(missing, heads.astype(np.int64), 1)
        ready = np.unique(heads[(missing[heads] == 0) & (level[heads] == -1)]).astype(np.int64)
    return rounds


def _stage(nodes: Longs, hops: Arcs, inside: Arcs, *, is_knot: bool) -> Stage:
    segments = (*_segments(nodes, hops, is_hop=True), *_segments(nodes, inside, is_hop=False))
    return Stage(nodes, segments, is_knot)


def _segments(nodes: Longs, arcs: Arcs, *, is_hop: bool) -> list[Segment]:
    """Take the first arc of each node, then the second of each that has one, and so on."""
    found = []
    counts, begin = arcs.counts[nodes], arcs.begin[nodes]
    rows = np.argsort(-counts, kind="stable")
    for rank in range(int(counts.max(initial=0))):
        rows = rows[: np.count_nonzero(counts > rank)]
        places = begin[rows] + rank
        strengths = arcs.strengths[places]
        weak = (strengths < 4).nonzero()[0]
        found.append(Segment(rows, arcs.ends[places], weak, strengths[weak], is_hop))
    return found
