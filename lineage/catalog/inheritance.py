"""Inheritance: owners and domains that an entity takes from what it is in."""

from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.reference_fields import full_reference

__all__ = ["inherited"]


def inherited(context: Context, kind: EntityKind, body: JsonObject, field: str) -> list[JsonObject]:
    """Give what an entity that has none of its own takes from the nearest it is in."""
    while field in kind.inherited:
        links = (link for link in (kind.nested, kind.parent) if link)
        above = next((body[link.field] for link in links if body.get(link.field)), None)
        found = context.glance(above["type"], id=above["id"]) if above else None
        if found is None:
            break
        if found.body.get(field):
            named = [context.glance(one["type"], id=one["id"]) for one in found.body[field]]
            return [{**full_reference(one), "inherited": True} for one in named if one]
        kind, body = KINDS[found.kind], found.body
    return []
