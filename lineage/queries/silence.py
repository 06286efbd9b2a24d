"""Silence: where something sensitive might decide rows, for all that the edges report.

Most catalogs record which columns give their values, and not which only join, filter or group. So
that no value arrives does not mean that nothing does: an edge that is silent about influences may
hide one, wherever something sensitive is, or has arrived, at the table it comes from.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Adjacency, Flags, Longs
from lineage.graph.index.compilation import silent_edges
from lineage.graph.index.index import Index
from lineage.graph.index.reach import Marks, reach_more
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["Silence", "SilentEdges", "silent_gaps"]


class SilentEdges(NamedTuple):
    """Edges that do not report influences.

    Attributes
    ----------
    tails, heads : array of int64
        The nodes that each leaves, and arrives at.
    hiding : array of bool
        Whether something sensitive is known to lead into it. An edge that only another silent one
        leads to hides nothing if that one does not.
    """

    tails: Longs
    heads: Longs
    hiding: Flags


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
    def edges(self) -> SilentEdges:
        """All edges that are silent, those that have nothing to hide among them."""
        tails, heads = self.graph.keep(silent_edges, lambda: silent_edges(self.graph.storage))
        known = self.index.reach(self.origins, "downstream").nodes
        return SilentEdges(
            tails.astype(np.int64), self.index.expansion.entries(heads), np.isin(tails, known)
        )

    @cached_property
    def _may_be_influenced(self) -> Flags:
        """Whether an influence that an edge hides may arrive at each node."""
        tails, heads, hiding = self.edges
        return _spread(self.index.expansion.downstream, heads[hiding], tails, heads)

    def may_reach(self, nodes: Longs) -> Flags:
        """Return whether a hidden influence may arrive at each of some nodes."""
        return self._may_be_influenced[nodes]

    def gaps(self, node: int) -> tuple[Gap, ...]:
        """Name the edges whose hidden influence may arrive at a node; sorted."""
        tails, heads, hiding = self.edges
        above = _spread(self.index.expansion.upstream, np.array([node]), heads, tails)
        chosen = hiding & above[heads]
        ends = (self.index.references(nodes[chosen]) for nodes in (tails, heads))
        return silent_gaps(zip(*ends, strict=True))


def silent_gaps(ends: Iterable[tuple[Reference, Reference]]) -> tuple[Gap, ...]:
    """Name silent edges by the entities they join; sorted."""
    return tuple(
        Gap(
            GapKind.INFLUENCE_UNKNOWN,
            downstream,
            f"the edge from {upstream.fqn} does not report joins and filters",
        )
        for downstream, upstream in sorted((head, tail) for tail, head in ends)
    )


def _spread(adjacency: Adjacency, starts: Longs, tails: Longs, heads: Longs) -> Flags:
    """Mark what is reached from some nodes, by the arcs and by some more of them."""
    marks = Marks(adjacency.nodes)
    near = starts
    while len(near):
        reach_more(adjacency, near, marks)
        passed = marks.passed()
        near = heads[passed[tails] & ~passed[heads]]
    return marks.passed()
