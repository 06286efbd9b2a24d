"""Read only what is upstream of one entity, without reading the whole catalog."""

from concurrent.futures import ThreadPoolExecutor

from pydantic import ValidationError

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
from lineage.model.reference import GROUP_KINDS, Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ALL_ENDPOINTS, ENDPOINTS
from lineage.openmetadata.entity_api import read_named, read_one
from lineage.openmetadata.graph_api import Neighbourhood, keep_edges_into, read_neighbourhood
from lineage.openmetadata.parallel import WORKERS, in_parallel
from lineage.openmetadata.payloads import ReferencePayload
from lineage.openmetadata.reader import begin
from lineage.openmetadata.snapshot_builder import Progress, SnapshotBuilder

__all__ = ["read_upstream"]

_CONTENTS: dict[str, str] = {Kind.CONTAINER: "children", Kind.DASHBOARD: "charts"}
"""Fields that name entities in an entity: what is tagged or fed there counts for it too."""


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
    builder = SnapshotBuilder(progress)
    closure = _Closure(client, builder)
    closure.begin(start)
    with rare_collection(), ThreadPoolExecutor(workers) as pool:
        while closure.waiting:
            closure.advance(pool)
    closure.keep_edges()
    reason = f"only what is upstream of {start} was read"
    builder.add_gap(GapKind.DOWNSTREAM_NOT_READ, start, reason)
    return builder.snapshot(client.host, version, started)


