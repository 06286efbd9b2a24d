"""Entities: created, put, patched, deleted, restored and shown."""

import uuid
from collections.abc import Iterator

from lineage.catalog import entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError, unforeseen
from lineage.catalog.change_events import record_entity
from lineage.catalog.column_changes import drop_columns, rename_columns
from lineage.catalog.context import Context
from lineage.catalog.drafts import draft, patch, redraft
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_kinds import KINDS, kinds_below
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.history import new_version
from lineage.catalog.lineage_edges import add_declared_edges
from lineage.catalog.nested_fields import change_parts
from lineage.catalog.renaming import remove_labels, rename
from lineage.catalog.rendering import check_renderable, entity_tag, show
from lineage.catalog.schemas import UUID, Record
from lineage.catalog.versions import FIRST_VERSION

__all__ = [
    "create",
    "delete",
    "patch_entity",
    "put",
    "restore",
    "show_entity",
    "show_version",
    "show_versions",
]

_BY_ID = Record({"id": UUID}, frozenset({"id"}))


def create(context: Context, kind: EntityKind, sent: object) -> Answer:
    """Create an entity (POST).

    Raises
    ------
    RefusalError
        It exists already, or the request does not fit.
    """
    new = draft(context, kind, sent)
    if entity_store.find_named(context.store, kind.name, new["fullyQualifiedName"]):
        raise RefusalError(409, "Entity already exists")
    return _created(context, kind, new)


def put(context: Context, kind: EntityKind, sent: object) -> Answer:
    """Create an entity or write it again (PUT); one that is soft-deleted is restored.

    Raises
    ------
    RefusalError
        The request does not fit.
    """
    new = draft(context, kind, sent)
    stored = entity_store.find_named(context.store, kind.name, new["fullyQualifiedName"])
    if stored is None:
        return _created(context, kind, new)
    new = redraft(context, kind, stored.body, new)
    body = _changed(context, stored, {**new, **_alive(kind)})
    return Answer(body=_as_sent(kind, new, body))


def patch_entity(
    context: Context, kind: EntityKind, document: Document, *, sent: object, condition: str | None
) -> Answer:
    """Change an entity by a JSON Patch; one that is soft-deleted is restored.

    Parameters
    ----------
    condition : str or None
        The `If-Match` header: `*`, the entity's strong ETag, or its version as a weak one.

    Raises
    ------
    RefusalError
        The patch cannot be applied, or the entity is another than the condition says.
    """
    shown = show(context, kind, document.body, fields=kind.hidden)
    _check_condition(document, condition)
    changed, called = patch(context, kind, document, shown=shown, sent=sent)
    changed |= _alive(kind)
    if called != document.fqn and not kind.movable:
        rename_columns(context, document, called)
    kept = _as_stored(context, kind, document, changed, condition)
    answer = _changed(context, document, kept, folds=condition is None)
    answer |= {key: changed[key] for key in changed if changed[key] != kept.get(key)}
    return Answer(body=answer, headers=(("ETag", entity_tag(answer)),))


def delete(
    context: Context, kind: EntityKind, document: Document, *, hard: bool, recursive: bool
) -> Answer:
    """Delete an entity, softly or for good.

    Raises
    ------
    RefusalError
        There is something in it, and the deletion is not recursive.
    """
    check_renderable(context, kind, document)
    inside = entity_store.below(context.store, kinds_below(kind.name), document.fqn)
    if inside and not recursive:
        raise RefusalError(400, f"{kind.name} is not empty")
    remove = _destroyed if hard or not kind.restorable else _buried
    # Since 2.0 one event, of the outermost entity, is for all that goes with it.
    noted = context.version < (2,)
    for one in inside:
        remove(context, one, noted=noted)
    return Answer(body=remove(context, document, cascade=bool(inside)))


def restore(context: Context, kind: EntityKind, sent: object) -> Answer:
    """Restore a soft-deleted entity and what was deleted inside it.

    Raises
    ------
    RefusalError
        There is no such entity among the deleted.
    """
    id_ = _BY_ID.read(sent, "", context.rules)["id"]
    document = context.need(kind.name, id_, deleted=True)
    inside = entity_store.below(context.store, kinds_below(kind.name), document.fqn)
    *_, shown = [
        _changed(context, one, {**one.body, "deleted": False}, event="entityRestored")
        for one in (*inside, document)
    ]
    return Answer(body=shown)


def show_entity(
    context: Context, kind: EntityKind, document: Document, *, fields: frozenset[str]
) -> Answer:
    """Show one entity, with its ETag.

    Raises
    ------
    RefusalError
        It cannot be rendered, or is hidden.
    """
    context.faults.check_visible(document, context.user)
    check_renderable(context, kind, document)
    shown = show(context, kind, document.body, fields=fields or None)
    return Answer(body=shown, headers=(("ETag", entity_tag(document.body)),))


def show_versions(context: Context, document: Document) -> Answer:
    """Show what an entity was, newest first; each version is a JSON text in itself."""
    versions = [as_json(body) for body in _history(context, document)]
    return Answer(body={"entityType": document.kind, "versions": versions})


def show_version(context: Context, document: Document, number: str) -> Answer:
    """Show an entity as it was in one version.

    Raises
    ------
    RefusalError
        It never had that version.
    """
    for body in _history(context, document):
        if str(body["version"]) == number:
            return Answer(body=body)
    message = f"{document.kind} instance for {document.id} and version {number} not found"
    raise RefusalError(404, message)


