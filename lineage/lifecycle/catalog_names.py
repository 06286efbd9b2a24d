"""Catalog names: which entities and columns of a catalog the names of a system mean."""

from collections import defaultdict
from difflib import get_close_matches

from lineage import fqn
from lineage.errors import did_you_mean
from lineage.evidence.column_names import ColumnNames
from lineage.evidence.dataset_mapping import DatasetMapping, DatasetNames
from lineage.evidence.dataset_naming import split_name
from lineage.lifecycle.facts import DatasetName
from lineage.model.entities import walk_columns
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot

__all__ = ["CatalogNames"]

_HINTS = 20
"""For how many misses the nearest name is looked for; among many entities that takes a while."""


class CatalogNames:
    """Finds what data sets, columns and models of a system are called in a catalog.

    A data set is the entity that evidence would find for it (`DatasetMapping`), where that is
    certain. Nothing is guessed: what is not found comes with the nearest name.

    Parameters
    ----------
    snapshot : Snapshot
        The catalog.
    names : DatasetNames
        What a person says: the namespaces of data sets, and of systems for the services of
        their models.
    """

    def __init__(self, snapshot: Snapshot, names: DatasetNames) -> None:
        self._names = names
        self._entities = {entity.reference: entity for entity in snapshot.entities}
        self._datasets = DatasetMapping(snapshot, names)
        self._columns = ColumnNames(snapshot.entities)
        self._doubts: dict[DatasetName, str] = {}
        self._hints_left = _HINTS
        self._by_name: dict[tuple[str, str], list[Reference]] = defaultdict(list)
        for reference in self._entities:
            self._by_name[reference.kind, reference.name].append(reference)

    def dataset(self, dataset: DatasetName) -> Reference | None:
        """Return the entity that a data set is; None where that is not certain."""
        match = self._datasets.find(dataset)
        return match.entities[0] if match.entities and match.doubt is None else None

    def doubt(self, dataset: DatasetName) -> str:
        """Say why a data set is no entity, with the nearest name where none fits."""
        if dataset not in self._doubts:
            match = self._datasets.find(dataset)
            is_missing = not match.entities and not match.possible
            near = self._nearest(dataset.name) if is_missing else ""
            self._doubts[dataset] = f"{dataset} {match.doubt}{near}"
        return self._doubts[dataset]

    def column(self, entity: Reference, name: str) -> str | None:
        """Return the fully qualified name of a column; None where the entity has none such."""
        return self._columns.known(entity, name)

    def column_doubt(self, entity: Reference, name: str) -> str:
        """Say that an entity has no such column, with the nearest name."""
        names = [column.name for column in walk_columns(self._entities[entity].columns)]
        if not names:
            return f"no columns of {entity} are known, so {name!r} is none of them"
        return f"{entity} has no column {name!r}{did_you_mean(get_close_matches(name, names, n=1))}"

    def model(self, system: str, name: str) -> Reference:
        """Return the reference a model has, or would have, in the catalog.

        It is under the service that a person says the system is, or its kind; else it is the only
        model there of this name; else it is under a service named after the kind of system.
        """
        said = self._names.namespaces
        service = said.get(system) or said.get(system.partition(":")[0])
        if service is None:
            found = self._by_name.get((Kind.MLMODEL, name), [])
            if len(found) == 1:
                return found[0]
            service = fqn.quote(system.partition(":")[0])
        return Reference(Kind.MLMODEL, f"{service}.{fqn.quote(name)}")

    def model_doubt(self, model: Reference) -> str | None:
        """Say why a model cannot be described; None where it can."""
        entity = self._entities.get(model)
        if entity is None:
            return f"{model} is not in the catalog{self._nearest(model.name, Kind.MLMODEL)}"
        return f"{model} is soft-deleted, and a change would restore it" if entity.deleted else None

    def pipeline(self, name: str) -> Reference | None:
        """Return the only pipeline of a name."""
        found = self._by_name.get((Kind.PIPELINE, name), [])
        return found[0] if len(found) == 1 else None

    def _nearest(self, name: str, *kinds: str) -> str:
        """Suggest the entity whose last part looks most like a name; for the first misses only."""
        if not self._hints_left:
            return ""
        self._hints_left -= 1
        known = {
            last: min(found).fqn
            for (kind, last), found in sorted(self._by_name.items())
            if not kinds or kind in kinds
        }
        parts = split_name(name)
        near = get_close_matches(parts[-1] if parts else name, list(known), n=1)
        return did_you_mean([known[last] for last in near])
