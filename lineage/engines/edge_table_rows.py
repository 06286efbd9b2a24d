"""A graph gone through for its edge table: one method a table, rows as they come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lineage.files.parquet_values import to_row
from lineage.governance.audit.sensitivity import Sensitive
from lineage.graph.hop_masking import Masking
from lineage.graph.index.adjacency import Adjacency
from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge, Hop
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["Compiling"]

_Rows = Iterator[dict[str, Any]]

_ROLES = {
    (True, True): "whole",
    (True, False): "entry",
    (False, True): "exit",
    (False, False): "rows",
}
"""What a node is, by whether it is its reference's entry and its exit."""


@dataclass
class Compiling:
    """The rows of each table of an edge table.

    Attributes
    ----------
    sensitive : tuple of Sensitive
        What is looked for.
    masking : Masking
        What hides it.
    models : list of Reference
        Whom it may reach.
    index : Index
        The graph at the grain of parts; nodes and hops have its numbers.
    """

    graph: LineageGraph
    sensitive: tuple[Sensitive, ...]
    masking: Masking
    models: list[Reference]
    index: Index = field(init=False)

    def __post_init__(self) -> None:
        self.index = self.graph.part_index(self.masking.rules)

    def arcs(self) -> _Rows:
        """Give the arcs by tail, those without a hop last."""
        arcs, is_hop = self._arcs, self._arcs.hops()
        tails, hops = arcs.starts(), np.where(is_hop, np.cumsum(is_hop) - 1, -1)
        order = np.lexsort((~is_hop, tails))
        columns = (tails, arcs.ends(), arcs.strengths(), hops)
        rows = zip(*(column[order].tolist() for column in columns), strict=True)
        names = ("tail", "head", "strength", "hop")
        return (dict(zip(names, row, strict=True)) for row in rows)

    def nodes(self) -> _Rows:
        """Give the nodes with what they stand for."""
        for node in range(self._arcs.nodes):
            reference = self.index.reference(node)
            ends = node == self.index.entry(reference), node == self.index.exit(reference)
            yield {"node": node, "reference": to_row(reference), "role": _ROLES[ends]}

    def hops(self) -> _Rows:
        """Give the hops in the order of their numbers."""
        for number, hop in enumerate(self._hops()):
            edge, mapping = self._edges[id(hop.edge)][0], hop.column_edge
            rule = self.masking.rule(hop.edge, mapping)
            yield {
                "hop": number,
                "upstream": to_row(hop.upstream),
                "downstream": to_row(hop.downstream),
                "strength": hop.strength,
                "edge": edge,
                "mapping": -1 if mapping is None else hop.edge.column_edges.index(mapping),
                "masked_by": None if rule is None else rule.name,
                "deleted": [to_row(item) for item in self._deleted(hop)],
            }

    def edges(self) -> _Rows:
        """Give the edges with all that is known of them."""
        for number, edge in self._edges.values():
            yield {"edge": number, **to_row(edge)}

    def labels(self) -> _Rows:
        """Give what is looked for: tags, then kinds of gaps."""
        for (what, name), number in self._labels.items():
            yield {"label": number, "what": what, "name": name}

    def seeds(self) -> _Rows:
        """Give where each label starts.

        A column's value leaves from its exit. What is tagged as a whole holds the data in a
        column nobody knows, as if it had arrived there; so does what a gap hides.
        """
        for item in self.sensitive:
            start = item.reference
            node = self.index.origin(start)
            for tag in item.tags:
                label = self._labels["tag", tag]
                yield {"node": node, "label": label, "tagged": to_row(item.tagged)}
        placed = {(self._place(gap), gap.kind.value) for gap in self._gaps}
        for node, kind in sorted((node, kind) for node, kind in placed if node is not None):
            yield {"node": node, "label": self._labels["gap", kind], "tagged": None}

    def gaps(self) -> _Rows:
        """Give the gaps that hide what is upstream of them."""
        for gap in self._gaps:
            yield {"node": self._place(gap), **to_row(gap)}

    def targets(self) -> _Rows:
        """Give the models and their features."""
        for model, target in self._targets():
            row = {"reference": to_row(target), "model": to_row(model)}
            yield {"node": self.index.exit(target), **row}

    def _targets(self) -> Iterator[tuple[Reference, Reference]]:
        """Give each model with itself and with its features."""
        for model in self.models:
            features = (part for part in self.graph.parts(model) if part.kind == Kind.FEATURE)
            yield from ((model, target) for target in (model, *sorted(features)))

    @property
    def _arcs(self) -> Adjacency:
        return self.index.adjacency("downstream")

    def _hops(self) -> Iterator[Hop]:
        places = self._arcs.hops().nonzero()[0]
        return self.index.hops_at(self._arcs.starts()[places].astype(np.int64), places)

    @cached_property
    def _edges(self) -> dict[int, tuple[int, Edge]]:
        """Give each edge a number; its identity tells it from an equal one far faster."""
        found: dict[int, tuple[int, Edge]] = {}
        for hop in self._hops():
            found.setdefault(id(hop.edge), (len(found), hop.edge))
        return found

    @cached_property
    def _gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.graph.gaps if gap.hides_upstream)

    @cached_property
    def _labels(self) -> dict[tuple[str, str], int]:
        tags = {tag for item in self.sensitive for tag in item.tags}
        kinds = {gap.kind.value for gap in self._gaps if self._place(gap) is not None}
        labels = [
            *(("tag", tag) for tag in sorted(tags)),
            *(("gap", kind) for kind in sorted(kinds)),
        ]
        return {label: number for number, label in enumerate(labels)}

    def _place(self, gap: Gap) -> int | None:
        subject = gap.subject
        return self.index.entry(subject) if subject in self.graph and subject else None

    def _deleted(self, hop: Hop) -> Iterator[Reference]:
        for end in (hop.upstream, hop.downstream):
            entity = self.graph.entity_of(end)
            value = self.graph.value(entity)
            if isinstance(value, Entity) and value.deleted:
                yield entity
