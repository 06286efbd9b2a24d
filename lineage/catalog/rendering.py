"""Rendering: an entity as a reply shows it, by the fields that were asked for."""

import hashlib
from collections.abc import Collection

from lineage.catalog import entity_store
from lineage.catalog.answers import JsonObject, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_store import as_json
from lineage.catalog.inheritance import inherited
from lineage.catalog.labels import shown_labels
from lineage.catalog.nested_fields import change_parts
from lineage.catalog.reference_fields import shown_references

__all__ = ["asked_fields", "entity_tag", "show"]

# Relations that are shown as an empty list when asked for and there are none.
_LISTS = ("tags", "owners", "domains", "dataProducts", "followers")


def asked_fields(kind: EntityKind, fields: str) -> frozenset[str]:
    """Read the `fields` parameter.

    Raises
    ------
    RefusalError
        A field is none of the kind's.
    """
    names = {name.strip() for name in fields.split(",") if name.strip()}
    if "*" in names:
        return kind.hidden
    for name in sorted(names - kind.properties):
        raise RefusalError(400, f"Invalid field name {name}")
    return frozenset(names)


def show(
    context: Context, kind: EntityKind, body: JsonObject, *, fields: Collection[str]
) -> JsonObject:
    """Give an entity as a reply shows it.

    Parameters
    ----------
    body : dict
        The entity as it is stored.
    fields : collection of str
        Which of the hidden fields to show.
    """
    hidden = kind.hidden - frozenset(fields)
    shown = {key: value for key, value in body.items() if key not in hidden}
    shown |= {key: [] for key in kind.emptied & hidden}
    if kind.labelled:
        lists = kind.properties.intersection(_LISTS, fields)
        shown |= {key: [] for key in lists - shown.keys()}
        shown = _with_labels(context, kind, shown, wanted="tags" in fields)
    if "children" in kind.hidden.intersection(fields):
        inside = entity_store.inside(context.store, kind.name, body["id"])
        shown["children"] = [document.reference for document in inside]
    shown = shown_references(context, kind, shown)
    for field in kind.inherited.intersection(shown, fields):
        shown[field] = shown[field] or inherited(context, kind, body, field)
    return shown


def entity_tag(shown: JsonObject) -> str:
    """Give the strong ETag of a reply: it changes with the reply's bytes."""
    return f'"{hashlib.sha256(as_json(shown).encode()).hexdigest()[:16]}"'


def _with_labels(
    context: Context, kind: EntityKind, shown: JsonObject, *, wanted: bool
) -> JsonObject:
    def labelled(part: JsonObject) -> JsonObject:
        bare = {key: value for key, value in part.items() if key != "tags"}
        if not wanted:
            return bare
        return {**bare, "tags": shown_labels(context, part.get("tags", ()))}

    for where in kind.parts:
        shown = change_parts(shown, where, labelled)
    return labelled(shown)
