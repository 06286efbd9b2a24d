"""Entities of one kind: their list in pages, or one of them, with the fields the server knows."""

import re
from collections.abc import Iterator
from typing import Any

from lineage.errors import NotOpenMetadata, RequestFailed, ServerError
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client, Parameters, escape
from lineage.openmetadata.endpoints import ALL_ENDPOINTS, ALL_KINDS_SINCE, PAGE
from lineage.openmetadata.pages import read_pages

__all__ = ["lacks_kind", "list_pages", "read_named", "read_one"]

_NEW = frozenset({"certification"})
"""Fields that older servers refuse to be asked for, since they have nothing there."""

_UNKNOWN_FIELD = re.compile(r"Invalid field name (\w+)")


def list_pages(
    client: Client, kind: str, *, fields: str | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Read the list of one kind page by page, deleted entities too.

    Parameters
    ----------
    fields : str, optional
        The fields to ask for; all of the kind unless given.

    Raises
    ------
    ServerError
        A page could not be read; those before it have been given.
    """
    asked = fields or ALL_ENDPOINTS[kind].fields
    try:
        yield from _pages(client, kind, asked)
    except RequestFailed as error:
        yield from _pages(client, kind, _without_refused(asked, error))


def lacks_kind(client: Client, error: ServerError) -> bool:
    """Whether a list is missing since the server is older than the kind it would list."""
    unknown = isinstance(error, RequestFailed) and error.is_not_found
    return unknown and client.version < ALL_KINDS_SINCE


def read_one(
    client: Client, kind: str, identity: str, *, fields: str | None = None
) -> dict[str, Any]:
    """Read one entity as the server spells it, a deleted one too.

    Parameters
    ----------
    client : Client
        The server.
    kind : str
        A kind the server keeps a list of.
    identity : str
        The server's id of the entity.
    fields : str, optional
        The fields to ask for; all that lists are asked for unless given.

    Raises
    ------
    NotOpenMetadata
        The answer is about something else.
    ServerError
        There is no such entity, or it could not be read.
    """
    path = f"/{ALL_ENDPOINTS[kind].collection}/{escape(identity)}"
    answer = _read(client, path, fields or ALL_ENDPOINTS[kind].fields)
    if not isinstance(answer, dict) or answer.get("id") != identity:
        client.invalidate(path)
        raise NotOpenMetadata(client.url(path), "the answer is about another entity")
    return answer


def read_named(client: Client, reference: Reference) -> Any:
    """Read one entity by its name as the server spells it, a deleted one too.

    Raises
    ------
    ServerError
        There is no such entity, or it could not be read.
    """
    endpoint = ALL_ENDPOINTS[reference.kind]
    path = f"/{endpoint.collection}/name/{escape(reference.fqn)}"
    return _read(client, path, endpoint.fields)


def _pages(client: Client, kind: str, fields: str) -> Iterator[list[dict[str, Any]]]:
    params: Parameters = {"fields": fields, "include": "all", "limit": PAGE}
    yield from read_pages(client, f"/{ALL_ENDPOINTS[kind].collection}", params)


def _read(client: Client, path: str, fields: str) -> Any:
    try:
        return client.get(path, {"fields": fields, "include": "all"})
    except RequestFailed as error:
        return client.get(path, {"fields": _without_refused(fields, error), "include": "all"})


def _without_refused(fields: str, error: RequestFailed) -> str:
    """Return the fields without the one that a server refused; raise what is another error."""
    refused = _UNKNOWN_FIELD.search(str(error))
    if refused is None or refused[1] not in _NEW.intersection(fields.split(",")):
        raise error
    return ",".join(field for field in fields.split(",") if field != refused[1])
