"""Entities: created, put, patched, deleted, restored and shown."""

import uuid
from collections.abc import Iterator

from lineage.catalog import entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.change_events import record_entity
from lineage.catalog.context import Context
from lineage.catalog.drafts import draft, patch, redraft
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_kinds import KINDS, kinds_below
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.lineage_edges import add_declared_edges
from lineage.catalog.renaming import remove_labels, rename
from lineage.catalog.rendering import entity_tag, show
from lineage.catalog.schemas import UUID, Record
from lineage.catalog.versions import FIRST_VERSION, next_version

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
    return Answer(body=_changed(context, stored, {**new, "deleted": False}))


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
    version = f'W/"{document.body["version"]}"'
    if condition not in (None, "*", version, entity_tag(shown)):
        raise RefusalError(412, "The entity has changed since it was read")
    changed = patch(context, kind, document, shown=shown, sent=sent)
    return Answer(body=_changed(context, document, {**changed, "deleted": False}))


def delete(
    context: Context, kind: EntityKind, document: Document, *, hard: bool, recursive: bool
) -> Answer:
    """Delete an entity, softly or for good.

    Raises
    ------
    RefusalError
        There is something in it, and the deletion is not recursive.
    """
    inside = entity_store.below(context.store, kinds_below(kind.name), document.fqn)
    if inside and not recursive:
        raise RefusalError(400, f"{kind.name} is not empty")
    remove = _destroyed if hard else _buried
    # Since 2.0 the event of the outermost entity stands for all that goes with it.
    told = context.version < (2,)
    for one in inside:
        remove(context, one, told=told)
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
    """Show one entity, with its ETag."""
    shown = show(context, kind, document.body, fields=fields)
    return Answer(body=shown, headers=(("ETag", entity_tag(shown)),))


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


def _created(context: Context, kind: EntityKind, new: JsonObject) -> Answer:
    body: JsonObject = {
        "id": str(uuid.uuid4()),
        "name": new["name"],
        "fullyQualifiedName": new["fullyQualifiedName"],
        **new,
        "version": FIRST_VERSION,
        "updatedAt": context.now,
        "updatedBy": context.user,
        "deleted": False,
    }
    document = Document(kind.name, body["id"], body["fullyQualifiedName"], False, body)  # noqa: FBT003 - a row
    entity_store.add(context.store, document)
    if kind.name == "mlmodel":
        add_declared_edges(context, document)
    context.forget()
    place = f"/api/v1/{kind.collection}/{document.id}"
    shown = show(context, kind, body, fields=kind.hidden)
    record_entity(context, "entityCreated", kind.name, shown)
    return Answer(status=201, body=shown, headers=(("Location", place),))


def _buried(
    context: Context, document: Document, *, told: bool = True, cascade: bool = False
) -> JsonObject:
    """Delete one entity softly, and show it."""
    remove_labels(context, document)
    new = {**document.body, "deleted": True}
    event = "entitySoftDeleted" if told else None
    return _changed(context, document, new, event=event, cascade=cascade)


def _destroyed(
    context: Context, document: Document, *, told: bool = True, cascade: bool = False
) -> JsonObject:
    """Delete one entity for good, and show it a last time."""
    kind = KINDS[document.kind]
    shown = show(context, kind, {**document.body, "deleted": True}, fields=kind.hidden)
    entity_store.remove(context.store, document.id)
    remove_labels(context, document)
    context.forget()
    if told:
        record_entity(context, "entityDeleted", kind.name, shown, cascade=cascade)
    return shown


def _changed(
    context: Context,
    old: Document,
    new: JsonObject,
    *,
    event: str | None = "entityUpdated",
    cascade: bool = False,
) -> JsonObject:
    """Store what an entity has become, as a new version if that counts as one, and show it."""
    kind = KINDS[old.kind]
    body = {**new, "id": old.id}
    step = next_version(kind, old.body, body)
    if step is not None:
        version, change = step
        body |= {"version": version, "changeDescription": change}
        body |= {"updatedAt": context.now, "updatedBy": context.user}
        entity_store.keep_version(context.store, old.body)
    fqn = body["fullyQualifiedName"]
    if fqn != old.fqn:
        rename(context, old, fqn)
    if body != old.body:
        new_document = Document(old.kind, old.id, fqn, body["deleted"], body)
        entity_store.replace(context.store, new_document)
        context.forget()
    shown = show(context, kind, body, fields=kind.hidden)
    if step is not None and event is not None:
        record_entity(context, event, kind.name, shown, change=step[1], cascade=cascade)
    return shown


def _history(context: Context, document: Document) -> Iterator[JsonObject]:
    kind = KINDS[document.kind]
    for body in (document.body, *entity_store.earlier_versions(context.store, document.id)):
        yield show(context, kind, body, fields=kind.hidden)
