"""What OpenLineage events report of the entities of a catalog.

Every dataset, field and statement that an event names ends in a flow or in a gap: what is not in
the catalog is a gap at what it feeds, what was not understood one at what it may be about.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lineage.evidence.column_names import ColumnNames
from lineage.evidence.dataset_mapping import DatasetMapping, DatasetNames, Match
from lineage.evidence.event_flows import EventFlows, Matcher, find_flows
from lineage.evidence.evidence_body import EvidenceBody, Flow, Report
from lineage.evidence.job_pipelines import find_pipelines
from lineage.evidence.job_runs import JobRun, join_runs
from lineage.evidence.openlineage_event import DatasetLineage, Event, JobName
from lineage.model.answer import counted
from lineage.model.edges import Evidence, Origin
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

if TYPE_CHECKING:
    from lineage.evidence.sql_facts import Statements

__all__ = ["find_evidence"]


def find_evidence(
    events: Iterable[Event],
    snapshot: Snapshot,
    *,
    names: DatasetNames | None = None,
    statements: "Statements | None" = None,
) -> EvidenceBody:
    """Find what events report of the entities of a catalog.

    Parameters
    ----------
    events : iterable of Event
        Of all files together, in any order: what one file says of a run counts in another.
    snapshot : Snapshot
        The catalog; it is not changed.
    names : DatasetNames, optional
        What a person says that datasets are called.
    statements : Statements, optional
        Reads the SQL that events hold; without it, it is left out.

    Returns
    -------
    EvidenceBody
        A report for each job and pair of entities.

    Examples
    --------
    >>> from lineage.evidence.openlineage_event import DatasetLineage, DatasetName
    >>> from lineage.model.entities import Entity
    >>> fqns = ("pg.shop.s.people", "pg.shop.s.adults")
    >>> tables = tuple(Entity(reference=Reference("table", fqn)) for fqn in fqns)
    >>> people, adults = (DatasetName("pg", fqn[3:]) for fqn in fqns)
    >>> filled = DatasetLineage(dataset=adults, is_output=True)
    >>> event = Event(place="1", file="f", inputs=frozenset({people}), lineage=(filled,))
    >>> [report] = find_evidence([event], Snapshot(entities=tables)).reports
    >>> report.is_bare
    True
    """
    found = tuple(events)
    aliases = {pair for event in found for pair in event.aliases}
    mapping = DatasetMapping(snapshot, names or DatasetNames(), aliases)
    matching = _Matching(Matcher(mapping, ColumnNames(snapshot.entities), statements))
    for run in join_runs(found):
        matching.add(run)
    pipelines = find_pipelines(snapshot, {event.job for event in found})
    reports = tuple(
        report
        for job, runs in sorted(matching.runs.items())
        for report in _reports(job, runs, pipelines.get(job))
    )
    return EvidenceBody(reports=reports, gaps=tuple(sorted(matching.gaps, key=str)))


@dataclass(slots=True)
class _Matching:
    """What has been matched so far, and what could not be."""

    matcher: Matcher
    runs: dict[JobName, list[EventFlows]] = field(default_factory=lambda: defaultdict(list))
    gaps: set[Gap] = field(default_factory=set)

    def add(self, run: JobRun) -> None:
        """Add what one run reports, each output by itself."""
        self._place_unread(run)
        if run.sql and not run.outputs:
            self._place_idle_sql(run)
        for item in run.lineage:
            match = self.matcher.mapping.find(item.dataset)
            if run.has_failed:
                self._note_failure(run, match)
                continue
            if not match.entities:
                self._place_lost_output(item, match)
            for entity in match.entities:
                is_certain = match.doubt is None
                found = find_flows(self.matcher, run, item, entity, is_certain=is_certain)
                self.gaps |= found.gaps
                if found.flows or item.is_output:
                    self.runs[run.job].append(found)

    def _place_unread(self, run: JobRun) -> None:
        """Put what was not understood where it may change an answer."""
        for dataset, reason, is_everywhere in run.unread:
            if run.has_failed and not is_everywhere:
                continue
            datasets = run.outputs if dataset is None else (dataset,)
            matches = [self.matcher.mapping.find(item) for item in datasets]
            places = {place for match in matches for place in (*match.entities, *match.possible)}
            is_lost = not datasets or (is_everywhere and (dataset is None or not places))
            for place in (None,) if is_lost else sorted(places):
                self.gaps.add(Gap(GapKind.EVIDENCE_NOT_READ, place, reason))

    def _place_idle_sql(self, run: JobRun) -> None:
        """Say of SQL in a run without outputs what may be missing: whatever it fills."""
        statements = self.matcher.statements
        if run.has_failed or statements is None:
            return
        for sql in run.sql:
            if not statements.fills_nothing(sql.query, dialect=sql.dialect):
                reason = f"the SQL of {run.job} may fill a table, and its event names no output"
                self.gaps.add(Gap(GapKind.EVIDENCE_NOT_READ, None, reason))

    def _note_failure(self, run: JobRun, match: Match) -> None:
        for place in match.entities or (None,):
            reason = f"a run of {run.job} failed, so that what it reports is not used"
            self.gaps.add(Gap(GapKind.EVIDENCE_NOT_USED, place, reason))

    def _place_lost_output(self, item: DatasetLineage, match: Match) -> None:
        """Say of an output that is no entity what may be missing."""
        reason = f"an event fills {item.dataset}, which {match.doubt}"
        if match.is_outside:
            self.gaps.add(Gap(GapKind.EVIDENCE_NOT_USED, None, reason))
        for place in match.possible or (() if match.is_outside else (None,)):
            self.gaps.add(Gap(GapKind.EVIDENCE_NOT_MATCHED, place, reason))


def _reports(job: JobName, runs: list[EventFlows], pipeline: Reference | None) -> Iterator[Report]:
    """Join what all runs of a job report of each pair of entities."""
    by_entity: dict[Reference, list[EventFlows]] = defaultdict(list)
    for found in runs:
        by_entity[found.entity].append(found)
    for entity, alike in sorted(by_entity.items()):
        described = frozenset.intersection(*(frozenset(item.described) for item in alike))
        known = all(item.influences_known for item in alike)
        for upstream in sorted(
            {key for item in alike for key, flows in item.flows.items() if flows}
        ):
            feeding = [item for item in alike if item.flows.get(upstream)]
            flows = frozenset().union(*(item.flows[upstream] for item in feeding))
            yield Report(
                upstream=upstream,
                downstream=entity,
                job=str(job),
                evidence_source=_label({file for item in feeding for file in item.run.files}),
                flows=flows,
                described=described,
                influences_known=known and Flow(upstream.fqn, entity.fqn) not in flows,
                evidence=Evidence(origin=Origin.WITNESSED, pipeline=pipeline),
                is_certain=any(upstream in item.certain for item in feeding),
            )


def _label(files: set[str]) -> str:
    """Call the evidence by its first file, whatever the order they were given in."""
    first, *others = sorted(files)
    more = f" and {counted(len(others), 'more file')}" if others else ""
    return f"OpenLineage, {first}{more}"
