"""The impact of changes: one verdict on each thing downstream of any of them.

All changes that take something away walk together, and so do all that only alter something: two
walks, however many changes there are. Which of the changes reach one thing is found out for all
of them in one propagation, when somebody asks.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.adjacency import Longs
from lineage.graph.index.propagation import Propagated, Seeds
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Strength
from lineage.model.entities import Column
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.impact.doubts import Doubts
from lineage.queries.impact.first_hops import first_hops
from lineage.queries.impact.hits import Hit, Hits, Impact, Shown
from lineage.queries.impact.jobs import HitJob, Jobs
from lineage.queries.impact.renames import offer_renames
from lineage.queries.impact.scope import Scope
from lineage.queries.impact.spreading import Route, Spreading
from lineage.queries.impact.verdicts import ImpactVerdict, has_effect, takes_away, verdict_of

__all__ = ["impact"]


def impact(
    graph: LineageGraph,
    changes: ProposedChange | Iterable[ProposedChange],
    *,
    gaps: Iterable[Gap] = (),
    rules: tuple[MaskingRule, ...] = RULES,
) -> Impact:
    """Say what some changes do to everything downstream of them.

    Parameters
    ----------
    graph : LineageGraph
        The graph as it is before the changes; it is not changed.
    changes : ProposedChange, or iterable of them
        What is about to be done. What is said twice counts once. A type that a column has is
        taken from the graph where a change does not say it.
    gaps : iterable of Gap
        What was not understood where the changes were found: there may be more of them.
    rules : tuple of MaskingRule
        The rules by which functions hide values; they decide what a path proves.

    Returns
    -------
    Impact
        Each thing once, by its worst verdict; the worst first, then the nearest.

    Raises
    ------
    UnknownEntity
        The graph does not have what is changed.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> columns = tuple(Column(name=name, fqn=f"people.{name}") for name in ("age", "city"))
    >>> features = tuple(
    ...     Feature(name=name, fqn=f"m.{name}", sources=(FeatureSource(name=name, entity=people),))
    ...     for name in ("age", "city")
    ... )
    >>> model = MlModel(reference=Reference("mlmodel", "m"), features=features)
    >>> graph = build_graph(Snapshot(entities=(Entity(reference=people, columns=columns), model)))
    >>> age = Reference("column", "people.age")
    >>> answer = impact(graph, ProposedChange(action=Action.DROP, subject=age))
    >>> answer
    <Impact: 1 change: 2 broken, 1 unknown>
    >>> [(hit.reference.fqn, str(hit.verdict)) for hit in answer.hits]
    [('m.age', 'broken'), ('m', 'broken'), ('m.city', 'unknown')]
    """
    given = [changes] if isinstance(changes, ProposedChange) else changes
    ordered = sorted({_with_type(graph, change) for change in given}, key=_order)
    unread = tuple(gaps)
    judging = _Judging(graph, ordered, unread, rules)
    return Impact(
        graph,
        tuple(ordered),
        judging.hits(),
        judged=judging,
        gaps=judging.doubts.gaps,
        unread=unread,
        renames=offer_renames(ordered, lambda change: _type_of(graph, change)),
    )


def _order(change: ProposedChange) -> tuple[str, ...]:
    return (*change.subject, change.action, change.after or "", change.before or "")


def _with_type(graph: LineageGraph, change: ProposedChange) -> ProposedChange:
    """Say the type that a column has, where a change gives it another."""
    if change.action != Action.RETYPE or change.before is not None:
        return change
    return ProposedChange(
        action=change.action,
        subject=change.subject,
        after=change.after,
        before=_type_of(graph, change),
        written=change.written,
    )


def _type_of(graph: LineageGraph, change: ProposedChange) -> str | None:
    if change.action == Action.ADD:
        return change.after
    value = graph.value(change.subject)
    return value.data_type if isinstance(value, Column) else None


class _Judging:
    """What changes reach, what may be hidden of that, and what it means."""

    def __init__(
        self,
        graph: LineageGraph,
        changes: list[ProposedChange],
        unread: tuple[Gap, ...],
        rules: tuple[MaskingRule, ...],
    ) -> None:
        self.graph, self.index = graph, graph.part_index(rules)
        self._is_asked = bool(changes or unread)
        self.changes = [change for change in changes if has_effect(change)]
        for change in self.changes:
            graph.number(change.subject)  # an unknown one is refused here
        self.departure = first_hops(graph, self.index, self.changes)
        self.doubts = Doubts(graph, self.index, unread, np.unique(self.departure.held.nodes))
        self.scope = Scope(graph, self.index, self.departure, self.changes)
        self.jobs = Jobs(graph, rules)
        self.spreadings = list(_spread(self))

    def hits(self) -> Hits:
        """Put in order what there is a verdict on: the worst first, then the nearest."""
        jobs = [*self._job_hits.values()]
        numbers = self._listed[~np.isin(self._listed, self._placed(jobs))]
        ranks, many = self.graph.keep(_ranks, lambda: _ranks(self.graph)), len(numbers)
        severities = np.append(self._severities[numbers], [hit.verdict.severity for hit in jobs])
        hops = np.append(self._depths[numbers], [hit.hops or 0 for hit in jobs])
        names = np.append(ranks.of_numbers[numbers], [ranks.of(hit.reference) for hit in jobs])
        order = np.lexsort((names, hops, -severities)).astype(np.int64)

        def make(place: int) -> Hit:
            row = int(order[place])
            return self._at(int(numbers[row])) if row < many else jobs[row - many]

        return Hits(severities[order].astype(np.int64), make)

    def _placed(self, jobs: list[Hit]) -> list[int]:
        """List the numbers of the jobs that the graph has."""
        numbers = self.graph.storage.numbers
        return [numbers[hit.reference] for hit in jobs if hit.reference in numbers]

    def hit(self, reference: Reference) -> Hit:
        """Say what happens to any reference of the graph, or any job that it names."""
        if reference in self._job_hits:
            return self._job_hits[reference]
        if reference in self.jobs:
            return self._untouched(reference, self.jobs.ends(reference).tolist())
        return self._at(self.graph.number(reference))

    @cached_property
    def _severities(self) -> Longs:
        """How bad it is for each reference: that of what arrives, or of what may be hidden."""
        many = len(self.graph)
        doubtful = self.doubts.are_at if self._is_asked else np.zeros(many, dtype=np.bool_)
        found = np.where(doubtful, ImpactVerdict.UNKNOWN.severity, ImpactVerdict.SAFE.severity)
        for spreading in self.spreadings:
            found = np.maximum(found, spreading.severities[:many])
            own = spreading.severity_of(spreading.held[:many])
            found = np.maximum(found, np.where(self.scope.changed, own, 0))
        return found

    @cached_property
    def _depths(self) -> Longs:
        """How far away the nearest change is; 0 where none arrives."""
        far = np.iinfo(np.int64).max
        found = np.full(len(self.graph), far)
        for spreading in self.spreadings:
            depths = spreading.depths[: len(self.graph)]
            found = np.minimum(found, np.where(depths > 0, depths, far))
        return np.where(found == far, 0, found)

    def _at(self, number: int) -> Hit:
        reference = self.graph.storage.references[number]
        severity = int(self._severities[number])
        if severity <= ImpactVerdict.UNKNOWN.severity:
            return self._untouched(reference, [number])
        bringing = [one for one in self.spreadings if one.severities[number] == severity]
        if not bringing:  # it is what is changed itself
            return Hit(reference, _BY_SEVERITY[severity])
        spreading = bringing[0]
        return Hit(
            reference,
            _BY_SEVERITY[severity],
            strength=Strength(int(spreading.strengths[number])),
            hops=int(self._depths[number]),
            shown=lambda: self._shown(spreading.route(number)),
        )

    def _untouched(self, reference: Reference, numbers: list[int]) -> Hit:
        """Say of what nothing was found to reach whether that is all."""
        doubtful = [number for number in numbers if self._is_asked and self.doubts.are_at[number]]
        if not doubtful:
            unread = self.doubts.everywhere
            return Hit(reference, ImpactVerdict.UNKNOWN if unread else ImpactVerdict.SAFE)
        return Hit(reference, ImpactVerdict.UNKNOWN, doubts=lambda: self._doubts_at(doubtful))

    def _doubts_at(self, numbers: list[int]) -> tuple[Gap, ...]:
        gaps = (gap for number in numbers for gap in self.doubts.upstream_of(number))
        return tuple(dict.fromkeys(gaps))

    def _shown(self, route: Route) -> Shown:
        return Shown(self.changes[route.change], route.path)

    @cached_property
    def _job_hits(self) -> dict[Reference, Hit]:
        """What happens to each job that carries what is hit, or what might have been."""
        changed = {change.subject for change in self.changes}
        found = {item.job: self._job_hit(item) for item in self.jobs.hit(self.spreadings)}
        for job in self.jobs.among(self.scope.below):
            if job not in found:
                found[job] = self._untouched(job, self.jobs.ends(job).tolist())
        numbers = self.graph.storage.numbers
        return {
            job: self._worse(hit, numbers[job]) if job in numbers else hit
            for job, hit in found.items()
            if job not in changed
        }

    def _worse(self, hit: Hit, number: int) -> Hit:
        """Choose between what happens to what a job carries, and to itself as an end of edges."""
        own = self._at(number)
        return own if own.verdict.severity > hit.verdict.severity else hit

    def _job_hit(self, item: HitJob) -> Hit:
        return Hit(
            item.job,
            _BY_SEVERITY[item.severity],
            strength=item.strength,
            hops=item.hops,
            shown=lambda: self._shown(self.jobs.route(item)),
        )

    @cached_property
    def _listed(self) -> Longs:
        """The numbers of what there is a verdict on: what is reached, and what might have been."""
        may_be = np.zeros(len(self.graph), dtype=np.bool_)
        if self._is_asked and not self.doubts.everywhere:
            may_be = self.doubts.are_at
        return self.scope.listed(self._severities > ImpactVerdict.UNKNOWN.severity, may_be)

    @cached_property
    def _reaching(self) -> tuple[dict[int, int], Propagated]:
        """Which changes reach what, all found in one propagation."""
        hops = self.departure.hops
        places = {number: place for place, number in enumerate(self._listed.tolist())}
        seeds = Seeds(hops.changes, hops.nodes, hops.strengths)
        return places, self.index.propagate(seeds, self._listed)

    def reaching(self, reference: Reference) -> list[tuple[ProposedChange, ImpactVerdict]]:
        """List the changes that arrive at something itself, and what each does to it."""
        places, propagated = self._reaching
        place = places.get(self.graph.storage.numbers.get(reference, -1))
        if place is None:
            return []
        labels, strengths = propagated.of_target(place)
        pairs = zip(labels.tolist(), strengths.tolist(), strict=True)
        found = ((self.changes[label], strength) for label, strength in pairs)
        return [
            (change, verdict_of(strength, is_taken_away=takes_away(change)))
            for change, strength in found
        ]


def _spread(judging: _Judging) -> Iterator[Spreading]:
    """Let the changes of each effect spread together."""
    for is_taken_away in (True, False):
        chosen = [
            number
            for number, change in enumerate(judging.changes)
            if takes_away(change) == is_taken_away
        ]
        if chosen:
            departure = judging.departure.of(chosen)
            yield Spreading(judging.index, departure, is_taken_away=is_taken_away)


class _Ranks(NamedTuple):
    """The place of each reference among all of them, sorted.

    Attributes
    ----------
    references : list of Reference
        Sorted.
    of_numbers : array of float
        By their numbers.
    """

    references: list[Reference]
    of_numbers: NDArray[np.float64]

    def of(self, reference: Reference) -> float:
        """Return the place of a reference, be it among them or between two."""
        place = bisect_left(self.references, reference)
        is_there = self.references[place : place + 1] == [reference]
        return place if is_there else place - 0.5


def _ranks(graph: LineageGraph) -> _Ranks:
    references = graph.references()
    ranks = np.empty(len(references))
    ranks[[graph.number(reference) for reference in references]] = np.arange(len(references))
    return _Ranks(references, ranks)


_BY_SEVERITY = {verdict.severity: verdict for verdict in ImpactVerdict}
