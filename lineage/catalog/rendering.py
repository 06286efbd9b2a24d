"""Rendering: an entity as a reply shows it, by the fields that were asked for."""

import hashlib
from collections.abc import Collection, Mapping

from lineage.catalog import entity_store
from lineage.catalog.answers import JsonObject, RefusalError, unforeseen
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.inheritance import inherited
from lineage.catalog.labels import shown_labels
from lineage.catalog.nested_fields import Parts, ShownLabels, change_parts, parts_of
from lineage.catalog.reference_fields import shown_references

__all__ = ["asked_fields", "check_renderable", "entity_tag", "show"]

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
        return kind.properties
    for name in sorted(names - kind.properties):
        raise RefusalError(400, f"Invalid field name {name}")
    return frozenset(names)


def show(
    context: Context,
    kind: EntityKind,
    body: JsonObject,
    *,
    fields: Collection[str] | None,
    listed: bool = False,
) -> JsonObject:
    """Give an entity as a reply shows it.

    Parameters
    ----------
    body : dict
        The entity as it is stored.
    fields : collection of str or None
        Which of the hidden fields to show; None shows the parts, with their labels.
    listed : bool
        Whether it is one of a list, which shows labels of some parts only with their field.
    """
    asked, fields = fields, kind.emptied if fields is None else fields
    hidden = kind.hidden | kind.asked_of_lists if listed else kind.hidden
    hidden -= frozenset(fields)
    shown = {key: value for key, value in body.items() if key not in hidden}
    shown |= {key: [] for key in kind.emptied & hidden}
    if kind.labelled:
        lists = kind.properties.intersection(_LISTS, fields)
        shown |= {key: [] for key in lists - shown.keys()}
        places = {where: _labels_of(where, asked, listed=listed) for where in kind.parts}
        places = {where: labels for where, labels in places.items() if where.resolved}
        shown = _with_labels(context, shown, places, own="tags" in fields)
    if "children" in kind.hidden.intersection(fields):
        inside = entity_store.inside(context.store, kind.name, body["id"])
        shown["children"] = [document.reference for document in inside]
    if kind.votable and "votes" in fields:
        shown.setdefault("votes", {"upVoters": [], "downVoters": []})
    shown = shown_references(context, kind, shown)
    for field in kind.inherited.intersection(shown, fields):
        shown[field] = shown[field] or inherited(context, kind, body, field)
    return shown


def check_renderable(context: Context, kind: EntityKind, document: Document) -> Document:
    """Give back an entity that can be rendered: on 1.12 no column may have a quote in its name.

    Raises
    ------
    RefusalError
        It cannot be rendered.
    """
    columns = (
        part for where in kind.parts if where.columns for part in parts_of(document.body, where)
    )
    quoted = context.version[:2] == (1, 12) and any('"' in column["name"] for column in columns)
    if quoted or document.fqn in context.faults.unrenderable:
        reason = "Failed to render"
        raise unforeseen(reason)
    return document


def entity_tag(body: JsonObject) -> str:
    """Give the ETag of an entity: it changes with its version or time, and not with its labels."""
    marks = as_json([body[key] for key in ("id", "version", "updatedAt")])
    return f'"{hashlib.sha256(marks.encode()).hexdigest()[:16]}"'


def _labels_of(where: Parts, fields: Collection[str] | None, *, listed: bool) -> ShownLabels:
    if fields is None:
        return where.unasked
    missing = listed and where.asked and where.asked not in fields
    return "absent" if missing or "tags" not in fields else "kept"


def _with_labels(
    context: Context, shown: JsonObject, places: Mapping[Parts, ShownLabels], *, own: bool
) -> JsonObject:
    """Show the labels of an entity itself, and of its parts in some places."""

    def absent(part: JsonObject) -> JsonObject:
        return {key: value for key, value in part.items() if key != "tags"}

    def empty(part: JsonObject) -> JsonObject:
        return {**absent(part), "tags": []}

    def kept(part: JsonObject) -> JsonObject:
        return {**absent(part), "tags": shown_labels(context, part.get("tags", ()))}

    renderers = {"absent": absent, "empty": empty, "kept": kept}
    for where, labels in places.items():
        shown = change_parts(shown, where, renderers[labels])
    return kept(shown) if own else absent(shown)
