"""What flows into one entity, as one run of a job reports it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lineage.evidence.column_names import ColumnNames
from lineage.evidence.dataset_mapping import DatasetMapping
from lineage.evidence.evidence_body import Flow, as_known, gather_gaps, part_of
from lineage.evidence.job_runs import JobRun
from lineage.evidence.openlineage_event import DatasetLineage, DatasetName, FieldLineage
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

if TYPE_CHECKING:
    from lineage.evidence.sql_facts import Statements

__all__ = ["EventFlows", "Matcher", "find_flows"]


class Matcher(NamedTuple):
    """What finds the datasets, the fields and the SQL of events in a catalog.

    Attributes
    ----------
    statements : Statements or None
        None where SQL is left out.
    """

    mapping: DatasetMapping
    columns: ColumnNames
    statements: "Statements | None"


@dataclass(slots=True)
class EventFlows:
    """What flows into an entity in one run of a job.

    Attributes
    ----------
    flows : dict of Reference to set of Flow
        By the entity that they come from.
    certain : set of Reference
        The entities that are certainly meant.
    described : set of str
        Columns of which every source is reported, and in the catalog.
    influences_known : bool
        Whether all that influences is reported.
    gaps : set of Gap
    """

    run: JobRun
    entity: Reference
    flows: dict[Reference, set[Flow]] = field(default_factory=lambda: defaultdict(set))
    certain: set[Reference] = field(default_factory=set)
    described: set[str] = field(default_factory=set)
    influences_known: bool = False
    gaps: set[Gap] = field(default_factory=set)


def find_flows(
    matcher: Matcher, run: JobRun, lineage: DatasetLineage, entity: Reference, *, is_certain: bool
) -> EventFlows:
    """Find in a catalog what flows into an entity, as a run reports it of one dataset.

    Parameters
    ----------
    lineage : DatasetLineage
        What the run reports of that dataset.
    entity : Reference
        What the dataset is in the catalog.
    is_certain : bool
        Whether that is certain.
    """
    found = EventFlows(run, entity)
    _Filling(matcher, found, lineage, is_certain).fill()
    return found


@dataclass(slots=True)
class _Filling:
    """An entity being filled."""

    matcher: Matcher
    found: EventFlows
    lineage: DatasetLineage
    is_certain: bool

    def fill(self) -> None:
        """Add all that is reported: by fields, by SQL, then by table what neither names."""
        found, columns = self.found, self.matcher.columns
        for item in sorted(self.lineage.fields, key=str):
            self._add_field(item)
        known = (columns.known(found.entity, name) for name in self.lineage.described)
        found.described.update(column for column in known if column is not None)
        read = self._add_sql() if self.lineage.is_output else set()
        if not found.run.is_finished:
            found.described.clear()  # there may be more to come
        self._add_by_table(read)
        for dataset, job in found.run.unknown_jobs:
            if dataset == self.lineage.dataset:
                reason = f"{job} feeds it, and no event reports what feeds that job"
                self._miss(found.entity, reason)
        self._judge()

    def _add_field(self, item: FieldLineage) -> None:
        """Add what one field gives, or how it influences, where both are in the catalog."""
        entity, columns = self.found.entity, self.matcher.columns
        target = columns.find(entity, item.output_field) if item.output_field else entity.fqn
        if target is None:
            reason = f"an event fills field {item.output_field}, which it lacks"
            self._miss(entity, reason, unmapped_only=True)
            return
        place = part_of(entity, target)
        for upstream in self._upstream(item.input, (place,)):
            source = columns.find(upstream, item.input_field) if item.input_field else upstream.fqn
            if source is None:
                reason = f"an event names field {item.input_field}, which {upstream.fqn} lacks"
                self._miss(place, reason)
            elif source != target:  # a row that stays as it is says nothing
                flow = Flow(source, target, item.influence, item.masking, item.function)
                self.found.flows[upstream].add(as_known(upstream, entity, flow))

    def _upstream(self, dataset: DatasetName, places: Iterable[Reference]) -> tuple[Reference, ...]:
        """Find what a dataset is; a gap at what it feeds where that is not certain."""
        match = self.matcher.mapping.find(dataset)
        if match.doubt is not None:
            for place in places:
                reason = f"an event names {dataset}, which feeds it and {match.doubt}"
                self._miss(place, reason)
        elif self.is_certain:
            self.found.certain.update(match.entities)
        return match.entities

    def _add_sql(self) -> set[Reference]:
        """Add what the SQL of the job says; return the entities that it reads."""
        found, statements = self.found, self.matcher.statements
        near = {upstream for name in found.run.inputs for upstream in self._entities(name)}
        read: set[Reference] = set()
        for sql in sorted(found.run.sql):
            if statements is None:
                break
            facts = statements.facts(sql.query, found.entity, upstream=near, dialect=sql.dialect)
            found.gaps |= facts.gaps
            found.described |= facts.described
            is_known = facts.is_clear and not facts.counted
            found.influences_known = is_known and len(found.run.sql) == 1
            for upstream, flows in facts.flows.items():
                found.flows[upstream] |= flows
                read.add(upstream)
        found.certain |= read if self.is_certain else set()
        return read

    def _add_by_table(self, read: set[Reference]) -> None:
        """Let what is not reported by column count by table.

        A dataset of which no column is named may feed every column; one of which some are, every
        column that nothing is reported of.
        """
        entity, described = self.found.entity, self.found.described
        missing = self.matcher.columns.undescribed(entity, described)
        named = {item.input for item in self.lineage.fields}
        known = read.union(*map(self._entities, named))  # they may be listed by another name
        for dataset in sorted(self.lineage.inputs | named):
            is_named = dataset in named or not known.isdisjoint(self._entities(dataset))
            targets = missing if is_named and described else (entity.fqn,)
            places = [part_of(entity, target) for target in targets]
            for upstream in self._upstream(dataset, places):
                flows = (Flow(upstream.fqn, target) for target in targets)
                self.found.flows[upstream].update(flows)

    def _entities(self, dataset: DatasetName) -> tuple[Reference, ...]:
        return self.matcher.mapping.find(dataset).entities

    def _miss(self, place: Reference, reason: str, *, unmapped_only: bool = False) -> None:
        """Note that something which feeds this place is not in the catalog."""
        kind = GapKind.EVIDENCE_NOT_MATCHED
        self.found.gaps.add(Gap(kind, place, reason, unmapped_only=unmapped_only))

    def _judge(self) -> None:
        """Say what is reported of all: the sources of columns, and what influences.

        A source that is not in the catalog may be one that is, by another name: what it feeds
        is not described.
        """
        found, columns = self.found, self.matcher.columns
        by_facet = self.lineage.reports_influences
        by_facet &= not columns.undescribed(found.entity, found.described)
        is_clear = found.run.is_finished and not found.run.unread and not found.gaps
        found.influences_known = is_clear and (by_facet or found.influences_known)
        places = {gap.subject for gap in found.gaps if not gap.unmapped_only}
        if found.entity in places:
            found.described.clear()
        found.described -= {place.fqn for place in places if place is not None}
        all_columns = columns.undescribed(found.entity, ())
        found.gaps = gather_gaps(found.gaps, found.entity, all_columns)
