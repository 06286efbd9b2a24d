"""Read a catalog again: only what has changed since a snapshot, and how that is known.

Every entity's version and time of change are listed anew, without its columns and features,
and compared with the snapshot's: what differs is read again, what is gone is dropped. The
comparison leaves no entity out. Two things change without a new version: edges, which are
all read anew since no feed of their changes can show that it is whole, and labels that come
through a glossary term, so whatever carries a term is read again too. Owners and domains
that an entity only inherits are as they were.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from lineage.errors import AccessRefused, LineageError, RequestFailed, ServerError
from lineage.garbage_collection import rare_collection
from lineage.model.entities import Entity, MlModel, walk_columns
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client, Parameters
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.reader import (
    WORKERS,
    Truth,
    begin,
    finish,
    in_parallel,
    lacks_kind,
    read,
    read_edges,
)
from lineage.openmetadata.search_api import PAGE
from lineage.openmetadata.single import read_one
from lineage.openmetadata.snapshot_builder import Harvest, Progress

__all__ = ["read_since"]

_MOST = 0.5
"""Where more than this share has changed, pages are cheaper than single entities."""

_Mark = tuple[float | None, int | None, bool]
"""Version, time of change, deleted: what differs where anything of an entity does."""


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
    truth : {"index", "database"}
        Where edges are read.
    workers : int
        How many requests are under way at once.
    progress : callable, optional
        Called with what is being read and how many so far.

    Returns
    -------
    snapshot : Snapshot
        Equal to a snapshot read whole.
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
    harvest = Harvest(progress or (lambda _what, _count: None))
    with rare_collection(), ThreadPoolExecutor(workers) as pool:
        reading = _Reading(client, harvest, before)
        reason = reading.compare(pool, ".".join(map(str, version)))
        if reason is None:
            in_parallel(pool, reading.read_again, reading.changed.items())
            read_edges(client, harvest, pool, truth)
            return finish(client, harvest, started, version), reading.summary()
    whole = read(client, truth=truth, workers=workers, progress=progress)
    return whole, f"everything was read anew: {reason}"


class _Reading:
    """What the server lists now, beside what the snapshot holds."""

    def __init__(self, client: Client, harvest: Harvest, before: Snapshot) -> None:
        self.client, self.harvest, self.before = client, harvest, before
        self.known = {entity.id: entity for entity in before.entities}
        self.changed: dict[str, str] = {}
        self.gone = 0

    def compare(self, pool: ThreadPoolExecutor, version: str) -> str | None:
        """Sort out what has changed; give the reason where it cannot be told."""
        if any(gap.hides_upstream for gap in self.before.gaps):
            return "the snapshot has gaps"
        if any(not gap.hides_upstream for gap in self.before.gaps):
            return "the snapshot holds only a part of the catalog"
        if self.before.server_version != version:
            return f"the server was {self.before.server_version} then and is {version} now"
        try:
            listed = in_parallel(pool, self._marks, ENDPOINTS)
            marks = {identity: (kind, mark) for part in listed for identity, kind, mark in part}
        except AccessRefused:
            raise
        except (ServerError, KeyError, TypeError) as error:
            return f"the lists could not be compared: {error}"
        self._sort(marks)
        if len(self.changed) > _MOST * len(marks):
            return f"{len(self.changed):,} of {len(marks):,} entities have changed"
        return None

    def read_again(self, item: tuple[str, str]) -> None:
        """Read one entity that has changed; one that is gone meanwhile is dropped."""
        identity, kind = item
        try:
            answer = read_one(self.client, kind, identity)
        except AccessRefused:
            raise
        except ServerError as error:
            if isinstance(error, RequestFailed) and error.is_not_found:
                self.harvest.leave_out("entities deleted while reading")
                return
            self._miss(identity, str(error))
            return
        self.harvest.keep_entity(kind, answer)

    def summary(self) -> str:
        """Say what was read again."""
        entities = f"{len(self.changed):,} changed entities were read again"
        return f"{entities}, {self.gone:,} are gone, and all edges were read anew"

    def _miss(self, identity: str, reason: str) -> None:
        known = self.known.get(identity)
        subject = None if known is None else known.reference
        self.harvest.miss(GapKind.ENTITIES_NOT_READ, subject, reason)

    def _marks(self, kind: str) -> list[tuple[str, str, _Mark]]:
        """List what tells a change of each entity of one kind."""
        params: Parameters = {"include": "all", "limit": PAGE}
        try:
            pages = list(self.client.pages(f"/{ENDPOINTS[kind].collection}", params))
        except RequestFailed as error:
            if lacks_kind(self.client, error):
                return []
            raise
        items = [item for page in pages for item in page]
        self.harvest.tell(f"versions of {ENDPOINTS[kind].collection}", len(items))
        return [(item["id"], kind, _mark_of(item)) for item in items]

    def _sort(self, marks: dict[str, tuple[str, _Mark]]) -> None:
        for identity, (kind, mark) in marks.items():
            entity = self.known.get(identity)
            if entity is None or mark != _mark(entity) or _has_terms(entity):
                self.changed[identity] = kind
            else:
                self.harvest.keep_known(entity)
        self.gone = sum(1 for _ in self._missing(marks))

    def _missing(self, marks: dict[str, tuple[str, _Mark]]) -> Iterator[Entity]:
        return (entity for identity, entity in self.known.items() if identity not in marks)


def _mark(entity: Entity) -> _Mark:
    return entity.version, entity.updated_at, entity.deleted


def _has_terms(entity: Entity) -> bool:
    """Whether any label is a glossary term, which may carry other tags by now."""
    columns = (tag for column in walk_columns(entity.columns) for tag in column.tags)
    features = entity.features if isinstance(entity, MlModel) else ()
    parts = (tag for feature in features for tag in feature.tags)
    return any(tag.scheme == "Glossary" for tag in (*entity.tags, *columns, *parts))


def _mark_of(item: dict[str, object]) -> _Mark:
    version, changed = item.get("version"), item.get("updatedAt")
    return (
        float(version) if isinstance(version, int | float) else None,
        changed if isinstance(changed, int) else None,
        bool(item.get("deleted", False)),
    )
