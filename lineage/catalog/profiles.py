"""Profiles: what was measured of tables and columns, at which time."""

import base64
import json
from collections.abc import Iterator

from lineage import fqn as names
from lineage.catalog import entity_api
from lineage.catalog.answers import Answer, JsonObject, RefusalError, not_found
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.requests import LATEST, Request
from lineage.catalog.routing import Route
from lineage.errors import MalformedName

__all__ = ["profile_routes"]

_PARTS_OF_A_TABLE = 4
"""A table's name has so many: service, database, schema and table."""


def profile_routes() -> Iterator[Route]:
    """Give what is kept of profiles, and listed."""
    one, named = "/api/v1/tables/{id}/tableProfile", "/api/v1/tables/{name}"
    yield Route(method="PUT", path=one, operation=_put_profiles, writes=True)
    yield Route(method="GET", path=f"{named}/tableProfile", operation=_list_of_table)
    yield Route(method="GET", path=f"{named}/columnProfile", operation=_list_of_column)


def _put_profiles(context: Context, request: Request) -> Answer:
    """Keep what was measured of a table and its columns; the same moment again is replaced."""
    table = context.need("table", request.names["id"].lower(), deleted=None)
    body = request.body if isinstance(request.body, dict) else {}
    profile, parts = body.get("tableProfile"), body.get("columnProfile") or []
    if not isinstance(profile, dict):
        raise RefusalError(400, "[tableProfile must not be null]")
    _keep(context, table, "", {"profileSampleType": "PERCENTAGE", **profile})
    for part in parts if isinstance(parts, list) else []:
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise RefusalError(400, "[columnProfile.name must not be null]")
        _keep(context, table, f"{table.fqn}.{part['name']}", part)
    return entity_api.show_entity(context, KINDS["table"], table, fields=frozenset())


def _keep(context: Context, table: Document, part: str, profile: JsonObject) -> None:
    moment = profile.get("timestamp")
    if not isinstance(moment, int) or not 0 <= moment <= LATEST:
        raise RefusalError(400, "[timestamp must not be null]")
    sql = "INSERT OR REPLACE INTO profile (id, part, time, body) VALUES (?, ?, ?, ?)"
    context.store.change(sql, table.id, part, moment, as_json(profile))


def _list_of_table(context: Context, request: Request) -> Answer:
    table = context.need_named("table", request.names["name"], deleted=None)
    return _listed(context, request, table, "")


def _list_of_column(context: Context, request: Request) -> Answer:
    """List the profiles of a column, which is named in full."""
    name = request.names["name"]
    try:
        outer = names.join(*names.split(name)[:_PARTS_OF_A_TABLE])
    except MalformedName:
        raise not_found(KINDS["table"].name, name) from None
    return _listed(context, request, context.need_named("table", outer, deleted=None), name)


def _listed(context: Context, request: Request, table: Document, part: str) -> Answer:
    """Give the profiles of a time, newest first, all at once."""
    for parameter in ("startTs", "endTs"):
        if parameter not in request.query:
            raise RefusalError(400, f"query param {parameter} must not be null")
    start, end = (
        request.number(parameter, 0, lowest=0, highest=LATEST) for parameter in ("startTs", "endTs")
    )
    sql = """SELECT body FROM profile WHERE id = ? AND part = ? AND time BETWEEN ? AND ?
        ORDER BY time DESC"""
    found = [json.loads(row[0]) for row in context.store.rows(sql, table.id, part, start, end)]
    before, after = (base64.b64encode(str(one).encode()).decode() for one in (start, end))
    paging = {"before": before, "after": after, "total": len(found)}
    return Answer(body={"data": found, "paging": paging})
