"""Silence: where something sensitive might decide rows, for all that the edges report.

Most catalogs record which columns give their values, and not which only join, filter or group. So
that no value arrives does not mean that nothing does: an edge that is silent about influences may
hide one, wherever something sensitive is, or has arrived, at the table it comes from.
"""

from functools import cached_property

import numpy as np

from lineage.graph.index.adjacency import Adjacency, Flags, Ints, Longs
from lineage.graph.index.compilation import silent_edges
from lineage.graph.index.index import Index
from lineage.graph.index.reach import Marks, reach_more
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.snapshot import Gap, GapKind

__all__ = ["Silence"]


class Silence:
    """The edges that may hide an influence of something sensitive.

    Parameters
    ----------
    graph : LineageGraph
    index : Index
        That of its parts.
    origins : array of int64
        The nodes where something sensitive begins, or something unknown.
    """

    def __init__(self, graph: LineageGraph, index: Index, origins: Longs) -> None:
        self.graph, self.index, self.origins = graph, index, origins

    @cached_property
    def _silent(self) -> tuple[Ints, Longs]:
        """The silent edges: the numbers of their tails, and where they arrive."""
        tails, heads = self.graph.keep(silent_edges, lambda: silent_edges(self.graph.storage))
        return tails, self.index.expansion.entries(heads)

    @cached_property
    def _first(self) -> Longs:
        """The places of the silent edges into which something sensitive is known to lead.

        An edge that only another silent one leads to hides nothing if that one does not.
        """
        tails, _ = self._silent
        known: Longs = self.index.reach(self.origins, "downstream").nodes
        places: Longs = np.isin(tails, known).nonzero()[0]
        return places

    @cached_property
    def _hiding(self) -> Flags:
        """Whether an influence that an edge hides may arrive at each node."""
        tails, entries = self._silent
        return _spread(self.index.expansion.downstream, entries[self._first], tails, entries)

    def may_reach(self, nodes: Longs) -> Flags:
        """Return whether a hidden influence may arrive at each of some nodes."""
        return self._hiding[nodes]

    def gaps(self, node: int) -> tuple[Gap, ...]:
        """Name the edges whose hidden influence may arrive at a node; sorted."""
        tails, entries = self._silent
        above = _spread(self.index.expansion.upstream, np.array([node]), entries, tails)
        chosen = self._first[above[entries[self._first]]]
        ends = zip(
            self.index.references(tails[chosen].astype(np.int64)),
            self.index.references(entries[chosen]),
            strict=True,
        )
        gaps = (
            Gap(
                GapKind.INFLUENCE_UNKNOWN,
                head,
                f"the edge from {tail.fqn} does not report joins and filters",
            )
            for tail, head in ends
        )
        return tuple(sorted(gaps, key=lambda gap: (gap.subject, gap.reason)))


def _spread(adjacency: Adjacency, starts: Longs, tails: Ints | Longs, heads: Ints | Longs) -> Flags:
    """Mark what is reached from some nodes, by the arcs and by some more of them."""
    marks = Marks(adjacency.nodes)
    near = starts
    while len(near):
        reach_more(adjacency, near, marks)
        passed = marks.passed()
        near = heads[passed[tails] & ~passed[heads]].astype(np.int64)
    return marks.passed()
