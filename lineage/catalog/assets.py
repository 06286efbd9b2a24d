"""Assets: many entities labelled with a tag or a term, or put in a domain, in one request.

None of them gets a new version by it.
"""

import uuid
from collections.abc import Callable, Iterator

from lineage.catalog import entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.bulk import outcome
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document
from lineage.catalog.labels import merged_labels
from lineage.catalog.path_parameters import kind_of, named
from lineage.catalog.requests import Request
from lineage.catalog.schemas import BOOLEAN, REFERENCE, Many, Record

__all__ = ["add_assets", "remove_assets"]

_REQUEST = Record({"assets": Many(REFERENCE), "dryRun": BOOLEAN}, frozenset({"assets"}))

_SOURCES = {"tag": "Classification", "glossaryTerm": "Glossary"}

_Change = Callable[[JsonObject], JsonObject]


def add_assets(context: Context, request: Request) -> Answer:
    """Answer `PUT /{collection}/{id}/assets/add`.

    Raises
    ------
    RefusalError
        The request does not fit, or names what does not exist.
    """
    owner = _owner(context, request)

    def added(body: JsonObject) -> JsonObject:
        if owner.kind == "domain":
            return {**body, "domains": [owner.reference]}
        labels = [_label(owner)]
        return {**body, "tags": merged_labels(context, body.get("tags", ()), labels)}

    return _answer(context, request, owner, added)


def remove_assets(context: Context, request: Request) -> Answer:
    """Answer `PUT /{collection}/{id}/assets/remove`.

    Raises
    ------
    RefusalError
        The request does not fit, or names what does not exist.
    """
    owner = _owner(context, request)

    def removed(body: JsonObject) -> JsonObject:
        if owner.kind == "domain":
            kept = [one for one in body.get("domains", ()) if one["id"] != owner.id]
            return {**body, "domains": kept}
        kept = [one for one in body.get("tags", ()) if one["tagFQN"] != owner.fqn]
        return {**body, "tags": kept}

    return _answer(context, request, owner, removed)


def _owner(context: Context, request: Request) -> Document:
    """Find the tag or the term by its id, or the domain by its name."""
    by_id = ("tag", "glossaryTerm")
    if kind_of(request).name not in (by_id if "id" in request.names else ("domain",)):
        raise RefusalError(404, "HTTP 404 Not Found")
    return named(context, request, deleted=False)


def _label(tag: Document) -> JsonObject:
    kind = {"source": _SOURCES[tag.kind], "labelType": "Manual", "state": "Confirmed"}
    return {"tagFQN": tag.fqn, **kind}


def _answer(context: Context, request: Request, owner: Document, change: _Change) -> Answer:
    """Change the assets; of tags and terms the server does it later, and names a job."""
    sent = _REQUEST.read(request.body, "", context.rules)
    failed = list(_failures(context, sent, change))
    context.forget()
    if owner.kind == "domain":
        done = [{"request": one} for one in sent["assets"]]
        return outcome(done, failed, status="success", dry_run=sent.get("dryRun", False))
    message = f"Bulk operation on assets of {kind_of(request).name} initiated successfully."
    return Answer(body={"jobId": str(uuid.uuid4()), "message": message})


def _failures(context: Context, sent: JsonObject, change: _Change) -> Iterator[JsonObject]:
    for reference in sent["assets"]:
        if reference["type"] not in KINDS or not KINDS[reference["type"]].labelled:
            raise RefusalError(400, f"Entity type {reference['type']} has no assets")
        document = context.need(reference["type"], reference["id"])
        try:
            body = change(document.body)
        except RefusalError as refusal:
            yield {"request": reference, "message": refusal.message}
            continue
        if not sent.get("dryRun"):
            entity_store.replace(context.store, document._replace(body=body))
