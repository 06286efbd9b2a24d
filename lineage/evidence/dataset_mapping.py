"""Which entities of a catalog the datasets of OpenLineage events are."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import Field

from lineage import fqn as names
from lineage.evidence.column_names import ColumnNames
from lineage.evidence.evidence_body import EvidenceFinding, EvidenceKind, Told
from lineage.evidence.name_suffixes import Endings, split
from lineage.evidence.openlineage import DatasetName, EventLineage, FieldLineage
from lineage.files.document_file import read_document
from lineage.files.file_schema import Spelling, spelled
from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence, Origin
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["DatasetNames", "find_told", "read_dataset_names"]


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


def find_told(
    events: EventLineage, snapshot: Snapshot, *, names: DatasetNames | None = None
) -> Told:
    """Find out what events tell of the entities of a catalog.

    A dataset is the entity that `names` says; else the only one whose fully qualified name
    ends in the whole name of the dataset, which must have two parts at least. What is not
    matched so is named, never guessed, and a gap wherever it feeds something that is.

    Parameters
    ----------
    events : EventLineage
        What the events tell.
    snapshot : Snapshot
        The catalog; it is not changed.
    names : DatasetNames, optional
        What a person says that datasets are called.

    Returns
    -------
    Told
    """
    matching = _Matching(snapshot, names or DatasetNames(), events)
    for item in events.fields:
        matching.add(item)
    described = {
        (entity, matching.column(entity, column))
        for dataset, column in events.described
        if (entity := matching.entity(dataset)) is not None
    }
    return Told(
        edges=tuple(matching.edges()),
        described=frozenset(described),
        gaps=tuple(sorted(matching.gaps, key=str)),
        findings=tuple(sorted({*events.findings, *matching.findings})),
    )


_How = tuple[str, Influence | None, bool | None, str | None]
"""What a mapping leads to, how it influences, whether it masks, its function."""


@dataclass(slots=True)
class _Matching:
    """What has been matched so far, and what could not be."""

    snapshot: Snapshot
    names: DatasetNames
    events: EventLineage
    findings: set[EvidenceFinding] = field(default_factory=set)
    gaps: set[Gap] = field(default_factory=set)
    by_fqn: dict[str, Reference] = field(init=False)
    columns: ColumnNames = field(init=False)
    endings: Endings = field(init=False)
    aliases: dict[DatasetName, list[DatasetName]] = field(init=False)
    known: dict[DatasetName, Reference | None] = field(default_factory=dict)
    mappings: dict[tuple[Reference, Reference], dict[_How, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def __post_init__(self) -> None:
        self.by_fqn = {item.reference.fqn: item.reference for item in self.snapshot.entities}
        self.columns = ColumnNames(self.snapshot.entities)
        self.endings = Endings(self.snapshot.entities, shortest=2)
        self.aliases = defaultdict(list)
        for own, other in self.events.aliases:
            self.aliases[own].append(other)

    def add(self, item: FieldLineage) -> None:
        """Add what is told of one field, where both its ends are in the catalog."""
        upstream, downstream = self.entity(item.input), self.entity(item.output)
        if upstream is None or downstream is None:
            if downstream is not None:
                reason = f"an event names {item.input}, which feeds it and is not in the catalog"
                self.gaps.add(Gap(GapKind.ENTITY_NOT_FOUND, downstream, reason))
            return
        column = item.output_field and self.column(downstream, item.output_field)
        how = (column or downstream.fqn, item.influence, item.masking, item.function)
        self.mappings[upstream, downstream][how].append(self.column(upstream, item.input_field))

    def column(self, entity: Reference, field_name: str) -> str:
        """Give the fully qualified name of a field, in the spelling of the catalog."""
        return self.columns.find(entity, field_name)

    def entity(self, dataset: DatasetName) -> Reference | None:
        """Find the entity that a dataset is, by its own name or by another for it."""
        if dataset not in self.known:
            candidates = [self._candidates(dataset)]
            candidates += map(self._candidates, self.aliases.get(dataset, ()))
            found = next((item for item in candidates if len(item) == 1), candidates[0])
            self.known[dataset] = next(iter(found)) if len(found) == 1 else None
            if len(found) != 1:
                several = ", ".join(sorted(map(str, found))[:3])
                reason = f"may be {several}" if found else "is no entity of the catalog"
                finding = EvidenceFinding(EvidenceKind.UNMATCHED, str(dataset), reason)
                self.findings.add(finding)
        return self.known[dataset]

    def _candidates(self, dataset: DatasetName) -> frozenset[Reference]:
        """Collect the entities a dataset may be."""
        named = self.names.datasets.get(str(dataset))
        parts = _parts(dataset.name)
        above = self.names.namespaces.get(dataset.namespace)
        if named is None and above is not None and parts:
            named = f"{above}.{names.join(*parts)}"
        if named is not None:
            found = self.by_fqn.get(named)
            return frozenset() if found is None else frozenset({found})
        return self.endings.find(parts)

    def edges(self) -> Iterator[Edge]:
        """Make an edge for each pair of entities, with a mapping for each way of leading on."""
        for (upstream, downstream), hows in sorted(self.mappings.items()):
            mappings = [
                ColumnEdge(
                    upstream=tuple(dict.fromkeys(columns)),
                    downstream=column,
                    function=function,
                    influence=influence,
                    masking=masking,
                    evidence_source=self.events.evidence_source,
                )
                for (column, influence, masking, function), columns in hows.items()
            ]
            yield Edge(
                upstream=upstream,
                downstream=downstream,
                column_edges=tuple(mappings),
                evidence=Evidence(origin=Origin.WITNESSED),
            )


def _parts(name: str) -> tuple[str, ...]:
    """Split a dataset's name: a path at its slashes, any other as catalogs do."""
    return tuple(part for part in name.split("/") if part) if "/" in name else split(name)
