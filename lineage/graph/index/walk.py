"""A walk from one node or several, and what can be said of it afterwards."""

from collections.abc import Iterator
from operator import attrgetter

import numpy as np

from lineage.graph.index.arcs import Longs, Strengths
from lineage.graph.index.index import Direction, Index
from lineage.model.edges import Hop, Strength
from lineage.model.reference import Reference

__all__ = ["Walk"]


class Walk:
    """A walk over an index in one direction, from one node or from several together.

    How strong each way is, is found out when that is asked.

    Attributes
    ----------
    depth : int or None
        The most hops it went.
    """

    def __init__(
        self, index: Index, *starts: int, direction: Direction, depth: int | None = None
    ) -> None:
        self.index, self.direction, self.depth = index, direction, depth
        self._starts = np.array(starts, dtype=np.int64)
        reached = index.reach_from(self._starts, direction, depth=depth)
        self._nodes, self._depths = reached.nodes, reached.hops()

    def distances(self) -> dict[int, int]:
        """Count the hops to every node in reach."""
        return dict(zip(self._nodes.tolist(), self._depths.tolist(), strict=True))

    def passed(self) -> frozenset[Reference]:
        """Name everything the walk passed, by what it is in or holds too."""
        return frozenset(self.index.references(self._nodes))

    def reached(self) -> Iterator[tuple[Reference, int, Strength, bool]]:
        """Tell each node that a hop led to: how near, how sure at best, and whether an end.

        A hop from where the depth limit stopped the walk is none of it, even where it leads to
        something that the walk passed.
        """
        ways = self.index.ways(self.direction)
        walked = self._nodes if self.depth is None else self._nodes[self._depths < self.depth]
        ends = ways.hops.ends_at(ways.hops.leaving(walked)[1])
        by_hop = np.isin(self._nodes, ends)
        nodes = self._nodes[by_hop]
        yield from zip(
            self.index.references(nodes),
            self._depths[by_hop].tolist(),
            map(Strength, self._strengths(nodes).tolist()),
            (~ways.leads[nodes]).tolist(),
            strict=True,
        )

    def _strengths(self, nodes: Longs) -> Strengths:
        """Find how much the strongest way to each node proves."""
        arrivals = self.index.carry_from(self._starts, self.direction, depth=self.depth)
        arrived = arrivals.nodes[arrivals.last]
        order = np.argsort(arrived)
        places = np.searchsorted(arrived, nodes, sorter=order)
        return arrivals.strengths[arrivals.last[order[places]]]

    def hops(self) -> tuple[Hop, ...]:
        """Collect every hop between two nodes in reach, by what the walk came from."""
        near = attrgetter("downstream" if self.direction == "upstream" else "upstream")
        return tuple(sorted(self.index.hops_between(np.sort(self._nodes)), key=near))

    def cut(self) -> list[Reference]:
        """Name where the depth limit stopped the walk; sorted."""
        last = self._nodes[self._depths == self.depth]
        hops = self.index.ways(self.direction).hops
        counts, places = hops.leaving(last)
        beyond = ~np.isin(hops.ends_at(places), self._nodes)
        return sorted(set(self.index.references(last.repeat(counts)[beyond])))
