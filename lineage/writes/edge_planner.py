"""What is wanted of one edge, turned into a step or into the reason why not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lineage.changes.drift import declared_edges, has_drift, recorded_edge
from lineage.changes.edge_facts import Pair, fingerprint, functions, mapping_text
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.writes.edge_change import action_of
from lineage.writes.edge_step import EdgeStep
from lineage.writes.merge import Clash, Merge, merge_edge
from lineage.writes.ownership import DERIVED, Ownership
from lineage.writes.removal import Removal, forbidden, without
from lineage.writes.step import Action

__all__ = ["Intention", "PlannedEdge", "Refusal", "intentions", "plan_again", "plan_edge"]

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
    """What is wanted of one edge, and what is to go of it."""

    upstream: Reference
    downstream: Reference
    wanted: tuple[Edge, ...] = ()
    removals: tuple[Removal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEdge:
    """What an intention results in."""

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
    removals: dict[tuple[Reference, Reference], list[Removal]] = {}
    for removal in remove:
        edge = removal.edge
        removals.setdefault((edge.downstream, edge.upstream), []).append(removal)
    wanted: dict[tuple[Reference, Reference], list[Edge]] = {}
    for edge in declared_edges(graph, models=models) if desired is None else desired:
        ends = edge.downstream, edge.upstream
        # What is recorded already may be among what goes: then it is wanted all the same.
        if ends in removals or _is_lacking(graph, edge):
            wanted.setdefault(ends, []).append(edge)
    return tuple(
        Intention(
            upstream=upstream,
            downstream=downstream,
            wanted=tuple(wanted.get((downstream, upstream), ())),
            removals=tuple(removals.get((downstream, upstream), ())),
        )
        for downstream, upstream in sorted({*wanted, *removals})
    )


def plan_edge(graph: LineageGraph, intention: Intention, merge: Merge) -> PlannedEdge:
    """Turn what is wanted of an edge into a step, or say why not.

    What goes is taken away first, and what is wanted is merged with what is left: so the plan
    after it, which sees nothing of what went, wants nothing more.
    """
    upstream, downstream = intention.upstream, intention.downstream
    ends = _entity(graph, upstream), _entity(graph, downstream)
    if not all(end.id for end in ends):
        reason = "one of the two was not read, so the server's id of it is not known"
        return PlannedEdge(refused=(Refusal(upstream, downstream, reason),))
    recorded = recorded_edge(graph, upstream, downstream)
    known, reasons = _possible(graph, intention, ends)
    allowed, forbidding = _allowed(intention.removals, merge)
    left = recorded
    for removal in allowed:
        left = _after_removal(left, removal)
    after, clashes = (left, ()) if known is None else merge_edge(known, left, merge=merge)
    step = EdgeStep(
        action=action_of(recorded, after),
        upstream=upstream,
        upstream_id=ends[0].id,
        downstream=downstream,
        downstream_id=ends[1].id,
        before=recorded,
        after=after,
        pipeline_id=_pipeline_id(graph, recorded, after),
        fingerprint=fingerprint(recorded),
        owner=merge.ownership.owner(recorded),
        reason="; ".join(_reasons(recorded, known, left, allowed)),
        ours=_owned(recorded, merge.ownership),
    )
    reasons += [*forbidding, *_wanted_again(allowed, known, after)]
    return PlannedEdge(
        step=step if _does_something(step) else None,
        refused=tuple(Refusal(upstream, downstream, reason) for reason in reasons),
        clashes=clashes,
    )


def plan_again(graph: LineageGraph, edge: Edge, reason: str, merge: Merge) -> PlannedEdge:
    """Plan to write a recorded edge as it is once more; nothing where an end was not read."""
    ends = _entity(graph, edge.upstream), _entity(graph, edge.downstream)
    if edge.evidence.recorded_as == DERIVED or not all(end.id for end in ends):
        return PlannedEdge()
    step = EdgeStep(
        action=Action.WRITE_AGAIN,
        upstream=edge.upstream,
        upstream_id=ends[0].id,
        downstream=edge.downstream,
        downstream_id=ends[1].id,
        before=edge,
        after=edge,
        fingerprint=fingerprint(edge),
        owner=merge.ownership.owner(edge),
        reason=reason,
        ours=_owned(edge, merge.ownership),
    )
    return PlannedEdge(step=step)


def _is_lacking(graph: LineageGraph, edge: Edge) -> bool:
    """Whether the server lacks something of an edge, or cannot hold all of it."""
    recorded = recorded_edge(graph, edge.upstream, edge.downstream)
    return has_drift(edge, recorded) or len(edge.value_mappings) < len(edge.column_edges)


def _entity(graph: LineageGraph, reference: Reference) -> Entity:
    """Give an entity; one without an id where it was not read."""
    value = graph.value(reference) if reference in graph else None
    return value if isinstance(value, Entity) else Entity(reference=reference)


def _allowed(removals: Iterable[Removal], merge: Merge) -> tuple[list[Removal], list[str]]:
    """Separate the removals that may be made from the reasons why the others must not."""
    reasons = {removal: forbidden(removal, merge.ownership) for removal in removals}
    allowed = [removal for removal, reason in reasons.items() if not reason]
    return allowed, [reason for reason in reasons.values() if reason]


def _owned(edge: Edge | None, ownership: Ownership) -> tuple[Pair, ...]:
    """List the pairs of an edge that are provably ours."""
    return tuple(
        sorted(pair for pair in functions(edge) if edge is not None and ownership.owns(edge, pair))
    )


def _possible(
    graph: LineageGraph, intention: Intention, ends: tuple[Entity, Entity]
) -> tuple[Edge | None, list[str]]:
    """Reduce what is wanted to what the server would keep; say why the rest is refused."""
    if not intention.wanted:
        return None, []
    wanted, *others = intention.wanted
    reason = _impossible(graph, wanted, ends)
    if reason:
        return None, [reason]
    unknown = sorted({name for name in _named(wanted) if not _has(graph, ends, name)})
    kept = tuple(_without_names(mapping, unknown) for mapping in wanted.value_mappings)
    known = replace(wanted, column_edges=tuple(mapping for mapping in kept if mapping.upstream))
    reasons = [f"neither of the two has {name}, and the server would drop it" for name in unknown]
    reasons += [
        f"the server can hold no influence, and would take {mapping_text(mapping)} for a value"
        for mapping in wanted.column_edges
        if mapping.influence is not None
    ]
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
        return f"{pipeline} runs it, but was not read"
    return ""


def _named(edge: Edge) -> Iterator[str]:
    for mapping in edge.value_mappings:
        yield from (*mapping.upstream, mapping.downstream)


def _has(graph: LineageGraph, ends: tuple[Entity, Entity], name: str) -> bool:
    """Whether one of two entities has a column, a feature or a chart of that name."""
    parts = [Reference(kind, name) for kind in _MAPPED]
    known = [part for part in parts if part in graph and graph.value(part) is not None]
    references = {end.reference for end in ends}
    return any(part.kind == Kind.CHART or graph.entity_of(part) in references for part in known)


def _without_names(mapping: ColumnEdge, unknown: list[str]) -> ColumnEdge:
    gone = mapping.downstream in unknown
    columns = () if gone else tuple(name for name in mapping.upstream if name not in unknown)
    return replace(mapping, upstream=columns)


def _after_removal(edge: Edge | None, removal: Removal) -> Edge | None:
    if edge is None or removal.mappings is None:
        return None
    return without(edge, removal.mappings)


def _wanted_again(
    allowed: Iterable[Removal], known: Edge | None, after: Edge | None
) -> Iterator[str]:
    """Say of what is to go that it stays, since it is wanted too."""
    stays = set(() if after is None else after.column_edges)
    for removal in allowed if known is not None else ():
        if removal.mappings is None:
            yield "the edge should go, but is wanted too: take it out of what is wanted"
        for mapping in removal.mappings or ():
            if mapping in stays:
                what = mapping_text(mapping)
                yield f"{what} should go, but is wanted too: take it out of what is wanted"


def _pipeline_id(graph: LineageGraph, before: Edge | None, after: Edge | None) -> str:
    """Give the id of a pipeline that the server does not have on the edge already."""
    pipeline = None if after is None else after.evidence.pipeline
    if pipeline is None or (before is not None and before.evidence.pipeline == pipeline):
        return ""
    return _entity(graph, pipeline).id


def _reasons(
    recorded: Edge | None, known: Edge | None, left: Edge | None, allowed: list[Removal]
) -> Iterator[str]:
    if known is not None and has_drift(known, left):
        lacks = "does not have the edge" if recorded is None else "has the edge without all of this"
        yield f"it is declared; the server {lacks}"
    yield from dict.fromkeys(removal.reason for removal in allowed)


def _does_something(step: EdgeStep) -> bool:
    if step.before is None or step.after is None:
        return step.before is not step.after
    return bool(step.added or step.removed or step.changed or step.details)
