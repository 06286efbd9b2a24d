"""A snapshot of the facts that systems hold, for an audit without a server."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lineage import fqn
from lineage.evidence.dataset_mapping import DatasetNames
from lineage.lifecycle.catalog_datasets import CatalogDatasets, with_tags
from lineage.lifecycle.catalog_names import CatalogNames
from lineage.lifecycle.declare import declare
from lineage.lifecycle.facts import Facts
from lineage.model.declaration import (
    Declaration,
    DeclaredEdge,
    DeclaredFeature,
    DeclaredModel,
    DeclaredSource,
)
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import Entity, Feature, FeatureSource, MlModel, walk_columns
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot

__all__ = ["make_snapshot"]


def make_snapshot(
    systems: Sequence[Facts],
    catalog: Snapshot | None = None,
    *,
    names: DatasetNames | None = None,
    accept_inferred: bool = False,
) -> Snapshot:
    """Make a snapshot of the facts of some systems, alone or beside what a catalog holds.

    A data set that the catalog has is that entity; any other becomes an entity of its own, and
    where nothing says what it is made of, that is a gap.

    Parameters
    ----------
    systems : sequence of Facts
        What was read.
    catalog : Snapshot, optional
        What to put them beside; it is not changed.
    names : DatasetNames, optional
        What a person says that systems and data sets are called.
    accept_inferred : bool
        Whether a match by equal names counts as a column edge.

    Returns
    -------
    Snapshot

    Examples
    --------
    >>> from lineage.lifecycle.facts import DatasetName, FeatureFact, ModelFact, SourceFact
    >>> from lineage.model.declaration import FactOrigin
    >>> people = DatasetName("postgres://db", "shop.crm.people")
    >>> age = FeatureFact(name="age", sources=(SourceFact(people, "age", FactOrigin.REGISTERED),))
    >>> snapshot = make_snapshot(
    ...     [Facts(system="feast:shop", models=(ModelFact(name="m", features=(age,)),))]
    ... )
    >>> [str(entity.reference) for entity in snapshot.entities]
    ['mlmodel:feast.m', 'table:postgres://db.shop.crm.people']
    """
    base = catalog or Snapshot(server=", ".join(facts.system for facts in systems))
    names = names or DatasetNames()
    datasets = CatalogDatasets(systems, base, names)
    models = _lacking_models(systems, base, names)
    ground = replace(base, entities=(*datasets.entities(), *models))
    grounded = DatasetNames(
        namespaces=names.namespaces,
        datasets={str(dataset): place.fqn for dataset, place in datasets.places.items()},
    )
    declared = declare(systems, ground, names=grounded, accept_inferred=accept_inferred)
    making = _Making(ground, declared.declaration.path)
    made = {model.reference: model for model in map(making.model, declared.declaration.models)}
    others = (entity for entity in ground.entities if entity.reference not in made)
    return replace(
        ground,
        entities=(*made.values(), *others),
        edges=(*ground.edges, *making.edges(declared.declaration)),
        gaps=(*ground.gaps, *declared.gaps, *datasets.gaps()),
    )


def _lacking_models(
    systems: Iterable[Facts], catalog: Snapshot, names: DatasetNames
) -> Iterator[Entity]:
    """Make the models that a catalog lacks, each once, for `_Making.model` to fill."""
    known, found = {entity.reference for entity in catalog.entities}, CatalogNames(catalog, names)
    for facts in systems:
        for model in facts.models:
            reference = found.model(facts.system, model.name)
            if reference not in known:
                known.add(reference)
                yield MlModel(reference=reference)


class _Making:
    """Makes entities and edges of a declaration."""

    def __init__(self, ground: Snapshot, system: str) -> None:
        self.system = system
        self.entities = {entity.reference: entity for entity in ground.entities}
        self.by_name = {str(reference): reference for reference in self.entities}
        self.owners = {
            column.fqn: entity
            for entity in ground.entities
            for column in walk_columns(entity.columns)
        }

    def model(self, declared: DeclaredModel) -> MlModel:
        """Make the entity of a model; one that the catalog has keeps what is not declared."""
        reference = Reference(Kind.MLMODEL, declared.name.text)
        current = self.entities.get(reference)
        known = current if isinstance(current, MlModel) else MlModel(reference=reference)
        plain = (
            "algorithm",
            "description",
            "target",
            "server",
            "storage",
            "image_repository",
            "source_url",
        )
        said = {name: value for name in plain if (value := getattr(declared, name)) is not None}
        features = {feature.name: feature for feature in known.features}
        features |= {item.name.text: self._feature(reference, item) for item in declared.features}
        return replace(
            known,
            **said,
            hyper_parameters=declared.hyper_parameters or known.hyper_parameters,
            features=tuple(features.values()),
            tags=with_tags(known.tags, declared.tags or ()),
        )

    def _feature(self, model: Reference, declared: DeclaredFeature) -> Feature:
        return Feature(
            name=declared.name.text,
            fqn=f"{model.fqn}.{fqn.quote(declared.name.text)}",
            data_type=declared.data_type,
            description=declared.description,
            algorithm=declared.algorithm,
            sources=tuple(map(self._source, declared.sources or ())),
        )

    def _source(self, declared: DeclaredSource) -> FeatureSource:
        name = declared.column.text
        entity = self.owners.get(name) if declared.is_resolved else None
        if entity is None:
            return FeatureSource(name=name, data_type=declared.data_type)
        return FeatureSource(
            name=name.removeprefix(f"{entity.reference.fqn}."),
            data_type=declared.data_type,
            entity=entity.reference,
            entity_id=entity.id or None,
        )

    def edges(self, declaration: Declaration) -> Iterator[Edge]:
        """Make the edges; none beside the sources of a model whose features all have exact ones."""
        exact = {
            model.name.text: self._fed_by(model)
            for model in declaration.models
            if model.features and all(map(_is_exact, model.features))
        }
        for edge in declaration.edges:
            if edge.upstream.text not in exact.get(_name(edge.downstream.text), ()):
                yield self._edge(edge)

    def _fed_by(self, model: DeclaredModel) -> frozenset[str]:
        names = (source.column.text for item in model.features for source in item.sources or ())
        return frozenset(str(self.owners[name].reference) for name in names)

    def _edge(self, declared: DeclaredEdge) -> Edge:
        mappings = (
            ColumnEdge(
                upstream=tuple(column.text for column in mapping.upstream),
                downstream=mapping.downstream.text,
                function=mapping.function,
                influence=mapping.influence,
                evidence_source=f"{self.system}, {declared.origin}",
            )
            for mapping in declared.mappings
        )
        return Edge(
            upstream=Reference.parse(declared.upstream.text),
            downstream=Reference.parse(declared.downstream.text),
            column_edges=tuple(mappings),
            evidence=Evidence(
                origin=Origin.WITNESSED,
                pipeline=None
                if declared.pipeline is None
                else Reference.parse(declared.pipeline.text),
                sql=declared.sql,
                description=declared.description,
                influences_known=declared.influences_known,
            ),
        )


def _is_exact(feature: DeclaredFeature) -> bool:
    return bool(feature.sources) and all(source.is_resolved for source in feature.sources or ())


def _name(reference: str) -> str:
    return reference.partition(":")[2]
