"""Declare what a system holds in the names of a catalog, with a gap for all that has none there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

from lineage.evidence.dataset_mapping import DatasetNames
from lineage.lifecycle.catalog_names import CatalogNames
from lineage.lifecycle.column_origins import ColumnOrigins, Root, weaker
from lineage.lifecycle.facts import (
    FactGap,
    Facts,
    FeatureFact,
    FlowFact,
    MappingFact,
    ModelFact,
    SourceFact,
)
from lineage.model.declaration import (
    Declaration,
    DeclaredEdge,
    DeclaredFeature,
    DeclaredMapping,
    DeclaredModel,
    DeclaredSource,
    FactOrigin,
    Named,
)
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["Declared", "declare"]


class Declared(NamedTuple):
    """What a system declares in a catalog's names, and what it does not.

    Attributes
    ----------
    declaration : Declaration
    gaps : tuple of Gap
        What has no counterpart in the catalog, or is not known; each where it may change an
        answer.
    """

    declaration: Declaration
    gaps: tuple[Gap, ...]


def declare(
    systems: Sequence[Facts],
    catalog: Snapshot,
    *,
    names: DatasetNames | None = None,
    accept_inferred: bool = False,
) -> Declared:
    """Find out what the facts of some systems mean in a catalog.

    Data sets that the catalog lacks are passed through: a feature that a view computes from a
    table comes from the table, where the catalog knows the one and not the other. What one
    system says of a data set holds for what another makes of it. A model that the catalog lacks
    is a gap: a server makes models by ingestion, and no declaration does.

    Parameters
    ----------
    systems : sequence of Facts
        What was read.
    catalog : Snapshot
        The catalog; it is not changed.
    names : DatasetNames, optional
        What a person says that systems and data sets are called.
    accept_inferred : bool
        Whether a match by equal names may be declared. Where not, only the two entities are
        connected, and a gap names the columns.

    Returns
    -------
    Declared

    Examples
    --------
    >>> from lineage.lifecycle.facts import DatasetName, SourceFact
    >>> from lineage.model.entities import Column, Entity, MlModel
    >>> people = Reference("table", "pg.shop.crm.people")
    >>> columns = (Column(name="age", fqn="pg.shop.crm.people.age"),)
    >>> known = MlModel(reference=Reference("mlmodel", "feast.churn"))
    >>> catalog = Snapshot(entities=(Entity(reference=people, columns=columns), known))
    >>> data = DatasetName("spark", "crm.people")
    >>> age = FeatureFact(name="age", sources=(SourceFact(data, "age", FactOrigin.REGISTERED),))
    >>> model = ModelFact(name="churn", features=(age,))
    >>> declared = declare([Facts(system="feast:shop", models=(model,))], catalog)
    >>> [(feature,)] = [model.features for model in declared.declaration.models]
    >>> feature.sources[0].column.text
    'pg.shop.crm.people.age'
    """
    found = CatalogNames(catalog, names or DatasetNames())
    declaring = _Declaring(systems, found, ColumnOrigins(systems, found), accept_inferred)
    models = tuple(declaring.models())
    declaring.flows()
    declaring.report()
    path = ", ".join(facts.system for facts in systems)
    declaration = Declaration(path=path, models=models, edges=tuple(declaring.joined_edges()))
    return Declared(declaration, tuple(sorted(declaring.gaps, key=str)))


@dataclass(slots=True)
class _Declaring:
    """What has been declared so far."""

    systems: Sequence[Facts]
    catalog: CatalogNames
    origins: ColumnOrigins
    accept_inferred: bool
    edges: list[DeclaredEdge] = field(default_factory=list)

    @property
    def gaps(self) -> set[Gap]:
        """What is not known so far."""
        return self.origins.gaps

    def models(self) -> Iterator[DeclaredModel]:
        """Declare the models that the catalog has, and the edges into them."""
        found: dict[Reference, DeclaredModel] = {}
        for facts in self.systems:
            for model in facts.models:
                reference = self.catalog.model(facts.system, model.name)
                doubt = self.catalog.model_doubt(reference)
                if doubt is not None:
                    reason = f"model {model.name!r} of {facts.system}: {doubt}"
                    self.gaps.add(Gap(GapKind.ENTITY_NOT_FOUND, None, reason))
                    continue
                declared = self._model(reference, model)
                found[reference] = (
                    _joined_models(found[reference], declared) if reference in found else declared
                )
        yield from found.values()

    def _model(self, reference: Reference, model: ModelFact) -> DeclaredModel:
        features = tuple(self._feature(reference, feature) for feature in model.features)
        for item in model.inputs:
            for root in self.origins.roots(item.dataset, None, item.origin, reference):
                self._connect(root.entity, reference, root.origin, model.pipeline)
        return DeclaredModel(
            name=_named(reference.fqn),
            algorithm=model.algorithm,
            description=model.description,
            target=self._target(reference, model),
            server=model.server,
            storage=model.storage,
            image_repository=model.image_repository,
            source_url=model.source_url,
            hyper_parameters=model.hyper_parameters or None,
            features=features,
            tags=model.tags or None,
        )

    def _target(self, reference: Reference, model: ModelFact) -> str | None:
        """Name the target; what is concluded needs a person's word, as a match by name does."""
        if model.target_origin != FactOrigin.INFERRED or self.accept_inferred:
            return model.target
        if model.target is not None:
            reason = f"its target may be {model.target!r}, which is no input of it: nobody says so"
            self.gaps.add(Gap(GapKind.TARGET_NOT_RESOLVED, reference, reason))
        return None

    def _feature(self, model: Reference, feature: FeatureFact) -> DeclaredFeature:
        sources = None
        if feature.sources is None:
            reason = f"nothing says where feature {feature.name!r} comes from"
            self.gaps.add(Gap(GapKind.NO_SOURCES, model, reason))
        else:
            found = (self._sources(model, feature.name, item) for item in feature.sources)
            sources = tuple(dict.fromkeys(source for some in found for source in some))
        return DeclaredFeature(
            name=_named(feature.name),
            data_type=feature.data_type,
            description=feature.description,
            algorithm=feature.algorithm,
            sources=sources,
        )

    def _sources(
        self, model: Reference, feature: str, source: SourceFact
    ) -> Iterator[DeclaredSource]:
        """Declare a source by the columns of the catalog it comes from, else by its own name."""
        kind, is_lost = source.data_type, True
        for root in self._source_roots(model, feature, source):
            self._connect(root.entity, model, root.origin)
            if root.column is not None and self._may_declare(model, feature, root):
                is_lost = False
                yield DeclaredSource(column=_named(root.column), data_type=kind, origin=root.origin)
        if is_lost:
            place = "" if source.dataset is None else f"{source.dataset}:"
            yield DeclaredSource(
                column=_named(f"{place}{source.column}"),
                data_type=kind,
                origin=source.origin,
                is_resolved=False,
            )

    def _source_roots(self, model: Reference, feature: str, source: SourceFact) -> Iterator[Root]:
        if source.dataset is not None:
            yield from self.origins.roots(source.dataset, source.column, source.origin, model)
            return
        reason = f"nothing says what holds {source.column!r}, which feature {feature!r} comes from"
        self.gaps.add(Gap(GapKind.SOURCE_NOT_RESOLVED, model, reason))

    def _may_declare(self, model: Reference, feature: str, root: Root) -> bool:
        """Whether a source may be declared; a match by name needs a person's word."""
        if root.origin != FactOrigin.INFERRED or self.accept_inferred:
            return True
        reason = f"feature {feature!r} is matched to {root.column} by name only"
        self.gaps.add(Gap(GapKind.SOURCE_NOT_RESOLVED, model, reason))
        return False

    def flows(self) -> None:
        """Declare the edges between data sets that the catalog has, through those it lacks."""
        for flow in self.origins.flows:
            downstream = self.catalog.dataset(flow.downstream)
            if downstream is not None:
                self._flow(flow, downstream)

    def _flow(self, flow: FlowFact, downstream: Reference) -> None:
        roots = self.origins.roots(flow.upstream, None, flow.origin, downstream)
        mappings: dict[Reference, list[DeclaredMapping]] = {root.entity: [] for root in roots}
        if flow.origin != FactOrigin.INFERRED or self.accept_inferred:
            for mapping in flow.mappings:
                for entity, item in self._mappings(flow, mapping, downstream):
                    mappings.setdefault(entity, []).append(item)
        for entity, items in mappings.items():
            self._connect(entity, downstream, flow.origin, flow.pipeline)
            self.edges[-1] = replace(
                self.edges[-1],
                mappings=tuple(items),
                sql=flow.sql,
                description=flow.description,
                influences_known=flow.influences_known,
            )

    def _mappings(
        self, flow: FlowFact, mapping: MappingFact, downstream: Reference
    ) -> Iterator[tuple[Reference, DeclaredMapping]]:
        """Give a mapping of a flow, apart for each entity that its columns come from."""
        target: str | None = downstream.fqn
        if mapping.column:
            target = self.origins.column(downstream, mapping.column, downstream)
        columns: dict[Reference, dict[Named, None]] = {}
        for name in mapping.upstream:
            for root in self.origins.roots(flow.upstream, name, flow.origin, downstream):
                if root.column is None:
                    reason = f"nothing says which columns of {root.entity} make {name!r}"
                    self.gaps.add(Gap(GapKind.COLUMN_NOT_FOUND, downstream, reason))
                else:
                    columns.setdefault(root.entity, {})[_named(root.column)] = None
        if target is None:
            return
        for entity, found in columns.items():
            declared = DeclaredMapping(
                upstream=tuple(found),
                downstream=_named(target),
                function=mapping.function,
                influence=mapping.influence,
            )
            yield entity, declared

    def _connect(
        self,
        upstream: Reference,
        downstream: Reference,
        origin: FactOrigin,
        pipeline: str | None = None,
    ) -> None:
        job = None if pipeline is None else self.catalog.pipeline(pipeline)
        edge = DeclaredEdge(
            upstream=_named(str(upstream)),
            downstream=_named(str(downstream)),
            pipeline=None if job is None else _named(str(job)),
            origin=origin,
        )
        self.edges.append(edge)

    def joined_edges(self) -> Iterator[DeclaredEdge]:
        """Join edges between the same two entities; what the earlier one says comes first.

        Where only one of them names columns, the other may have used any: that is a gap.
        """
        found: dict[tuple[str, str], DeclaredEdge] = {}
        for edge in self.edges:
            ends = (edge.upstream.text, edge.downstream.text)
            first = found.setdefault(ends, edge)
            if bool(first.mappings) != bool(edge.mappings):
                reason = f"one of the connections with {ends[0]} does not say its columns"
                subject = Reference.parse(ends[1])
                self.gaps.add(Gap(GapKind.COLUMN_NOT_FOUND, subject, reason))
            found[ends] = _joined_edges(first, edge)
        yield from (found[ends] for ends in sorted(found))

    def report(self) -> None:
        """Put the gaps of the readings where they are in the catalog."""
        for facts in self.systems:
            for gap in facts.gaps:
                reason = f"{facts.system}: {gap.reason}"
                self.gaps.add(Gap(gap.kind, self._subject(facts, gap), reason))

    def _subject(self, facts: Facts, gap: FactGap) -> Reference | None:
        if isinstance(gap.about, str):
            return self.catalog.model(facts.system, gap.about)
        return None if gap.about is None else self.catalog.dataset(gap.about)


