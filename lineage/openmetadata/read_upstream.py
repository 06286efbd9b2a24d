"""Read only what is upstream of one entity, without reading the whole catalog."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from lineage import fqn as names
from lineage.errors import (
    AccessRefused,
    LineageError,
    MalformedName,
    NotOpenMetadata,
    ServerError,
)
from lineage.garbage_collection import rare_collection
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Reference
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.graph_api import Neighbourhood, keep_edges_into, read_neighbourhood
from lineage.openmetadata.payloads import ReferencePayload
from lineage.openmetadata.reader import WORKERS, begin, finish, in_parallel
from lineage.openmetadata.single import read_one
from lineage.openmetadata.snapshot_builder import Harvest, Progress

__all__ = ["read_upstream"]


def read_upstream(
    client: Client,
    start: Reference,
    *,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Snapshot:
    """Read an entity and everything upstream of it, by lineage and by feature sources.

    Edges come from the graph API, so the answer never lags behind; the calls grow with what
    is upstream, not with the catalog.

    Parameters
    ----------
    client : Client
        The server.
    start : Reference
        Where to begin, for instance a model.
    workers : int
        How many requests are under way at once.
    progress : callable, optional
        Called with what is being read and how many so far.

    Returns
    -------
    Snapshot
        Whole upstream of the start but for its gaps. What is downstream was not read, and a
        gap says so.

    Raises
    ------
    ServerError
        The server does not answer, does not have the entity, or refuses the token.
    LineageError
        The start is of a kind the server keeps no list of.
    """
    started = begin(client)
    version = client.version
    harvest = Harvest(progress or (lambda _what, _count: None))
    closure = _Closure(client, harvest)
    closure.begin(start)
    with rare_collection(), ThreadPoolExecutor(workers) as pool:
        while closure.waiting:
            closure.advance(pool)
    closure.keep_edges()
    reason = f"only what is upstream of {start} was read"
    harvest.miss(GapKind.DOWNSTREAM_NOT_READ, start, reason)
    return finish(client, harvest, started, version)


class _Closure:
    """What has been met, what has been told, and what is still to be asked for."""

    def __init__(self, client: Client, harvest: Harvest) -> None:
        self.client, self.harvest = client, harvest
        self.asked: set[str] = set()
        self.read: set[str] = set()
        self.told: dict[str, Neighbourhood] = {}
        self.missed: dict[str, tuple[ReferencePayload, str]] = {}
        self.waiting: list[ReferencePayload] = []

    def begin(self, start: Reference) -> None:
        """Read the start itself; one that is not there is an error here, not a gap."""
        endpoint = ENDPOINTS.get(start.kind)
        if endpoint is None:
            message = f"{start} is of a kind that cannot be read by name; name a model or a table"
            raise LineageError(message)
        params = {"fields": endpoint.fields, "include": "all"}
        path = f"/{endpoint.collection}/name/{escape(start.fqn)}"
        entity = self.harvest.keep_entity(start.kind, self.client.get(path, params))
        if entity is None:
            self.client.doubt(path, params)
        elif not _is_same_name(entity.reference.fqn, start.fqn):
            self.client.doubt(path, params)
            message = f"asked for {start}, the server told of {entity.reference}"
            raise NotOpenMetadata(self.client.host, message)
        if entity is not None:
            payload = ReferencePayload(id=entity.id, type=start.kind)
            self.read.add(entity.id)
            waiting = {item.id: item for item in (payload, *self._sources(entity))}
            self.waiting = list(waiting.values())

    def advance(self, pool: ThreadPoolExecutor) -> None:
        """Ask around what is waiting, read what was met, and find what is waiting then."""
        near = in_parallel(pool, self._read_around, self.waiting)
        self.asked.update(item.id for item in self.waiting)
        found = [item for one in near if one is not None for item in one.nodes.values()]
        found += self.waiting
        fresh = {item.id: item for item in found if item.id not in self.read}
        self.read.update(fresh)
        entities = in_parallel(pool, self._read_entity, fresh.values())
        self.harvest.tell("upstream", len(self.read))
        sources = (source for one in entities if one for source in self._sources(one))
        following = {item.id: item for item in (*found, *sources) if item.id not in self.told}
        # What could not be told is a gap already: asking once more gives the same.
        self.waiting = [item for item in following.values() if item.id not in self.asked]

    def keep_edges(self) -> None:
        """Keep the edges into everything that was told of, each once; the others are gaps.

        Only now is it sure what each entity is called.
        """
        for identity, (item, reason) in self.missed.items():
            if identity not in self.told:
                self.harvest.miss(GapKind.EDGES_NOT_READ, self.harvest.reference(item), reason)
        for identity, near in self.told.items():
            keep_edges_into(self.client, self.harvest, identity, near)

    def _read_around(self, item: ReferencePayload) -> Neighbourhood | None:
        try:
            near = read_neighbourhood(self.client, item.type, item.id)
        except AccessRefused:
            raise
        except (ServerError, ValueError) as error:
            self.missed[item.id] = item, f"not read: {error}"
            return None
        for identity in near.into:
            self.told.setdefault(identity, near)
        return near

    def _read_entity(self, item: ReferencePayload) -> Entity | None:
        """Read one entity; one that cannot be read is a gap."""
        if item.type not in ENDPOINTS:
            return None
        try:
            answer = read_one(self.client, item.type, item.id)
        except AccessRefused as error:
            if error.status == 401:
                raise
            self._miss_entity(item, f"hidden from this token: {error}")
            return None
        except ServerError as error:
            self._miss_entity(item, str(error))
            return None
        return self.harvest.keep_entity(item.type, answer)

    def _miss_entity(self, item: ReferencePayload, reason: str) -> None:
        self.harvest.miss(GapKind.ENTITIES_NOT_READ, item.reference(), reason)

    def _sources(self, entity: Entity) -> Iterator[ReferencePayload]:
        """Name what a model's features are computed from, which needs no edge to be known."""
        if isinstance(entity, MlModel):
            for feature in entity.features:
                for source in feature.sources:
                    if source.entity is not None and source.entity_id:
                        yield ReferencePayload(
                            id=source.entity_id,
                            type=source.entity.kind,
                            fullyQualifiedName=source.entity.fqn,
                        )


def _is_same_name(one: str, other: str) -> bool:
    """Whether two names mean the same to a server, which may quote and fold them its own way."""
    try:
        left, right = names.split(one), names.split(other)
    except MalformedName:
        return one == other
    return [part.casefold() for part in left] == [part.casefold() for part in right]
