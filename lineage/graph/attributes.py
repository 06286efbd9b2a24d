"""What a node and an edge of a networkx graph are told by: plain attributes."""

from typing import Any

from lineage.graph.columns import Value
from lineage.model.edges import Hop
from lineage.model.entities import Entity

__all__ = ["edge_attributes", "value_attributes"]


def value_attributes(value: Value | None) -> dict[str, Any]:
    """Spell what a node stands for as plain attributes."""
    if value is None:
        return {"read": False}
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    skipped = {"reference", "fqn", "columns", "children", "features", "sources", "entity_id"}
    facts = {name: getattr(value, name) for name in names if name not in skipped}
    facts["tags"] = tuple(tag.fqn for tag in value.tags)
    facts.setdefault("name", value.reference.name if isinstance(value, Entity) else None)
    return {"read": True, **facts}


def edge_attributes(hop: Hop) -> dict[str, Any]:
    """Spell an edge and why it is believed as plain attributes."""
    evidence = hop.edge.evidence
    facts = {name: getattr(evidence, name) for name in evidence.__slots__}
    facts["origin"] = str(evidence.origin)
    kind = "entity" if hop.column_edge is None else "column"
    return {
        "kind": kind,
        "strength": hop.strength.label,
        "function": hop.function,
        "influence": None if hop.influence is None else str(hop.influence),
        **facts,
    }