def _named(text: str) -> Named:
    return Named(text, 0, 0)


def _joined_edges(first: DeclaredEdge, other: DeclaredEdge) -> DeclaredEdge:
    return replace(
        first,
        mappings=tuple(dict.fromkeys((*first.mappings, *other.mappings))),
        pipeline=first.pipeline or other.pipeline,
        influences_known=first.influences_known and other.influences_known,
        sql=first.sql or other.sql,
        description=first.description or other.description,
        origin=weaker(first.origin, other.origin),
    )


def _joined_models(first: DeclaredModel, other: DeclaredModel) -> DeclaredModel:
    """Join what two systems say of one model; what the first says comes first.

    Of two features of one name the one stays whose sources are all columns of the catalog.
    """
    lacking = {
        item.name: getattr(other, item.name)
        for item in fields(first)
        if getattr(first, item.name) is None
    }
    features = {feature.name.text: feature for feature in first.features}
    for feature in other.features:
        known = features.setdefault(feature.name.text, feature)
        if _is_resolved(feature) and not _is_resolved(known):
            features[feature.name.text] = feature
    return replace(first, **lacking, features=tuple(features.values()))


def _is_resolved(feature: DeclaredFeature) -> bool:
    return feature.sources is not None and all(source.is_resolved for source in feature.sources)
