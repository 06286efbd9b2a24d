"""Build the graph: entities and their parts, recorded edges, declared feature sources."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lineage import fqn as names
from lineage.garbage_collection import rare_collection
from lineage.graph.column_resolution import PartNames, nested_columns
from lineage.graph.lineage_graph import LineageGraph
from lineage.graph.storage import Columns, Pair, Value
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import Entity, Feature, FeatureSource, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["build_graph"]

_PART_KINDS: dict[str, int] = {
    kind: rank
    for rank, kind in enumerate((Kind.COLUMN, Kind.FEATURE, Kind.CHART, Kind.FEATURE_SOURCE))
}
"""What a mapping's end may name; of several with one name the first counts."""


@rare_collection()
def build_graph(snapshot: Snapshot) -> LineageGraph:
    """Build the graph of a snapshot.

    Recorded edges come from the server. Declared edges come from the models' feature
    sources: a source resolves to the column of its entity that has exactly its name, or
    else the only one whose name differs in case alone; what does not resolve becomes a gap,
    never a guess.

    Parameters
    ----------
    snapshot : Snapshot
        What was read.

    Returns
    -------
    LineageGraph
        With the snapshot's gaps and those that building found.

    Examples
    --------
    >>> from lineage.model.entities import Column
    >>> people = Reference("table", "pg.hr.public.people")
    >>> age = Column(name="age", fqn="pg.hr.public.people.age")
    >>> source = FeatureSource(name="AGE", entity=people)
    >>> feature = Feature(name="age", fqn="mlf.churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "mlf.churn"), features=(feature,))
    >>> graph = build_graph(Snapshot(entities=(Entity(reference=people, columns=(age,)), model)))
    >>> graph
    LineageGraph(2 entities, 2 parts, 1 edge, 1 column edge)
    """
    building = _Building(list(snapshot.gaps))
    for entity in snapshot.entities:
        building.add_entity(entity)
    for edge in snapshot.edges:
        building.add_edge(edge)
    for entity in snapshot.entities:
        if isinstance(entity, MlModel):
            for edge in building.declared_edges(entity):
                building.add_edge(edge)
    gaps = sorted(dict.fromkeys(building.gaps), key=lambda gap: (gap.kind, str(gap.subject)))
    return LineageGraph(
        building.columns,
        server=snapshot.server,
        server_version=snapshot.server_version,
        gaps=tuple(gaps),
    )


