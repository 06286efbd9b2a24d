"""Feeds: what has changed, as events, as an audit log and as the versions of a time."""

import base64
import binascii
import json
from collections.abc import Iterable

from lineage import fqn as names
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.change_events import ARROW, LINEAGE
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.listing import cursor_of
from lineage.catalog.path_parameters import kind_of
from lineage.catalog.rendering import show
from lineage.catalog.requests import LATEST, Request

__all__ = ["actor_type", "list_audit_logs", "list_events", "list_history"]

# The events that each parameter of `/events` asks for.
_EVENTS = {
    "entityCreated": ("entityCreated",),
    "entityUpdated": ("entityUpdated",),
    "entityRestored": ("entityRestored",),
    "entityDeleted": ("entityDeleted", "entitySoftDeleted"),
}

_AUDITED = {"userName": "user", "entityType": "kind", "entityFQN": "fqn", "eventType": "type"}
"""The columns that parameters of `/audit/logs` pick rows by."""

_SUMMARIES = {
    "entityCreated": "Created {kind}: {fqn}",
    "entityDeleted": "Deleted {kind}: {fqn}",
    "entitySoftDeleted": "Soft deleted {kind}: {fqn}",
    "entityRestored": "Restored {kind}: {fqn}",
    "entityUpdated": "Entity updated",
}

_AGENTS = ("agent", "documentation", "classification", "automator")

_PRESENT = """SELECT json_extract(body, '$.updatedAt') AS time, id, body
    FROM document WHERE kind = ?1"""
_PAST = """SELECT json_extract(version.body, '$.updatedAt') AS time, id, version.body
    FROM version JOIN document USING (id) WHERE kind = ?1"""
_EVER = f"(SELECT * FROM ({_PRESENT} UNION {_PAST}) WHERE time BETWEEN ?2 AND ?3)"  # noqa: S608 - constants


def list_events(context: Context, request: Request) -> Answer:
    """Answer `GET /events`: the changes since a moment, all at once, oldest first.

    Raises
    ------
    RefusalError
        A parameter does not fit.
    """
    since = request.number("timestamp", 0, lowest=0, highest=LATEST)
    wanted = [
        (type_, kind)
        for parameter, types in _EVENTS.items()
        for kind in _kinds(parameter, request.word(parameter, ""))
        for type_ in types
    ]
    sql = """SELECT body FROM event WHERE time >= ?1 AND (
        type || ':*' IN (SELECT value FROM json_each(?2))
        OR type || ':' || kind IN (SELECT value FROM json_each(?2))) ORDER BY time, number"""
    rows = context.store.rows(sql, since, json.dumps([f"{type_}:{kind}" for type_, kind in wanted]))
    found = [json.loads(row[0]) for row in rows]
    return Answer(body={"data": found, "paging": {"total": len(found)}})


def list_audit_logs(context: Context, request: Request) -> Answer:
    """Answer `GET /audit/logs`: changes of entities and edges in pages, newest first.

    Raises
    ------
    RefusalError
        A parameter does not fit.
    """
    limit = request.number("limit", 25, lowest=1, highest=200)
    start, end = _window(request)
    where, values = "time BETWEEN ? AND ?", [start, end]
    bounds: list[object] = [*values]
    for parameter, column in _AUDITED.items():
        if value := request.word(parameter, ""):
            where, bounds = f"{where} AND {column} = ?", [*bounds, value]
    total = context.store.row(f"SELECT count(*) FROM event WHERE {where}", *bounds)  # noqa: S608 - constants
    cursor = _cursor(request)
    if cursor:
        where, bounds = f"{where} AND (time, number) < (?, ?)", [*bounds, *cursor]
    sql = f"""SELECT number, body FROM event WHERE {where}
        ORDER BY time DESC, number DESC LIMIT ?"""  # noqa: S608 - constants
    found = [_entry(*row) for row in context.store.rows(sql, *bounds, limit + 1)]
    last = found[limit - 1 : limit] if len(found) > limit else []
    after = next(((one["eventTs"], str(one["id"])) for one in last), None)
    return _page(found[:limit], after=after, total=total)


