"""Read a catalog into a snapshot: whole, or only what is upstream of something.

The search index answers for a thousand entities at once but may lag behind, and drops what
is too large; the graph API tells the database's truth, a few hops a call. So edges are read
from the index, and from the graph API wherever the index is silent, or everywhere if asked.
Whatever stays unread becomes a gap: nothing is left out in silence.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Literal, TypeVar

from lineage.errors import AccessRefused, RequestFailed, ServerError
from lineage.garbage_collection import rare_collection
from lineage.model.entities import Entity
from lineage.model.reference import Kind
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client, Parameters, escape
from lineage.openmetadata.endpoints import ALL_KINDS_SINCE, ENDPOINTS
from lineage.openmetadata.graph_api import keep_edges_into, read_neighbourhood
from lineage.openmetadata.index_comparison import compare
from lineage.openmetadata.search_api import PAGE, read_index
from lineage.openmetadata.snapshot_builder import Harvest, Progress

__all__ = [
    "Truth",
    "begin",
    "finish",
    "in_parallel",
    "lacks_kind",
    "read",
    "read_edges",
    "read_kind",
    "read_list",
]

Truth = Literal["index", "database", "both"]

WORKERS = 8
"""Requests under way at once; more of them make httpx slower, not faster."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def read(
    client: Client,
    *,
    truth: Truth = "index",
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Snapshot:
    """Read every entity and every edge of a server.

    Parameters
    ----------
    client : Client
        The server.
    truth : {"index", "database", "both"}
        Where edges are read: from the search index in pages, or from the graph API alone,
        which is slower and never lags behind; or from both, which says where they disagree
        and keeps what the database holds.
    workers : int
        How many requests are under way at once.
    progress : callable, optional
        Called with what is being read and how many so far.

    Returns
    -------
    Snapshot
        What was read, and as gaps what was not.

    Raises
    ------
    ServerError
        The server does not answer at all, is no OpenMetadata, or refuses the token.
    """
    started = begin(client)
    harvest = Harvest(progress or _silent)
    version = client.version  # first of all: a server that is none is told at once
    with rare_collection(), ThreadPoolExecutor(workers) as pool:
        in_parallel(pool, lambda kind: read_list(client, harvest, kind), ENDPOINTS)
        read_edges(client, harvest, pool, truth)
    return finish(client, harvest, started, version)


def read_kind(client: Client, kind: str) -> Snapshot:
    """Read the entities of one kind alone, without any edge.

    Raises
    ------
    ServerError
        The server does not answer at all, is no OpenMetadata, or refuses the token.
    """
    started, version = begin(client), client.version
    harvest = Harvest(_silent)
    read_list(client, harvest, kind)
    harvest.miss(GapKind.EDGES_NOT_READ, None, f"only the list of {kind} was read")
    return finish(client, harvest, started, version)


def read_list(client: Client, harvest: Harvest, kind: str) -> None:
    """Read the list of one kind into the harvest; a page that fails is a gap.

    Raises
    ------
    AccessRefused
        The token is refused.
    """
    collection = ENDPOINTS[kind].collection
    params: Parameters = {"fields": ENDPOINTS[kind].fields, "include": "all", "limit": PAGE}
    count = 0
    try:
        for page in client.pages(f"/{collection}", params):
            kept = [harvest.keep_entity(kind, item) for item in page]
            if not all(kept):
                client.doubt(f"/{collection}", params)
            count += len(page)
            harvest.tell(collection, count)
    except AccessRefused:
        raise
    except ServerError as error:
        if lacks_kind(client, error):
            return
        harvest.miss(GapKind.ENTITIES_NOT_READ, None, f"list of {collection}: {error}")


def lacks_kind(client: Client, error: ServerError) -> bool:
    """Whether a list is missing since the server is older than the kind it would list."""
    unknown = isinstance(error, RequestFailed) and error.is_not_found
    return unknown and client.version < ALL_KINDS_SINCE


