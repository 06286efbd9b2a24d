"""Evidence paths: the shortest of the strongest paths of what reaches a target, with its facts.

A walk from one thing that is sensitive finds its paths to everything; it is made when the first of
them is looked at. Facts of a hop are found once, however many paths share it.
"""

from typing import NamedTuple

import numpy as np

from lineage.graph.hop_masking import Masking
from lineage.graph.index.index import Index
from lineage.graph.index.propagation import Seeds
from lineage.graph.index.strongest_paths import Arrivals
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop, Path, Strength
from lineage.model.entities import Entity
from lineage.model.reference import Reference

__all__ = ["EvidencePath", "EvidencePaths", "deleted_entity"]

_ROOM = 8_000_000
"""So many arrivals are kept, of 40 bytes each: one target after the other has the same labels."""


class EvidencePath(NamedTuple):
    """One path with what it shows.

    Attributes
    ----------
    origin : int
        The node where it begins.
    path : Path
    masked_by : tuple of str
        The rules that hide the value on it, in its order.
    deleted : tuple of Reference
        Soft-deleted entities on it, in its order.
    """

    origin: int
    path: Path
    masked_by: tuple[str, ...]
    deleted: tuple[Reference, ...]


class _HopFacts(NamedTuple):
    hop: Hop
    rule: str | None
    deleted: tuple[Reference, ...]


class EvidencePaths:
    """The paths of labels to targets.

    Parameters
    ----------
    graph : LineageGraph
    index : Index
        That of its parts, with the strengths that the masking gives.
    masking : Masking
        What hides values in the graph.
    seeds : Seeds
        Where each label begins.
    """

    def __init__(self, graph: LineageGraph, index: Index, masking: Masking, seeds: Seeds) -> None:
        self.graph, self.index, self.masking, self.seeds = graph, index, masking, seeds
        self._walks: dict[int, Arrivals] = {}
        self._kept = 0
        self._facts: dict[tuple[int, int], _HopFacts] = {}
        self._deleted: dict[Reference, Reference | None] = {}

    def find(self, label: int, end: int) -> EvidencePath:
        """Find the shortest of the strongest paths of a label to a node that it reaches."""
        arrivals = self._walk(label)
        arrival = int(arrivals.strongest(np.array([end]))[0])
        origin, places = arrivals.path_to(arrival)
        facts = [self._facts_of(tail, place) for tail, place in places]
        rules = (item.rule for item in facts if item.rule is not None)
        deleted = (entity for item in facts for entity in item.deleted)
        return EvidencePath(
            origin,
            Path(tuple(item.hop for item in facts), Strength(int(arrivals.strengths[arrival]))),
            tuple(dict.fromkeys(rules)),
            tuple(dict.fromkeys(deleted)),
        )

    def _walk(self, label: int) -> Arrivals:
        if label not in self._walks:
            nodes = self.seeds.nodes[self.seeds.labels == label]
            walk = self.index.strongest_paths(nodes, "downstream")
            while self._walks and self._kept + len(walk) > _ROOM:
                self._kept -= len(self._walks.pop(next(iter(self._walks))))
            self._kept += len(walk)
            self._walks[label] = walk
        return self._walks[label]

    def _facts_of(self, tail: int, place: int) -> _HopFacts:
        key = tail, place
        if key not in self._facts:
            hop = self.index.hop(tail, place)
            rule = self.masking.rule(hop.edge, hop.column_edge)
            ends = (self._deleted_entity(end) for end in (hop.upstream, hop.downstream))
            deleted = tuple(entity for entity in ends if entity is not None)
            self._facts[key] = _HopFacts(hop, None if rule is None else rule.name, deleted)
        return self._facts[key]

    def _deleted_entity(self, reference: Reference) -> Reference | None:
        if reference not in self._deleted:
            self._deleted[reference] = deleted_entity(self.graph, reference)
        return self._deleted[reference]


def deleted_entity(graph: LineageGraph, reference: Reference) -> Reference | None:
    """Return the entity of a reference, if it is soft-deleted."""
    entity = graph.entity_of(reference)
    value = graph.value(entity)
    return entity if isinstance(value, Entity) and value.deleted else None
