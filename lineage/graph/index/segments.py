"""Segments: what is done for very many rows of an order at once.

In a level the rows that have many arcs come first, group by group: the first arcs of all of
them then fill a slice of rows, the second arcs a shorter one, and so on. Slices are several
times faster than rows that are named one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from lineage.graph.index.arcs import Arcs, Ints, Longs, Strengths
from lineage.model.edges import Strength

__all__ = ["GROUPS", "Segment", "Stage", "cut_stages"]

GROUPS = 4
"""How many groups of rows a level has at most: by what kinds of arcs they have."""

_FEW = 128
"""So few rows are not worth a segment for each of their arcs."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One arc for each of some rows, or several.

    Attributes
    ----------
    rows : slice or array of int64
        The rows they arrive at.
    tails : array of int32
        The rows they come from.
    strengths : array of uint8 or None
        How much each proves; None where all of them prove `value`.
    is_hop : bool
        Whether they are hops or free.
    starts : array of int64 or None
        The place of the first arc of each row, where they have several.
    """

    rows: slice | Longs
    tails: Ints
    strengths: Strengths | None
    is_hop: bool
    starts: Longs | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Rows that do not lead to each other, unless they are the knot."""

    rows: slice
    segments: tuple[Segment, ...]
    is_knot: bool


def cut_stages(arcs: Arcs, hops: Longs, group: Longs, *, knot: range) -> Iterator[Stage]:
    """Cut rows into stages, and those into segments, group by group.

    Parameters
    ----------
    arcs : Arcs
        The arcs of each row, hops before free ones.
    hops : array of int64
        How many of them are hops.
    group : array of int64
        The level of each row, `GROUPS` times, and its group there.
    knot : range
        The levels that are one stage, the knot.
    """
    cutting = _Cutting(arcs, hops)
    cuts = np.diff(group, prepend=-1, append=-1).nonzero()[0].tolist()

    def stage_of(bound: tuple[int, int]) -> int:
        level = int(group[bound[0]]) // GROUPS
        return knot.start if level in knot else level

    for number, bounds in groupby(pairwise(cuts), stage_of):
        groups = [slice(*bound) for bound in bounds]
        segments = tuple(segment for rows in groups for segment in cutting.segments(rows))
        yield Stage(slice(groups[0].start, groups[-1].stop), segments, number in knot)


class _Cutting(NamedTuple):
    """The arcs of rows, of which the first so many are hops."""

    arcs: Arcs
    hops: Longs

    def segments(self, rows: slice) -> Iterator[Segment]:
        """Take hops and free arcs apart."""
        begin, hops = self.arcs.begin[rows].astype(np.int64), self.hops[rows]
        yield from self._ranked(rows.start, begin, hops, is_hop=True)
        begin += hops
        yield from self._ranked(rows.start, begin, self.arcs.stop[rows] - begin, is_hop=False)

    def _ranked(self, row: int, first: Longs, counts: Longs, *, is_hop: bool) -> Iterator[Segment]:
        """Take the first arc of each row, then the second of each that has one, and so on.

        Where few rows have very many more, the last segment has them all.
        """
        rank = 0
        while len(more := (counts > rank).nonzero()[0]) > (_FEW if rank else 0):
            yield self._segment(first[more] + rank, _named(more + row), is_hop=is_hop)
            rank += 1
        if len(more):
            many = counts[more] - rank
            starts = many.cumsum() - many
            places = (first[more] + rank - starts).repeat(many) + np.arange(many.sum())
            yield self._segment(places, _named(more + row), is_hop=is_hop, starts=starts)

    def _segment(
        self, places: Longs, rows: slice | Longs, *, is_hop: bool, starts: Longs | None = None
    ) -> Segment:
        ends, strengths = self.arcs.both_at(places)
        is_weak = bool((strengths < Strength.VALUE).any())
        tails = ends.astype(np.int32)
        return Segment(rows, tails, strengths if is_weak else None, is_hop, starts)


def _named(rows: Longs) -> slice | Longs:
    """Name rows, by a slice where they follow each other."""
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == len(rows) else rows
