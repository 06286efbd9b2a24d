"""Lay evidence over a catalog: complete its mappings, name what disagrees, replace nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from lineage.evidence.column_names import nested_columns
from lineage.evidence.evidence_body import EvidenceFinding, EvidenceKind, Told
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot

__all__ = ["Overlay", "overlay"]

_LOSSY = frozenset({"OpenLineage", "SparkLineage"})
"""Edges recorded as these come from such events, without what kind of lineage was meant."""

_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Overlay(Answer):
    """A catalog with evidence laid over it.

    Attributes
    ----------
    snapshot : Snapshot
        The catalog, its mappings completed.
    findings : tuple of EvidenceFinding
        What could not be read, matched or agreed; sorted.
    completed : int
        How many edges the evidence told something of.
    """

    snapshot: Snapshot
    findings: tuple[EvidenceFinding, ...]
    completed: int

    def summary(self) -> str:
        """Count what was completed and what was found."""
        return (
            f"{counted(self.completed, 'edge')} told of, {counted(len(self.findings), 'finding')}"
        )

    def to_records(self) -> list[Record]:
        """Give one row for each finding."""
        return [
            {"finding": str(item.kind), "subject": item.subject, "reason": item.reason}
            for item in self.findings
        ]


def overlay(snapshot: Snapshot, bodies: Iterable[Told]) -> Overlay:
    """Lay evidence over a catalog.

    Influences are added. A mapping that the evidence tells too gets what it lacks: the
    function, and whether it masks. What the evidence witnessed and the catalog lacks is added
    beside what is recorded. A recorded mapping is never taken away but in one case: the
    server made it of an OpenLineage event, and the event says that the column only influences.

    Parameters
    ----------
    snapshot : Snapshot
        The catalog; it is not changed.
    bodies : iterable of Told
        What each body of evidence tells, laid on in their order.

    Returns
    -------
    Overlay

    Examples
    --------
    >>> from lineage.model.edges import Influence
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> recorded = Edge(upstream=a, downstream=b)
    >>> joins = ColumnEdge(upstream=("a.x",), downstream="b", influence=Influence.JOIN)
    >>> told = Told(edges=(Edge(upstream=a, downstream=b, column_edges=(joins,)),))
    >>> answer = overlay(Snapshot(edges=(recorded,)), [told])
    >>> answer
    <Overlay: 1 edge told of, 0 findings>
    >>> answer.snapshot.edges[0].column_edges[0].influence.value
    'join'
    """
    findings: list[EvidenceFinding] = []
    completed: set[tuple[Reference, Reference]] = set()
    for told in bodies:
        laying = _Laying(snapshot, told)
        edges = tuple(laying.edges())
        snapshot = replace(snapshot, edges=edges, gaps=(*snapshot.gaps, *told.gaps))
        findings += [*told.findings, *laying.findings]
        completed |= {(edge.upstream, edge.downstream) for edge in told.edges}
    return Overlay(snapshot, tuple(sorted(set(findings))), len(completed))


@dataclass(slots=True)
class _Laying:
    """One body of evidence on its way onto a catalog."""

    snapshot: Snapshot
    told: Told
    findings: list[EvidenceFinding] = field(default_factory=list)
    entities: dict[Reference, Entity] = field(init=False)

    def __post_init__(self) -> None:
        self.entities = {entity.reference: entity for entity in self.snapshot.entities}

    def edges(self) -> Iterator[Edge]:
        """Give every edge, those the evidence tells of completed, and those it adds."""
        told = {(edge.upstream, edge.downstream): edge for edge in self.told.edges}
        recorded: dict[tuple[Reference, Reference], list[Edge]] = defaultdict(list)
        for edge in self.snapshot.edges:
            if (edge.upstream, edge.downstream) in told:
                recorded[edge.upstream, edge.downstream].append(edge)
            else:
                yield edge
        for pair, edge in told.items():
            yield from self._lay(recorded[pair], edge)

    def _lay(self, recorded: list[Edge], told: Edge) -> Iterator[Edge]:
        """Complete the edges between one pair of entities."""
        if not recorded:
            self._find(EvidenceKind.NOT_RECORDED, told, "the catalog records no such edge")
            if self.told.witnessed:
                yield told
            return
        before = len(self.findings)
        if any(edge.value_mappings for edge in recorded):
            recorded, lacking = self._complete(recorded, told)
        elif self._describes_all(told.downstream):
            first, *others = recorded
            recorded = [replace(first, column_edges=told.value_mappings), *others]
            lacking = ()
        else:
            lacking = told.value_mappings
        is_agreed = len(self.findings) == before
        first, *others = recorded
        influences = (item for item in told.column_edges if item.influence is not None)
        mappings = dict.fromkeys((*first.column_edges, *influences))
        for edge in (replace(first, column_edges=tuple(mappings)), *others):
            yield self._marked(edge) if is_agreed else edge
        if self.told.witnessed and lacking:
            yield replace(told, column_edges=lacking)

    def _marked(self, edge: Edge) -> Edge:
        """Say of an edge that its influences are known, where its SQL was read whole."""
        read = (edge.upstream, edge.downstream, edge.evidence.sql)
        if read not in self.told.read_whole:
            return edge
        return replace(edge, evidence=replace(edge.evidence, influences_known=True))

    def _complete(
        self, recorded: list[Edge], told: Edge
    ) -> tuple[list[Edge], tuple[ColumnEdge, ...]]:
        """Complete recorded mappings by what is told; give with them the told ones they lack."""
        values = _by_pair(told.value_mappings)
        known = {pair for edge in recorded for item in edge.column_edges for pair in item.pairs}
        new = [pair for pair in values if pair not in known]
        for column, target in new:
            reason = f"it tells of {column} → {target}, which is not recorded"
            self._find(EvidenceKind.DISAGREES, told, reason)
        denied = [pair for pair in sorted(known) if self._is_denied(pair, values, told)]
        kept = {pair for edge in recorded if not self._is_lossy(edge) for pair in _pairs(edge)}
        influenced = {
            (column, item.downstream) for item in told.column_edges for column in item.upstream
        }
        contradicted = [pair for pair in denied if pair in kept and pair not in influenced]
        for column, target in contradicted:
            reason = f"recorded is {column} → {target}, but the value does not come from there"
            self._find(EvidenceKind.DISAGREES, told, reason)
        doubtful = not self.told.witnessed and bool(new or contradicted)
        if not doubtful:
            recorded = [self._completed(edge, values, frozenset(denied)) for edge in recorded]
        lacking = tuple(item for item in told.value_mappings if item.pairs - known)
        return recorded, lacking

    def _completed(
        self, edge: Edge, values: dict[_Pair, list[ColumnEdge]], denied: frozenset[_Pair]
    ) -> Edge:
        """Give each mapping of an edge what it lacks and the evidence tells."""
        mappings: list[ColumnEdge] = []
        for item in edge.column_edges:
            if item.influence is not None:
                mappings.append(item)
                continue
            joined: dict[ColumnEdge, list[str]] = defaultdict(list)
            for column in item.upstream:
                pair = (column, item.downstream)
                if pair in denied and self._is_lossy(edge) and item.function is None:
                    continue
                joined[_with_told(item, values.get(pair, []))].append(column)
            mappings += [replace(one, upstream=tuple(some)) for one, some in joined.items()]
        return replace(edge, column_edges=tuple(mappings))

    def _is_denied(self, pair: _Pair, values: dict[_Pair, list[ColumnEdge]], told: Edge) -> bool:
        """Whether the evidence tells where a column comes from, and it is not from there."""
        return (told.downstream, pair[1]) in self.told.described and pair not in values

    def _is_lossy(self, edge: Edge) -> bool:
        return self.told.witnessed and edge.evidence.recorded_as in _LOSSY

    def _describes_all(self, reference: Reference) -> bool:
        """Whether it is told of every column of an entity where its values come from."""
        entity = self.entities.get(reference)
        columns = () if entity is None else tuple(nested_columns(entity))
        described = ((reference, column.fqn) in self.told.described for column in columns)
        return self.told.witnessed and bool(columns) and all(described)

    def _find(self, kind: EvidenceKind, edge: Edge, reason: str) -> None:
        subject = f"{edge.upstream} → {edge.downstream}"
        self.findings.append(EvidenceFinding(kind, subject, reason))


def _by_pair(mappings: Iterable[ColumnEdge]) -> dict[_Pair, list[ColumnEdge]]:
    found: dict[_Pair, list[ColumnEdge]] = defaultdict(list)
    for mapping in mappings:
        for pair in sorted(mapping.pairs):
            found[pair].append(mapping)
    return found


def _pairs(edge: Edge) -> frozenset[_Pair]:
    return frozenset(pair for item in edge.column_edges for pair in item.pairs)


def _with_told(mapping: ColumnEdge, told: list[ColumnEdge]) -> ColumnEdge:
    """Complete a mapping where one thing alone is told of it; several may be true at times."""
    if len(told) != 1:
        return mapping
    (other,) = told
    function = mapping.function or other.function
    masking = other.masking if mapping.masking is None else mapping.masking
    if (function, masking) == (mapping.function, mapping.masking):
        return mapping
    return replace(
        mapping, function=function, masking=masking, evidence_source=other.evidence_source
    )
