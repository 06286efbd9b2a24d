"""Edges into every entity: from the search index, from the database, or from both."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from lineage.errors import RequestFailed, ServerError
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.graph_api import keep_edges_into, read_neighbourhood
from lineage.openmetadata.index_comparison import compare
from lineage.openmetadata.parallel import WORKERS, in_parallel
from lineage.openmetadata.search_api import add_set_apart, list_documents, read_index
from lineage.openmetadata.snapshot_builder import SnapshotBuilder
from lineage.openmetadata.unlisted import close_lists, read_unlisted

__all__ = ["Truth", "read_edges"]

Truth = Literal["index", "database", "both"]

_Named = Mapping[str, Reference]
"""Entities by the server's id."""


def read_edges(
    client: Client, builder: SnapshotBuilder, pool: ThreadPoolExecutor, truth: Truth
) -> None:
    """Read the edges into every entity read so far, and into what no list showed.

    Raises
    ------
    ServerError
        The server is gone, or the token is refused.
    """
    indexed = builder.for_other_edges() if truth == "both" else builder
    complete: set[str] = set()
    if truth == "database":
        hidden = _read_names(client, builder, pool)
    else:
        complete, hidden = _read_indexes(client, indexed, pool)
    known = complete if truth == "index" else set()
    asked = {key: name for key, name in hidden.items() if key not in known}
    _read_hidden(client, builder, pool, asked)
    unread = {key: item for key, item in builder.with_lineage().items() if key not in known}
    _read_database(client, builder, pool, unread)
    while fed := builder.take_fed_by_forgotten():
        _read_database(client, builder, pool, fed)
    _read_ends(client, builder, pool, {*known, *asked})
    close_lists(client, builder)
    if truth == "both":
        compare(builder, indexed, complete)


def _read_indexes(
    client: Client, builder: SnapshotBuilder, pool: ThreadPoolExecutor
) -> tuple[set[str], _Named]:
    """Read the edges in the search index; return the ids of what it held in full, and the hidden.

    Hidden is what the index holds, the server has, and does not show.
    """
    parts = in_parallel(
        pool,
        lambda part: read_index(client, builder, part[0], deleted=part[1]),
        _parts_of_index(builder),
    )
    unlisted = {key: named for part in parts for key, (named, _) in part.unlisted.items()}
    there = read_unlisted(client, builder, pool, unlisted)
    for part in parts:
        add_set_apart(client, builder, part, there)
    complete = set[str]().union(*(part.complete for part in parts))
    return complete, _hidden(builder, unlisted, there)


def _read_names(client: Client, builder: SnapshotBuilder, pool: ThreadPoolExecutor) -> _Named:
    """Read what the search index knows and no list showed, without the edges; return the hidden."""
    parts = _parts_of_index(builder)
    found = in_parallel(
        pool, lambda part: list(list_documents(client, part[0], deleted=part[1])), parts
    )
    named = {
        str(document.get("id")): Reference(kind, str(document.get("fullyQualifiedName")))
        for (kind, _), documents in zip(parts, found, strict=True)
        for document in documents
    }
    unlisted = {key: name for key, name in named.items() if key not in builder.entities}
    there = read_unlisted(client, builder, pool, unlisted)
    return _hidden(builder, unlisted, there)


def _hidden(builder: SnapshotBuilder, unlisted: _Named, there: set[str]) -> _Named:
    return {key: unlisted[key] for key in there if key not in builder.entities}


def _read_hidden(
    client: Client, builder: SnapshotBuilder, pool: ThreadPoolExecutor, hidden: _Named
) -> None:
    """Read the edges into what the server has and does not show: the graph API shows those."""
    in_parallel(pool, lambda item: _read_into(client, builder, *item), hidden.items())


def _read_into(
    client: Client, builder: SnapshotBuilder, identity: str, reference: Reference
) -> None:
    try:
        near = read_neighbourhood(client, reference.kind, identity)
    except (ServerError, ValueError) as error:
        if isinstance(error, ServerError) and error.is_final:
            raise
        builder.add_gap(GapKind.EDGES_NOT_READ, reference, str(error))
        return
    keep_edges_into(client, builder, identity, near)


