"""References: checked and cut down when they are written, filled in when they are shown."""

from collections.abc import Iterator
from typing import Any

from lineage.catalog.answers import JsonObject, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind, Link
from lineage.catalog.entity_store import Document

__all__ = ["checked_link", "found_links", "full_reference", "linked", "shown_references"]

_SHOWN = ("name", "fullyQualifiedName", "description", "deleted")


def full_reference(document: Document) -> JsonObject:
    """Give an entity reference with all that it can say of the entity."""
    body = document.body
    shown = {key: body[key] for key in _SHOWN if key in body}
    return {**document.reference, **shown, "displayName": body.get("displayName") or body["name"]}


def linked(context: Context, link: Link, sent: Any, *, by_name: bool) -> Any:
    """Give what a field links to, as it is stored.

    Parameters
    ----------
    sent : list, object or str
        Names or entity references, one or many as the link has it.
    by_name : bool
        Whether names were sent.

    Raises
    ------
    RefusalError
        One of them does not exist, is deleted, or is of a wrong kind.
    """
    if not link.many:
        return checked_link(context, link, sent, by_name=by_name).reference
    found = [checked_link(context, link, one, by_name=by_name) for one in sent]
    return list({document.id: document.reference for document in found}.values())


def checked_link(
    context: Context, link: Link, sent: str | JsonObject, *, by_name: bool
) -> Document:
    """Look up what one name or one reference links to.

    Raises
    ------
    RefusalError
        It does not exist, is deleted, or is of a wrong kind.
    """
    if by_name:
        return context.need_named(link.kinds[0], str(sent))
    if not isinstance(sent, dict) or sent["type"] not in link.kinds:
        raise RefusalError(400, f"{link.field} must be of type [{', '.join(link.kinds)}]")
    return context.need(sent["type"], sent["id"])


def shown_references(context: Context, kind: EntityKind, entity: JsonObject) -> JsonObject:
    """Give an entity with its references filled in; those to nothing are left out."""
    shown = dict(entity)
    for key in (*kind.above, *(link.field for link in kind.every_link), "children", "followers"):
        value = entity.get(key)
        if isinstance(value, list):
            shown[key] = _filled(context, value)
        elif isinstance(value, dict):
            found = _filled(context, [value])
            shown.pop(key)
            shown |= {key: found[0]} if found else {}
    if "votes" in shown:
        shown["votes"] = _votes(context, shown["votes"])
    return shown


def found_links(context: Context, references: Any) -> Iterator[Document]:
    """Find what a field names, one or many, of what is still there."""
    listed = references if isinstance(references, list) else [references] if references else []
    for reference in listed:
        found = context.glance(reference["type"], id=reference["id"])
        if found is not None:
            yield found


def _votes(context: Context, votes: JsonObject) -> JsonObject:
    """Count the votes of those who are still there."""
    shown = {key: _filled(context, votes[key]) for key in ("upVoters", "downVoters")}
    counted = {"upVotes": len(shown["upVoters"]), "downVotes": len(shown["downVoters"])}
    return {**counted, **shown}


def _filled(context: Context, references: list[JsonObject]) -> list[JsonObject]:
    return [full_reference(found) for found in found_links(context, references)]
