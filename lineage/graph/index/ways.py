"""Ways: the arcs of one direction, hops and what is free."""

from dataclasses import dataclass

from lineage.graph.index.arcs import Arcs, Flags

__all__ = ["Ways"]


@dataclass(frozen=True, slots=True)
class Ways:
    """The arcs of one direction: each hop counts, going in and out of an entity is free.

    Attributes
    ----------
    hops, inside : Arcs
        Both from the same nodes.
    leads : array of bool
        Whether a hop leads on from each node, or from what it is in or holds.
    is_open : array of bool
        Whether all ways into each node are there; others are left out of `inside`.
    """

    hops: Arcs
    inside: Arcs
    leads: Flags
    is_open: Flags

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        return self.hops.nbytes + self.inside.nbytes + self.leads.nbytes + self.is_open.nbytes
