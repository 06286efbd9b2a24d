"""List versions: bring a kept snapshot up to date without reading the catalog anew.

Lists without columns say of each entity which version it has. What still has the version of the
snapshot is as it was; of anything else only that is known, and its versions are to be read.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pydantic import ValidationError

from lineage.errors import LineageError, RequestFailed, ServerError
from lineage.model.entities import Entity
from lineage.model.reference import Kind
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.entity_api import lacks_kind, list_pages, read_one
from lineage.openmetadata.parallel import WORKERS, in_parallel
from lineage.openmetadata.payloads import EntityPayload, make_entity

__all__ = ["list_versions"]

_FIELDS = "owners"
"""The least to ask for: a list that is asked for nothing may come with everything."""

_LISTED = (Kind.MLMODEL, *(kind for kind, endpoint in ENDPOINTS.items() if endpoint.parts))


def list_versions(client: Client, kept: Snapshot, *, workers: int = WORKERS) -> Snapshot:
    """List which version everything with columns or features has now.

    Parameters
    ----------
    client : Client
        The server that the snapshot was read from.
    kept : Snapshot
        An earlier reading.
    workers : int
        How many requests are under way at once.

    Returns
    -------
    Snapshot
        The kept one without what is gone, and with what is new. What has another version now has
        no moment at which it was updated: its content is not known. Edges are those of then.

    Raises
    ------
    LineageError
        The snapshot was read from another server.
    ServerError
        The server does not answer at all, or refuses the token.
    """
    if kept.server != client.host:
        message = f"the snapshot was read from {kept.server}, not from {client.host}"
        raise LineageError(message)
    with ThreadPoolExecutor(workers) as pool:
        listed = in_parallel(pool, lambda kind: _list(client, kind), _LISTED)
        lists = {
            kind: items
            for kind, items in zip(_LISTED, listed, strict=True)
            if not isinstance(items, Gap)
        }
        found = {item.id: item for items in lists.values() for item in items}
        missing = [
            item for item in kept.entities if item.reference.kind in lists and item.id not in found
        ]
        looked_up = in_parallel(pool, lambda item: _look_up(client, item), missing)
    gaps = [item for item in (*listed, *looked_up) if isinstance(item, Gap)]
    gone = {item.id for item, gap in zip(missing, looked_up, strict=True) if gap is None}
    known = {item.id for item in kept.entities}
    entities = [_present(item, found.get(item.id)) for item in kept.entities if item.id not in gone]
    entities += [_unread(item) for key, item in found.items() if key not in known]
    return replace(kept, entities=tuple(entities), gaps=(*kept.gaps, *gaps))


def _present(then: Entity, now: Entity | None) -> Entity:
    """Return an entity as a snapshot has it, or without what is not known of it any more."""
    if now is None or (now.version, now.reference) == (then.version, then.reference):
        return then
    # Under its name of then, even if it has another now: the edges know no other.
    return _unread(replace(now, reference=then.reference, columns=then.columns))


def _unread(entity: Entity) -> Entity:
    return replace(entity, updated_at=None)


def _list(client: Client, kind: str) -> list[Entity] | Gap:
    try:
        pages = list_pages(client, kind, fields=_FIELDS)
        items = [EntityPayload.model_validate(item) for page in pages for item in page]
    except ServerError as error:
        if error.is_final:
            raise
        return [] if lacks_kind(client, error) else _gap(kind, str(error))
    except ValidationError as error:
        return _gap(kind, str(error).splitlines()[0])
    return [make_entity(kind, item) for item in items]


def _look_up(client: Client, entity: Entity) -> Gap | None:
    """Return None where an entity is gone: lists leave out in silence what a token may not see."""
    try:
        read_one(client, entity.reference.kind, entity.id, fields=_FIELDS)
    except RequestFailed as error:
        if error.is_not_found:
            return None
        reason = str(error)
    except ServerError as error:
        if error.is_final:
            raise
        reason = str(error)
    else:
        reason = "no list shows it, and it is there"
    return Gap(GapKind.ENTITIES_NOT_READ, entity.reference, f"its version is not known: {reason}")


def _gap(kind: str, reason: str) -> Gap:
    message = f"which versions each {kind} has was not read: {reason}"
    return Gap(GapKind.ENTITIES_NOT_READ, None, message)
