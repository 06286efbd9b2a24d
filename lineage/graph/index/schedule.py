"""The schedule of a propagation: nodes in rows, level by level, each after what feeds it.

What no cycle leads to is peeled off from the beginning, what leads to no cycle from the end. In
between is the cyclic core: what is on cycles, or between them. Its levels say how far each node is
from where one gets in. Most arcs lead upwards there too, however long the cycles are; some lead
back, so the core is gone through until nothing changes any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Adjacency, Flags, Ints, Longs, Strengths
from lineage.graph.index.reach import reach
from lineage.model.edges import Strength

__all__ = ["Level", "Schedule", "Segment", "make_schedule"]

_FEW = 128
"""So few rows are not worth a segment for each of their arcs: one has all that are left."""

_MOST = 255
"""Rows with more arcs are few, and in any order among themselves."""


class Segment(NamedTuple):
    """One arc to each of some rows, or several to each.

    Attributes
    ----------
    rows : slice
        The rows they arrive at.
    tails : array of int64
        The rows they come from, in the order of the rows they arrive at.
    strengths : array of uint8 or None
        What each arc proves; None where all of them prove `value`.
    starts : array of int64 or None
        For each row, where its first arc is; None where each has one.
    """

    rows: slice
    tails: Longs
    strengths: Strengths | None
    starts: Longs | None = None


class Level(NamedTuple):
    """Rows that do not feed each other, unless they are of the cyclic core, with what feeds them.

    Attributes
    ----------
    rows : slice
    segments : tuple of Segment
        The first arcs of all rows that have any, the second arcs of those that have two, and so on.
        Rows with more arcs come first, so that each is a slice: those are several times faster to
        fill than rows that are named one by one.
    """

    rows: slice
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The nodes from which some target is reached, in rows.

    Attributes
    ----------
    rows : array of int32
        The row of each node; -1 where no target is reached from it.
    many : int
        How many rows there are.
    levels : tuple of Level
        Each after all that feeds it, but for the core.
    core : range
        The levels of the cyclic core.
    strengths : tuple of int
        Every strength that some arc proves, the strongest first.
    """

    rows: Ints
    many: int
    levels: tuple[Level, ...]
    core: range
    strengths: tuple[int, ...]


def make_schedule(downstream: Adjacency, upstream: Adjacency, targets: Longs) -> Schedule:
    """Put all nodes in rows from which some target is reached.

    Parameters
    ----------
    downstream, upstream : Adjacency
        The arcs with and against the direction of the data.
    targets : array of int64
        The nodes that matter.
    """
    wanted = np.zeros(downstream.nodes, dtype=np.bool_)
    wanted[reach(upstream, targets).nodes] = True
    level, core = _find_levels(downstream, upstream, wanted)
    nodes = wanted.nonzero()[0]
    fewer = _MOST - np.minimum(np.diff(upstream.begin)[nodes], _MOST)
    nodes = nodes[np.argsort(level[nodes] * (_MOST + 1) + fewer, kind="stable")]
    rows = np.full(len(level), -1, dtype=np.int32)
    rows[nodes] = np.arange(len(nodes), dtype=np.int32)
    levels = tuple(_cut_levels(upstream, rows, nodes, level[nodes]))
    segments = [segment for one in levels for segment in one.segments]
    strengths = {strength for one in segments for strength in _distinct(one.strengths)}
    return Schedule(rows, len(nodes), levels, core, tuple(sorted(strengths, reverse=True)))


def _distinct(strengths: Strengths | None) -> list[int]:
    return [int(Strength.VALUE)] if strengths is None else np.unique(strengths).tolist()


def _cut_levels(upstream: Adjacency, rows: Ints, nodes: Longs, level: Longs) -> list[Level]:
    """Cut the arcs against the direction of the data, row by row, into levels."""
    counts, places = upstream.leaving(nodes)
    tails, strengths, _ = upstream.arcs_at(places)
    arcs = _Arcs(rows.take(tails).astype(np.int64), strengths)  # all that feeds a row has one
    first = counts.cumsum() - counts
    bounds = np.searchsorted(level, np.arange(level[-1] + 2 if len(level) else 1)).tolist()
    return [
        Level(slice(begin, stop), tuple(arcs.cut(begin, first[begin:stop], counts[begin:stop])))
        for begin, stop in pairwise(bounds)
    ]


