"""What evidence besides the catalog reports of columns, as values: who gives, who influences."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence, Origin
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["EvidenceBody", "Flow", "Report", "as_known", "column_edges", "gather_gaps", "part_of"]


class Flow(NamedTuple):
    """One column that gives its value to, or influences, a column downstream.

    Attributes
    ----------
    source : str
        Fully qualified name of the column; of the entity where any of its columns may be meant.
    target : str
        Fully qualified name of the column or feature; of the entity where all its rows are
        influenced, or where nobody knows which of its columns is given a value.
    influence : Influence or None
        None where the value itself is given.
    masking : bool or None
        Whether the value is hidden; None where that is not said.
    function : str or None
        What is done to the value.
    """

    source: str
    target: str
    influence: Influence | None = None
    masking: bool | None = None
    function: str | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """Where it comes from and what it becomes."""
        return self.source, self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one job reports of the data that flows between two entities.

    Attributes
    ----------
    job : str
        What to call the job.
    evidence_source : str
        What to call the evidence.
    flows : frozenset of Flow
    described : frozenset of str
        The columns downstream of which all runs of the job report every source.
    influences_known : bool
        Whether all runs of the job report everything that influences.
    counts_rows : bool
        Whether something filled depends on how many rows there are, and on no column: then what
        decides the rows further up is not reported by it.
    evidence : Evidence
        What an edge has as evidence that only this report knows of.
    recorded : Edge or None
        The recorded edge whose own SQL this is.
    is_certain : bool
        Whether it is certain that these two entities are meant.
    """

    upstream: Reference
    downstream: Reference
    job: str
    evidence_source: str
    flows: frozenset[Flow] = frozenset()
    described: frozenset[str] = frozenset()
    influences_known: bool = False
    counts_rows: bool = False
    evidence: Evidence = field(default_factory=lambda: Evidence(origin=Origin.WITNESSED))
    recorded: Edge | None = None
    is_certain: bool = True

    @property
    def is_bare(self) -> bool:
        """Whether data flows of which no column is named, so that any may give any its value."""
        return Flow(self.upstream.fqn, self.downstream.fqn) in self.flows

    @property
    def values(self) -> frozenset[Flow]:
        """The flows that give values to columns, without those that only influence."""
        return frozenset(
            flow
            for flow in self.flows
            if flow.influence is None and flow.target != self.downstream.fqn
        )

    def values_beyond(self, recorded: AbstractSet[tuple[str, str]]) -> frozenset[Flow]:
        """Return the flows from column to column that give values and that no mapping records."""
        return frozenset(
            flow
            for flow in self.values
            if flow.source != self.upstream.fqn and flow.pair not in recorded
        )

    def describes(self, column: str) -> bool:
        """Whether every source of a column is reported, as one of it or of what it is in."""
        return column in self.described or any(
            column.startswith(f"{other}.") for other in self.described
        )

    def is_of(self, edge: Edge) -> bool:
        """Whether a recorded edge is of the very job that this report is of."""
        pipeline = self.evidence.pipeline
        if self.evidence.origin == Origin.PARSED:
            return edge == self.recorded
        return pipeline is not None and edge.evidence.pipeline == pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBody:
    """What one body of evidence reports of a catalog: events, or the SQL on its edges.

    Attributes
    ----------
    reports : tuple of Report
    gaps : tuple of Gap
        What was met and not used, each where it may change an answer.
    """

    reports: tuple[Report, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def edges(self) -> tuple[Edge, ...]:
        """Return an edge for each pair of entities that are certainly meant, with its values.

        Where the reports do not agree on what was done to a value, nothing is said of it.
        """
        between: dict[tuple[Reference, Reference], list[Report]] = defaultdict(list)
        for report in self.reports:
            if report.is_certain:
                between[report.upstream, report.downstream].append(report)
        return tuple(_edge(*ends, reports) for ends, reports in sorted(between.items()))


def column_edges(flows: Iterable[Flow], evidence_source: str | None) -> tuple[ColumnEdge, ...]:
    """Join flows into column edges: the columns that become one in the same manner; sorted.

    Examples
    --------
    >>> flows = [Flow("a.x", "b.z", function="x + y"), Flow("a.y", "b.z", function="x + y")]
    >>> [edge.upstream for edge in column_edges(flows, "events")]
    [('a.x', 'a.y')]
    """
    sources: dict[tuple[str, Influence | None, bool | None, str | None], set[str]] = {}
    for source, *manner in flows:
        sources.setdefault(tuple(manner), set()).add(source)  # type: ignore[arg-type]
    found = (
        ColumnEdge(
            upstream=tuple(sorted(columns)),
            downstream=target,
            function=function,
            influence=influence,
            masking=masking,
            evidence_source=evidence_source,
        )
        for (target, influence, masking, function), columns in sources.items()
    )
    return tuple(sorted(found, key=_order))


def as_known(upstream: Reference, downstream: Reference, flow: Flow) -> Flow:
    """Return a flow as far as its columns are known: what is done to an unknown one is unknown.

    Examples
    --------
    >>> raw, clean = Reference("table", "raw"), Reference("table", "clean")
    >>> as_known(raw, clean, Flow("raw.x", "clean", function="md5(x)"))[:2]
    ('raw', 'clean')
    """
    if flow.source == upstream.fqn:
        return Flow(flow.source, flow.target)
    is_value = flow.influence is None
    return Flow(upstream.fqn, flow.target) if is_value and flow.target == downstream.fqn else flow


def gather_gaps(gaps: Iterable[Gap], entity: Reference, columns: Collection[str]) -> set[Gap]:
    """Put one gap at an entity in the place of one at each of its columns.

    Examples
    --------
    >>> from lineage.model.snapshot import GapKind
    >>> table, kind = Reference("table", "t"), GapKind.EVIDENCE_NOT_MATCHED
    >>> gaps = [Gap(kind, part_of(table, f"t.{name}"), "u is not there") for name in "xy"]
    >>> [str(gap.subject) for gap in gather_gaps(gaps, table, ["t.x", "t.y"])]
    ['table:t']
    """
    places: dict[Gap, set[Reference | None]] = defaultdict(set)
    for gap in gaps:
        places[replace(gap, subject=None)].add(gap.subject)
    every = {part_of(entity, column) for column in columns}
    return {
        replace(gap, subject=place)
        for gap, subjects in places.items()
        for place in ({entity} if every and every <= subjects else subjects)
    }


def part_of(entity: Reference, fqn: str) -> Reference:
    """Return the reference of a part of an entity, or of the entity by its own name."""
    if fqn == entity.fqn:
        return entity
    return Reference(Kind.FEATURE if entity.kind == Kind.MLMODEL else Kind.COLUMN, fqn)


def _edge(upstream: Reference, downstream: Reference, reports: list[Report]) -> Edge:
    functions: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for report in reports:
        for flow in report.values:
            if flow.source != upstream.fqn:
                functions[flow.pair].add(flow.function)
    flows = (
        Flow(*pair, function=next(iter(said)) if len(said) == 1 else None)
        for pair, said in functions.items()
    )
    return Edge(
        upstream=upstream,
        downstream=downstream,
        column_edges=column_edges(flows, None),
        evidence=Evidence(origin=Origin.WITNESSED),
    )


def _order(edge: ColumnEdge) -> tuple[str, ...]:
    return (
        edge.downstream,
        edge.influence or "",
        *edge.upstream[:1],
        edge.function or "",
        str(edge.masking),
    )
