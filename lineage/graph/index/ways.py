"""Ways: the arcs of one direction, hops and what is free."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.index.arcs import Arcs, Flags, Longs, Strengths

__all__ = ["Ways", "make_ways"]

_LEADS, _IS_OPEN, _GOES_INSIDE = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Ways:
    """The arcs of one direction: each hop counts, going in and out of an entity is free.

    Attributes
    ----------
    hops, inside : Arcs
        Both from the same nodes.
    flags : array of uint8
        What else is known of each node, in a bit each; see `make_ways`.
    """

    hops: Arcs
    inside: Arcs
    flags: Strengths

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        return self.hops.nbytes + self.inside.nbytes + self.flags.nbytes

    @property
    def leads(self) -> Flags:
        """Whether a hop leads on from each node, or from what it is in or holds."""
        return (self.flags & _LEADS) > 0

    @property
    def is_open(self) -> Flags:
        """Whether all ways into each node are there; others are left out of `inside`."""
        return (self.flags & _IS_OPEN) > 0

    def leads_on(self, *nodes: int) -> bool:
        """Tell whether a hop leads on from any of some nodes."""
        return any(self.flags.data[node] & _LEADS for node in nodes)

    def going_inside(self, nodes: Longs) -> Longs:
        """Choose those nodes that some of `inside` start from."""
        return nodes.take((self.flags.take(nodes) & _GOES_INSIDE).nonzero()[0])


def make_ways(
    hops: Arcs, inside: Arcs, *, leads: Flags | None = None, is_open: Flags | None = None
) -> Ways:
    """Join hops and what is free, with what is known of each node; see `Ways`.

    Parameters
    ----------
    leads, is_open : array of bool, optional
        Nothing leads on, and nothing is open, where they are not given.
    """
    flags = np.where(inside.counts > 0, np.uint8(_GOES_INSIDE), np.uint8(0))
    for told, bit in ((leads, _LEADS), (is_open, _IS_OPEN)):
        if told is not None:
            flags |= told.view(np.uint8) * np.uint8(bit)
    return Ways(hops, inside, flags)
