"""A graph gone through for its edge table: one method a table, rows as they come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lineage.governance.masking import Masking
from lineage.governance.sensitivity import Sensitive
from lineage.graph.flow import Arc, Flow
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge, Hop
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.sources.arrow_values import to_row

__all__ = ["Compiling"]

_Rows = Iterator[dict[str, Any]]


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
    flow : Flow
        The graph at the grain of parts.
    numbers : list of int
        The number in the table of each node of the flow. Where nothing but its own entry
        leads to an exit and nothing but its own exit from an entry, the two are one.
    """

    graph: LineageGraph
    sensitive: tuple[Sensitive, ...]
    masking: Masking
    models: list[Reference]
    flow: Flow = field(init=False)
    numbers: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.flow = self.graph.part_flow(self.masking)
        self.numbers = list(range(len(self.flow.references)))
        for reference, entry in self.flow.entries.items():
            way_out = self.flow.exits[reference]
            if len(self.flow.downstream[entry]) == len(self.flow.upstream[way_out]) == 1:
                self.numbers[way_out] = entry

    def arcs(self) -> _Rows:
        """Give the arcs by tail; hops are numbered as they come."""
        number = 0
        for tail, arc in self._arcs:
            yield {
                "tail": tail,
                "head": self.numbers[arc.node],
                "strength": arc.strength,
                "hop": -1 if arc.hop is None else number,
            }
            number += arc.hop is not None

    def nodes(self) -> _Rows:
        """Give the nodes with what they stand for."""
        for reference, entry in self.flow.entries.items():
            way_out = self._exit(reference)
            roles = {entry: "whole"} if entry == way_out else {entry: "entry", way_out: "exit"}
            if reference in self.flow.rows:
                roles[self.flow.rows[reference]] = "rows"
            for node, role in roles.items():
                yield {"node": node, "reference": to_row(reference), "role": role}

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
            node = self._exit(start) if start.is_part else self.flow.entries[start]
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
        for model in self.models:
            features = (part for part in self.graph.parts(model) if part.kind == Kind.FEATURE)
            for target in (model, *sorted(features)):
                row = {"reference": to_row(target), "model": to_row(model)}
                yield {"node": self._exit(target), **row}

    @cached_property
    def _arcs(self) -> list[tuple[int, Arc]]:
        numbered = (
            (self.numbers[node], arc)
            for node, arcs in enumerate(self.flow.downstream)
            for arc in arcs
            if arc.hop is not None or self.numbers[arc.node] != self.numbers[node]
        )
        return sorted(numbered, key=lambda item: item[0])

    def _hops(self) -> Iterator[Hop]:
        return (arc.hop for _, arc in self._arcs if arc.hop is not None)

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

    def _exit(self, reference: Reference) -> int:
        return self.numbers[self.flow.exits[reference]]

    def _place(self, gap: Gap) -> int | None:
        return None if gap.subject is None else self.flow.entries.get(gap.subject)

    def _deleted(self, hop: Hop) -> Iterator[Reference]:
        for end in (hop.upstream, hop.downstream):
            entity = self.graph.entity_of(end)
            value = self.graph.value(entity)
            if isinstance(value, Entity) and value.deleted:
                yield entity
