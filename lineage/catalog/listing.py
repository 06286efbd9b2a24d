"""Listing: pages of entities of one kind, with cursors."""

import base64
import binascii

from lineage.catalog import entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_store import Document
from lineage.catalog.rendering import asked_fields, check_renderable, show
from lineage.catalog.requests import Request

__all__ = ["INCLUDES", "cursor_of", "list_entities"]

_MOST = 1_000_000

INCLUDES = {"non-deleted": False, "deleted": True, "all": None}
"""What `include` asks for: whether an entity has to be soft-deleted."""


def list_entities(context: Context, kind: EntityKind, request: Request) -> Answer:
    """Answer a list request.

    Raises
    ------
    RefusalError
        A parameter does not fit.
    """
    fields = asked_fields(kind, request.word("fields", "")) - kind.unlisted
    deleted = INCLUDES[request.choice("include", "non-deleted", INCLUDES)]
    limit = request.number("limit", 10, lowest=0, highest=_MOST)
    under = [name for field in kind.above if (name := request.word(field, ""))]
    found, cursors = _page(context, kind, request, limit=limit, deleted=deleted, under=under)
    total = entity_store.count(context.store, kind.name, deleted=deleted, under=under)
    hidden = context.faults.hidden
    seen = [check_renderable(context, kind, one) for one in found if one.fqn not in hidden]
    listed = [show(context, kind, one.body, fields=fields, listed=True) for one in seen]
    paging = cursors | {"total": total - (len(found) - len(seen))}
    return Answer(body={"data": listed, "paging": paging})


def _page(
    context: Context,
    kind: EntityKind,
    request: Request,
    *,
    limit: int,
    deleted: bool | None,
    under: list[str],
) -> tuple[list[Document], JsonObject]:
    before, after = request.word("before", ""), request.word("after", "")
    if before and after:
        raise RefusalError(400, "Only one of before or after query parameter allowed")
    if limit == 0:
        return [], {}
    # One more than asked for shows whether there is another page.
    found = entity_store.page(
        context.store,
        kind.name,
        deleted=deleted,
        under=under,
        limit=limit + 1,
        after=_name(after) if after else None,
        before=_name(before) if before else None,
    )
    more = len(found) > limit
    if before:
        shown = found[-limit:]
        ends = {"before": shown[0] if more else None, "after": shown[-1] if shown else None}
    else:
        shown = found[:limit]
        ends = {
            "before": shown[0] if after and shown else None,
            "after": shown[-1] if more else None,
        }
    return shown, {key: cursor_of(end.fqn) for key, end in ends.items() if end}


def cursor_of(place: str) -> str:
    """Write a place in a list as a cursor."""
    return base64.urlsafe_b64encode(place.encode()).decode()


def _name(cursor: str) -> str:
    try:
        return base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise RefusalError(400, "the cursor is none that this catalog gave") from error
