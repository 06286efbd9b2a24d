"""Events: what every write leaves behind, stored in the same transaction as the write."""

import uuid
from collections.abc import Mapping

from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context
from lineage.catalog.entity_store import Document, as_json

__all__ = ["ARROW", "LINEAGE", "change_event", "record_edge", "record_entity", "store_event"]

LINEAGE = "lineage"
"""What events of edges have as their entity type."""

ARROW = "--upstream-->"
"""Stands between the two names in the name of an edge."""

# Facts of an edge that change without its content changing.
_MOMENTS = ("createdAt", "createdBy", "updatedAt", "updatedBy")


def record_entity(
    context: Context,
    type_: str,
    kind: str,
    shown: JsonObject,
    *,
    change: JsonObject | None = None,
    cascade: bool = False,
) -> None:
    """Store the event of a change to an entity.

    Parameters
    ----------
    shown : dict
        The entity after the change, with all its fields.
    change : dict or None
        Its change description, where the change has made a version.
    cascade : bool
        Whether the change went on to what is inside the entity.
    """
    event = change_event(context, type_, kind, shown, change=change)
    # Since 2.0 one event reports a whole deletion, and says so.
    flag = {"recursive": True} if cascade and context.version >= (2,) else {}
    store_event(context, {**event, **flag, "entity": as_json(shown)})


def change_event(
    context: Context, type_: str, kind: str, shown: JsonObject, *, change: JsonObject | None
) -> JsonObject:
    """Give the change event of an entity, without the entity itself."""
    event: JsonObject = {
        "id": str(uuid.uuid4()),
        "eventType": type_,
        "entityType": kind,
        "entityId": shown["id"],
        "entityFullyQualifiedName": shown["fullyQualifiedName"],
        "previousVersion": (change or {}).get("previousVersion", shown["version"]),
        "currentVersion": shown["version"],
        "userName": context.user,
        "timestamp": context.now,
    }
    domains = [domain["id"] for domain in shown.get("domains", ())]
    if domains:
        event["domains"] = domains
    if change:
        event["changeDescription"] = change
    return event


def record_edge(
    context: Context,
    upstream: Document,
    downstream: Document,
    *,
    old: JsonObject | None,
    new: JsonObject | None,
    known: bool,
) -> None:
    """Store the event of a change to an edge: servers report edges since 2.0.

    Parameters
    ----------
    old, new : dict or None
        The details before and after; None where there is no edge, or one without details.
    known : bool
        Whether there was an edge before.
    """
    if context.version < (2,) or (known and new is not None and _content(old) == _content(new)):
        return
    kind = "Deleted" if new is None else "Updated" if known else "Added"
    store_event(
        context,
        {
            "id": str(uuid.uuid4()),
            "eventType": f"entityLineage{kind}",
            "entityType": LINEAGE,
            "entityId": downstream.id,
            "entityFullyQualifiedName": f"{upstream.fqn}{ARROW}{downstream.fqn}",
            "userName": context.user,
            "timestamp": context.now,
            "entity": {
                "fromEntity": {**upstream.reference, "fullyQualifiedName": upstream.fqn},
                "toEntity": {**downstream.reference, "fullyQualifiedName": downstream.fqn},
                "lineageDetails": old if new is None else new,
            },
        },
    )


def store_event(context: Context, event: JsonObject) -> None:
    """Store a change event."""
    sql = "INSERT INTO event (time, type, kind, fqn, user, body) VALUES (?, ?, ?, ?, ?, ?)"
    facts = ("timestamp", "eventType", "entityType", "entityFullyQualifiedName", "userName")
    context.store.change(sql, *(event[fact] for fact in facts), as_json(event))


def _content(details: Mapping[str, object] | None) -> JsonObject | None:
    if details is None:
        return None
    return {key: value for key, value in details.items() if key not in _MOMENTS}
