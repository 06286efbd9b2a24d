"""Read a catalog again: only what has changed since a snapshot, and how that is known.

Everything is listed anew but for the columns and fields of entities, which are most of what a
server has to give: whatever differs in a list is read again, whatever is not listed is gone, and
no entity is left out of the comparison. Two things change without anything to be seen in the
lists. Edges are all read anew, since no feed of their changes can show that it is complete.
Labels on columns follow tags and terms that are renamed, moved or deleted: all tags and terms are
listed too, and what carries one that has changed is read again, and so is what the search index
shows with other labels than the snapshot.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pydantic import ValidationError

from lineage.errors import LineageError, RequestFailed, ServerError
from lineage.garbage_collection import rare_collection
from lineage.model.entities import Entity, MlModel
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ALL_ENDPOINTS
from lineage.openmetadata.entity_api import lacks_kind, list_pages, read_one
from lineage.openmetadata.label_states import part_labels, read_label_states
from lineage.openmetadata.parallel import WORKERS, in_parallel
from lineage.openmetadata.payloads import EntityPayload, make_entity
from lineage.openmetadata.read_edges import Truth, read_edges
from lineage.openmetadata.reader import begin, read
from lineage.openmetadata.snapshot_builder import Progress, SnapshotBuilder, first_reason

__all__ = ["read_since"]

_MOST = 0.5
"""Where more than this share has changed, pages are cheaper than single entities."""


def read_since(
    client: Client,
    before: Snapshot,
    *,
    truth: Truth = "index",
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> tuple[Snapshot, str]:
    """Read what has changed since a snapshot, or everything where that is the only sure way.

    Parameters
    ----------
    client : Client
        The server the snapshot was read from.
    before : Snapshot
        What was read then; it is not changed.
    truth : {"index", "database", "both"}
        Where edges are read.
    workers : int
        How many requests are under way at once.
    progress : callable, optional
        Called with what is being read and how many so far.

    Returns
    -------
    snapshot : Snapshot
        Equal to one that is read without the former.
    how : str
        What was read again, or why everything was.

    Raises
    ------
    LineageError
        The snapshot was read from another server.
    ServerError
        The server does not answer at all, is no OpenMetadata, or refuses the token.
    """
    if before.server != client.host:
        message = f"the snapshot was read from {before.server}, not from {client.host}"
        raise LineageError(message)
    started, version = begin(client), client.version
    reading = _Reading(client, SnapshotBuilder(progress), before)
    reason = _why_all(before, version, truth)
    with rare_collection(), ThreadPoolExecutor(workers) as pool:
        if reason is None:
            reason = reading.compare(pool)
        if reason is None:
            in_parallel(pool, reading.read_again, reading.waiting)
            read_edges(client, reading.builder, pool, truth)
            in_parallel(pool, reading.read_again, reading.labelled_otherwise())
            return reading.builder.snapshot(client.host, version, started), reading.summary()
    everything = read(client, truth=truth, workers=workers, progress=progress)
    return everything, f"everything was read anew: {reason}"


def _why_all(before: Snapshot, version: tuple[int, ...], truth: Truth) -> str | None:
    """Say why a snapshot is not to be built on, if so."""
    current = ".".join(map(str, version))
    if any(gap.hides_upstream for gap in before.gaps):
        return "the snapshot has gaps"
    if before.gaps:
        return "the snapshot holds only a part of the catalog"
    if before.server_version != current:
        return f"the server was {before.server_version} then and is {current} now"
    if truth == "database":
        return "edges are read from the database one entity at a time, and entities cost less"
    return None


class _Reading:
    """What the server lists now, beside what the snapshot holds."""

    def __init__(self, client: Client, builder: SnapshotBuilder, before: Snapshot) -> None:
        self.client, self.builder = client, builder
        self.known = {entity.id: entity for entity in before.entities}
        self.states = set(before.label_states)
        self.waiting: list[Entity] = []
        self.changed: set[str] = set()
        self.gone = 0

    def compare(self, pool: ThreadPoolExecutor) -> str | None:
        """Find what has changed; return the reason where that cannot be known."""
        try:
            read_label_states(self.client, self.builder, pool)
            listed = in_parallel(pool, self._list, ALL_ENDPOINTS)
        except ServerError as error:
            if error.is_final:
                raise
            return f"the lists could not be compared: {error}"
        except ValidationError as error:
            return f"the lists could not be compared: {first_reason(error)}"
        self._sort([entity for entities in listed for entity in entities])
        count = sum(1 for entities in listed for one in entities if _has_parts(one.reference.kind))
        if len(self.waiting) > _MOST * count:
            return f"{len(self.waiting):,} of {count:,} entities with columns have changed"
        return None

    def read_again(self, entity: Entity) -> None:
        """Read one entity that has changed; one that is gone meanwhile is dropped."""
        self.builder.entities.pop(entity.id, None)
        try:
            answer = read_one(self.client, entity.reference.kind, entity.id)
        except ServerError as error:
            if error.is_final:
                raise
            if isinstance(error, RequestFailed) and error.is_not_found:
                self.builder.leave_out("entities deleted while reading")
                return
            self.builder.add_gap(GapKind.ENTITIES_NOT_READ, entity.reference, str(error))
            return
        self.builder.add_entity(entity.reference.kind, answer)

    def labelled_otherwise(self) -> list[Entity]:
        """Return what the index shows with other labels than the snapshot."""
        found = [
            entity
            for key, labels in self.builder.indexed_labels.items()
            if (entity := self.builder.entities.get(key)) is not None
            and entity is self.known.get(key)
            and labels != _labels(entity)
        ]
        self.changed.update(entity.id for entity in found)
        return found

    def summary(self) -> str:
        """Say what was read again."""
        entities = f"{len(self.changed):,} changed entities were read again"
        return f"{entities}, {self.gone:,} are gone, and all edges were read anew"

    def _list(self, kind: str) -> list[Entity]:
        """List the entities of one kind, those without columns and fields as they are."""
        endpoint = ALL_ENDPOINTS[kind]
        try:
            pages = list(list_pages(self.client, kind, fields=endpoint.facts))
        except RequestFailed as error:
            if lacks_kind(self.client, error):
                return []
            raise
        items = [item for page in pages for item in page]
        self.builder.report(f"versions of {endpoint.collection}", len(items))
        if _has_parts(kind):
            return [_without_parts(kind, item) for item in items]
        return [entity for item in items if (entity := self.builder.add_listed(kind, item))]

    def _sort(self, listed: list[Entity]) -> None:
        """Keep what is as it was, and note what is to be read again."""
        current = self.states.intersection(self.builder.label_states)
        unchanged = {(state.scheme, state.fqn) for state in current}
        for entity in listed:
            known = self.known.get(entity.id)
            same = known is not None and _bare(known) == _bare(entity)
            same = same and known is not None and unchanged.issuperset(part_labels(known))
            if not same:
                self.changed.add(entity.id)
            if entity.id in self.builder.entities:
                continue
            if same and known is not None:
                self.builder.add_known(known)
            else:
                self.waiting.append(entity)
        self.gone = len(self.known.keys() - {entity.id for entity in listed})


def _has_parts(kind: str) -> bool:
    """Whether a kind is listed without its columns and fields first."""
    return bool(ALL_ENDPOINTS[kind].parts)


def _without_parts(kind: str, item: object) -> Entity:
    """Return an entity as a list gives it that was not asked for columns and fields."""
    payload = EntityPayload.model_validate(item)
    entity = replace(make_entity(kind, payload), columns=())
    # One whose tags did not come is like no other, so that it is asked for.
    return entity if payload.tags is not None else replace(entity, version=None)


def _bare(entity: Entity) -> Entity:
    """Return an entity without what its list leaves out."""
    if isinstance(entity, MlModel):
        return replace(entity, dashboard=None)
    return replace(entity, columns=())


def _labels(entity: Entity) -> frozenset[str]:
    """Name what an entity and its columns and fields are labelled with."""
    return frozenset((*(tag.fqn for tag in entity.tags), *(fqn for _, fqn in part_labels(entity))))