def read_edges(client: Client, harvest: Harvest, pool: ThreadPoolExecutor, truth: Truth) -> None:
    """Read the edges into every entity of the harvest.

    Raises
    ------
    AccessRefused
        The token is refused.
    """
    unread = dict(harvest.entities)
    if truth == "both":
        indexed = harvest.beside()
        whole = _read_indexes(client, indexed, pool)
        _read_truth(client, harvest, pool, unread)
        compare(harvest, indexed, whole)
        return
    if truth == "index":
        for identity in _read_indexes(client, harvest, pool):
            unread.pop(identity, None)
    _read_truth(client, harvest, pool, unread)


def _read_indexes(client: Client, harvest: Harvest, pool: ThreadPoolExecutor) -> set[str]:
    """Read the edges that the search index tells; give the ids of what it told whole."""
    entities = harvest.entities.values()
    parts = sorted({(item.reference.kind, item.deleted) for item in entities})
    found = in_parallel(
        pool, lambda part: read_index(client, harvest, part[0], deleted=part[1]), parts
    )
    return set().union(*found)


def in_parallel(
    pool: ThreadPoolExecutor, work: Callable[[_Item], _Result], items: Iterable[_Item]
) -> list[_Result]:
    """Do some work for each item, several at a time; the first error stops what has not begun."""
    futures = [pool.submit(work, item) for item in items]
    try:
        return [future.result() for future in futures]
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def finish(client: Client, harvest: Harvest, started: str, version: tuple[int, ...]) -> Snapshot:
    """Make a snapshot of a harvest."""
    return Snapshot(
        server=client.host,
        server_version=".".join(map(str, version)),
        read_at=started,
        entities=tuple(harvest.entities.values()),
        edges=tuple(harvest.edges),
        gaps=tuple(harvest.gaps),
        left_out=tuple(harvest.left_out.items()),
        disagreements=tuple(harvest.disagreements),
    )


def _read_truth(
    client: Client, harvest: Harvest, pool: ThreadPoolExecutor, unread: dict[str, Entity]
) -> None:
    """Read the edges into entities from the graph API, a wave of calls at a time.

    What has consumers only comes first, and then what lies at the rim of an answer: so an
    answer tells as much as it can that no other has told. Deleted entities come last: the
    API denies them as a start, but shows them behind others.
    """
    waiting = sorted(unread.values(), key=_consumers_first, reverse=True)
    while waiting:
        wave = _next_wave(waiting, unread)
        rims = in_parallel(pool, lambda one: _read_around(client, harvest, one, unread), wave)
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
    client: Client, harvest: Harvest, entity: Entity, unread: dict[str, Entity]
) -> list[str]:
    """Keep all edges that one answer tells, each once; give the rim of the answer."""
    try:
        near = read_neighbourhood(client, entity.reference.kind, entity.id)
    except AccessRefused:
        raise
    except (ServerError, ValueError) as error:
        if entity.id in unread:  # else another answer has told its edges meanwhile
            _miss_edges(client, harvest, entity, error)
        return []
    for identity in near.into:
        # The one thread that takes an entity out of the unread keeps its edges.
        told = unread.pop(identity, None)
        if told is not None:
            keep_edges_into(client, harvest, told.id, near)
    return [identity for identity in near.rim if identity in unread]


def _miss_edges(client: Client, harvest: Harvest, entity: Entity, error: Exception) -> None:
    """Tell an entity that is gone from one whose edges cannot be read."""
    unknown = isinstance(error, RequestFailed) and error.is_not_found
    if unknown and not entity.deleted and _is_gone(client, entity):
        harvest.forget(entity)
    else:
        harvest.miss(GapKind.EDGES_NOT_READ, entity.reference, str(error))


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


def begin(client: Client) -> str:
    """Tell when reading began; a resumed one began when the one before did."""
    if client.log is not None:
        return client.log.started
    return datetime.now(UTC).isoformat(timespec="seconds")


def _silent(what: str, count: int) -> None:
    """Say nothing."""
