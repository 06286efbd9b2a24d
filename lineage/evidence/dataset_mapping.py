"""Which entities of a catalog the datasets of OpenLineage events are."""

import os
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import Field

from lineage import fqn as names
from lineage.evidence.dataset_naming import find_naming, split_name
from lineage.evidence.name_suffixes import NameSuffixes
from lineage.evidence.openlineage_event import DatasetName
from lineage.files.document_file import read_document
from lineage.files.file_schema import Spelling, spelled
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot

__all__ = ["DatasetMapping", "DatasetNames", "Match", "read_dataset_names"]

_SHOWN = 3

_SERVICE_TYPES = {
    "arn": "glue",
    "awsathena": "athena",
    "eventhubs": "kafka",
    "gs": "gcs",
    "postgresql": "postgres",
    "s3a": "s3",
    "s3n": "s3",
    "sqlserver": "mssql",
}
"""OpenMetadata's types of services by the stores that namespaces name otherwise."""


class DatasetNames(Spelling):
    """What a person says that datasets are called in the catalog.

    Attributes
    ----------
    namespaces : dict
        For a namespace, the fully qualified name that its datasets' names stand under.
    datasets : dict
        For a dataset, as `namespace/name`, its fully qualified name.
    """

    namespaces: dict[str, str] = Field(default_factory=dict)
    datasets: dict[str, str] = Field(default_factory=dict)


def read_dataset_names(path: str | os.PathLike[str]) -> DatasetNames:
    """Read the file in which a person says what datasets are called in the catalog.

    Parameters
    ----------
    path : path
        Ends in `.toml`, `.yaml`, `.yml` or `.json`.

    Raises
    ------
    BrokenFile
        The file is missing, or no text of its form.
    MistakenFile
        It holds anything but `namespaces` and `datasets`: each mistake with its line.
    """
    return spelled(read_document(path), DatasetNames)


class Match(NamedTuple):
    """What a dataset is in a catalog.

    Attributes
    ----------
    entities : tuple of Reference
        What it is: several where it is known by several names; sorted.
    possible : tuple of Reference
        What it may be, where that is not certain.
    doubt : str or None
        Why it is not certain what it is, in words; None where it is.
    is_outside : bool
        Whether it is nothing in the catalog, and may be nothing there.
    """

    entities: tuple[Reference, ...] = ()
    possible: tuple[Reference, ...] = ()
    doubt: str | None = None
    is_outside: bool = False


class DatasetMapping:
    """The entities that datasets are, each found once.

    A dataset is the entity that a person says; else the only one whose fully qualified name
    ends in its name, as its store makes names up. All the names it is known by count.

    Parameters
    ----------
    snapshot : Snapshot
    names : DatasetNames
        What a person says.
    aliases : iterable of (DatasetName, DatasetName)
        Two names of one dataset each.

    Examples
    --------
    >>> from lineage.model.entities import Entity
    >>> people = Entity(reference=Reference("table", "pg.shop.public.people"))
    >>> mapping = DatasetMapping(Snapshot(entities=(people,)), DatasetNames())
    >>> mapping.find(DatasetName("postgres://db:5432", "shop.public.people")).entities
    (Reference('table', 'pg.shop.public.people'),)
    """

    def __init__(
        self,
        snapshot: Snapshot,
        names: DatasetNames,
        aliases: Iterable[tuple[DatasetName, DatasetName]] = (),
    ) -> None:
        self._names = names
        self._by_fqn = {item.reference.fqn: item.reference for item in snapshot.entities}
        self._service_types = {
            item.reference: (item.service_type or "").casefold() for item in snapshot.entities
        }
        self._suffixes = NameSuffixes(snapshot.entities)
        self._aliases: dict[DatasetName, set[DatasetName]] = defaultdict(set)
        for one, other in aliases:
            self._aliases[one].add(other)
            self._aliases[other].add(one)
        self._found: dict[DatasetName, Match] = {}

    def find(self, dataset: DatasetName) -> Match:
        """Find what a dataset is, by its own name and by others for it."""
        if dataset not in self._found:
            found = [self._by_name(name) for name in self._all_names(dataset)]
            self._found[dataset] = _joined(found)
        return self._found[dataset]

    def _all_names(self, dataset: DatasetName) -> list[DatasetName]:
        found = [dataset]
        for name in found:  # which grows on the way
            found += sorted(self._aliases.get(name, set()) - set(found))
        return found

    def _by_name(self, dataset: DatasetName) -> Match:
        said = self._names.datasets.get(str(dataset))
        above = self._names.namespaces.get(dataset.namespace)
        if said is not None:
            entity = self._by_fqn.get(said)
            missing = Match(doubt=f"is said to be {said}, which is not in the catalog")
            return missing if entity is None else Match((entity,))
        if above is not None:
            spellings = (split_name(dataset.name), *find_naming(dataset).spellings)
            fqns = [f"{above}.{names.join(*parts)}" for parts in spellings if parts]
            found = [self._by_fqn[fqn] for fqn in fqns if fqn in self._by_fqn]
            missing = Match(doubt=f"is not in the catalog under {above}", is_outside=True)
            return Match(tuple(found[:1])) if found else missing
        return self._by_naming(dataset)

    def _by_naming(self, dataset: DatasetName) -> Match:
        naming = find_naming(dataset)
        possible: frozenset[Reference] = frozenset()
        for parts in naming.spellings:
            found = self._suffixes.find(parts) or self._suffixes.find_inside(parts)
            fitting = {item for item in found if not naming.kinds or item.kind in naming.kinds}
            chosen = self._of_store(fitting, naming.store)
            if len(chosen) == 1:
                is_distinct = len(parts) > 1 or bool(naming.kinds)
                doubt = None if is_distinct else f"may be another than {_named(chosen)}"
                return Match(tuple(chosen), doubt=doubt)
            possible |= fitting
        if possible:
            return Match(possible=tuple(sorted(possible)), doubt=f"may be {_named(possible)}")
        return Match(doubt="is not in the catalog", is_outside=True)

    def _of_store(self, found: set[Reference], store: str) -> set[Reference]:
        """Choose among several entities those whose service is of the kind the namespace names."""
        kind = _SERVICE_TYPES.get(store, store)
        chosen = {item for item in found if kind and self._service_types[item] == kind}
        return chosen if len(found) > 1 and chosen else found


def _joined(matches: list[Match]) -> Match:
    """Join what the names of one dataset lead to: it is all that any of them is certain of."""
    certain = [match for match in matches if match.entities and match.doubt is None]
    found = certain or [match for match in matches if match.entities]
    if found:
        entities = {entity for match in found for entity in match.entities}
        return Match(tuple(sorted(entities)), doubt=found[0].doubt)
    possible = {entity for match in matches for entity in match.possible}
    is_outside = all(match.is_outside for match in matches)
    doubts = [match.doubt for match in matches if not match.is_outside]
    doubt = doubts[0] if doubts else matches[0].doubt
    return Match(possible=tuple(sorted(possible)), doubt=doubt, is_outside=is_outside)


def _named(entities: Iterable[Reference]) -> str:
    found = sorted(map(str, entities))
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{', '.join(found[:_SHOWN])}{more}"
