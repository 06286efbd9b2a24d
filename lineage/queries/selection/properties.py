"""Facts: what a selection can ask of an entity, a column or a feature."""

from collections.abc import Callable, Iterator

from lineage.graph.lineage_graph import LineageGraph
from lineage.graph.storage import Value
from lineage.model.entities import Column, Entity, Feature, Tag
from lineage.model.reference import Kind, Reference
from lineage.queries.selection.expressions import Key
from lineage.queries.selection.pattern import Pattern

__all__ = ["facts", "fits", "is_deleted"]

_TIER = "Tier."

_SHORT = frozenset({Key.OWNER, Key.TIER, Key.DOMAIN, Key.CERTIFICATION})
"""Facts that may also be named by the last part of their name: `tier:Tier1`."""


def fits(graph: LineageGraph, reference: Reference, key: Key, pattern: Pattern) -> bool | None:
    """Whether a fact of a reference fits a pattern; None where that is not known."""
    if key == Key.NAME:
        return pattern.matches_last(reference.fqn)
    found = facts(graph, reference, key)
    if found is None:
        return None
    may_be_short = key in _SHORT
    return any(
        pattern.matches(text) or (may_be_short and pattern.matches_last(text)) for text in found
    )


def facts(graph: LineageGraph, reference: Reference, key: Key) -> tuple[str, ...] | None:
    """Give what is known of a reference; None where it is in the graph by name alone.

    Tags are those of the reference itself, of the columns it is nested in and of its feature
    sources. Owners, tier, domains, service and certification are those of its entity.
    """
    if key == Key.KIND:
        return (reference.kind,)
    if key in {Key.FQN, Key.NAME}:
        return (reference.fqn,)
    if key in {Key.TAG, Key.SUGGESTED}:
        return _tags(graph, reference, confirmed=key == Key.TAG)
    entity = graph.value(graph.entity_of(reference))
    return _OF_ENTITIES[key](entity) if isinstance(entity, Entity) else None


def is_deleted(graph: LineageGraph, reference: Reference) -> bool | None:
    """Whether the entity of a reference is soft-deleted; None where that is not known."""
    entity = graph.value(graph.entity_of(reference))
    return entity.deleted if isinstance(entity, Entity) else None


_OF_ENTITIES: dict[Key, Callable[[Entity], tuple[str, ...]]] = {
    Key.OWNER: lambda entity: tuple(owner.fqn for owner in entity.owners),
    Key.TIER: lambda entity: tuple(t.fqn for t in entity.tags if t.fqn.startswith(_TIER)),
    Key.DOMAIN: lambda entity: tuple(domain.fqn for domain in entity.domains),
    Key.SERVICE: lambda entity: (entity.service,) if entity.service else (),
    Key.CERTIFICATION: lambda entity: (entity.certification,) if entity.certification else (),
}


def _tags(graph: LineageGraph, reference: Reference, *, confirmed: bool) -> tuple[str, ...] | None:
    value = graph.value(reference)
    if value is None:
        return None
    labels = [label for item in _carriers(graph, reference, value) for label in item]
    return tuple(label.fqn for label in labels if label.is_confirmed == confirmed)


def _carriers(graph: LineageGraph, reference: Reference, value: Value) -> Iterator[tuple[Tag, ...]]:
    yield value.tags
    if isinstance(value, Feature):
        yield from (source.tags for source in value.sources)
    parent = graph.parent(reference)
    while parent is not None and parent.kind == Kind.COLUMN:
        above = graph.value(parent)
        if isinstance(above, Column):
            yield above.tags
        parent = graph.parent(parent)
