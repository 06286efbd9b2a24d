"""What has changed since a model was trained: the sources of its features, and what that does.

Entities have versions, edges have none. So the graph of then is made of what entities were, and of
the edges of now; those of then are known only where a snapshot was kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from lineage.changes.profile_drift import DriftLimits, ProfileDrift, profile_drift
from lineage.changes.version_changes import Made, as_before, changes_made
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.entities import MlModel
from lineage.model.entity_history import History, as_text
from lineage.model.profile import Profile
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.impact.hits import Impact
from lineage.queries.impact.impact import impact
from lineage.queries.impact.verdicts import ImpactVerdict
from lineage.queries.traversal import upstream

__all__ = ["Since", "SourceChange", "feature_sources", "since"]


class SourceChange(NamedTuple):
    """What became of one source of one feature.

    Attributes
    ----------
    feature : Reference
    source : Reference
        A column or a table upstream of the feature, or the feature itself.
    verdict : ImpactVerdict
        What the change does to the feature.
    made : Made or None
        The change; None where there was none.
    """

    feature: Reference
    source: Reference
    verdict: ImpactVerdict
    made: Made | None = None


class Since(Answer):
    """What has changed upstream of a model since some moment.

    Attributes
    ----------
    model : Reference
    moment : int
        In milliseconds since 1970.
    rows : tuple of SourceChange
        The worst first, then by feature and source.
    elsewhere : tuple of Made
        Changes upstream of the model that were found to reach no feature.
    undone : tuple of Made
        Changes that were taken back since.
    drifts : mapping of Reference to ProfileDrift, or None
        How far each source moved in what was measured of it; None where nobody asked.
    gaps : tuple of Gap
        What was not read: there may be more, or they may do more. Empty means: complete.
    unread : tuple of Gap
        Those of them by which changes may be missing.
    """

    def __init__(
        self,
        history: History,
        rows: tuple[SourceChange, ...],
        *,
        elsewhere: tuple[Made, ...] = (),
        undone: tuple[Made, ...] = (),
        gaps: tuple[Gap, ...] = (),
        drifts: Mapping[Reference, ProfileDrift] | None = None,
    ) -> None:
        self.model, self.moment, self.drifts = history.model, history.moment, drifts
        self.rows, self.elsewhere, self.undone, self.gaps = rows, elsewhere, undone, gaps
        self.unread = history.gaps

    @property
    def worst(self) -> ImpactVerdict:
        """The worst verdict; what is not complete is no better than unknown.

        So is a source of which it was asked whether it moved, and nobody measured that.
        """
        drifts = (self.drifts or {}).values()
        is_unknown = self.gaps or not all(drift.is_known for drift in drifts)
        least = ImpactVerdict.UNKNOWN if is_unknown else ImpactVerdict.SAFE
        drifted = [ImpactVerdict.CHANGED for drift in drifts if drift.has_moved]
        verdicts = [least, *drifted, *(row.verdict for row in self.rows)]
        return max(verdicts, key=lambda verdict: verdict.severity)

    @property
    def not_looked_at(self) -> tuple[str, ...]:
        """What the answer says nothing about, complete or not."""
        return ("data quality tests", "contracts", *(("profiles",) if self.drifts is None else ()))

    def summary(self) -> str:
        """Count the features that something happened to, by verdict."""
        worst: dict[Reference, ImpactVerdict] = {}
        for row in self.rows:  # the worst comes first
            worst.setdefault(row.feature, row.verdict)
        counts = [(verdict, [*worst.values()].count(verdict)) for verdict in ImpactVerdict]
        said = ", ".join(f"{number:,} {verdict}" for verdict, number in counts if number)
        features = f"{self.model} since {as_text(self.moment)}: {counted(len(worst), 'feature')}"
        end = f"; {counted(len(self.gaps), 'gap')}: not complete" if self.gaps else "; complete"
        unmeasured = sum(not drift.is_known for drift in (self.drifts or {}).values())
        drift = f"; drift of {counted(unmeasured, 'source')} not known" if unmeasured else ""
        return f"{features}{f': {said}' if said else ''}{end}{drift}"

    def to_records(self) -> list[Record]:
        """Give one row for each feature and each of its sources and their changes."""
        return [_record(row, self.drifts) for row in self.rows]


def since(
    snapshot: Snapshot,
    history: History,
    *,
    kept: Snapshot | None = None,
    profiles: Mapping[Reference, tuple[Profile, ...] | Gap] | None = None,
    limits: DriftLimits | None = None,
) -> Since:
    """Say what has changed in the sources of a model's features, and what that does to them.

    Parameters
    ----------
    snapshot : Snapshot
        What there is now.
    history : History
        The versions of the model and of what changed upstream of it.
    kept : Snapshot, optional
        A reading from no later than the moment, for the edges of then: they have no versions.
    profiles : mapping of Reference to tuple of Profile or Gap, optional
        What was measured of sources, as `read_profiles` reads it.
    limits : DriftLimits, optional
        From which figure on a source has moved; those of the house unless given.

    Returns
    -------
    Since
        A row for each feature and each change that reaches it, and for each source without one.

    Examples
    --------
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource
    >>> people, name = Reference("table", "people"), Reference("mlmodel", "m")
    >>> def table(version: float, *columns: str) -> Entity:
    ...     made = tuple(Column(name=item, fqn=f"people.{item}") for item in columns)
    ...     return Entity(
    ...         reference=people,
    ...         columns=made,
    ...         version=version,
    ...         updated_at=int(version * 100),
    ...         updated_by="ann",
    ...     )
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="m.age", sources=(source,))
    >>> model = MlModel(reference=name, features=(feature,), version=0.1, updated_at=10)
    >>> versions = (table(1.1, "city"), table(0.1, "age", "city"))
    >>> history = History(name, 50, {people: versions, name: (model,)})
    >>> answer = since(Snapshot(entities=(versions[0], model)), history)
    >>> for row in answer.rows:
    ...     print(row.verdict, row.feature.fqn, row.made.change, row.made.steps[0].updated_by)
    broken m.age drop column:people.age ann
    """
    unread = (*history.gaps, *_edges_of_then(history, kept))
    graph = build_graph(_before(snapshot, history, kept))
    made = [*changes_made(history), *_gone(snapshot, kept)]
    lasting = [item for item in made if not item.is_undone]
    # What came and went since is in neither graph, and reaches nothing of either.
    changes = [item.change for item in lasting if item.change.subject in graph]
    answer = impact(graph, changes, gaps=unread)
    gaps = tuple(dict.fromkeys((*unread, *upstream(graph, history.model).gaps)))
    found = [*_changed(graph, answer, history.model, lasting)]
    found += _unchanged(graph, answer, found, is_complete=not gaps, model=history.model)
    rows = tuple(sorted(found, key=_order))
    shown = {row.made for row in rows if row.made}
    return Since(
        history,
        rows,
        elsewhere=tuple(item for item in lasting if item not in shown),
        undone=tuple(item for item in made if item.is_undone),
        gaps=gaps,
        drifts=None if profiles is None else _drifts(profiles, history.moment, limits),
    )


def _drifts(
    profiles: Mapping[Reference, tuple[Profile, ...] | Gap],
    moment: int,
    limits: DriftLimits | None,
) -> dict[Reference, ProfileDrift]:
    return {
        column: ProfileDrift(notes=(f"not known: {found.reason}",))
        if isinstance(found, Gap)
        else profile_drift(found, moment, limits)
        for column, found in sorted(profiles.items())
    }


def feature_sources(graph: LineageGraph, model: Reference) -> list[tuple[Reference, Reference]]:
    """List the features of a model, each with what it takes directly; sorted."""
    pairs = {
        (hop.downstream, hop.upstream)
        for hop in graph.hops()
        if hop.downstream.kind == Kind.FEATURE and graph.entity_of(hop.downstream) == model
    }
    return sorted(pairs)


def _before(snapshot: Snapshot, history: History, kept: Snapshot | None) -> Snapshot:
    """Make the catalog of then, as far as it is known, with what is new since beside it."""
    entities = [
        as_before(entity, history.versions.get(entity.reference, (entity,)), history.moment)
        for entity in snapshot.entities
    ]
    others = () if kept is None else kept.entities
    edges = snapshot.edges if kept is None else (*kept.edges, *snapshot.edges)
    return Snapshot(entities=(*entities, *others), edges=edges, gaps=snapshot.gaps)


def _gone(snapshot: Snapshot, kept: Snapshot | None) -> Iterator[Made]:
    """Find what a kept snapshot has and the catalog no longer: its versions are gone with it."""
    known = {entity.id for entity in snapshot.entities} | {
        entity.reference for entity in snapshot.entities
    }
    for entity in () if kept is None else kept.entities:
        if entity.id not in known and entity.reference not in known:
            yield Made(ProposedChange(action=Action.DROP, subject=entity.reference), ())


def _edges_of_then(history: History, kept: Snapshot | None) -> Iterator[Gap]:
    if kept is None:
        reason = "edges have no versions, and those of now were taken: name a snapshot kept before"
    elif _milliseconds(kept.read_at) > history.moment:
        reason = f"the kept snapshot was read at {kept.read_at}, after {as_text(history.moment)}"
    else:
        return
    yield Gap(GapKind.EDGES_NOT_READ, history.model, reason)


def _milliseconds(moment: str) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp() * 1000
    except ValueError:  # a snapshot that somebody made does not say when
        return float("inf")


def _changed(
    graph: LineageGraph, answer: Impact, model: Reference, made: list[Made]
) -> Iterator[SourceChange]:
    """Go through the features, those of then and those of now, and what changed in or for them."""
    entity = graph.value(model)
    for feature in entity.features if isinstance(entity, MlModel) else ():
        reference = Reference(Kind.FEATURE, feature.fqn)
        yield from _own(reference, made)
        yield from _reaching(answer, reference, made)


def _unchanged(
    graph: LineageGraph,
    answer: Impact,
    changed: list[SourceChange],
    *,
    is_complete: bool,
    model: Reference,
) -> Iterator[SourceChange]:
    """Go through the sources of features that no change was found in, nor upstream of."""
    shown = {(row.feature, row.source) for row in changed}
    for feature, source in feature_sources(graph, model):
        verdict = answer.verdict(source)
        if (feature, source) not in shown and verdict.severity <= ImpactVerdict.UNKNOWN.severity:
            yield SourceChange(feature, source, verdict if is_complete else ImpactVerdict.UNKNOWN)


def _own(feature: Reference, made: Iterable[Made]) -> Iterator[SourceChange]:
    """Go through what was done to a feature itself, on its model."""
    for item in made:
        if item.change.subject == feature:
            gone = item.change.action == Action.DROP
            verdict = ImpactVerdict.BROKEN if gone else ImpactVerdict.CHANGED
            yield SourceChange(feature, feature, verdict, item)


def _reaching(answer: Impact, feature: Reference, made: list[Made]) -> Iterator[SourceChange]:
    by_change = {item.change: item for item in made}
    for change, verdict in answer.changes_reaching(feature):
        if change.subject != feature and change in by_change:
            yield SourceChange(feature, change.subject, verdict, by_change[change])


def _order(row: SourceChange) -> tuple[object, ...]:
    change = "" if row.made is None else str(row.made.change)
    return -row.verdict.severity, row.feature, row.source, change


def _record(row: SourceChange, drifts: Mapping[Reference, ProfileDrift] | None) -> Record:
    made, drift = row.made, (drifts or {}).get(row.source)
    steps = made.steps if made else ()
    return {
        "verdict": str(row.verdict),
        "feature": row.feature.fqn,
        "source": row.source.fqn,
        "change": str(made.change) if made else None,
        "versions": [step.version for step in steps],
        "by": [step.updated_by for step in steps],
        "at": [as_text(step.updated_at) for step in steps],
        "drift": None if drift is None else str(drift),
    }
