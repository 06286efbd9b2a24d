"""Intentions: what is wanted of one edge, turned into a step or into the reason why not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lineage.changes.drift import find_drift, recorded_edge
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.writes.edge_steps import Action, EdgeStep, fingerprint
from lineage.writes.merge import Clash, Merge, merge_edge
from lineage.writes.ownership import DERIVED
from lineage.writes.removal import Removal, forbidden, without

__all__ = ["Intended", "Intention", "Refusal", "intend", "intentions"]

_MAPPED = (Kind.COLUMN, Kind.FEATURE, Kind.CHART)
"""Kinds of what a mapping can name."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is wanted and must not or cannot be written."""

    upstream: Reference
    downstream: Reference
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """What is wanted of one edge."""

    upstream: Reference
    downstream: Reference
    wanted: tuple[Edge, ...] = ()
    removals: tuple[Removal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """What came of an intention."""

    step: EdgeStep | None = None
    refused: tuple[Refusal, ...] = ()
    clashes: tuple[Clash, ...] = ()


def intentions(
    graph: LineageGraph,
    *,
    desired: Iterable[Edge] | None,
    remove: Iterable[Removal],
    models: Iterable[Reference] | None,
) -> tuple[Intention, ...]:
    """Collect what is wanted edge by edge, sorted by what is fed, then by what feeds it."""
    wanted: dict[tuple[Reference, Reference], list[Edge]] = {}
    for drift in find_drift(graph, desired=desired, models=models):
        wanted.setdefault((drift.downstream, drift.upstream), []).append(drift.declared)
    removals: dict[tuple[Reference, Reference], list[Removal]] = {}
    for removal in remove:
        edge = removal.edge
        removals.setdefault((edge.downstream, edge.upstream), []).append(removal)
    return tuple(
        Intention(
            upstream=upstream,
            downstream=downstream,
            wanted=tuple(wanted.get((downstream, upstream), ())),
            removals=tuple(removals.get((downstream, upstream), ())),
        )
        for downstream, upstream in sorted({*wanted, *removals})
    )


def intend(graph: LineageGraph, intention: Intention, merge: Merge) -> Intended:
    """Turn what is wanted of an edge into a step, or say why not."""
    upstream, downstream = intention.upstream, intention.downstream
    ends = _entity(graph, upstream), _entity(graph, downstream)
    if not all(end.id for end in ends):
        reason = "one of the two was not read, so the server's id of it is not known"
        return Intended(refused=(Refusal(upstream, downstream, reason),))
    recorded = recorded_edge(graph, upstream, downstream)
    known, reasons = _possible(graph, intention, ends)
    after, clashes = (recorded, ()) if known is None else merge_edge(known, recorded, merge=merge)
    forbidding = {item: forbidden(item, merge.ownership) for item in intention.removals}
    allowed = [item for item, reason in forbidding.items() if not reason]
    for removal in allowed:
        after = _after_removal(after, removal)
    why = list(dict.fromkeys(_reasons(recorded, known, allowed)))
    step = _step(graph, ends, recorded, after, merge=merge, reason="; ".join(why))
    reasons += [reason for reason in forbidding.values() if reason]
    return Intended(
        step=step if _does_something(step) else None,
        refused=tuple(Refusal(upstream, downstream, reason) for reason in reasons),
        clashes=clashes,
    )


def _step(
    graph: LineageGraph,
    ends: tuple[Entity, Entity],
    before: Edge | None,
    after: Edge | None,
    *,
    merge: Merge,
    reason: str,
) -> EdgeStep:
    upstream, downstream = ends
    return EdgeStep(
        action=_action(before, after),
        upstream=upstream.reference,
        upstream_id=upstream.id,
        downstream=downstream.reference,
        downstream_id=downstream.id,
        before=before,
        after=after,
        pipeline_id=_pipeline_id(graph, before, after),
        fingerprint=fingerprint(before),
        owner=merge.ownership.owner(before),
        reason=reason,
    )


def _entity(graph: LineageGraph, reference: Reference) -> Entity:
    """Give an entity; one without an id where it was not read."""
    value = graph.value(reference) if reference in graph else None
    return value if isinstance(value, Entity) else Entity(reference=reference)


def _possible(
    graph: LineageGraph, intention: Intention, ends: tuple[Entity, Entity]
) -> tuple[Edge | None, list[str]]:
    """Cut what is wanted down to what the server would keep; say why the rest is refused."""
    if not intention.wanted:
        return None, []
    wanted, *others = intention.wanted
    reason = _impossible(graph, wanted, ends)
    if reason:
        return None, [reason]
    unknown = sorted({name for name in _named(wanted) if not _has(graph, ends, name)})
    kept = tuple(_cut(mapping, unknown) for mapping in wanted.column_edges)
    known = replace(wanted, column_edges=tuple(mapping for mapping in kept if mapping.upstream))
    reasons = [f"neither of the two has {name}, and the server would drop it" for name in unknown]
    if others:
        count = 1 + len(others)
        reasons.append(f"the server holds one edge between the two, and {count} are wanted")
    return known, reasons


def _impossible(graph: LineageGraph, wanted: Edge, ends: tuple[Entity, Entity]) -> str:
    """Say why an edge cannot be written at all; nothing where it can."""
    if wanted.evidence.recorded_as == DERIVED:
        return "the server derives such edges by itself"
    for entity in ends:
        if entity.deleted:
            return f"{entity.reference} is deleted; restore it, or take the source away"
    pipeline = wanted.evidence.pipeline
    if pipeline is not None and not _entity(graph, pipeline).id:
        return f"{pipeline} carries it, but was not read"
    return ""


def _named(edge: Edge) -> Iterator[str]:
    for mapping in edge.column_edges:
        yield from (*mapping.upstream, mapping.downstream)


def _has(graph: LineageGraph, ends: tuple[Entity, Entity], name: str) -> bool:
    """Whether one of two entities has a column, a feature or a chart of that name."""
    parts = [Reference(kind, name) for kind in _MAPPED]
    known = [part for part in parts if part in graph and graph.value(part) is not None]
    references = {end.reference for end in ends}
    return any(part.kind == Kind.CHART or graph.entity_of(part) in references for part in known)


def _cut(mapping: ColumnEdge, unknown: list[str]) -> ColumnEdge:
    gone = mapping.downstream in unknown
    columns = () if gone else tuple(name for name in mapping.upstream if name not in unknown)
    return replace(mapping, upstream=columns)


def _after_removal(edge: Edge | None, removal: Removal) -> Edge | None:
    if edge is None or removal.mappings is None:
        return None
    return without(edge, removal.mappings)


def _action(before: Edge | None, after: Edge | None) -> Action:
    if after is None:
        return Action.REMOVE_EDGE
    if before is None:
        return Action.CREATE_EDGE
    pairs = [
        {pair for mapping in edge.column_edges for pair in mapping.pairs}
        for edge in (before, after)
    ]
    return Action.REMOVE_MAPPINGS if pairs[0] > pairs[1] else Action.CHANGE_EDGE


def _pipeline_id(graph: LineageGraph, before: Edge | None, after: Edge | None) -> str:
    """Give the id of a pipeline that the server does not have on the edge already."""
    pipeline = None if after is None else after.evidence.pipeline
    if pipeline is None or (before is not None and before.evidence.pipeline == pipeline):
        return ""
    return _entity(graph, pipeline).id


def _reasons(recorded: Edge | None, known: Edge | None, allowed: list[Removal]) -> Iterator[str]:
    if known is not None:
        lacks = "does not have the edge" if recorded is None else "has the edge without all of this"
        yield f"it is declared; the server {lacks}"
    yield from (removal.reason for removal in allowed)


def _does_something(step: EdgeStep) -> bool:
    if step.before is None or step.after is None:
        return step.before is not step.after
    return bool(step.added or step.removed or step.details)
