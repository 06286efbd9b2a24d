"""Bulk: many create requests of one kind in one transaction."""

from lineage.catalog import entity_api
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.requests import Request

__all__ = ["outcome", "put_many"]


def put_many(context: Context, kind: EntityKind, request: Request) -> Answer:
    """Put each of a list of create requests; those that do not fit are named, the rest is kept.

    Raises
    ------
    RefusalError
        The body is no list, or the work is asked for in the background.
    """
    if request.flag("async"):
        raise RefusalError(400, "this catalog does nothing in the background; ask with async=false")
    if not isinstance(request.body, list):
        raise RefusalError(400, "the request body must be a list")
    done: list[JsonObject] = []
    failed: list[JsonObject] = []
    for sent in request.body:
        try:
            with context.store.savepoint():
                status = entity_api.put(context, kind, sent).status
            done.append({"request": _called(sent), "status": status})
        except RefusalError as refusal:
            context.forget()
            why = {"status": refusal.status, "message": refusal.message}
            failed.append({"request": _called(sent), **why})
    came = "success" if not failed else "partialSuccess" if done else "failure"
    return outcome(done, failed, status=came)


def outcome(
    done: list[JsonObject], failed: list[JsonObject], *, status: str, dry_run: bool = False
) -> Answer:
    """Report what became of each of many."""
    return Answer(
        body={
            "dryRun": dry_run,
            "status": status,
            "numberOfRowsProcessed": len(done) + len(failed),
            "numberOfRowsPassed": len(done),
            "numberOfRowsFailed": len(failed),
            "successRequest": done,
            "failedRequest": failed,
        }
    )


def _called(sent: object) -> object:
    return sent.get("name") if isinstance(sent, dict) else None
