"""A made-up catalog as a snapshot: the same nodes and hops as its arrays, with names.

`python -m benchmarks.snapshots SHAPE NODES FILE` writes one of either shape to a file: what is
measured with it then has not made it.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.graphs import CatalogArrays, make_arrays
from benchmarks.layers import make_layers
from lineage.files.snapshot_file import write_snapshot
from lineage.model.edges import ColumnEdge, Edge, Influence, Strength
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot

__all__ = ["SHAPES", "make_snapshot"]

Mappings = dict[tuple[int, int], list[tuple[int, int, int]]]


def make_snapshot(arrays: CatalogArrays) -> Snapshot:
    """Name what the arrays number; feeds of features become their declared sources."""
    return _Making(arrays).make()


SHAPES: dict[str, Callable[[int], Snapshot]] = {
    "domains": lambda nodes: make_snapshot(make_arrays(nodes)),
    "layers": make_layers,
}


class _Making:
    def __init__(self, arrays: CatalogArrays) -> None:
        self.parents = arrays.parents.tolist()
        self.models = frozenset(arrays.models.tolist())
        tags = zip(arrays.tagged.tolist(), arrays.tags.tolist(), strict=True)
        self.tags = {column: (Tag(fqn=f"PII.Tag{tag}"),) for column, tag in tags}
        self.parts: dict[int, list[int]] = defaultdict(list)
        for part, parent in enumerate(self.parents):
            if parent >= 0:
                self.parts[parent].append(part)
        self.sources: dict[int, list[int]] = defaultdict(list)
        self.edges: Mappings = defaultdict(list)
        columns = (arrays.tails, arrays.heads, arrays.strengths)
        for hop in zip(*(column.tolist() for column in columns), strict=True):
            self._sort_in(*hop)

    def make(self) -> Snapshot:
        """Put the entities and the edges together."""
        entities = tuple(
            self._entity(node) for node, parent in enumerate(self.parents) if parent < 0
        )
        return Snapshot(entities=entities, edges=tuple(self._edges()))

    def _sort_in(self, tail: int, head: int, strength: int) -> None:
        if self.parents[head] in self.models:
            self.sources[head].append(tail)
        else:
            ends = tuple(
                node if self.parents[node] < 0 else self.parents[node] for node in (tail, head)
            )
            self.edges[ends[0], ends[1]].append((tail, head, strength))

    def _reference(self, node: int) -> Reference:
        if node in self.models:
            return Reference(Kind.MLMODEL, self._fqn(node))
        kind = Kind.TABLE if node in self.parts else Kind.METRIC
        return Reference(kind, self._fqn(node))

    def _fqn(self, node: int) -> str:
        if self.parents[node] >= 0:
            return f"{self._fqn(self.parents[node])}.column_{node}"
        return f"registry.model_{node}" if node in self.models else f"warehouse.lake.core.t{node}"

    def _entity(self, node: int) -> Entity:
        reference = self._reference(node)
        if node in self.models:
            return MlModel(
                reference=reference, features=tuple(map(self._feature, self.parts[node]))
            )
        columns = tuple(
            Column(
                name=f"column_{part}",
                fqn=self._fqn(part),
                data_type="BIGINT",
                tags=self.tags.get(part, ()),
            )
            for part in self.parts.get(node, ())
        )
        return Entity(reference=reference, columns=columns)

    def _feature(self, node: int) -> Feature:
        sources = tuple(
            FeatureSource(name=f"column_{tail}", entity=self._reference(self.parents[tail]))
            for tail in self.sources[node]
        )
        return Feature(name=f"column_{node}", fqn=self._fqn(node), sources=sources)

    def _edges(self) -> Iterator[Edge]:
        for (upstream, downstream), hops in self.edges.items():
            mappings = tuple(
                self._mapping(*hop) for hop in hops if hop[0] != upstream and hop[1] != downstream
            )
            ends = self._reference(upstream), self._reference(downstream)
            yield Edge(upstream=ends[0], downstream=ends[1], column_edges=mappings)

    def _mapping(self, tail: int, head: int, strength: int) -> ColumnEdge:
        return ColumnEdge(
            upstream=(self._fqn(tail),),
            downstream=self._fqn(head),
            function="sha256(x)" if strength == Strength.MASKED else None,
            influence=Influence.FILTER if strength == Strength.INFLUENCE else None,
        )


if __name__ == "__main__":
    shape, nodes, file = sys.argv[1:]
    write_snapshot(SHAPES[shape](int(nodes)), Path(file))
