"""Lay evidence over a catalog: complete what is recorded, add what is not, replace nothing.

What all evidence reports of a pair of entities is joined before it is laid on, so that no order
counts. A recorded mapping can be made less by the very job that it was recorded of, by no other:
what else is reported has an edge of its own beside it, and one raw route beats any masked one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lineage.evidence.evidence_body import EvidenceBody, Flow, Report, column_edges, part_of
from lineage.evidence.recorded_mappings import complete, covers
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["Overlay", "overlay"]

_Pair = tuple[Reference, Reference]


@dataclass(frozen=True, slots=True, repr=False)
class Overlay(Answer):
    """A catalog with evidence laid over it.

    Attributes
    ----------
    snapshot : Snapshot
        The catalog, its mappings completed, with the gaps of the evidence beside its own.
    gaps : tuple of Gap
        What the evidence added: what could not be read, matched or agreed; sorted.
    completed : int
        How many recorded edges the evidence completed.
    added : int
        How many edges it added.
    """

    snapshot: Snapshot
    gaps: tuple[Gap, ...]
    completed: int
    added: int

    def summary(self) -> str:
        """Count what was completed and added, and what was met and not used."""
        return (
            f"{counted(self.completed, 'edge')} completed, {counted(self.added, 'edge')} added, "
            f"{counted(len(self.gaps), 'gap')}"
        )

    def to_records(self) -> list[Record]:
        """Give one row for each gap."""
        return [
            {
                "kind": str(gap.kind),
                "subject": "everywhere" if gap.subject is None else str(gap.subject),
                "reason": gap.reason,
            }
            for gap in self.gaps
        ]


def overlay(snapshot: Snapshot, bodies: Iterable[EvidenceBody]) -> Overlay:
    """Lay evidence over a catalog.

    Parameters
    ----------
    snapshot : Snapshot
        The catalog; it is not changed.
    bodies : iterable of EvidenceBody
        In any order.

    Returns
    -------
    Overlay

    Examples
    --------
    >>> from lineage.model.edges import Influence
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> joins = frozenset({Flow("a.x", "b", Influence.JOIN)})
    >>> report = Report(upstream=a, downstream=b, job="job", evidence_source="events", flows=joins)
    >>> recorded = Snapshot(edges=(Edge(upstream=a, downstream=b),))
    >>> answer = overlay(recorded, [EvidenceBody(reports=(report,))])
    >>> answer
    <Overlay: 1 edge completed, 0 edges added, 0 gaps>
    >>> answer.snapshot.edges[0].column_edges[0].influence.value
    'join'
    """
    found = tuple(bodies)
    reports: dict[_Pair, list[Report]] = defaultdict(list)
    for report in (report for body in found for report in body.reports):
        reports[report.upstream, report.downstream].append(report)
    recorded: dict[_Pair, list[Edge]] = defaultdict(list)
    edges: list[Edge] = []
    for edge in snapshot.edges:
        ends = edge.upstream, edge.downstream
        is_reported = edge.evidence.origin == Origin.RECORDED and ends in reports
        (recorded[ends] if is_reported else edges).append(edge)
    gaps = [gap for body in found for gap in body.gaps]
    fed = {edge.downstream for edge in snapshot.edges} | {downstream for _, downstream in reports}
    parents = {entity.reference: entity.parent for entity in snapshot.entities}
    for ends in sorted(reports):
        ordered = sorted(reports[ends], key=_report_order)
        is_fed = not fed.isdisjoint(_with_containers(ends[0], parents))
        pair = _PairOverlay(*ends, recorded[ends], ordered, is_fed)
        edges += pair.edges()
        gaps += pair.gaps()
    laid = replace(snapshot, edges=tuple(edges), gaps=(*snapshot.gaps, *gaps))
    new = [edge.evidence.origin for edge in set(laid.edges) - set(snapshot.edges)]
    completed = new.count(Origin.RECORDED)
    return Overlay(laid, Snapshot(gaps=tuple(gaps)).gaps, completed, len(new) - completed)


def _with_containers(
    entity: Reference, parents: Mapping[Reference, Reference | None]
) -> set[Reference]:
    """Return an entity and all that it is in: what feeds one of these feeds it."""
    found: set[Reference] = set()
    around: Reference | None = entity
    while around is not None and around not in found:
        found.add(around)
        around = parents.get(around)
    return found


@dataclass(slots=True)
class _PairOverlay:
    """What is recorded between two entities, and what evidence reports of them."""

    upstream: Reference
    downstream: Reference
    recorded: list[Edge]
    reports: list[Report]
    is_fed: bool
    """Whether anything decides the rows of what is upstream."""

    def edges(self) -> list[Edge]:
        """Return the recorded edges, completed, and those that evidence adds."""
        laid = [self._completed(edge) for edge in self.recorded]
        # Each step looks at what all reports did in the one before, so that no order counts.
        for report in self.reports:
            self._lay_on_own(report, laid)
        for report in self.reports:
            self._lay_influences(report, laid)
        added: dict[Evidence, _AddedEdge] = defaultdict(_AddedEdge)
        for report in self.reports:
            added[report.evidence].add(self._missing(report, laid), report.evidence_source)
        known = self._influences_known()
        return [
            replace(edge, evidence=replace(edge.evidence, influences_known=known))
            for edge in (*laid, *self._new_edges(added))
        ]

    def gaps(self) -> Iterator[Gap]:
        """Name what is reported and not recorded, and what is recorded and not reported."""
        if not self.recorded:
            for shown_by in dict.fromkeys(map(_shown_by, self.reports)):
                reason = f"{shown_by} shows data flowing from {self.upstream.fqn}, unrecorded"
                yield Gap(GapKind.NOT_RECORDED, self.downstream, reason)
        mappings = (mapping for edge in self.recorded for mapping in edge.column_edges)
        recorded = {pair for mapping in mappings for pair in mapping.pairs}
        for report in self.reports if recorded else ():
            yield from self._not_recorded(report, recorded)
            yield from self._not_reported(report, recorded)

    def _completed(self, edge: Edge) -> Edge:
        """Complete each mapping of an edge by what its own job reports."""
        own = [report for report in self.reports if report.is_of(edge)]
        mappings = [made for mapping in edge.column_edges for made in complete(edge, mapping, own)]
        return replace(edge, column_edges=tuple(dict.fromkeys(mappings)))

    def _own(self, report: Report) -> list[int]:
        return [number for number, edge in enumerate(self.recorded) if report.is_of(edge)]

    def _missing(self, report: Report, laid: list[Edge]) -> set[Flow]:
        """Return the flows that no recorded edge covers."""
        own = self._own(report)
        return {
            flow
            for flow in report.flows
            if not any(
                covers(edge, flow, report, is_own=number in own) for number, edge in enumerate(laid)
            )
        }

    def _lay_on_own(self, report: Report, laid: list[Edge]) -> None:
        """Put each flow that is missing onto the edge of the same job, where it belongs on one."""
        own = self._own(report)
        homes: dict[int, set[Flow]] = defaultdict(set)
        for flow in self._missing(report, laid):
            home = self._home(flow, own, laid)
            if home is not None:
                homes[home].add(flow)
        for number, flows in homes.items():
            laid[number] = _with_flows(laid[number], flows, report)

    def _lay_influences(self, report: Report, laid: list[Edge]) -> None:
        """Put influences onto an edge of another job, where no value of theirs needs its own.

        An influence alone would make an edge that is possible for every column.
        """
        missing = self._missing(report, laid)
        influences = {flow for flow in missing if flow.influence is not None}
        if laid and influences and missing <= influences | {self._bare}:
            laid[0] = _with_flows(laid[0], influences, report)

    def _home(self, flow: Flow, own: list[int], laid: list[Edge]) -> int | None:
        """Return the number of the recorded edge that a flow belongs on: one of the same job.

        None where it has an edge of its own: so has a value beside an edge without mappings,
        which stays possible for every column.
        """
        if flow.influence is not None:
            return own[0] if own else None
        is_by_column = flow.source != self.upstream.fqn and flow.target != self.downstream.fqn
        mapped = [number for number in own if laid[number].value_mappings]
        return mapped[0] if mapped and is_by_column else None

    @property
    def _bare(self) -> Flow:
        return Flow(self.upstream.fqn, self.downstream.fqn)

    def _new_edges(self, added: "dict[Evidence, _AddedEdge]") -> Iterator[Edge]:
        for evidence, new in added.items():
            for mappings in new.column_edges(self._bare):
                yield Edge(
                    upstream=self.upstream,
                    downstream=self.downstream,
                    column_edges=mappings,
                    evidence=evidence,
                )

    def _influences_known(self) -> bool:
        """Whether every influence is known: of each job that is recorded or reported."""
        reported = (
            report.influences_known and not (self.is_fed and report.counts_rows)
            for report in self.reports
        )
        return all(reported) and all(
            edge.evidence.influences_known or any(report.is_of(edge) for report in self.reports)
            for edge in self.recorded
        )

    def _not_recorded(self, report: Report, recorded: set[tuple[str, str]]) -> Iterator[Gap]:
        for flow in sorted(report.values_beyond(recorded), key=str):
            reason = f"{_shown_by(report)} shows {flow.source} → {flow.target}, unrecorded"
            yield Gap(GapKind.NOT_RECORDED, part_of(self.downstream, flow.target), reason)

    def _not_reported(self, report: Report, recorded: set[tuple[str, str]]) -> Iterator[Gap]:
        """Name the recorded mappings that a report does not confirm, though it is about them."""
        confirmed = {flow.pair for flow in report.values}
        influencing = {flow.source for flow in report.flows if flow.influence is not None}
        for source, target in sorted(recorded - confirmed):
            if report.describes(target):
                others = "says that it only influences" if source in influencing else "names others"
                reason = f"recorded is {source} → {target}; {report.job} {others}"
                yield Gap(GapKind.EVIDENCE_DISAGREES, part_of(self.downstream, target), reason)


@dataclass(slots=True)
class _AddedEdge:
    """What an edge holds that only evidence knows of: each flow, and what it is known from."""

    sources: dict[Flow, str] = field(default_factory=dict)

    def add(self, flows: Iterable[Flow], source: str) -> None:
        for flow in flows:
            self.sources.setdefault(flow, source)

    def column_edges(self, bare: Flow) -> Iterator[tuple[ColumnEdge, ...]]:
        """Give the mappings of each edge: none for one of which no column is known."""
        mapped = [flow for flow in self.sources if flow != bare]
        found = [
            mapping
            for source in sorted({self.sources[flow] for flow in mapped})
            for mapping in column_edges(
                (flow for flow in mapped if self.sources[flow] == source), source
            )
        ]
        if found:
            yield tuple(found)
        # Influences alone leave an edge possible for every column, as one without mappings is.
        if bare in self.sources and (not found or any(item.influence is None for item in found)):
            yield ()


def _with_flows(edge: Edge, flows: Iterable[Flow], report: Report) -> Edge:
    mappings = (*edge.column_edges, *column_edges(flows, report.evidence_source))
    return replace(edge, column_edges=tuple(dict.fromkeys(mappings)))


def _shown_by(report: Report) -> str:
    """Call the evidence of a report: a file of events, or the SQL of a certain edge."""
    return report.job if report.evidence.origin == Origin.PARSED else report.evidence_source


def _report_order(report: Report) -> tuple[str, ...]:
    evidence = report.evidence
    pipeline = "" if evidence.pipeline is None else str(evidence.pipeline)
    return (
        report.job,
        report.evidence_source,
        evidence.origin,
        pipeline,
        evidence.sql or "",
        "" if report.recorded is None else str(report.recorded.evidence),
    )
