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
    first : array of int32
        For each node the place of its first arc; one more at the end.
    ends : array of int32
        Where each arc leads.
    strengths : array of uint8
        How much each arc proves, as `Strength` numbers it.
    """

    first: Ints
    ends: Ints
    strengths: Strengths

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.first) - 1

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        return self.first.nbytes + self.ends.nbytes + self.strengths.nbytes

    @property
    def counts(self) -> Ints:
        """How many arcs start from each node."""
        return np.diff(self.first)

    def starts(self) -> Ints:
        """Tell where each arc starts."""
        return np.arange(self.nodes, dtype=np.int32).repeat(self.counts)

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
        begin = self.first.take(nodes).astype(np.int64)
        counts = self.first.take(nodes + 1) - begin
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
        first = self.first.data
        return self.ends.data[first[node] : first[node + 1]].tolist()

    def row(self, node: int) -> range:
        """Give the places of the arcs that start from one node."""
        return range(int(self.first[node]), int(self.first[node + 1]))


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
    return Arcs(first, sorted_ends, strengths.take(order)), order