def _parts_of_index(builder: SnapshotBuilder) -> list[tuple[str, bool]]:
    """Name the kinds, and with them the deleted ones where there may be any."""
    entities = builder.with_lineage().values()
    deleted = {item.reference.kind for item in entities if item.deleted}.union(builder.broken_lists)
    return [(kind, False) for kind in ENDPOINTS] + [(kind, True) for kind in sorted(deleted)]


def _read_ends(
    client: Client, builder: SnapshotBuilder, pool: ThreadPoolExecutor, known: set[str]
) -> None:
    """Read what edges come from that no list and no document showed, and the edges into that.

    Parameters
    ----------
    known : set of str
        Ids of what the edges into have been read of, though it is hidden.
    """
    while ends := builder.take_unknown_ends():
        there = read_unlisted(client, builder, pool, ends)
        _read_hidden(client, builder, pool, _hidden(builder, ends, there - known))
        entities = builder.with_lineage()
        fresh = {key: entities[key] for key in ends if key in entities}
        _read_database(client, builder, pool, fresh)


def _read_database(
    client: Client, builder: SnapshotBuilder, pool: ThreadPoolExecutor, unread: dict[str, Entity]
) -> None:
    """Read the edges into entities from the graph API, a wave of calls at a time.

    What has consumers only comes first, and then what lies at the rim of an answer: so an
    answer holds as much as it can that no other has held. Deleted entities come last: the
    API denies them as a start, but shows them behind others.
    """
    waiting = sorted(unread.values(), key=_consumers_first, reverse=True)
    while waiting:
        wave = _next_wave(waiting, unread)
        rims = in_parallel(pool, lambda one: _read_around(client, builder, one, unread), wave)
        for entity in wave:
            unread.pop(entity.id, None)
        rim = (identity for found in rims for identity in found)
        waiting.extend(unread[identity] for identity in dict.fromkeys(rim) if identity in unread)


def _next_wave(waiting: list[Entity], unread: dict[str, Entity]) -> list[Entity]:
    """Take the next entities to ask around, deleted ones never beside others."""
    wave: list[Entity] = []
    while waiting and len(wave) < WORKERS:
        entity = waiting[-1]
        if wave and entity.deleted != wave[-1].deleted:
            break
        waiting.pop()
        if entity.id in unread:
            wave.append(entity)
    return wave


def _read_around(
    client: Client, builder: SnapshotBuilder, entity: Entity, unread: dict[str, Entity]
) -> list[str]:
    """Add all edges of one answer, each once; return the rim of the answer."""
    try:
        near = read_neighbourhood(client, entity.reference.kind, entity.id)
    except (ServerError, ValueError) as error:
        if isinstance(error, ServerError) and error.is_final:
            raise
        if entity.id in unread:  # else another answer has held its edges meanwhile
            _miss_edges(client, builder, entity, error)
        return []
    for identity in near.into:
        # The one thread that takes an entity out of the unread keeps its edges.
        found = unread.pop(identity, None)
        if found is not None:
            keep_edges_into(client, builder, found.id, near)
    return [identity for identity in near.rim if identity in unread]


def _miss_edges(client: Client, builder: SnapshotBuilder, entity: Entity, error: Exception) -> None:
    """Forget an entity that is gone, or note that its edges cannot be read."""
    unknown = isinstance(error, RequestFailed) and error.is_not_found
    if unknown and not entity.deleted and _is_gone(client, entity):
        builder.forget(entity)
    else:
        builder.add_gap(GapKind.EDGES_NOT_READ, entity.reference, str(error))


def _is_gone(client: Client, entity: Entity) -> bool:
    collection = ENDPOINTS[entity.reference.kind].collection
    try:
        client.get(f"/{collection}/{escape(entity.id)}", {"include": "all"})
    except RequestFailed as error:
        return error.is_not_found
    except ServerError:
        return False
    return False


def _consumers_first(entity: Entity) -> tuple[bool, bool, str]:
    consumers = {Kind.MLMODEL, Kind.DASHBOARD, Kind.CHART, Kind.METRIC}
    return entity.deleted, entity.reference.kind not in consumers, entity.reference.fqn
