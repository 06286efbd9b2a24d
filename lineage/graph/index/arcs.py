"""Arcs: what leads from each node to which, as arrays sorted by where they start."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arcs", "Flags", "Ints", "Longs", "Strengths", "sort_arcs"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Strengths = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_NO_PLACES = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arcs in the order of the nodes they start from (compressed sparse rows).

    Attributes
    ----------
    begin, stop : array of int32
        For each node the place of its first arc, and the one after its last. As compiled each
        row follows the one before; one that has been changed may lie after all others.
    ends : array of int32
        Where each arc leads.
    strengths : array of uint8
        How much each arc proves, as `Strength` numbers it.
    """

    begin: Ints
    stop: Ints
    ends: Ints
    strengths: Strengths

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.begin)

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        rows = self.begin.nbytes + (0 if self._is_compiled else self.stop.nbytes)
        return rows + self.ends.nbytes + self.strengths.nbytes

    @property
    def _is_compiled(self) -> bool:
        """Whether rows begin where those before them stop, so that one array tells both."""
        return self.begin.base is not None and self.begin.base is self.stop.base

    @property
    def counts(self) -> Ints:
        """How many arcs start from each node."""
        return self.stop - self.begin

    def starts(self) -> Ints:
        """Tell where each arc starts, row by row."""
        return np.arange(self.nodes, dtype=np.int32).repeat(self.counts)

    def places(self) -> Longs:
        """Tell the places of all arcs, row by row."""
        return self.leaving(np.arange(self.nodes))[1]

    def leaving(self, nodes: Longs) -> tuple[Longs, Longs]:
        """Find the arcs that start from some nodes.

        Returns
        -------
        counts : array of int64
            How many start from each of them.
        places : array of int64
            The arcs.
        """
        # Whole machine words throughout: numpy would widen anything else at each look-up.
        begin = self.begin.take(nodes).astype(np.int64)
        counts = self.stop.take(nodes) - begin
        passed = counts.cumsum()
        total = int(passed[-1]) if len(passed) else 0
        if not total:
            return counts, _NO_PLACES
        passed -= counts
        places = (begin - passed).repeat(counts)
        places += np.arange(total)
        return counts, places

    def ends_from(self, node: int) -> list[int]:
        """Tell where the arcs from one node lead."""
        # Plain views: numpy would make an object of its own of each number.
        return self.ends.data[self.begin.data[node] : self.stop.data[node]].tolist()

    def row(self, node: int) -> range:
        """Give the places of the arcs that start from one node."""
        return range(int(self.begin[node]), int(self.stop[node]))


def sort_arcs(
    starts: NDArray[Any], ends: NDArray[Any], strengths: Strengths, *, nodes: int
) -> tuple[Arcs, Ints]:
    """Sort arcs by where they start; those of one node keep their order.

    Returns
    -------
    arcs : Arcs
    order : array of int32
        Which of the arcs given stands at each place.
    """
    # One sort of whole numbers, node above place, is several times faster than argsort.
    keys = (starts.astype(np.int64) << 32) | np.arange(len(starts))
    keys.sort()
    order = (keys & 0xFFFFFFFF).astype(np.int32)
    first = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(starts, minlength=nodes), out=first[1:])
    sorted_ends = ends.astype(np.int32, copy=False).take(order)
    return Arcs(first[:-1], first[1:], sorted_ends, strengths.take(order)), order
