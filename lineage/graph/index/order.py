"""The order of an index: its nodes in rows, so that what leads to a node comes before it.

Rows come in stages. Without cycles a stage is all nodes of one level. What lies on cycles, and
between them, is one stage of its own, the knot, which has to be gone through until nothing
changes any more. The rows of a stage follow each other, those with most arcs first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.arcs import Arcs, Flags, Ints, Longs, Strengths, sort_arcs
from lineage.graph.index.reach import Marks, reach
from lineage.graph.index.segments import GROUPS, Segment, Stage, cut_stages
from lineage.graph.index.ways import Ways

__all__ = ["Order", "fill", "put_in_order"]


class _Backwards(NamedTuple):
    """Hops and free arcs, from the nodes where they end."""

    hops: Arcs
    inside: Arcs


@dataclass(frozen=True, slots=True)
class Order:
    """Ways put in order.

    Attributes
    ----------
    nodes : array of int64
        The node of each row.
    rows : array of int32
        The row of each node; -1 where no target can be reached from.
    stages : tuple of Stage
        Each after all that leads to it.
    back : Arcs
        Hops and free arcs backwards, from the row where they end; of each row the hops first.
    places : array of int32
        The place of each of them among the hops of the ways; -1 for what is free.
    """

    nodes: Longs
    rows: Ints
    stages: tuple[Stage, ...]
    back: Arcs
    places: Ints

    @property
    def widest(self) -> int:
        """How many arcs the largest segment has."""
        segments = (segment for stage in self.stages for segment in stage.segments)
        return max((len(segment.tails) for segment in segments), default=0)


def put_in_order(ways: Ways, targets: Longs) -> Order:
    """Put all nodes in rows from which some target can be reached."""
    back = _Backwards(*(_backwards(arcs) for arcs in (ways.hops, ways.inside)))
    stage, knot = _stages(ways, back, _towards(back, targets))
    nodes, group = _by_group(stage, *(arcs.counts for arcs in back))
    rows = np.full(len(stage), -1, dtype=np.int32)
    rows[nodes] = np.arange(len(nodes), dtype=np.int32)
    arcs, places = _by_row(ways, rows, len(nodes))
    stages = tuple(cut_stages(arcs, back.hops.counts[nodes], group, knot=knot))
    return Order(nodes, rows, stages, arcs, places)


def fill(order: Order, cells: NDArray[Any], join: Callable[[Segment], None]) -> None:
    """Fill the cells of all rows from those before them.

    Parameters
    ----------
    order : Order
    cells : array
        One of its rows for each row; changed.
    join : callable
        Joins what comes by the arcs of a segment to the rows where they arrive.
    """
    for stage in order.stages:
        is_new = True
        while is_new:
            before = cells[stage.rows].copy() if stage.is_knot else None
            for segment in stage.segments:
                join(segment)
            is_new = before is not None and not np.array_equal(before, cells[stage.rows])


def _backwards(arcs: Arcs) -> Arcs:
    places = arcs.places()
    ends, strengths = arcs.ends.take(places), arcs.strengths.take(places)
    return sort_arcs(ends, arcs.starts(), strengths, nodes=arcs.nodes)[0]


def _towards(back: _Backwards, targets: Longs) -> Flags:
    """Tell the nodes that lead to a target."""
    wanted = np.zeros(back.hops.nodes, dtype=np.bool_)
    ways = Ways(*back, wanted, wanted)
    wanted[reach(ways, targets, marks=Marks(len(wanted))).nodes] = True
    return wanted


def _stages(ways: Ways, back: _Backwards, wanted: Flags) -> tuple[Longs, int]:
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
        np.subtract.at(missing, arcs.ends[arcs.leaving(gone)[1]], 1)
    ready = ((missing == 0) & (level == -1)).nonzero()[0]
    rounds = 0
    while len(ready):
        level[ready] = rounds
        rounds += 1
        heads = np.concatenate([arcs.ends[arcs.leaving(ready)[1]] for arcs in onward])
        np.subtract.at(missing, heads.astype(np.int64), 1)
        ready = np.sort(heads[(missing[heads] == 0) & (level[heads] == -1)]).astype(np.int64)
        ready = ready[np.diff(ready, prepend=-1) > 0]
    return rounds


def _by_group(stage: Longs, hops: Ints, inside: Ints) -> tuple[Longs, Longs]:
    """Sort what is wanted by stage, by what arcs it has, and by how many; the most first.

    Returns
    -------
    nodes : array of int64
    group : array of int64
        For each of them its stage, `GROUPS` times, and more for those that have hops and free
        arcs, free arcs alone, or neither.
    """
    nodes = (stage >= 0).nonzero()[0]
    hops, inside = hops[nodes], inside[nodes]
    group = stage[nodes] * GROUPS + np.where(hops > 0, inside > 0, 2 + (inside == 0))
    order = np.lexsort((-np.where(hops > 0, hops, inside), group))
    return nodes[order], group[order]


def _by_row(ways: Ways, rows: Ints, many: int) -> tuple[Arcs, Ints]:
    """Sort the arcs between rows by the row where they end; tell the place of each hop."""
    hops, inside = _between(ways.hops, rows), _between(ways.inside, rows)
    arcs, order = sort_arcs(
        np.append(hops.heads, inside.heads),
        np.append(hops.tails, inside.tails),
        np.append(hops.strengths, inside.strengths),
        nodes=many,
    )
    places = np.append(hops.places, np.full(len(inside.places), -1)).astype(np.int32)
    return arcs, places.take(order)


class _Between(NamedTuple):
    """Arcs between rows, and their places among those of the ways."""

    tails: Ints
    heads: Ints
    strengths: Strengths
    places: Longs


def _between(arcs: Arcs, rows: Ints) -> _Between:
    """Find the arcs whose ends are wanted; all that leads to one is wanted too."""
    places = arcs.places()
    heads = rows.take(arcs.ends.take(places))
    chosen = (heads >= 0).nonzero()[0]
    tails, heads = rows.take(arcs.starts()).take(chosen), heads.take(chosen)
    places = places.take(chosen)
    return _Between(tails, heads, arcs.strengths.take(places), places)