@dataclass(slots=True)
class _Building:
    """The graph so far, the gaps so far, and the ways to find a part by name."""

    gaps: list[Gap]
    columns: Columns = field(default_factory=Columns)
    by_id: dict[str, Reference] = field(default_factory=dict)
    by_fqn: dict[str, int] = field(default_factory=dict)
    part_names: PartNames = field(init=False)

    def __post_init__(self) -> None:
        self.part_names = PartNames(self.columns.value)

    def add_entity(self, entity: Entity) -> None:
        """Add an entity with its columns and features."""
        self._add(entity.reference, entity)
        if entity.id:
            self.by_id[entity.id] = entity.reference
        for parent, column in nested_columns(entity):
            self._add(Reference(Kind.COLUMN, column.fqn), column, parent)
        if isinstance(entity, MlModel):
            for feature in entity.features:
                self._add(Reference(Kind.FEATURE, feature.fqn), feature, entity.reference)

    def add_edge(self, edge: Edge) -> None:
        """Add an edge and its mappings."""
        pairs: list[Pair] = [(self._end(edge.upstream), self._end(edge.downstream), None)]
        for column_edge in edge.column_edges:
            downstream = self._downstream(edge, column_edge)
            if not column_edge.upstream:
                reason = "a mapping names no column it comes from"
                subject = self.columns.references[downstream]
                self._miss(GapKind.COLUMN_NOT_FOUND, subject, reason)
            pairs += [
                (self._part(edge.upstream, column), downstream, column_edge)
                for column in dict.fromkeys(column_edge.upstream)
            ]
        self.columns.add_hops(edge, pairs)

    def _add(
        self, reference: Reference, value: Value | None, parent: Reference | None = None
    ) -> int:
        """Add a reference where it is not yet there; give its number."""
        columns = self.columns
        number = columns.numbers.get(reference)
        if number is None:
            number = columns.add_reference(reference, value, parent)
            rank = _PART_KINDS.get(reference.kind)
            if rank is not None:
                known = self.by_fqn.setdefault(reference.fqn, number)
                if _PART_KINDS[columns.references[known].kind] > rank:
                    self.by_fqn[reference.fqn] = number
        return number

    def _end(self, end: Reference) -> int:
        """Find an end of an edge; by its name alone, and a gap, where it was not read."""
        number = self.columns.numbers.get(end)
        if number is None:
            number = self._add(end, None)
            self._miss(GapKind.ENTITY_NOT_FOUND, end, "an edge names it, but it was not read")
        return number

    def declared_edges(self, model: MlModel) -> Iterator[Edge]:
        """Turn a model's feature sources into edges, one an entity they name."""
        mappings: dict[Reference, list[ColumnEdge]] = {}
        if not model.features:
            self._miss(GapKind.NO_SOURCES, model.reference, "the model declares no feature")
        for feature in model.features:
            if not feature.sources:
                subject = Reference(Kind.FEATURE, feature.fqn)
                self._miss(GapKind.NO_SOURCES, subject, "the feature declares no source")
            for source in feature.sources:
                entity, part = self._resolve_source(feature, source)
                mapping = ColumnEdge(upstream=(part.fqn,), downstream=feature.fqn)
                mappings.setdefault(entity or part, []).append(mapping)
        for entity, found in sorted(mappings.items()):
            if entity.kind == Kind.FEATURE_SOURCE:
                continue  # it names no entity: the gap says so, and there is no edge to draw
            yield Edge(
                upstream=entity,
                downstream=model.reference,
                column_edges=tuple(_joined(found)),
                evidence=Evidence(origin=Origin.DECLARED),
            )

    def _resolve_source(
        self, feature: Feature, source: FeatureSource
    ) -> tuple[Reference | None, Reference]:
        """Find the part a feature source names; a node of its own where there is none."""
        subject = Reference(Kind.FEATURE, feature.fqn)
        entity = self.by_id.get(source.entity_id or "", source.entity)
        if entity is None:
            reason = f"source {source.name!r} names no entity"
            self._miss(GapKind.SOURCE_NOT_RESOLVED, subject, reason)
            return None, self._unresolved(source, None, feature.fqn)
        is_there = entity in self.columns.numbers
        part = self.part_names.find(entity, source.name) if is_there else None
        if part is None:
            reason = f"{entity} has no column {source.name!r}, or several"
            self._miss(GapKind.SOURCE_NOT_RESOLVED, subject, reason)
            return entity, self._unresolved(source, entity, entity.fqn)
        return entity, part

    def _unresolved(self, source: FeatureSource, entity: Reference | None, above: str) -> Reference:
        name = names.quote(source.name) if source.name else '""'
        part = Reference(Kind.FEATURE_SOURCE, f"{above}.{name}")
        if entity is not None and entity not in self.columns.numbers:
            self._add(entity, None)
            reason = "a feature source names it, but it was not read"
            self._miss(GapKind.ENTITY_NOT_FOUND, entity, reason)
        self._add(part, source, entity)
        return part

    def _downstream(self, edge: Edge, column_edge: ColumnEdge) -> int:
        """Find what a mapping arrives at: a part, or all rows of the entity."""
        if column_edge.influence is not None and column_edge.downstream == edge.downstream.fqn:
            return self.columns.numbers[edge.downstream]
        return self._part(edge.downstream, column_edge.downstream)

    def _part(self, entity: Reference, fqn: str) -> int:
        """Find the part a mapping names; one of its own, and a gap, where there is none."""
        number = self.by_fqn.get(fqn)
        return self._similar_part(entity, fqn) if number is None else number

    def _similar_part(self, entity: Reference, fqn: str) -> int:
        found = self.part_names.find_fqn(entity, fqn)
        if found is not None:
            return self.columns.numbers[found]
        kind = Kind.FEATURE if entity.kind == Kind.MLMODEL else Kind.COLUMN
        part = Reference(kind, fqn)
        if self.columns.value(entity) is not None:
            self._miss(GapKind.COLUMN_NOT_FOUND, part, f"a mapping names it; {entity} lacks it")
        return self._add(part, None, entity)

    def _miss(self, kind: GapKind, subject: Reference, reason: str) -> None:
        self.gaps.append(Gap(kind, subject, reason))


def _joined(mappings: list[ColumnEdge]) -> Iterator[ColumnEdge]:
    """Join the mappings into one feature, so that each feature has one."""
    columns: dict[str, list[str]] = {}
    for mapping in mappings:
        columns.setdefault(mapping.downstream, []).extend(mapping.upstream)
    for feature, upstream in columns.items():
        yield ColumnEdge(upstream=tuple(dict.fromkeys(upstream)), downstream=feature)
