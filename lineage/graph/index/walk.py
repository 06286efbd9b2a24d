"""A walk from one node, and what can be said of it afterwards."""

from collections.abc import Iterator
from operator import attrgetter

import numpy as np

from lineage.graph.index.index import Direction, Index
from lineage.model.edges import Hop, Strength
from lineage.model.reference import Reference

__all__ = ["Walk"]


class Walk:
    """A walk over an index from one node in one direction.

    Attributes
    ----------
    depth : int or None
        The most hops it went.
    """

    def __init__(
        self, index: Index, start: int, direction: Direction, *, depth: int | None = None
    ) -> None:
        self.index, self.direction, self.depth = index, direction, depth
        arrivals = index.carry_from(start, direction, depth=depth)
        self._nodes = arrivals.nodes[arrivals.last]
        self._strengths = arrivals.strengths[arrivals.last]
        self._depths = arrivals.hops(arrivals.first)

    def distances(self) -> dict[int, int]:
        """Count the hops to every node in reach."""
        return dict(zip(self._nodes.tolist(), self._depths.tolist(), strict=True))

    def passed(self) -> frozenset[Reference]:
        """Name everything the walk passed, by what it is in or holds too."""
        return frozenset(self.index.references(self._nodes))

    def reached(self) -> Iterator[tuple[Reference, int, Strength, bool]]:
        """Tell each node that a hop led to: how near, how sure at best, and whether an end."""
        ways = self.index.ways(self.direction)
        ends = ways.hops.ends[ways.hops.leaving(self._nodes)[1]]
        by_hop = np.isin(self._nodes, ends)
        nodes = self._nodes[by_hop]
        yield from zip(
            self.index.references(nodes),
            self._depths[by_hop].tolist(),
            map(Strength, self._strengths[by_hop].tolist()),
            (~ways.leads[nodes]).tolist(),
            strict=True,
        )

    def hops(self) -> tuple[Hop, ...]:
        """Collect every hop between two nodes in reach, by what the walk came from."""
        near = attrgetter("downstream" if self.direction == "upstream" else "upstream")
        return tuple(sorted(self.index.hops_between(np.sort(self._nodes)), key=near))

    def cut(self) -> list[Reference]:
        """Name where the depth limit stopped the walk; sorted."""
        last = self._nodes[self._depths == self.depth]
        hops = self.index.ways(self.direction).hops
        counts, places = hops.leaving(last)
        beyond = ~np.isin(hops.ends[places], self._nodes)
        return sorted(set(self.index.references(last.repeat(counts)[beyond])))
