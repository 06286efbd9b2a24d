"""Upstream gaps: what was not read or not resolved, and of which targets it may hide something."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from lineage.graph.index.adjacency import Flags, Longs
from lineage.graph.index.index import Index
from lineage.graph.index.propagation import Propagated, Seeds
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Strength
from lineage.model.snapshot import Gap
from lineage.queries.completeness import gap_origins

__all__ = ["UpstreamGaps"]


class UpstreamGaps:
    """The gaps that may hide something upstream of some targets.

    Parameters
    ----------
    graph : LineageGraph
    index : Index
        That of its parts.
    ends : array of int64
        The nodes of the targets.
    more : tuple of Gap
        Gaps besides those of the graph, which hide upstream of everything.

    Attributes
    ----------
    everywhere, placed : sequence of Gap
        The gaps that hide upstream of everything, and those that have a place in the graph.
    """

    def __init__(
        self, graph: LineageGraph, index: Index, ends: Longs, more: tuple[Gap, ...]
    ) -> None:
        self._index, self._ends = index, ends
        hiding = [gap for gap in graph.gaps if gap.hides_upstream]
        self.everywhere: Sequence[Gap]
        self.everywhere = (*more, *(gap for gap in hiding if gap.subject not in graph))
        self.placed: Sequence[Gap] = [gap for gap in hiding if gap.subject in graph]

    @cached_property
    def origins(self) -> list[list[int]]:
        """The nodes at which something may be missing, for each gap that has a place."""
        return [gap_origins(self._index, gap) for gap in self.placed]

    @cached_property
    def seeds(self) -> Seeds:
        """Where each gap that has a place begins to hide something."""
        pairs = [(label, node) for label, nodes in enumerate(self.origins) for node in nodes]
        return Seeds.of(pairs, Strength.TABLE)

    @cached_property
    def are_there(self) -> Flags:
        """Whether any gap is upstream of each target; which they are, few ask."""
        if self.everywhere:
            return np.ones(len(self._ends), dtype=np.bool_)
        one = self.seeds._replace(labels=np.zeros_like(self.seeds.labels))
        return self._index.propagate(one, self._ends).best() > 0

    def of_target(self, place: int) -> tuple[Gap, ...]:
        """List the gaps upstream of one target."""
        if not self.are_there[place]:
            return ()
        labels, _ = self._reaching.of_target(place)
        return (*self.everywhere, *(self.placed[label] for label in labels.tolist()))

    @cached_property
    def _reaching(self) -> Propagated:
        return self._index.propagate(self.seeds, self._ends)
