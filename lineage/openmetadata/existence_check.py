"""Presence: whether entities are still there, and what columns and features they have."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from pydantic import ValidationError

from lineage.errors import AccessRefused, NotOpenMetadata, RequestFailed, ServerUnreachable
from lineage.model.entities import Entity
from lineage.openmetadata.capabilities import Capabilities
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.entity_api import read_one
from lineage.openmetadata.payloads import EntityPayload, make_entity

__all__ = ["read_present"]

_AT_ONCE = 200
"""How many entities the server gives in one answer."""


def read_present(client: Client, wanted: Iterable[tuple[str, str]]) -> dict[str, Entity]:
    """Read entities by kind and id, as they are now; soft-deleted ones among them.

    Servers from 2.0 on are asked for two hundred of a kind at once.

    Returns
    -------
    dict of str to Entity
        By id; what the server does not have, or hides from the token, is left out.

    Raises
    ------
    ServerError
        They could not be read.
    """
    by_kind: dict[str, list[str]] = {}
    for kind, identity in sorted(set(wanted)):
        by_kind.setdefault(kind, []).append(identity)
    return {
        entity.id: entity
        for kind, identities in by_kind.items()
        for entity in _read(client, kind, identities)
    }


def _read(client: Client, kind: str, identities: list[str]) -> list[Entity]:
    """Read entities of one kind: many at once where that works, else one after the other."""
    if Capabilities(client.version).many_at_once:
        # Where that fails, each is asked for by itself, and what fails then is not passed over.
        with suppress(NotOpenMetadata, RequestFailed, ServerUnreachable):
            return list(_read_many(client, kind, identities))
    return list(_read_each(client, kind, identities))


def _read_many(client: Client, kind: str, identities: list[str]) -> Iterator[Entity]:
    path = "/lineage/hydrate"
    left = iter(identities)
    while some := [{"id": identity, "type": kind} for identity in islice(left, _AT_ONCE)]:
        body = {"entities": some, "fields": _fields(kind), "include": "all"}
        answer = client.send("POST", path, body=body)
        by_type = answer.get("entitiesByType") if isinstance(answer, dict) else None
        if not isinstance(by_type, dict):
            raise NotOpenMetadata(client.url(path), "the answer holds no entities by type")
        for item in by_type.get(kind) or ():
            yield _entity(client.url(path), kind, item)


def _read_each(client: Client, kind: str, identities: list[str]) -> Iterator[Entity]:
    for identity in identities:
        path = f"/{kind}s/{escape(identity)}"
        try:
            if kind in ENDPOINTS:
                answer = read_one(client, kind, identity)
            else:
                answer = client.get(path, {"include": "all"})
        except AccessRefused as error:
            if not error.is_final:  # one entity is hidden from the token, not all of them
                continue
            raise
        except RequestFailed as error:
            if error.is_not_found:
                continue
            raise
        yield _entity(client.url(path), kind, answer)


def _fields(kind: str) -> str:
    return ENDPOINTS[kind].fields if kind in ENDPOINTS else ""


def _entity(url: str, kind: str, item: Any) -> Entity:
    try:
        return make_entity(kind, EntityPayload.model_validate(item))
    except ValidationError:
        raise NotOpenMetadata(url, "the answer holds an entity that cannot be read") from None