class _Arcs(NamedTuple):
    """The rows that arcs come from, and what they prove, in the order of the rows they feed."""

    tails: Longs
    strengths: Strengths

    def cut(self, row: int, first: Longs, counts: Longs) -> Iterator[Segment]:
        """Take the first arc of each row, then the second of each that has one, and so on."""
        rank = 0
        while (many := np.count_nonzero(counts > rank)) > (_FEW if rank else 0):
            yield self._segment(slice(row, row + many), first[:many] + rank)
            rank += 1
        if many:
            left = counts[:many] - rank
            starts = left.cumsum() - left
            places = (first[:many] + rank - starts).repeat(left) + np.arange(left.sum())
            yield self._segment(slice(row, row + many), places)._replace(starts=starts)

    def _segment(self, rows: slice, places: Longs) -> Segment:
        strengths = self.strengths[places]
        is_weak = bool((strengths < Strength.VALUE).any())
        return Segment(rows, self.tails[places], strengths if is_weak else None)


def _find_levels(downstream: Adjacency, upstream: Adjacency, wanted: Flags) -> tuple[Longs, range]:
    """Find the level of each node that is wanted.

    Returns
    -------
    levels : array of int64
        One for each node; -1 where it is not wanted.
    core : range
        The levels of what is on cycles and between them.
    """
    level = np.where(wanted, -1, -2)
    first = _peel(level, downstream)
    rest = np.where(level == -1, -1, -2)
    depth = _peel(rest, upstream)
    after = rest >= 0
    cyclic = np.where(rest == -1, -1, -2)
    near = _led_in(level, downstream, upstream, cyclic)
    core = range(first, first + _level_core(cyclic, near, downstream))
    inside = cyclic >= 0
    level[inside] = core.start + cyclic[inside]
    level[after] = core.stop + depth - 1 - rest[after]
    return np.maximum(level, -1), core


def _peel(level: Longs, onward: Adjacency) -> int:
    """Take off what nothing leads to, again and again; return how many rounds it took.

    Each node taken off gets the number of its round in `level`. Only nodes at -1 are taken.
    """
    ready = (level == -1).nonzero()[0]
    missing = np.bincount(_led_to(onward, ready), minlength=len(level))
    ready = ready[missing[ready] == 0]
    rounds = 0
    while len(ready):
        level[ready] = rounds
        rounds += 1
        heads = _led_to(onward, ready)
        np.subtract.at(missing, heads, 1)
        ready = np.sort(heads[(missing[heads] == 0) & (level[heads] == -1)])
        ready = ready[np.diff(ready, prepend=-1) > 0]
    return rounds


def _led_in(level: Longs, downstream: Adjacency, upstream: Adjacency, cyclic: Longs) -> Longs:
    """Find what arcs lead to from outside of the core; more than what is in it."""
    before = np.unique(_led_to(upstream, (cyclic == -1).nonzero()[0]))
    return _led_to(downstream, before[level[before] >= 0])


def _level_core(level: Longs, near: Longs, downstream: Adjacency) -> int:
    """Find how many arcs each node of the core is from where one gets in; count the levels.

    Each node gets that number in `level`; only nodes at -1 do. Where nothing leads in, one node of
    each cycle is where it begins.
    """
    levels = _spread(level, near, downstream)
    return max(levels, _spread(level, _beginnings(level, downstream), downstream))


def _spread(level: Longs, near: Longs, downstream: Adjacency) -> int:
    """Go on from some nodes, round by round, to those at -1; return how many rounds it took."""
    rounds = 0
    while len(near := np.unique(near[level[near] == -1])):
        level[near] = rounds
        rounds += 1
        near = _led_to(downstream, near)
    return rounds


def _beginnings(level: Longs, downstream: Adjacency) -> Longs:
    """Choose of the nodes at -1 those whose number is less than of all that lead to them."""
    nodes: Longs = (level == -1).nonzero()[0]
    if not len(nodes):
        return nodes
    counts, places = downstream.leaving(nodes)
    tails, heads = nodes.repeat(counts), downstream.ends_at(places)[0]
    least, known = np.arange(len(level)), np.empty(0, dtype=np.int64)
    while not np.array_equal(known, least[nodes]):
        known = least[nodes]
        np.minimum.at(least, heads, least[tails])
        least = least[least]  # what leads to the least there is leads on: twice as far each time
    chosen: Longs = nodes[known == nodes]
    return chosen


def _led_to(adjacency: Adjacency, nodes: Longs) -> Longs:
    """List what arcs from some nodes lead to, once for each arc."""
    return adjacency.ends_at(adjacency.leaving(nodes)[1])[0]
