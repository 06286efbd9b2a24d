"""A walk from one node or several, and what can be said of it afterwards."""

from functools import cached_property

import numpy as np

from lineage.graph.index.adjacency import Flags, Longs, Strengths
from lineage.graph.index.index import Direction, Index
from lineage.graph.index.reach import Reach
from lineage.model.reference import Reference

__all__ = ["Walk"]


class Walk:
    """A walk over an index in one direction, from one node or from several together.

    How strong each path is, is found out when that is asked.

    Attributes
    ----------
    depth : int or None
        The most hops it went.
    nodes, depths : array of int64
        What was reached by one hop or more, nearest first, and by how many at least. The starts are
        among them where they lie on a cycle.
    """

    def __init__(
        self, index: Index, *starts: int, direction: Direction, depth: int | None = None
    ) -> None:
        self.index, self.direction, self.depth = index, direction, depth
        self._starts = np.array(starts, dtype=np.int64)
        self._near = index.reach(self._starts, direction, depth=0).nodes
        reached = Reach(self._near[:0], ())
        if depth != 0:
            adjacency = index.adjacency(direction)
            ends, is_hop = adjacency.ends_at(adjacency.leaving(self._near)[1])
            further = None if depth is None else depth - 1
            reached = index.reach(ends[is_hop], direction, depth=further)
        self.nodes, self.depths = reached.nodes, reached.hops() + 1

    @cached_property
    def passed(self) -> Flags:
        """Whether each node was passed: reached, or in or around a start."""
        passed = np.zeros(self.index.expansion.nodes, dtype=np.bool_)
        passed[self._near] = passed[self.nodes] = True
        return passed

    def distances(self) -> dict[int, int]:
        """Count the hops to every node that was passed."""
        near = dict.fromkeys(self._near.tolist(), 0)
        return dict(zip(self.nodes.tolist(), self.depths.tolist(), strict=True)) | near

    def strengths(self, nodes: Longs) -> Strengths:
        """Find how much the strongest path to each of some reached nodes proves."""
        seeds, strengths = self._first_hops()
        further = None if self.depth is None else self.depth - 1
        arrivals = self.index.strongest_paths(
            seeds, self.direction, strengths=strengths, depth=further
        )
        return arrivals.strengths[arrivals.strongest(nodes)]

    def _first_hops(self) -> tuple[Longs, Strengths]:
        """Find where the first hops lead, and what they prove with what lies before them."""
        near = self.index.strongest_paths(self._starts, self.direction, depth=0)
        nodes, proven = near.nodes[near.last], near.strengths[near.last]
        adjacency = self.index.adjacency(self.direction)
        counts, places = adjacency.leaving(nodes)
        ends, strengths, is_hop = adjacency.arcs_at(places)
        return ends[is_hop], np.minimum(strengths, proven.repeat(counts))[is_hop]

    def ends(self, nodes: Longs) -> Flags:
        """Return of which nodes no hop leads on, nor from what they are in or contain."""
        ends: Flags = ~self.index.leads_on(self.direction)[nodes]
        return ends

    def hops(self) -> tuple[Longs, Longs]:
        """Find every hop between two nodes that were passed: the tail and the place of each."""
        return self.index.hops_between(self.passed.nonzero()[0])

    def cut(self) -> list[Reference]:
        """List where the depth limit stopped the walk; sorted."""
        if self.depth is None:
            return []
        last = self._near if self.depth == 0 else self.nodes[self.depths == self.depth]
        adjacency = self.index.adjacency(self.direction)
        counts, places = adjacency.leaving(last)
        ends, is_hop = adjacency.ends_at(places)
        beyond = is_hop & ~self.passed[ends]
        return sorted(set(self.index.references(last.repeat(counts)[beyond])))
