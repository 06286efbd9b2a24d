"""The order of an index: nodes in stages, so that what leads to a node comes before it.

Without cycles a stage is all nodes of one level. What lies on cycles, and between them, is one
stage of its own, the knot, which has to be gone through until nothing changes any more.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lineage.graph.index.arcs import Arcs, Flags, Ints, Longs, Strengths, sort_arcs
from lineage.graph.index.carry import Seeds, carry
from lineage.graph.index.ways import Ways, make_ways
from lineage.model.edges import Strength

__all__ = ["Order", "Segment", "Stage", "put_in_order"]

_SINGLY = 8
"""So many arcs of a node are taken one by one, each time for all nodes of a stage at once."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One arc for each of some nodes of a stage, or several.

    Attributes
    ----------
    rows : slice or array of int64
        The places of the nodes in their stage.
    tails : array of int32
        Where the arcs come from.
    weak, strengths : array
        Which of the arcs prove less than `value`, and how much those do.
    is_hop : bool
        Whether the arcs are hops or free.
    starts : array of int64 or None
        The place of the first arc of each node, where they have several.
    """

    rows: slice | Longs
    tails: Ints
    weak: Longs
    strengths: Strengths
    is_hop: bool
    starts: Longs | None


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
    places : array of int32
        The place among the ways that each of `hops` has there.
    """

    stages: tuple[Stage, ...]
    hops: Arcs
    inside: Arcs
    places: Ints


def put_in_order(ways: Ways, targets: Longs) -> Order:
    """Put all nodes in stages from which some target can be reached."""
    hops, places = _backwards(ways.hops)
    inside, _ = _backwards(ways.inside)
    wanted = _towards(hops, inside, targets)
    stage, knot = _stages(ways, (hops, inside), wanted)
    by_stage = np.argsort(stage, kind="stable")
    bounds = np.bincount(stage + 1).cumsum()  # what is not wanted is at -1, before all
    stages = tuple(
        _stage(by_stage[begin:end], hops, inside, is_knot=number == knot)
        for number, (begin, end) in enumerate(pairwise(bounds.tolist()))
    )
    return Order(stages, hops, inside, places)


def _towards(hops: Arcs, inside: Arcs, targets: Longs) -> Flags:
    """Tell the nodes that lead to a target."""
    wanted = np.zeros(hops.nodes, dtype=np.bool_)
    all_of_it = make_ways(hops, inside)
    ends = np.unique(targets)
    arrived = carry(all_of_it, Seeds(np.zeros(len(ends), np.int64), ends, Strength.TABLE))
    wanted[arrived.nodes] = True
    return wanted


def _backwards(arcs: Arcs) -> tuple[Arcs, Ints]:
    places = arcs.places()
    ends, strengths = arcs.both_at(places)
    back, order = sort_arcs(ends, arcs.starts(), strengths, nodes=arcs.nodes)
    return back, places.take(order).astype(np.int32)


def _stages(ways: Ways, back: tuple[Arcs, Arcs], wanted: Flags) -> tuple[Longs, int]:
    """Find the stage of each node, -1 where none is wanted; tell which is the knot."""
    onward = (ways.hops, ways.inside)
    level = np.where(wanted, -1, -2)
    knot = _peel(level, onward, back)
    rest = np.where(level == -1, -1, -2)
    depth = _peel(rest, back, onward)
    level[rest >= 0] = knot + depth - rest[rest >= 0]
    level[rest == -1] = knot
    return np.maximum(level, -1), knot


def _peel(level: Longs, onward: tuple[Arcs, Arcs], back: tuple[Arcs, Arcs]) -> int:
    """Take off what nothing leads to, again and again; tell how many rounds it took.

    Each node taken off gets the number of its round in `level`. Only nodes at -1 are taken;
    those below are gone already.
    """
    missing = back[0].counts.astype(np.int64) + back[1].counts
    for arcs in onward:
        gone = (level < -1).nonzero()[0]
        np.subtract.at(missing, arcs.ends_at(arcs.leaving(gone)[1]), 1)
    ready = ((missing == 0) & (level == -1)).nonzero()[0]
    rounds = 0
    while len(ready):
        level[ready] = rounds
        rounds += 1
        heads = np.concatenate([arcs.ends_at(arcs.leaving(ready)[1]) for arcs in onward])
        np.subtract.at(missing, heads.astype(np.int64), 1)
        ready = np.unique(heads[(missing[heads] == 0) & (level[heads] == -1)]).astype(np.int64)
    return rounds


def _stage(nodes: Longs, hops: Arcs, inside: Arcs, *, is_knot: bool) -> Stage:
    counts = hops.stop[nodes] - hops.begin[nodes]
    nodes = nodes[np.argsort(-counts, kind="stable")]
    segments = (*_segments(nodes, hops, is_hop=True), *_segments(nodes, inside, is_hop=False))
    return Stage(nodes, segments, is_knot)


def _segments(nodes: Longs, arcs: Arcs, *, is_hop: bool) -> list[Segment]:
    """Take the first arc of each node, then the second of each that has one, and so on.

    The few nodes that have very many more get them all in the last segment.
    """
    found = []
    begin = arcs.begin[nodes].astype(np.int64)
    counts = arcs.stop[nodes] - begin
    rows = np.argsort(-counts, kind="stable")
    for rank in range(min(_SINGLY, int(counts.max(initial=0)))):
        rows = rows[: np.count_nonzero(counts > rank)]
        found.append(_segment(arcs, begin[rows] + rank, rows, is_hop=is_hop))
    rows = rows[: np.count_nonzero(counts > _SINGLY)]
    if len(rows):
        many = counts[rows] - _SINGLY
        starts = many.cumsum() - many
        places = (begin[rows] + _SINGLY - starts).repeat(many) + np.arange(many.sum())
        found.append(_segment(arcs, places, rows, is_hop=is_hop, starts=starts))
    return found


def _segment(
    arcs: Arcs, places: Longs, rows: Longs, *, is_hop: bool, starts: Longs | None = None
) -> Segment:
    tails, strengths = arcs.both_at(places)
    weak = (strengths < Strength.VALUE).nonzero()[0]
    # Nodes stand in their stage by the hops into them: those with more are its first.
    where = slice(len(rows)) if is_hop else rows
    return Segment(where, tails.astype(np.int32), weak, strengths[weak], is_hop, starts)
