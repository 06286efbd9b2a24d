"""Columns: those of one table, a page at a time."""

from lineage.catalog.answers import Answer, JsonObject
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.listing import cursor_of
from lineage.catalog.path_parameters import included
from lineage.catalog.rendering import asked_fields, show
from lineage.catalog.requests import Request

__all__ = ["list_columns"]


def list_columns(context: Context, request: Request) -> Answer:
    """Answer `GET /tables/{id}/columns`: the outermost columns, in their order.

    Raises
    ------
    RefusalError
        The table does not exist, or a parameter does not fit.
    """
    kind = KINDS["table"]
    limit = request.number("limit", 50, lowest=1, highest=1000)
    offset = request.number("offset", 0, lowest=0)
    fields = asked_fields(kind, request.word("fields", "")) & {"tags"} | {"columns"}
    deleted = included(request)
    table = (
        context.need("table", request.names["id"].lower(), deleted=deleted)
        if "id" in request.names
        else context.need_named("table", request.names["name"], deleted=deleted)
    )
    columns = show(context, kind, table.body, fields=fields)["columns"]
    end = offset + limit
    cursors = {
        "before": str(max(0, offset - limit)) if offset else None,
        "after": str(end) if end < len(columns) else None,
    }
    paging: JsonObject = {key: cursor_of(place) for key, place in cursors.items() if place}
    return Answer(body={"data": columns[offset:end], "paging": paging | {"total": len(columns)}})