def list_history(context: Context, request: Request) -> Answer:
    """Answer `GET /{collection}/history`: the versions of a time in pages, newest first.

    Raises
    ------
    RefusalError
        A parameter is missing or does not fit.
    """
    kind = kind_of(request)
    for parameter in ("startTs", "endTs"):
        if parameter not in request.query:
            raise RefusalError(400, f"query param {parameter} must not be null")
    limit = request.number("limit", 10, lowest=1, highest=500)
    window = (kind.name, *_window(request))
    total = context.store.row(f"SELECT count(*) FROM {_EVER}", *window)  # noqa: S608 - constants
    time, id_ = _cursor(request) or (LATEST, "~")
    sql = f"""SELECT time, id, body FROM {_EVER} WHERE (time, id) < (?4, ?5)
        ORDER BY time DESC, id DESC LIMIT ?6"""  # noqa: S608 - constants
    rows = context.store.rows(sql, *window, time, id_, limit + 1)
    shown = [show(context, kind, json.loads(row[2]), fields=kind.hidden) for row in rows[:limit]]
    after = (rows[limit - 1][0], rows[limit - 1][1]) if len(rows) > limit else None
    return _page(shown, after=after, total=total)


def _kinds(parameter: str, text: str) -> list[str]:
    kinds = [kind for kind in text.replace(" ", "").split(",") if kind]
    for kind in kinds:
        if kind not in KINDS and kind != "*":
            raise RefusalError(400, f"Invalid entity {kind} in query param {parameter}")
    return kinds


def _window(request: Request) -> tuple[int, int]:
    start = request.number("startTs", 0, lowest=0, highest=LATEST)
    return start, request.number("endTs", LATEST, lowest=0, highest=LATEST)


def _cursor(request: Request) -> tuple[int, str] | None:
    """Read where to go on: a moment, and what among all of that moment."""
    if request.word("before", ""):
        raise RefusalError(400, "this catalog goes through this list forwards only")
    text = request.word("after", "")
    if not text:
        return None
    try:
        decoded = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True).decode()
        time, separator, rest = decoded.partition(":")
        moment = int(time)
    except (binascii.Error, ValueError) as error:
        raise _stray() from error
    if not separator or not 0 <= moment <= LATEST:
        raise _stray()
    return moment, rest


def _stray() -> RefusalError:
    return RefusalError(400, "the cursor is none that this catalog gave")


def _page(
    found: Iterable[JsonObject], *, after: tuple[int, str] | None, total: tuple[int] | None
) -> Answer:
    paging: JsonObject = {"total": total[0] if total else 0}
    if after:
        paging["after"] = cursor_of(f"{after[0]}:{after[1]}")
    return Answer(body={"data": list(found), "paging": paging})


def _entry(number: int, body: str) -> JsonObject:
    event = json.loads(body)
    kind, fqn, user = event["entityType"], event["entityFullyQualifiedName"], event["userName"]
    owner = fqn.partition(ARROW)[0] if kind == LINEAGE else fqn
    summary = _SUMMARIES.get(event["eventType"], event["eventType"])
    return {
        "id": number,
        "changeEventId": event["id"],
        "eventTs": event["timestamp"],
        "eventType": event["eventType"],
        "userName": user,
        "actorType": actor_type(user),
        "serviceName": names.split(owner)[0],
        "entityType": kind,
        "entityId": event["entityId"],
        "entityFQN": fqn,
        "createdAt": event["timestamp"],
        "changeEvent": event,
        "summary": summary.format(kind=kind, fqn=fqn),
        "rawEventJson": body,
    }


def actor_type(user: str) -> str:
    """Guess, as the server does, what kind of user a name belongs to.

    Examples
    --------
    >>> actor_type("ingestion-bot"), actor_type("anna")
    ('BOT', 'USER')
    """
    if any(word in user.lower() for word in _AGENTS):
        return "AGENT"
    return "BOT" if user.lower().endswith(("-bot", "_bot")) or user.lower() == "bot" else "USER"
