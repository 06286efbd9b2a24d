"""A model as a file wants it: what the file says, and everything else as it is."""

from collections.abc import Iterator
from dataclasses import replace

from lineage import fqn as names_of
from lineage.changes.exact_names import Names
from lineage.graph.column_resolution import PartNames
from lineage.model.declaration import DeclaredFeature, DeclaredModel, DeclaredSource
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import Entity, Feature, FeatureSource, HyperParameter, MlModel, Tag
from lineage.model.reference import Kind, Reference

__all__ = ["want_model"]

_PLAIN = (
    "algorithm",
    "description",
    "display_name",
    "target",
    "server",
    "storage",
    "image_repository",
    "source_url",
)


def want_model(
    names: Names, current: MlModel, declared: DeclaredModel
) -> tuple[MlModel, tuple[Edge, ...]]:
    """Give a model as it should be, and the edges by which its declared features are fed.

    What the file does not say stays. Features and settings are known by their names; those
    that the file does not name stay, tags are added, and the sources of a feature are all
    those that the file gives it; where one of them is not resolved, those there are stay too.

    Parameters
    ----------
    names : Names
        Finds what names mean; keeps the mistakes.
    current : MlModel
        The model as it is.
    declared : DeclaredModel
        What the file says.

    Returns
    -------
    tuple of MlModel and tuple of Edge
    """
    if current.deleted:
        reason = f"{current.reference} is soft-deleted, and a change would restore it"
        names.mistake(declared.name, reason)
    said = {name: value for name in _PLAIN if (value := getattr(declared, name)) is not None}
    if declared.dashboard is not None:
        dashboard = names.entity(declared.dashboard, Kind.DASHBOARD)
        said["dashboard"] = None if dashboard is None else dashboard.reference
    if declared.hyper_parameters is not None:
        said["hyper_parameters"] = _settings(current, declared.hyper_parameters)
    features = _Features(names, current)
    wanted = replace(
        current,
        **said,
        features=tuple(features.merged(declared.features)),
        tags=_with_tags(current.tags, declared.tags),
    )
    references = [Reference(Kind.FEATURE, feature.fqn) for feature in wanted.features]
    names.add_inside(current, references)
    return wanted, tuple(features.edges())


class _Features:
    """The features of one model as they should be, and the columns that feed them."""

    def __init__(self, names: Names, model: MlModel) -> None:
        self.names, self.model = names, model
        self.columns = PartNames(names.graph.value)
        self.fed_by: dict[Reference, dict[str, list[str]]] = {}
        """Columns by feature, by the entity they belong to."""

    def merged(self, declared: tuple[DeclaredFeature, ...]) -> Iterator[Feature]:
        """Give the features there are, as they should be, then the new ones."""
        said: dict[str, DeclaredFeature] = {}
        for feature in declared:
            if feature.name.text in said:
                line = said[feature.name.text].name.line
                self.names.mistake(feature.name, f"this feature is there already, on line {line}")
            said[feature.name.text] = feature
        for current in self.model.features:
            wanted = said.pop(current.name, None)
            yield current if wanted is None else self._feature(current, wanted)
        for name, wanted in said.items():
            above = names_of.split(self.model.reference.fqn)
            yield self._feature(Feature(name=name, fqn=names_of.join(*above, name)), wanted)

    def edges(self) -> Iterator[Edge]:
        """Give the edges that the declared sources make."""
        for entity, features in sorted(self.fed_by.items()):
            yield Edge(
                upstream=entity,
                downstream=self.model.reference,
                column_edges=tuple(
                    ColumnEdge(upstream=tuple(dict.fromkeys(columns)), downstream=feature)
                    for feature, columns in features.items()
                ),
                evidence=Evidence(origin=Origin.DECLARED),
            )

    def _feature(self, current: Feature, declared: DeclaredFeature) -> Feature:
        said = {
            name: value
            for name in ("data_type", "description", "algorithm")
            if (value := getattr(declared, name)) is not None
        }
        sources = current.sources
        if declared.sources is not None:
            resolved = (source for source in declared.sources if source.is_resolved)
            found = (self._source(current, source) for source in resolved)
            sources = tuple(source for source in found if source is not None)
            if not all(source.is_resolved for source in declared.sources):
                # What is not known to be a column may be one of those there are.
                sources = tuple(dict.fromkeys((*current.sources, *sources)))
        return replace(
            current, **said, sources=sources, tags=_with_tags(current.tags, declared.tags)
        )

    def _source(self, feature: Feature, declared: DeclaredSource) -> FeatureSource | None:
        """Find the column a source names; one that is declared already keeps what it has."""
        column = self.names.column(declared.column)
        if column is None:
            return None
        entity = self.names.graph.entity_of(column)
        value = self.names.graph.value(entity)
        entity_id = value.id if isinstance(value, Entity) else ""
        name = self._source_name(entity, column)
        if name is None:
            reason = f"{entity} has several columns that a source may call so"
            self.names.mistake(declared.column, reason)
            return None
        self.fed_by.setdefault(entity, {}).setdefault(feature.fqn, []).append(column.fqn)
        known = (
            source
            for source in feature.sources
            if (source.entity == entity or (entity_id and source.entity_id == entity_id))
            and self.columns.find(entity, source.name) == column
        )
        source = replace(
            next(known, FeatureSource(name=name)), entity=entity, entity_id=entity_id or None
        )
        return replace(source, data_type=declared.data_type or source.data_type)

    def _source_name(self, entity: Reference, column: Reference) -> str | None:
        """Name a column inside its entity so that a source of that name means no other."""
        inside = column.fqn.removeprefix(f"{entity.fqn}.")
        is_direct = self.names.graph.parent(column) == entity
        names = (column.name, inside) if is_direct else (inside, column.name)
        return next((name for name in names if self.columns.find(entity, name) == column), None)


def _settings(current: MlModel, declared: tuple[HyperParameter, ...]) -> tuple[HyperParameter, ...]:
    said = {setting.name: setting for setting in declared}
    known = {setting.name: setting for setting in current.hyper_parameters}
    return tuple(
        setting
        if setting.description or name not in known
        else replace(setting, description=known[name].description)
        for name, setting in {**known, **said}.items()
    )


def _with_tags(current: tuple[Tag, ...], declared: tuple[str, ...] | None) -> tuple[Tag, ...]:
    known = {tag.fqn for tag in current}
    return (*current, *(Tag(fqn=fqn) for fqn in declared or () if fqn not in known))
