"""Hydration: many entities of mixed kinds, whole, in one request."""

from lineage.catalog import entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.listing import INCLUDES
from lineage.catalog.rendering import asked_fields, show
from lineage.catalog.requests import Request
from lineage.catalog.schemas import REFERENCE, TEXT, Choice, Many, Record

__all__ = ["MOST", "hydrate"]

MOST = 200
"""How many entities one request may name."""

_REQUEST = Record(
    {"entities": Many(REFERENCE), "fields": TEXT, "include": Choice(frozenset(INCLUDES))},
    frozenset({"entities"}),
)


def hydrate(context: Context, request: Request) -> Answer:
    """Answer `POST /lineage/hydrate`: what does not exist is left out and counted.

    Raises
    ------
    RefusalError
        There are none or too many, or one is of a kind that does not exist.
    """
    sent = _REQUEST.read(request.body, "", context.rules)
    if not 1 <= len(sent["entities"]) <= MOST:
        raise RefusalError(400, f"entities size must be between 1 and {MOST}")
    deleted = INCLUDES[sent.get("include", "non-deleted")]
    wanted = dict.fromkeys((one["type"], one["id"]) for one in sent["entities"])
    by_type: dict[str, list[JsonObject]] = {}
    for type_, id_ in wanted:
        if type_ not in KINDS:
            raise RefusalError(400, f"Entity type {type_} not found")
        fields = asked_fields(KINDS[type_], sent.get("fields", ""))
        found = entity_store.find(context.store, type_, id_)
        if found and deleted in (None, found.deleted):
            shown = show(context, KINDS[type_], found.body, fields=fields)
            by_type.setdefault(type_, []).append(shown)
    dropped = len(wanted) - sum(map(len, by_type.values()))
    return Answer(body={"entitiesByType": by_type, "droppedCount": dropped})
