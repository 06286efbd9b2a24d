"""Drafts: what an entity will be, from a create request, a repeated one or a JSON Patch.

A draft has all that a request can decide, in the form it is stored in: references are id and
type, labels are bare, parts have their names. Ids, versions and times come later.
"""

from lineage import fqn as names
from lineage.catalog.answers import JsonObject, RefusalError, unforeseen
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_store import Document
from lineage.catalog.features import name_sources
from lineage.catalog.labels import checked_labels, merged_labels
from lineage.catalog.nested_fields import (
    Parts,
    change_parts,
    check_columns,
    name_parts,
    parts_of,
    put_parts,
    walk_parts,
)
from lineage.catalog.patches import apply_patch
from lineage.catalog.reference_fields import checked_link, linked

__all__ = ["draft", "patch", "redraft"]

# A bot may fill these, but its PUT leaves them alone once they are filled.
_KEPT_FROM_BOTS = ("description", "displayName", "extension", "domains", "provider")

# A PUT may replace these, but not take them away.
_NEVER_REMOVED = ("owners", "dataProducts", "lifeCycle")

# Kept elsewhere than in what a patch changes, or worked out.
_SHOWN_ONLY = ("followers", "votes", "children")


def draft(context: Context, kind: EntityKind, sent: object) -> JsonObject:
    """Give what a create request asks for.

    Raises
    ------
    RefusalError
        The request does not fit, or names what does not exist.
    """
    request = kind.create.read(sent, "", context.rules)
    entity = {**kind.defaults, **request}
    prefix = ""
    if kind.parent:
        above = checked_link(context, kind.parent, request[kind.parent.field], by_name=True)
        inherited = {key: above.body[key] for key in kind.inherits if key in above.body}
        entity |= {**inherited, kind.parent.field: above.reference}
        prefix = above.fqn
    for link in kind.every_link:
        if link.field in request:
            sent_link = request[link.field]
            entity[link.field] = linked(context, link, sent_link, by_name=link.by_name)
    if kind.nested and kind.nested.field in request:
        nested = request[kind.nested.field]
        prefix = checked_link(context, kind.nested, nested, by_name=kind.nested.by_name).fqn
    entity["fullyQualifiedName"] = _name(prefix, kind.infix, request["name"])
    return _finished(context, kind, entity)


def redraft(context: Context, kind: EntityKind, stored: JsonObject, new: JsonObject) -> JsonObject:
    """Give what a PUT makes of an entity that exists: `new` is its request's draft.

    Most of what the request leaves out is gone; labels are added to, and what a bot may not
    undo stays.

    Raises
    ------
    RefusalError
        Labels old and new exclude each other.
    """
    untouched = {key: value for key, value in stored.items() if key not in kind.create.fields}
    settled = {key: untouched[key] for key in kind.defaults if key in untouched}
    kept = {key: stored[key] for key in _KEPT_FROM_BOTS if context.is_bot and stored.get(key)}
    missing = {key: stored[key] for key in _NEVER_REMOVED if stored.get(key) and not new.get(key)}
    merged = {**untouched, **new, **settled, **kept, **missing}
    if stored.get("tags"):
        merged["tags"] = merged_labels(context, stored["tags"], new.get("tags", ()))
    for where in kind.parts:
        merged = _with_parts_kept(context, where, stored, merged)
    return merged


def patch(
    context: Context, kind: EntityKind, document: Document, *, shown: JsonObject, sent: object
) -> tuple[JsonObject, str]:
    """Give what a JSON Patch makes of an entity, and what mappings to it will be named after.

    An entity that keeps its name all the same has its features, and the mappings to it, renamed.

    Parameters
    ----------
    shown : dict
        The entity as a reply with all its fields shows it, which is what patches apply to.

    Raises
    ------
    RefusalError
        The patch cannot be applied, or its result does not fit.
    """
    patched = apply_patch(shown, sent, context.rules)
    try:
        result = kind.entity.read(patched, "", context.rules)
    except RefusalError:
        reason = "Failed to convert JsonValue to target class"
        raise unforeseen(reason) from None
    free = {key: value for key, value in result.items() if key not in _SHOWN_ONLY}
    entity = {**free, **{key: document.body[key] for key in kind.fixed & document.body.keys()}}
    above = (kind.parent,) if kind.parent and kind.movable else ()
    for link in (*kind.every_link, *above):
        if link.field not in result:
            continue
        if result[link.field] == shown.get(link.field):
            entity[link.field] = document.body.get(link.field, [])
        else:
            entity[link.field] = linked(context, link, result[link.field], by_name=False)
    if kind.movable:
        entity["fullyQualifiedName"] = _moved_name(context, kind, entity)
    return _called(kind, _finished(context, kind, entity), result["name"])


def _called(kind: EntityKind, entity: JsonObject, name: str) -> tuple[JsonObject, str]:
    """Name the features of an entity, and give its name, as if a patched name were its own."""
    fqn: str = entity["fullyQualifiedName"]
    if name == entity["name"]:
        return entity, fqn
    fqn = _name(names.parent(fqn) or "", "", name)
    for where in kind.parts:
        if not where.resolved:
            entity = name_parts(entity, where, owner=fqn)
    return entity, fqn


def _moved_name(context: Context, kind: EntityKind, entity: JsonObject) -> str:
    """Name an entity after what it is in now, the nearest."""
    links = [link for link in (kind.nested, kind.parent) if link]
    above = next((entity[link.field] for link in links if entity.get(link.field)), None)
    prefix = context.need(above["type"], above["id"]).fqn if above else ""
    return _name(prefix, kind.infix, entity["name"])


def _finished(context: Context, kind: EntityKind, entity: JsonObject) -> JsonObject:
    """Check and name what is inside an entity."""

    def labelled(part: JsonObject) -> JsonObject:
        labels = checked_labels(context, part.get("tags") or ())
        bare = {key: value for key, value in part.items() if key != "tags"}
        return {**bare, "tags": labels} if labels else bare

    entity = labelled(entity)
    for where in kind.parts:
        if where.columns:
            columns = check_columns(parts_of(entity, where), displayed=where.displayed)
            entity = put_parts(entity, where, columns)
        # Labels of features are kept as they are sent, also those of tags that there are not.
        mark = labelled if where.resolved else _marked
        entity = name_parts(change_parts(entity, where, mark), where)
    return name_sources(context, entity) if kind.name == "mlmodel" else entity


def _marked(part: JsonObject) -> JsonObject:
    tags = [{"labelType": "Manual", "state": "Confirmed", **tag} for tag in part.get("tags") or ()]
    bare = {key: value for key, value in part.items() if key != "tags"}
    return {**bare, "tags": tags} if tags else bare


def _with_parts_kept(
    context: Context, where: Parts, stored: JsonObject, new: JsonObject
) -> JsonObject:
    """Carry over what a bot may not undo in parts, which are matched by name alone."""
    earlier = {part["fullyQualifiedName"].lower(): part for part in walk_parts(stored, where)}

    def carried(part: JsonObject) -> JsonObject:
        before = earlier.get(part["fullyQualifiedName"].lower(), {})
        written = context.is_bot and before.get("description")
        kept = {"description": written} if written else {}
        if before.get("tags"):
            kept["tags"] = merged_labels(context, before["tags"], part.get("tags", ()))
        return {**part, **kept}

    return change_parts(new, where, carried)


def _name(prefix: str, infix: str, name: str) -> str:
    return ".".join(part for part in (prefix, infix, names.quote(name)) if part)
