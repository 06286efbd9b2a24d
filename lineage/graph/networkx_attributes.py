"""What a node and an edge of a networkx graph are told by: plain attributes."""

from functools import cache
from typing import Any

from lineage.graph.storage import Value
from lineage.model.edges import ColumnEdge, Evidence, Strength
from lineage.model.entities import Entity
from lineage.model.reference import Reference

__all__ = ["edge_attributes", "hop_attributes", "node_attributes"]

_SKIPPED = {"reference", "fqn", "columns", "children", "features", "sources", "entity_id"}
_LABELS = {strength: strength.label for strength in Strength}


def node_attributes(
    reference: Reference, value: Value | None, parent: Reference | None
) -> dict[str, Any]:
    """Spell a reference and what it stands for as plain attributes."""
    facts: dict[str, Any] = {"kind": str(reference.kind), "fqn": reference.fqn, "parent": parent}
    facts["read"] = value is not None
    if value is None:
        return facts
    for name in _fields(type(value).__mro__):
        facts[name] = getattr(value, name)
    facts["tags"] = tuple([tag.fqn for tag in value.tags])
    if isinstance(value, Entity):
        facts["name"] = value.reference.name
    return facts


def edge_attributes(evidence: Evidence) -> dict[str, Any]:
    """Spell an edge between entities and why it is believed as plain attributes."""
    facts = {name: getattr(evidence, name) for name in evidence.__slots__}
    facts["origin"] = str(evidence.origin)
    return {"kind": "entity", "strength": None, "function": None, "influence": None, **facts}


def hop_attributes(
    edge: dict[str, Any], mapping: ColumnEdge | None, strength: Strength
) -> dict[str, Any]:
    """Spell one hop of an edge: its own facts, and the others as the edge has them."""
    facts = edge.copy()
    facts["strength"] = _LABELS[strength]
    if mapping is not None:
        facts["kind"], facts["function"] = "column", mapping.function
        if mapping.influence is not None:
            facts["influence"] = str(mapping.influence)
    return facts


@cache
def _fields(kinds: tuple[type, ...]) -> tuple[str, ...]:
    names = (name for kind in kinds for name in getattr(kind, "__slots__", ()))
    return tuple(name for name in names if name not in _SKIPPED)
