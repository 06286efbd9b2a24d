"""Doubts: what may hide that a change reaches something."""

from functools import cached_property

import numpy as np

from lineage.graph.index.adjacency import Flags, Longs
from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.completeness import gap_origins
from lineage.queries.silence import Silence

__all__ = ["Doubts"]


class Doubts:
    """The gaps and silent edges by which changes may reach more than was found.

    Parameters
    ----------
    graph : LineageGraph
    index : Index
        That of its parts.
    gaps : tuple of Gap
        What was not understood where the changes were found.
    held : array of int64
        The nodes at which the changes begin.
    """

    def __init__(
        self, graph: LineageGraph, index: Index, gaps: tuple[Gap, ...], held: Longs
    ) -> None:
        self.graph, self.index, self._held = graph, index, held
        hiding = (*gaps, *(gap for gap in graph.gaps if gap.hides_upstream))
        beyond = (gap for gap in graph.gaps if gap.kind == GapKind.DOWNSTREAM_NOT_READ)
        self.gaps = tuple(dict.fromkeys((*hiding, *beyond)))
        """All of them: an edge that was not read may begin anywhere."""
        self.everywhere = tuple(gap for gap in hiding if gap.subject not in graph)
        self._somewhere = tuple(gap for gap in hiding if gap.subject in graph)

    @cached_property
    def are_at(self) -> Flags:
        """Whether something may be hidden upstream of what leaves each reference."""
        many = len(self.graph)
        if self.everywhere:
            return np.ones(many, dtype=np.bool_)
        found = self._silence.may_reach(np.arange(many))
        reached = self.index.reach(self._origins[1], "downstream").nodes
        found[reached[reached < many]] = True
        return found

    def upstream_of(self, number: int) -> tuple[Gap, ...]:
        """Name what may hide something upstream of one reference."""
        upstream = self.index.reach(np.array([number]), "upstream").nodes
        labels, nodes = self._origins
        placed = np.unique(labels[np.isin(nodes, upstream)]).tolist()
        found = (self._somewhere[label] for label in placed)
        return (*self.everywhere, *found, *self._silence.gaps(number))

    @cached_property
    def _origins(self) -> tuple[Longs, Longs]:
        """The numbers of the gaps that are somewhere, and the nodes where each hides something."""
        pairs = [
            (number, node)
            for number, gap in enumerate(self._somewhere)
            for node in gap_origins(self.index, gap)
        ]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    @cached_property
    def _silence(self) -> Silence:
        # What was not read may come from what is changed, too.
        origins = np.union1d(self._held, self._origins[1])
        return Silence(self.graph, self.index, origins)
