"""The lineage graph: what it holds, how many, and one hop from anything."""

from collections.abc import Iterator
from typing import Any

import networkx as nx

from lineage.errors import UnknownEntity
from lineage.graph.flow import Flow, StrengthOf, mapping_strength
from lineage.model.answer import counted
from lineage.model.edges import ColumnEdge, Edge, Hop, Strength
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["LineageGraph", "Value"]

Value = Entity | Column | Feature | FeatureSource
"""What a reference can stand for."""


class LineageGraph:
    """Entities, their columns and features, and what feeds what.

    Edges point the way the data flows: `edge.upstream` feeds `edge.downstream`, and a table
    is upstream of the model trained on it. networkx's `ancestors` are what is upstream,
    `descendants` what is downstream; OpenMetadata's `fromEntity` is our upstream.

    Build one with `build_graph`; it is not changed afterwards. Lineage and containment are
    kept apart: a table is the parent of its columns, but no traversal follows that by
    accident.

    Attributes
    ----------
    gaps : tuple of Gap
        What was not read and what could not be resolved. Empty means: whole.
    server : str
        Where the metadata was read.
    """

    def __init__(self, *, server: str = "", gaps: tuple[Gap, ...] = ()) -> None:
        self.server = server
        self.gaps = gaps
        self._network: nx.MultiDiGraph[Reference] = nx.MultiDiGraph()
        self._parts: dict[Reference, list[Reference]] = {}
        self._flows: dict[StrengthOf | None, Flow] = {}

    def references(self, *kinds: str) -> list[Reference]:
        """List the references of some kinds, of all where none is named; sorted.

        Examples
        --------
        >>> LineageGraph().references("mlmodel")
        []
        """
        return sorted(node for node in self._network if not kinds or node.kind in kinds)

    def value(self, reference: Reference) -> Value | None:
        """Give the entity, column or feature; None for one that is named but was not read.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        value: Value | None = self._node(reference)["value"]
        return value

    def model(self, reference: Reference) -> MlModel:
        """Give a model.

        Raises
        ------
        UnknownEntity
            The graph has no such model, or has it only by name.
        """
        value = self.value(reference)
        if not isinstance(value, MlModel):
            raise UnknownEntity(str(reference))
        return value

    def parent(self, reference: Reference) -> Reference | None:
        """Name what a part belongs to: a column's table, a nested column's column.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        parent: Reference | None = self._node(reference)["parent"]
        return parent

    def entity_of(self, reference: Reference) -> Reference:
        """Name the entity a part belongs to, however deep; an entity belongs to itself.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        parent = self.parent(reference)
        while parent is not None:
            reference, parent = parent, self.parent(parent)
        return reference

    def parts(self, reference: Reference) -> tuple[Reference, ...]:
        """List the columns or features directly in an entity or a column, as it orders them."""
        return tuple(self._parts.get(reference, ()))

    def nested_parts(self, reference: Reference) -> Iterator[Reference]:
        """Go through the columns or features in a reference, however deep, in their order."""
        waiting = list(reversed(self.parts(reference)))
        while waiting:
            part = waiting.pop()
            if part.kind != Kind.FEATURE_SOURCE:
                yield part
            waiting.extend(reversed(self.parts(part)))

    def hops(self) -> Iterator[Hop]:
        """Go through every edge and every mapping, in the order of the snapshot."""
        for upstream, downstream, attributes in self._network.edges(data=True):
            edge, column_edge = attributes["edge"], attributes["column_edge"]
            yield Hop(
                upstream=upstream,
                downstream=downstream,
                strength=self._strength(upstream, edge, column_edge),
                edge=edge,
                column_edge=column_edge,
            )

    def _strength(
        self, upstream: Reference, edge: Edge, column_edge: ColumnEdge | None
    ) -> Strength:
        """Tell a hop that is known by its columns from one that is known by its tables alone."""
        if column_edge is not None and column_edge.influence is not None:
            return Strength.INFLUENCE
        if column_edge is not None:
            is_known = upstream.kind != Kind.FEATURE_SOURCE
        else:
            columns = (column for item in edge.value_mappings for column in item.upstream)
            is_known = any(Reference(Kind.FEATURE_SOURCE, one) not in self for one in columns)
        return Strength.VALUE if is_known else Strength.TABLE

    def edges_between(self, upstream: Reference, downstream: Reference) -> tuple[Edge, ...]:
        """List the edges between two entities; empty where there are none."""
        found = self._network.get_edge_data(upstream, downstream) or {}
        return tuple(attributes["edge"] for attributes in found.values())

    def part_flow(self, strength_of: StrengthOf = mapping_strength) -> Flow:
        """Compile the flow between columns and features; kept for the next question."""
        if strength_of not in self._flows:
            self._flows[strength_of] = self._compile_parts(strength_of)
        return self._flows[strength_of]

    def entity_flow(self) -> Flow:
        """Compile the flow between entities; kept for the next question."""
        if None not in self._flows:
            flow = self._flows[None] = Flow()
            for reference in self.references():
                if not reference.is_part:
                    flow.add_whole(reference)
            for hop in self.hops():
                if hop.column_edge is None:
                    flow.add_hop(hop)
        return self._flows[None]

    def to_networkx(self, *, containment: bool = False) -> "nx.MultiDiGraph[Reference]":
        """Give a networkx graph of one's own, with every fact as a plain attribute.

        Parameters
        ----------
        containment : bool
            Whether to add an edge of kind `contains` from each entity to its columns or
            features. Without them an algorithm sees lineage alone: entity to entity, and
            column to column or feature. What influences the rows of an entity leads to each
            of its columns or features here.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes are references. Each edge has `kind`, `entity` or `column`.
        """
        result: nx.MultiDiGraph[Reference] = nx.MultiDiGraph(server=self.server)
        for reference, attributes in self._network.nodes(data=True):
            facts = _value_attributes(attributes["value"])
            result.add_node(
                reference,
                kind=str(reference.kind),
                fqn=reference.fqn,
                parent=attributes["parent"],
                **facts,
            )
        for hop in self.hops():
            inside = self.nested_parts(hop.downstream) if hop.is_on_rows else (hop.downstream,)
            for downstream in inside:
                result.add_edge(hop.upstream, downstream, **_edge_attributes(hop))
        if containment:
            for parent, parts in self._parts.items():
                result.add_edges_from(((parent, part) for part in parts), kind="contains")
        return result

    def add_value(
        self, reference: Reference, value: Value | None, *, parent: Reference | None = None
    ) -> None:
        """Add what a reference stands for; part of building, see `build_graph`."""
        if reference not in self._network:
            self._network.add_node(reference, value=value, parent=parent)
            if parent is not None:
                self._parts.setdefault(parent, []).append(reference)

    def add_edge(
        self,
        upstream: Reference,
        downstream: Reference,
        edge: Edge,
        column_edge: ColumnEdge | None = None,
    ) -> None:
        """Add an edge, or one pair of its mappings; part of building, see `build_graph`."""
        self._network.add_edge(upstream, downstream, edge=edge, column_edge=column_edge)

    def __contains__(self, reference: object) -> bool:
        return reference in self._network

    def __len__(self) -> int:
        return len(self._network)

    def __repr__(self) -> str:
        parts = sum(reference.is_part for reference in self._network)
        edges = sum(hop.column_edge is None for hop in self.hops())
        mappings = self._network.number_of_edges() - edges
        counts = [
            counted(len(self) - parts, "entity", "entities"),
            counted(parts, "part"),
            counted(edges, "edge"),
            counted(mappings, "column edge"),
        ]
        if self.gaps:
            counts.append(counted(len(self.gaps), "gap"))
        return f"LineageGraph({', '.join(counts)})"

    def _node(self, reference: Reference) -> dict[str, Any]:
        if reference not in self._network:
            raise UnknownEntity(str(reference))
        return self._network.nodes[reference]

    def _compile_parts(self, strength_of: StrengthOf) -> Flow:
        flow = Flow()
        references = self.references()
        for reference in references:
            flow.add_passage(reference)
        for reference in references:
            parent = self.parent(reference)
            if parent is not None and reference.kind != Kind.FEATURE_SOURCE:
                flow.contain(parent, reference)
        for hop in self.hops():
            if hop.is_on_rows and hop.downstream not in flow.rows:
                flow.add_rows(hop.downstream, self.nested_parts(hop.downstream))
            for step in self._part_hops(hop, strength_of):
                flow.add_hop(step)
        return flow

    def _part_hops(self, hop: Hop, strength_of: StrengthOf) -> Iterator[Hop]:
        """Tell what a hop means between columns and features."""
        edge, column_edge = hop.edge, hop.column_edge
        if column_edge is None:
            if not self._is_mapped(edge):
                yield hop
            return
        yield Hop(
            upstream=hop.upstream,
            downstream=hop.downstream,
            strength=min(hop.strength, strength_of(edge, column_edge)),
            edge=edge,
            column_edge=column_edge,
        )
        entity = self.parent(hop.upstream)
        if hop.upstream.kind == Kind.FEATURE_SOURCE and entity is not None:
            # The source names no column, so any column of its entity may be meant.
            yield Hop(
                upstream=entity,
                downstream=hop.downstream,
                strength=Strength.TABLE,
                edge=edge,
                column_edge=column_edge,
            )

    def _is_mapped(self, edge: Edge) -> bool:
        """Whether it is known which columns an edge carries.

        An influence says nothing of values. An edge without mappings of its own is spoken
        for by the model's declared sources.
        """
        if edge.value_mappings:
            return True
        others = self.edges_between(edge.upstream, edge.downstream)
        return any(other.evidence.origin == "declared" for other in others)


def _value_attributes(value: Value | None) -> dict[str, Any]:
    """Spell what a node stands for as plain attributes."""
    if value is None:
        return {"read": False}
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    skipped = {"reference", "fqn", "columns", "children", "features", "sources", "entity_id"}
    facts = {name: getattr(value, name) for name in names if name not in skipped}
    facts["tags"] = tuple(tag.fqn for tag in value.tags)
    facts.setdefault("name", value.reference.name if isinstance(value, Entity) else None)
    return {"read": True, **facts}


def _edge_attributes(hop: Hop) -> dict[str, Any]:
    """Spell an edge and why it is believed as plain attributes."""
    evidence = hop.edge.evidence
    facts = {name: getattr(evidence, name) for name in evidence.__slots__}
    facts["origin"] = str(evidence.origin)
    kind = "entity" if hop.column_edge is None else "column"
    return {
        "kind": kind,
        "strength": hop.strength.label,
        "function": hop.function,
        "influence": None if hop.influence is None else str(hop.influence),
        **facts,
    }