class _Closure:
    """What has been met, whose edges are known, and what is still to be asked for."""

    def __init__(self, client: Client, builder: SnapshotBuilder) -> None:
        self.client, self.builder = client, builder
        self.asked: set[str] = set()
        self.read: set[str] = set()
        self.opened: set[str] = set()
        self.groups: set[str] = set()
        self.named: set[Reference] = set()
        self.near: dict[str, Neighbourhood] = {}
        self.missed: dict[str, tuple[ReferencePayload, str]] = {}
        self.waiting: list[ReferencePayload] = []

    def begin(self, start: Reference) -> None:
        """Find the start; one that is not there is an error here, not a gap."""
        if start.kind not in ENDPOINTS:
            message = f"{start} is of a kind that cannot be read by name; name a model or a table"
            raise LineageError(message)
        answer = read_named(self.client, start)
        entity = self.builder.add_entity(start.kind, answer)
        if entity is None or not _is_same_name(entity.reference.fqn, start.fqn):
            self.client.invalidate(f"/{ENDPOINTS[start.kind].collection}/name/{escape(start.fqn)}")
        if entity is None:
            return
        if not _is_same_name(entity.reference.fqn, start.fqn):
            message = f"asked for {start}, the server answered with {entity.reference}"
            raise NotOpenMetadata(self.client.host, message)
        self.read.add(entity.id)
        self.waiting = [_payload(entity)]

    def advance(self, pool: ThreadPoolExecutor) -> None:
        """Ask around what is waiting, read what was met, and find what is waiting then."""
        near = in_parallel(pool, self._read_around, self.waiting)
        self.asked.update(item.id for item in self.waiting)
        met = [item for item in self.waiting if item.id not in self.groups]
        met += [node for nodes in near for node in nodes]
        self._read_entities(pool, met)
        met += self._sources(met)
        met += self._contents(pool, met)
        met += self._read_groups(pool)
        self.builder.report("upstream", len(self.read))
        following = {item.id: item for item in met if item.type not in GROUP_KINDS}
        # What could not be answered is a gap already: asking once more gives the same.
        known = self.near.keys() | self.asked
        self.waiting = [item for key, item in following.items() if key not in known]

    def keep_edges(self) -> None:
        """Add the edges into everything whose edges are known, each once; others are gaps.

        Only now is it sure what each entity is called.
        """
        for identity, (item, reason) in self.missed.items():
            if identity not in self.near:
                self.builder.add_gap(GapKind.EDGES_NOT_READ, self.builder.reference(item), reason)
        for identity, near in self.near.items():
            keep_edges_into(self.client, self.builder, identity, near)

    def _read_around(self, item: ReferencePayload) -> list[ReferencePayload]:
        """Read the edges around an item; return what else is at their ends."""
        try:
            near = read_neighbourhood(self.client, item.type, item.id)
        except (ServerError, ValueError) as error:
            if isinstance(error, ServerError) and error.is_final:
                raise
            self.missed[item.id] = item, f"not read: {error}"
            return []
        for identity in near.into:
            self.near.setdefault(identity, near)
        return [node for node in near.nodes.values() if node.id != item.id]

    def _read_entities(self, pool: ThreadPoolExecutor, met: list[ReferencePayload]) -> None:
        fresh = {item.id: item for item in met if item.id not in self.read}
        self.read.update(fresh)
        in_parallel(pool, self._read_entity, fresh.values())

    def _read_entity(self, item: ReferencePayload) -> None:
        """Read one entity; one that cannot be read is a gap."""
        if item.type not in ALL_ENDPOINTS:
            return
        try:
            answer = read_one(self.client, item.type, item.id)
        except ServerError as error:
            self.builder.add_gap(GapKind.ENTITIES_NOT_READ, item.reference(), _reason(error))
            return
        self.builder.add_entity(item.type, answer)

    def _read_groups(self, pool: ThreadPoolExecutor) -> list[ReferencePayload]:
        """Read what the entities are in, to the outermost; return what was read."""
        found: list[Entity] = []
        while groups := [one for one in self.builder.groups_not_read() if one not in self.named]:
            self.named.update(groups)
            found += [one for one in in_parallel(pool, self._read_group, groups) if one]
        self.read.update(group.id for group in found)
        self.groups.update(group.id for group in found)
        return list(map(_payload, found))

    def _read_group(self, group: Reference) -> Entity | None:
        """Read what an entity is in by its name; where that fails, a gap will name it."""
        if group.kind not in ALL_ENDPOINTS:
            return None
        try:
            answer = read_named(self.client, group)
        except ServerError as error:
            self.builder.unread_groups[group] = _reason(error)
            return None
        return self.builder.add_entity(group.kind, answer)

    def _sources(self, met: list[ReferencePayload]) -> list[ReferencePayload]:
        """Name what features of models are computed from, which needs no edge to be known."""
        entities = (self.builder.entities.get(item.id) for item in met)
        return [
            ReferencePayload(
                id=source.entity_id,
                type=source.entity.kind,
                fullyQualifiedName=source.entity.fqn,
            )
            for model in entities
            if isinstance(model, MlModel)
            for feature in model.features
            for source in feature.sources
            if source.entity is not None and source.entity_id
        ]

    def _contents(
        self, pool: ThreadPoolExecutor, met: list[ReferencePayload]
    ) -> list[ReferencePayload]:
        """Name what is in containers, and on dashboards; not in those read as groups alone."""
        closed = {
            item.id: item for item in met if item.type in _CONTENTS and item.id not in self.opened
        }
        self.opened.update(closed)
        found = in_parallel(pool, self._contents_of, closed.values())
        return [content for contents in found for content in contents]

    def _contents_of(self, item: ReferencePayload) -> list[ReferencePayload]:
        field = _CONTENTS[item.type]
        try:
            answer = read_one(self.client, item.type, item.id, fields=field)
            return list(map(ReferencePayload.model_validate, answer.get(field) or ()))
        except (ServerError, ValidationError) as error:
            reason = f"its {field}: {_reason(error)}"
            subject = self.builder.reference(item)
            self.builder.add_gap(GapKind.ENTITIES_NOT_READ, subject, reason)
            return []


def _payload(entity: Entity) -> ReferencePayload:
    return ReferencePayload(
        id=entity.id, type=entity.reference.kind, fullyQualifiedName=entity.reference.fqn
    )


def _reason(error: Exception) -> str:
    """Say why something was not read; where nothing else can be read either, raise it."""
    if isinstance(error, ServerError) and error.is_final:
        raise error
    hidden = "hidden from this token: " if isinstance(error, AccessRefused) else ""
    return f"{hidden}{error}"


def _is_same_name(one: str, other: str) -> bool:
    """Whether two names mean the same to a server, which may quote and fold them its own way."""
    try:
        left, right = names.split(one), names.split(other)
    except MalformedName:
        return one == other
    return [part.casefold() for part in left] == [part.casefold() for part in right]
