"""The data sets of some systems: what each is in a catalog, or becomes beside it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lineage import fqn
from lineage.evidence.dataset_mapping import DatasetNames
from lineage.evidence.name_suffixes import split
from lineage.lifecycle.catalog_names import CatalogNames
from lineage.lifecycle.facts import ColumnFact, DatasetFact, DatasetName, Facts
from lineage.model.entities import Column, Dashboard, Entity, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["CatalogDatasets", "with_tags"]

_PATHS = frozenset(
    {"abfs", "abfss", "adl", "dbfs", "file", "gs", "hdfs", "s3", "s3a", "s3n", "wasb", "wasbs"}
)
"""Stores whose data sets are files and folders."""


class CatalogDatasets:
    """Every data set that facts name, with its place in a catalog.

    Parameters
    ----------
    systems : sequence of Facts
        What was read.
    catalog : Snapshot
        What they are found in, or put beside.
    names : DatasetNames
        What a person says that data sets are called.

    Attributes
    ----------
    places : dict
        What each data set is.
    """

    def __init__(self, systems: Sequence[Facts], catalog: Snapshot, names: DatasetNames) -> None:
        self._systems, self._catalog = systems, catalog
        known, facts = CatalogNames(catalog, names), _described(systems)
        self.places: dict[DatasetName, Reference] = {
            dataset: known.dataset(dataset) or _new_reference(fact, names)
            for dataset, fact in facts.items()
        }
        self._facts: dict[Reference, DatasetFact] = {}
        for dataset, reference in self.places.items():
            fact = facts[dataset]
            first = self._facts.get(reference)
            self._facts[reference] = fact if first is None else _joined(first, fact)

    def entities(self) -> Iterator[Entity]:
        """Give the entities of the catalog, with the tags that systems know, then the new ones."""
        left = dict(self._facts)
        for entity in self._catalog.entities:
            fact = left.pop(entity.reference, None)
            yield entity if fact is None else _tagged(entity, fact)
        yield from (_entity(reference, fact) for reference, fact in left.items())

    def gaps(self) -> Iterator[Gap]:
        """Name what nothing makes and the catalog lacks: what is upstream is not known."""
        explained = {entity.reference for entity in self._catalog.entities}
        explained |= {
            self.places[flow.downstream] for facts in self._systems for flow in facts.flows
        }
        for dataset, reference in self.places.items():
            if reference not in explained:
                reason = f"{dataset} is not in the catalog, so what it is made of is not known"
                yield Gap(GapKind.ENTITY_NOT_FOUND, reference, reason)


def with_tags(tags: tuple[Tag, ...], names: Iterable[str]) -> tuple[Tag, ...]:
    """Add tags that are not there."""
    known = {tag.fqn for tag in tags}
    return (*tags, *(Tag(fqn=name) for name in dict.fromkeys(names) if name not in known))


def _described(systems: Sequence[Facts]) -> dict[DatasetName, DatasetFact]:
    """Join what all systems say of each data set, in columns that any of them names."""
    found: dict[DatasetName, DatasetFact] = {}
    for facts in systems:
        for fact in facts.datasets:
            known = found.get(fact.dataset)
            found[fact.dataset] = fact if known is None else _joined(known, fact)
    named: dict[DatasetName, dict[str, None]] = defaultdict(dict)
    for facts in systems:
        for dataset, column in _mentions(facts):
            named[dataset].update({column: None} if column else {})
    for dataset, columns in named.items():
        fact = found.get(dataset) or DatasetFact(dataset=dataset)
        if not fact.columns:
            found[dataset] = replace(fact, columns=tuple(map(ColumnFact, columns)))
    return found


def _mentions(facts: Facts) -> Iterator[tuple[DatasetName, str]]:
    """Go through everything facts name: data sets, and columns of them."""
    for model in facts.models:
        yield from ((item.dataset, "") for item in model.inputs)
        for feature in model.features:
            for source in feature.sources or ():
                if source.dataset is not None:
                    yield source.dataset, source.column
    for flow in facts.flows:
        yield flow.upstream, ""
        yield flow.downstream, ""
        for mapping in flow.mappings:
            yield flow.downstream, mapping.column
            yield from ((flow.upstream, name) for name in mapping.upstream)


def _joined(first: DatasetFact, other: DatasetFact) -> DatasetFact:
    """Join what is said of one data set; what the first says comes first."""
    columns = {column.name: column for column in first.columns}
    for column in other.columns:
        known = columns.get(column.name)
        columns[column.name] = column if known is None else _joined_columns(known, column)
    return replace(
        first,
        columns=tuple(columns.values()),
        description=first.description or other.description,
        owners=_united(first.owners, other.owners),
        tags=_united(first.tags, other.tags),
        tests=_united(first.tests, other.tests),
    )


def _joined_columns(first: ColumnFact, other: ColumnFact) -> ColumnFact:
    return ColumnFact(
        first.name,
        first.data_type or other.data_type,
        first.description or other.description,
        _united(first.tags, other.tags),
        _united(first.tests, other.tests),
    )


def _united(first: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *other)))


def _new_reference(fact: DatasetFact, names: DatasetNames) -> Reference:
    dataset = fact.dataset
    is_path = dataset.namespace.partition(":")[0] in _PATHS
    kind = Kind.CONTAINER if is_path else fact.kind
    said = names.datasets.get(str(dataset))
    if said is not None:
        return Reference(kind, said)
    above = names.namespaces.get(dataset.namespace) or fqn.quote(dataset.namespace)
    parts = [part for part in dataset.name.split("/") if part] if is_path else _split(dataset.name)
    return Reference(kind, f"{above}.{fqn.join(*parts)}" if parts else above)


def _split(name: str) -> list[str]:
    return list(split(name)) or [name]


def _tagged(entity: Entity, fact: DatasetFact) -> Entity:
    """Add the tags of a fact to an entity of the catalog, and to its columns."""
    tags = {column.name.casefold(): column.tags for column in fact.columns if column.tags}
    if not tags and not fact.tags:
        return entity
    return replace(
        entity,
        tags=with_tags(entity.tags, fact.tags),
        columns=tuple(
            replace(column, tags=with_tags(column.tags, tags.get(column.name.casefold(), ())))
            for column in entity.columns
        ),
    )


def _entity(reference: Reference, fact: DatasetFact) -> Entity:
    kind = Dashboard if reference.kind == Kind.DASHBOARD else Entity
    return kind(
        reference=reference,
        description=fact.description,
        owners=tuple(Reference("user", owner) for owner in fact.owners),
        tags=with_tags((), fact.tags),
        columns=tuple(
            Column(
                name=column.name,
                fqn=f"{reference.fqn}.{fqn.quote(column.name)}",
                data_type=column.data_type,
                description=column.description,
                tags=with_tags((), column.tags),
            )
            for column in fact.columns
        ),
    )
