"""Reactions: who follows an entity, and who votes for or against it.

They make no version: the answer is the event that reports the change.
"""

from typing import Any

from lineage.catalog import entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.change_events import change_event, store_event
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.path_parameters import kind_of, named
from lineage.catalog.reference_fields import full_reference
from lineage.catalog.rendering import show
from lineage.catalog.requests import Request
from lineage.catalog.schemas import UUID, Choice, Record

__all__ = ["follow", "unfollow", "vote"]

_VOTE = Record(
    {"updatedVoteType": Choice(frozenset({"votedUp", "votedDown", "unVoted"}))},
    frozenset({"updatedVoteType"}),
)
_SIDES = {"votedUp": "upVoters", "votedDown": "downVoters"}


def follow(context: Context, request: Request) -> Answer:
    """Answer `PUT /{collection}/{id}/followers`, whose body is the id of a user.

    Raises
    ------
    RefusalError
        The entity or the user does not exist.
    """
    entity = _entity(context, request)
    user = context.need("user", UUID.read(request.body, "userId", context.rules))
    others = [one for one in entity.body.get("followers", ()) if one["id"] != user.id]
    new = {"followers": [*others, user.reference]}
    return _react(context, entity, new, fieldsAdded=_as_followers([full_reference(user)]))


def unfollow(context: Context, request: Request) -> Answer:
    """Answer `DELETE /{collection}/{id}/followers/{userId}`.

    Raises
    ------
    RefusalError
        The entity or the user does not exist.
    """
    entity = _entity(context, request)
    user = context.need("user", request.names["user_id"].lower())
    others = [one for one in entity.body.get("followers", ()) if one["id"] != user.id]
    change = {"name": "followers", "oldValue": [full_reference(user)]}
    return _react(context, entity, {"followers": others}, fieldsDeleted=[change])


def vote(context: Context, request: Request) -> Answer:
    """Answer `PUT /{collection}/{id}/vote`: a user has one vote, which a new one replaces.

    Raises
    ------
    RefusalError
        The entity does not exist, or there is no such vote.
    """
    entity = _entity(context, request)
    new = _VOTE.read(request.body, "", context.rules)["updatedVoteType"]
    user = context.need_named("user", context.user)
    before = entity.body.get("votes", {})
    votes = {
        side: [one for one in before.get(side, ()) if one["id"] != user.id]
        + ([user.reference] if _SIDES.get(new) == side else [])
        for side in _SIDES.values()
    }
    old = next(
        (name for name, side in _SIDES.items() if user.reference in before.get(side, ())), None
    )
    change = {"name": "vote", "oldValue": old or "unVoted", "newValue": new}
    return _react(context, entity, {"votes": votes}, fieldsUpdated=[change])


def _entity(context: Context, request: Request) -> Document:
    if not kind_of(request).labelled:
        raise RefusalError(404, "HTTP 404 Not Found")
    return named(context, request, deleted=False)


def _as_followers(value: Any) -> list[JsonObject]:
    return [{"name": "followers", "newValue": value}]


def _react(
    context: Context, entity: Document, new: JsonObject, **changes: list[JsonObject]
) -> Answer:
    kind = KINDS[entity.kind]
    body = {**entity.body, **new}
    entity_store.replace(context.store, entity._replace(body=body))
    context.forget()
    shown = show(context, kind, body, fields=kind.hidden)
    lists: JsonObject = {"fieldsAdded": [], "fieldsUpdated": [], "fieldsDeleted": [], **changes}
    change = {**lists, "previousVersion": body["version"]}
    event = change_event(context, "entityUpdated", entity.kind, shown, change=change)
    store_event(context, {**event, "entity": as_json(shown)})
    return Answer(body={**event, "entity": shown})
