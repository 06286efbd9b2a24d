"""Build the graph: entities and their parts, recorded edges, declared feature sources."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lineage import fqn as names
from lineage.garbage_collection import rare_collection
from lineage.graph.column_resolution import PartNames, nested_columns
from lineage.graph.lineage_graph import LineageGraph
from lineage.graph.storage import Pair, Storage, Value
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import Column, Dashboard, Entity, Feature, FeatureSource, MlModel
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
    never a guess. What the SQL on edges says, and what events report, is in the graph where
    `lay_evidence` laid it over the snapshot.

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
    for entity in snapshot.entities:
        building.add_containers(entity)
    for edge in snapshot.edges:
        building.add_edge(edge)
    for entity in snapshot.entities:
        if isinstance(entity, MlModel):
            for edge in building.declared_edges(entity):
                building.add_edge(edge)
    building.add_pipelines()
    gaps = sorted(dict.fromkeys(building.gaps), key=lambda gap: (gap.kind, str(gap.subject)))
    return LineageGraph(
        building.storage,
        server=snapshot.server,
        server_version=snapshot.server_version,
        read_at=snapshot.read_at,
        gaps=tuple(gaps),
    )


@dataclass(slots=True)
class _Building:
    """The graph so far, the gaps so far, and what finds a part by name."""

    gaps: list[Gap]
    storage: Storage = field(default_factory=Storage)
    by_id: dict[str, Reference] = field(default_factory=dict)
    by_fqn: dict[str, int] = field(default_factory=dict)
    containers: dict[int, list[int]] = field(default_factory=dict)
    mapped: set[int] = field(default_factory=set)
    """What the server records a mapping into, of a column that gives it its value."""
    part_names: PartNames = field(init=False)

    def __post_init__(self) -> None:
        self.part_names = PartNames(self.storage.value)

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

    def add_containers(self, entity: Entity) -> None:
        """Add what an entity is in, and what is in it; all entities are there by now.

        What is named as containing it and was not read may be tagged: that is a gap.
        """
        if entity.parent is not None:
            self._put_into(entity.reference, entity.parent)
        if isinstance(entity, Dashboard):
            for chart in entity.charts:
                if chart in self.storage.numbers:
                    self._put_into(chart, entity.reference)
        for domain in entity.domains:
            self._put_into(entity.reference, domain, conducts=False)

    def _put_into(self, part: Reference, container: Reference, *, conducts: bool = True) -> None:
        numbers = self.storage.numbers
        if container not in numbers:
            self._add(container, None)
            reason = f"{part} is in it, but it was not read"
            self._miss(GapKind.ENTITY_NOT_FOUND, container, reason)
        if self._is_within(numbers[container], numbers[part]):
            reason = f"it is said to be in {container}, which is in it"
            self._miss(GapKind.ENTITIES_NOT_READ, part, reason)
            return
        self.storage.within.extend((numbers[part], numbers[container], int(conducts)))
        self.containers.setdefault(numbers[part], []).append(numbers[container])

    def _is_within(self, part: int, container: int) -> bool:
        waiting = [part]
        for one in waiting:  # which grows on the way
            waiting += [other for other in self.containers.get(one, ()) if other not in waiting]
        return container in waiting

    def add_pipelines(self) -> None:
        """Note which edges are carried by pipelines that are in the graph; all edges are there."""
        storage = self.storage
        for number, (edge, mapping) in enumerate(zip(storage.edges, storage.mappings, strict=True)):
            pipeline = edge.evidence.pipeline
            if mapping is None and pipeline in storage.numbers:
                storage.carried_by.extend((number, storage.numbers[pipeline]))

    def add_edge(self, edge: Edge) -> None:
        """Add an edge and its mappings."""
        pairs: list[Pair] = [(self._end(edge.upstream), self._end(edge.downstream), None)]
        for column_edge in edge.column_edges:
            downstream = self._downstream(edge, column_edge)
            if not column_edge.upstream:
                reason = "a mapping names no column it comes from"
                subject = self.storage.references[downstream]
                self._miss(GapKind.COLUMN_NOT_FOUND, subject, reason)
            elif edge.evidence.origin == Origin.RECORDED and column_edge.influence is None:
                self.mapped.add(downstream)
            pairs += [
                (self._part(edge.upstream, column), downstream, column_edge)
                for column in dict.fromkeys(column_edge.upstream)
            ]
        self.storage.add_hops(edge, pairs)

    def _add(
        self, reference: Reference, value: Value | None, parent: Reference | None = None
    ) -> int:
        """Add a reference where it is not yet there; return its number.

        Two columns of one name are one, and the tags of both count.
        """
        storage = self.storage
        number = storage.numbers.get(reference)
        if number is None:
            number = storage.add_reference(reference, value, parent)
            rank = _PART_KINDS.get(reference.kind)
            if rank is not None:
                known = self.by_fqn.setdefault(reference.fqn, number)
                if _PART_KINDS[storage.references[known].kind] > rank:
                    self.by_fqn[reference.fqn] = number
        elif value is not None and parent is not None:
            storage.values[number] = _joined_value(storage.values[number], value)
        return number

    def _end(self, end: Reference) -> int:
        """Find an end of an edge; by its name alone, and a gap, where it was not read."""
        number = self.storage.numbers.get(end)
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
            subject = Reference(Kind.FEATURE, feature.fqn)
            if not feature.sources and self.storage.numbers[subject] not in self.mapped:
                # A feature that is mapped is known by that, as a table's column is.
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
        if entity is not None and self._is_replaced(entity, source.entity_id):
            reason = (
                f"source {source.name!r} names {entity} by an id that is gone: it was deleted, "
                "and made again under the same name"
            )
            self._miss(GapKind.ENTITY_REPLACED, subject, reason)
        if entity is None:
            reason = f"source {source.name!r} names no entity"
            self._miss(GapKind.SOURCE_NOT_RESOLVED, subject, reason)
            return None, self._unresolved(source, None, feature.fqn)
        is_there = entity in self.storage.numbers
        part = self.part_names.find(entity, source.name) if is_there else None
        if part is None:
            reason = f"{entity} has no single column {source.name!r}"
            self._miss(GapKind.SOURCE_NOT_RESOLVED, subject, reason)
            return entity, self._unresolved(source, entity, entity.fqn)
        return entity, part

    def _is_replaced(self, entity: Reference, declared_id: str | None) -> bool:
        """Whether what bears a name now is not what was declared by its id."""
        number = self.storage.numbers.get(entity)
        value = None if number is None else self.storage.values[number]
        return bool(isinstance(value, Entity) and value.id and declared_id) and (
            self.by_id.get(declared_id or "") != entity
        )

    def _unresolved(self, source: FeatureSource, entity: Reference | None, above: str) -> Reference:
        name = names.quote(source.name) if source.name else '""'
        part = Reference(Kind.FEATURE_SOURCE, f"{above}.{name}")
        if entity is not None and entity not in self.storage.numbers:
            self._add(entity, None)
            reason = "a feature source names it, but it was not read"
            self._miss(GapKind.ENTITY_NOT_FOUND, entity, reason)
        self._add(part, source, entity)
        return part

    def _downstream(self, edge: Edge, column_edge: ColumnEdge) -> int:
        """Find what a mapping arrives at: a part, or all rows of the entity.

        A column that is gone was one of those that are there now, for all anybody knows.
        """
        entity, fqn = edge.downstream, column_edge.downstream
        number = self._known_part(entity, fqn)
        if number is None:
            number = self._missing_part(entity, fqn)
            if self.storage.value(entity) is not None:
                reason = f"a mapping fills {fqn}, which it lacks"
                gap = Gap(GapKind.COLUMN_NOT_FOUND, entity, reason, unmapped_only=True)
                self.gaps.append(gap)
        return number

    def _part(self, entity: Reference, fqn: str) -> int:
        """Find the part a mapping comes from; one of its own, and a gap, where there is none."""
        number = self._known_part(entity, fqn)
        if number is None:
            number = self._missing_part(entity, fqn)
            if self.storage.value(entity) is not None:
                subject = self.storage.references[number]
                reason = f"a mapping names it; {entity} lacks it"
                self._miss(GapKind.COLUMN_NOT_FOUND, subject, reason)
        return number

    def _known_part(self, entity: Reference, fqn: str) -> int | None:
        """Find a part by its name, else the only one whose name differs in case alone.

        A mapping may name the entity itself: a metric has no columns, and what decides rows
        decides all of them.
        """
        if fqn == entity.fqn:
            return self.storage.numbers[entity]
        number = self.by_fqn.get(fqn)
        if number is None:
            found = self.part_names.find_fqn(entity, fqn)
            number = None if found is None else self.storage.numbers[found]
        elif self.storage.values[number] is None:  # it was missing before
            return None
        return number

    def _missing_part(self, entity: Reference, fqn: str) -> int:
        kind = Kind.FEATURE if entity.kind == Kind.MLMODEL else Kind.COLUMN
        return self._add(Reference(kind, fqn), None, entity)

    def _miss(self, kind: GapKind, subject: Reference, reason: str) -> None:
        self.gaps.append(Gap(kind, subject, reason))


def _joined_value(known: Value | None, other: Value) -> Value:
    """Join two columns, or two features, of one name: their tags, and what features come from."""
    if isinstance(known, Column) and isinstance(other, Column):
        return replace(known, tags=tuple(dict.fromkeys((*known.tags, *other.tags))))
    if isinstance(known, Feature) and isinstance(other, Feature):
        return replace(
            known,
            tags=tuple(dict.fromkeys((*known.tags, *other.tags))),
            sources=tuple(dict.fromkeys((*known.sources, *other.sources))),
        )
    return known or other


def _joined(mappings: list[ColumnEdge]) -> Iterator[ColumnEdge]:
    """Join the mappings into one feature, so that each feature has one."""
    columns: dict[str, list[str]] = {}
    for mapping in mappings:
        columns.setdefault(mapping.downstream, []).extend(mapping.upstream)
    for feature, upstream in columns.items():
        yield ColumnEdge(upstream=tuple(dict.fromkeys(upstream)), downstream=feature)
