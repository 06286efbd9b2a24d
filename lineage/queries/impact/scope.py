"""Scope: what there is a verdict on, be it reached or not."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from lineage.graph.index.adjacency import Flags, Longs
from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.proposed_change import ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.queries.impact.first_hops import Departure, changed_within

__all__ = ["Scope"]


class Scope:
    """What changes are about, and what is downstream of that.

    Parameters
    ----------
    graph : LineageGraph
    index : Index
        That of its parts.
    departure : Departure
    changes : list of ProposedChange
    """

    def __init__(
        self,
        graph: LineageGraph,
        index: Index,
        departure: Departure,
        changes: list[ProposedChange],
    ) -> None:
        self.graph, self.index = graph, index
        self._departure, self._changes = departure, changes

    def listed(self, are_hit: Flags, may_be: Flags) -> Longs:
        """Choose what there is a verdict on; sorted.

        Of what is not hit these are entities and features; not every column of a table.

        Parameters
        ----------
        are_hit, may_be : array of bool
            For each reference whether it is hit, and whether something hides if it is.
        """
        storage = self.graph.storage
        parents = np.frombuffer(storage.parents, dtype=np.int32)
        features = storage.are_of({Kind.FEATURE})
        around = self.below | may_be
        listed = are_hit | (around & ~storage.are_parts & ~self._around)
        listed[features] |= around[features] | around[parents[features]]
        found: Longs = (listed & ~self.changed & ~storage.are_groups).nonzero()[0]
        return found

    @cached_property
    def changed(self) -> Flags:
        """Whether each reference is what is changed, or goes with it."""
        inside = (item for change in self._changes for item in changed_within(self.graph, change))
        return self._flags(inside)

    @cached_property
    def _around(self) -> Flags:
        """Whether each reference is an entity of which a part is changed."""
        around = np.zeros(len(self.graph), dtype=np.bool_)
        subjects = [self.graph.number(change.subject) for change in self._changes]
        around[self._entities(np.array(subjects, dtype=np.int64))] = True
        return around

    @cached_property
    def below(self) -> Flags:
        """Whether each reference is an entity downstream of one that is changed."""
        index, held, hops = self.graph.entity_index(), self._departure.held, self._departure.hops
        owners = np.unique(self.index.expansion.owners(np.append(held.nodes, hops.nodes)))
        # The number of a reference is that of its exit.
        reached = index.reach(np.unique(self._entities(owners)), "downstream").nodes
        below = np.zeros(len(self.graph), dtype=np.bool_)
        below[index.expansion.owners(reached)] = True
        return below

    def _entities(self, numbers: Longs) -> Longs:
        """Find the entities that some references are parts of, or are."""
        parents = np.frombuffer(self.graph.storage.parents, dtype=np.int32)
        are_parts, found = self.graph.storage.are_parts, numbers.copy()
        while len(inside := (are_parts[found] & (parents[found] >= 0)).nonzero()[0]):
            found[inside] = parents[found[inside]]
        return found

    def _flags(self, references: Iterable[Reference]) -> Flags:
        flags = np.zeros(len(self.graph), dtype=np.bool_)
        flags[[self.graph.number(reference) for reference in references]] = True
        return flags
