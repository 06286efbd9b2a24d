"""Stale: what a connector no longer sees is deleted."""

from lineage.catalog import entity_api, entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.bulk import outcome
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document
from lineage.catalog.path_parameters import kind_of
from lineage.catalog.requests import Request
from lineage.catalog.schemas import BOOLEAN, TEXT, Many, Record

__all__ = ["delete_stale"]

_KINDS = frozenset(
    {
        *("table", "database", "databaseSchema", "storedProcedure", "dashboard", "chart"),
        *("dashboardDataModel", "pipeline", "topic", "mlmodel", "searchIndex", "container"),
        *("apiCollection", "apiEndpoint"),
    }
)

_REQUEST = Record(
    {
        "scopeFqn": TEXT,
        "scopeEntityType": TEXT,
        "seenFqns": Many(TEXT),
        "dryRun": BOOLEAN,
        "hardDelete": BOOLEAN,
        "recursive": BOOLEAN,
    }
)


def delete_stale(context: Context, request: Request) -> Answer:
    """Answer `DELETE /{collection}/deleteStale`: what is in a place and was not seen goes.

    Nothing goes where nothing was seen, since that is what a run that failed looks like, nor
    where the place does not exist.

    Raises
    ------
    RefusalError
        There is no place, or it is of a kind that does not exist.
    """
    kind = kind_of(request)
    if kind.name not in _KINDS:
        raise RefusalError(404, "HTTP 404 Not Found")
    sent = _REQUEST.read(request.body, "", context.rules)
    done: list[JsonObject] = []
    failed: list[JsonObject] = []
    for one in _stale(context, kind, sent):
        try:
            if not sent.get("dryRun"):
                with context.store.savepoint():
                    _delete(context, kind, one, sent)
            done.append({"request": one.fqn, "status": 200})
        except RefusalError as refusal:
            context.forget()
            failed.append({"request": one.fqn, "status": 500, "message": refusal.message})
    status = "partialSuccess" if failed else "success"
    return outcome(done, failed, status=status, dry_run=sent.get("dryRun", False))


def _stale(context: Context, kind: EntityKind, sent: JsonObject) -> list[Document]:
    """Find what goes, what is nearer the top first."""
    for field in ("scopeFqn", "scopeEntityType"):
        if not sent.get(field):
            raise RefusalError(400, f"{field} is required for deleteStale")
    scope_kind = sent["scopeEntityType"]
    if scope_kind == "service":
        scope_kind = _service_of(kind)
    if scope_kind not in KINDS:
        raise RefusalError(400, f"Unsupported scopeEntityType '{scope_kind}' for deleteStale")
    scope = entity_store.find_named(context.store, scope_kind, sent["scopeFqn"])
    seen = frozenset(sent.get("seenFqns", ()))
    if scope is None or scope.deleted or not seen:
        return []
    inside = entity_store.below(context.store, (kind.name,), scope.fqn)
    stale = [one for one in inside if not one.deleted and one.fqn not in seen]
    return sorted(stale, key=lambda one: (one.fqn.count("."), one.fqn))


def _delete(context: Context, kind: EntityKind, one: Document, sent: JsonObject) -> None:
    # What lay inside another one is gone, or deleted, with that one.
    there = entity_store.find(context.store, one.kind, one.id)
    if there is None or there.deleted:
        return
    hard, recursive = sent.get("hardDelete", False), sent.get("recursive", True)
    entity_api.delete(context, kind, there, hard=hard, recursive=recursive)


def _service_of(kind: EntityKind) -> str:
    """Name the kind of service that a kind belongs to."""
    above = kind
    while above.parent:
        above = KINDS[above.parent.kinds[0]]
    return above.name
