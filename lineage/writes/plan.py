"""The plan: what would have to be written for the server to say what the models declare."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lineage.changes.drift import Drift, find_drift
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["Action", "Plan", "Refusal", "Step", "describe", "fingerprint", "make_plan"]


class Action(StrEnum):
    """What a step does."""

    CREATE_EDGE = "create-edge"
    ADD_MAPPINGS = "add-mappings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One intended write: an edge with mappings added, everything else kept.

    Attributes
    ----------
    upstream, downstream : Reference
        The ends of the edge.
    upstream_id, downstream_id : str
        The server's ids of them.
    before : Edge or None
        What the server recorded when the plan was made.
    added : tuple of ColumnEdge
        The mappings to add.
    fingerprint : str
        Of what was recorded; a write is refused where it no longer matches.
    reason : str
        Why the step is wanted.
    """

    action: Action
    upstream: Reference
    upstream_id: str
    downstream: Reference
    downstream_id: str
    before: Edge | None
    added: tuple[ColumnEdge, ...]
    fingerprint: str
    reason: str

    @property
    def after(self) -> tuple[ColumnEdge, ...]:
        """All mappings the edge will have."""
        return (() if self.before is None else self.before.column_edges) + self.added


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that should be written and cannot be, since the server would refuse it."""

    upstream: Reference
    downstream: Reference
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Plan(Answer):
    """Intended writes to one server, sorted by model; empty when there is nothing to do.

    Attributes
    ----------
    server : str
        The only server the plan may be applied to.
    steps : tuple of Step
    refused : tuple of Refusal
        What the server would not let be written, told before anything is.
    gaps : tuple of Gap
        What could not be planned, since it was not read or does not resolve.
    """

    server: str
    steps: tuple[Step, ...]
    refused: tuple[Refusal, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def summary(self) -> str:
        """Say how many edges and mappings would be written."""
        refused = f"; {len(self.refused)} cannot be written" if self.refused else ""
        if not self.steps:
            return f"nothing to do{refused}"
        created = sum(step.action == Action.CREATE_EDGE for step in self.steps)
        mappings = sum(len(step.added) for step in self.steps)
        models = len({step.downstream for step in self.steps})
        return (
            f"{counted(created, 'edge')} to create, {len(self.steps) - created} to change, "
            f"{counted(mappings, 'mapping')} to add, for {counted(models, 'model')}{refused}"
        )

    def to_records(self) -> list[Record]:
        """Give one row for each step."""
        return [
            {
                "action": str(step.action),
                "upstream": str(step.upstream),
                "downstream": str(step.downstream),
                "added": [
                    f"{', '.join(mapping.upstream)} -> {mapping.downstream}"
                    for mapping in step.added
                ],
                "kept": 0 if step.before is None else len(step.before.column_edges),
                "reason": step.reason,
            }
            for step in self.steps
        ]


def make_plan(graph: LineageGraph, *, models: Iterable[Reference] | None = None) -> Plan:
    """Plan what to write so that the server records what the models declare.

    One step an edge, so the writes grow with the tables a model is fed by, not with its
    features. Nothing recorded is taken away.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : iterable of Reference, optional
        The models to plan for; all of them unless told otherwise.

    Returns
    -------
    Plan

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Feature, FeatureSource, MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), id="2", features=(feature,))
    >>> column = Column(name="age", fqn="people.age")
    >>> table = Entity(reference=people, id="1", columns=(column,))
    >>> make_plan(build_graph(Snapshot(entities=(table, model))))
    <Plan: 1 edge to create, 0 to change, 1 mapping to add, for 1 model>
    """
    intended = [_intend(graph, drift) for drift in find_drift(graph, models=models)]
    return Plan(
        server=graph.server,
        steps=tuple(item for item in intended if isinstance(item, Step)),
        refused=tuple(item for item in intended if isinstance(item, Refusal)),
        gaps=graph.gaps,
    )


def describe(plan: Plan) -> list[str]:
    """Write a plan out in lines, for somebody to read before it is applied.

    `+` is what would be added, `=` what others wrote and stays, `!` what cannot be written.

    Examples
    --------
    >>> describe(Plan(server="https://metadata.example.com", steps=()))
    ['nothing to do']
    """
    lines = [plan.summary()]
    for step in plan.steps:
        verb = "create" if step.action == Action.CREATE_EDGE else "change"
        lines += ["", f"{verb} {step.upstream} → {step.downstream}", f"  ({step.reason})"]
        lines += [f"  + {', '.join(item.upstream)} → {item.downstream}" for item in step.added]
        lines += [f"  = {what}" for what in _kept(step.before)]
    if plan.refused:
        lines.append("")
    lines += [f"! {item.upstream} → {item.downstream}: {item.reason}" for item in plan.refused]
    return lines


def fingerprint(edge: Edge | None) -> str:
    """Tell one state of a recorded edge from another: 16 hexadecimal digits of SHA-256.

    Who wrote the edge and when is left out. An edge without any details counts as none,
    since the server does not tell the two apart.

    Examples
    --------
    >>> fingerprint(None) == fingerprint(
    ...     Edge(upstream=Reference("table", "a"), downstream=Reference("mlmodel", "b"))
    ... )
    True
    """
    state: list[object] = []
    if edge is not None and (edge.column_edges or edge.evidence.recorded_as):
        evidence = edge.evidence
        mappings = sorted(
            [item.downstream, sorted(item.upstream), item.function or ""]
            for item in edge.column_edges
        )
        pipeline = "" if evidence.pipeline is None else str(evidence.pipeline)
        texts = [evidence.recorded_as or "", evidence.sql or "", evidence.description or ""]
        state = [pipeline, *texts, mappings]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]


def _kept(before: Edge | None) -> list[str]:
    """Name what an edge says already and goes on saying."""
    if before is None:
        return []
    evidence = before.evidence
    facts = (
        (counted(len(before.column_edges), "mapping"), bool(before.column_edges)),
        (f"pipeline {evidence.pipeline}", evidence.pipeline is not None),
        ("SQL", bool(evidence.sql)),
        (f"description {evidence.description!r}", bool(evidence.description)),
    )
    return [f"{what} kept" for what, is_there in facts if is_there]


def _intend(graph: LineageGraph, drift: Drift) -> Step | Refusal:
    """Turn drift into a step, or say why the server would refuse it."""
    upstream, downstream = graph.value(drift.upstream), graph.value(drift.downstream)
    if not isinstance(upstream, Entity) or not isinstance(downstream, Entity):
        reason = "one of the two was not read, so the server's id of it is not known"
        return Refusal(drift.upstream, drift.downstream, reason)
    for entity in (upstream, downstream):
        if entity.deleted:
            reason = f"{entity.reference} is deleted; restore it, or take the source away"
            return Refusal(drift.upstream, drift.downstream, reason)
    is_new = drift.recorded is None
    lacks = "does not have the edge" if is_new else "has the edge without these mappings"
    return Step(
        action=Action.CREATE_EDGE if is_new else Action.ADD_MAPPINGS,
        upstream=drift.upstream,
        upstream_id=upstream.id,
        downstream=drift.downstream,
        downstream_id=downstream.id,
        before=drift.recorded,
        added=drift.missing,
        fingerprint=fingerprint(drift.recorded),
        reason=f"the model's feature sources declare it; the server {lacks}",
    )