def _check_condition(document: Document, condition: str | None) -> None:
    tag = entity_tag(document.body)
    if condition not in (None, "*", f'W/"{document.body["version"]}"', tag):
        message = f"The entity has been modified. Current ETag: {tag}."
        message += " Please refresh and retry with the latest version."
        raise RefusalError(412, message)


def _as_stored(
    context: Context,
    kind: EntityKind,
    document: Document,
    changed: JsonObject,
    condition: str | None,
) -> JsonObject:
    """Give what is stored of a change: under a condition 1.12 forgets what is a model's own."""
    if context.faults.lost_patches:
        return document.body
    if condition is None or kind.name != "mlmodel" or context.version >= (1, 13):
        return changed
    own = kind.fields.keys() | {link.field for link in kind.links}
    rest = {key: value for key, value in changed.items() if key not in own}
    return {**rest, **{key: document.body[key] for key in own if key in document.body}}


def _created(context: Context, kind: EntityKind, new: JsonObject) -> Answer:
    body: JsonObject = {
        "id": str(uuid.uuid4()),
        "name": new["name"],
        "fullyQualifiedName": new["fullyQualifiedName"],
        **new,
        "version": FIRST_VERSION,
        "updatedAt": context.now,
        "updatedBy": context.user,
        **_alive(kind),
    }
    if '"' in body["name"] and context.version[:2] == (1, 12):
        reason = "null"
        raise unforeseen(reason)
    document = Document(kind.name, body["id"], body["fullyQualifiedName"], False, body)  # noqa: FBT003 - a row
    entity_store.add(context.store, document)
    if kind.name == "mlmodel":
        add_declared_edges(context, document)
    context.forget()
    place = f"/api/v1/{kind.collection}/{document.id}"
    shown = show(context, kind, body, fields=kind.hidden)
    record_entity(context, "entityCreated", kind.name, shown)
    answer = _as_sent(kind, body, shown)
    return Answer(status=201, body=answer, headers=(("Location", place),))


def _alive(kind: EntityKind) -> JsonObject:
    return {"deleted": False} if kind.restorable else {}


def _as_sent(kind: EntityKind, body: JsonObject, shown: JsonObject) -> JsonObject:
    """Leave out of the answer to a create request what it did not set, nor could inherit."""
    inherited = kind.inherited if kind.parent else frozenset()
    if kind.parent and kind.parent.field == "service":
        inherited -= {"owners"}  # those of a service are nobody else's
    kept = {*body, *inherited, "changeDescription", "incrementalChangeDescription"}
    answer = {key: value for key, value in shown.items() if key in kept}
    for where in kind.parts:
        if len(where.path) > 1 and not where.columns:
            answer = change_parts(answer, where, _without_empty_tags)
    return answer


def _without_empty_tags(part: JsonObject) -> JsonObject:
    return {key: value for key, value in part.items() if key != "tags" or value}


def _buried(
    context: Context, document: Document, *, noted: bool = True, cascade: bool = False
) -> JsonObject:
    """Delete one entity softly, and show it."""
    remove_labels(context, document)
    new = {**document.body, "deleted": True}
    event = "entitySoftDeleted" if noted else None
    return _changed(context, document, new, event=event, cascade=cascade)


def _destroyed(
    context: Context, document: Document, *, noted: bool = True, cascade: bool = False
) -> JsonObject:
    """Delete one entity for good, and show it a last time."""
    kind = KINDS[document.kind]
    shown = show(context, kind, document.body, fields=kind.hidden)
    entity_store.remove(context.store, document.id)
    remove_labels(context, document)
    context.forget()
    if noted:
        record_entity(context, "entityDeleted", kind.name, shown, cascade=cascade)
    return shown


def _changed(
    context: Context,
    old: Document,
    new: JsonObject,
    *,
    event: str | None = "entityUpdated",
    cascade: bool = False,
    folds: bool = False,
) -> JsonObject:
    """Store what an entity has become, as a new version if that counts as one, and show it.

    The answer has the change itself; what is stored has all changes since the version before.
    """
    kind = KINDS[old.kind]
    body = {**new, "id": old.id}
    body, change = new_version(context, kind, old.body, body, folds=folds)
    fqn = body["fullyQualifiedName"]
    if fqn != old.fqn:
        rename(context, old, fqn)
    if context.version[:2] == (1, 12):
        drop_columns(context, kind, old, body)
    if body != old.body:
        deleted = body.get("deleted", False)
        new_document = Document(old.kind, old.id, fqn, deleted, body)
        entity_store.replace(context.store, new_document)
        context.forget()
    described = {"changeDescription": change, "incrementalChangeDescription": change}
    shown = show(context, kind, {**body, **described}, fields=kind.hidden)
    changed = any(change[key] for key in ("fieldsAdded", "fieldsUpdated", "fieldsDeleted"))
    if changed and event is not None:
        record_entity(context, event, kind.name, shown, change=change, cascade=cascade)
    return shown


def _history(context: Context, document: Document) -> Iterator[JsonObject]:
    kind = KINDS[document.kind]
    for body in (document.body, *entity_store.earlier_versions(context.store, document.id)):
        yield show(context, kind, body, fields=kind.hidden)
