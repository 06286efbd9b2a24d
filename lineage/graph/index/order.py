"""The order of an index: its nodes in rows, so that what leads to a node comes before it.

Rows come in stages. Without cycles a stage is all nodes of one level. What lies on cycles, and
between them, is one stage of its own, the knot, which has to be gone through until nothing
changes any more, level by level. The rows of a level follow each other, those with most arcs first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.arcs import Arcs, Flags, Ints, Longs, Strengths, sort_arcs
from lineage.graph.index.levels import find_levels
from lineage.graph.index.reach import Marks, reach
from lineage.graph.index.segments import GROUPS, Segment, Stage, cut_stages
from lineage.graph.index.ways import Ways

__all__ = ["Order", "fill", "put_in_order"]

_MOST = 255
"""Rows with more arcs are few, and in any order among themselves."""


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


def put_in_order(ways: Ways, back: Ways, targets: Longs) -> Order:
    """Put all nodes in rows from which some target can be reached.

    Parameters
    ----------
    ways, back : Ways
        The arcs with and against the direction of the data.
    targets : array of int64
        The nodes that matter.
    """
    level, knot = find_levels(ways, back, _wanted(ways, back, targets))
    counts = [_counted(arcs) for arcs in (ways.hops, ways.inside)]
    nodes, group = _by_group(level, *counts)
    rows = np.full(len(level), -1, dtype=np.int32)
    rows[nodes] = np.arange(len(nodes), dtype=np.int32)
    arcs, places = _by_row(ways, rows, len(nodes))
    stages = tuple(cut_stages(arcs, counts[0][nodes], group, knot=knot))
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


def _wanted(ways: Ways, back: Ways, targets: Longs) -> Flags:
    """Tell the nodes that lead to a target."""
    wanted = np.zeros(ways.hops.nodes, dtype=np.bool_)
    wanted[reach(back, targets, marks=Marks(len(wanted))).nodes] = True
    # Backwards, ways are left out that come from no hop; a label may begin on them.
    tails, heads = ways.inside.starts(), ways.inside.ends()
    while len(more := tails[wanted[heads] & ~wanted[tails]]):
        wanted[more] = True
    return wanted


def _counted(arcs: Arcs) -> Longs:
    """Count the arcs that lead to each node."""
    return np.bincount(arcs.ends(), minlength=arcs.nodes)


def _by_group(level: Longs, hops: Longs, inside: Longs) -> tuple[Longs, Longs]:
    """Sort what is wanted by level, by what arcs it has, and by how many; the most first.

    Returns
    -------
    nodes : array of int64
    group : array of int64
        For each of them its level, `GROUPS` times, and more for those that have hops and free
        arcs, free arcs alone, or neither.
    """
    nodes = (level >= 0).nonzero()[0]
    hops, inside = hops[nodes], inside[nodes]
    group = level[nodes] * GROUPS + np.where(hops > 0, inside > 0, 2 + (inside == 0))
    fewer = _MOST - np.minimum(np.where(hops > 0, hops, inside), _MOST)
    # One sort of whole numbers, as of arcs. They have room for more levels, times nodes, than
    # there is memory for.
    bits = len(nodes).bit_length()
    keys = (group * (_MOST + 1) + fewer) << bits | np.arange(len(nodes))
    keys.sort()
    order = keys & ((1 << bits) - 1)
    return nodes[order], group[order]


def _by_row(ways: Ways, rows: Ints, many: int) -> tuple[Arcs, Ints]:
    """Sort the arcs between rows by the row where they end; tell the place of each hop."""
    tails, heads, strengths, places = _joined(
        _between(ways.hops, rows), _between(ways.inside, rows)
    )
    arcs, order = sort_arcs(heads, tails, strengths, nodes=many)
    return arcs, places.take(order)


class _Between(NamedTuple):
    """Arcs between rows, and their places among those of the ways."""

    tails: Ints
    heads: Ints
    strengths: Strengths
    places: Ints


def _joined(hops: _Between, inside: _Between) -> _Between:
    """Put hops before what is free, which has no place among them."""
    return _Between(
        np.append(hops.tails, inside.tails),
        np.append(hops.heads, inside.heads),
        np.append(hops.strengths, inside.strengths),
        np.append(hops.places, np.full_like(inside.places, -1)),
    )


def _between(arcs: Arcs, rows: Ints) -> _Between:
    """Find the arcs whose ends are wanted; all that leads to one is wanted too."""
    heads, places = rows.take(arcs.ends()), arcs.places()
    chosen = (heads >= 0).nonzero()[0]
    tails, places = rows.take(arcs.starts().take(chosen)), places.take(chosen)
    strengths = arcs.strengths_at(places)
    return _Between(tails, heads.take(chosen), strengths, places.astype(np.int32))
