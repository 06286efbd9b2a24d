"""Sources of features: the entities they name, called as they are called now."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lineage.model.entities import Entity, FeatureSource, MlModel
from lineage.model.reference import Reference

__all__ = ["name_sources", "references_by_id"]


def references_by_id(entities: Iterable[Entity]) -> dict[str, Reference]:
    """Index the references of entities by the server's ids of them."""
    return {entity.id: entity.reference for entity in entities if entity.id}


def name_sources(model: MlModel, names: Mapping[str, Reference]) -> MlModel:
    """Call the entities of a model's feature sources by their names, where only ids are known.

    A server may give the entity of a source by its id alone, or by a name it no longer has.

    Parameters
    ----------
    model : MlModel
    names : mapping of str to Reference
        The references of the entities that were read, by the server's ids.

    Examples
    --------
    >>> from lineage.model.entities import Feature
    >>> source = FeatureSource(name="age", entity=Reference("table", "4711"), entity_id="4711")
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> named = name_sources(model, {"4711": Reference("table", "people")})
    >>> named.features[0].sources[0].entity
    Reference('table', 'people')
    """

    def named(source: FeatureSource) -> FeatureSource:
        entity = names.get(source.entity_id or "", source.entity)
        return source if entity == source.entity else replace(source, entity=entity)

    features = (
        replace(feature, sources=tuple(map(named, feature.sources))) for feature in model.features
    )
    return replace(model, features=tuple(features))
