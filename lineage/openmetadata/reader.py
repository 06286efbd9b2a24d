"""Read a catalog into a snapshot.

The search index answers for a thousand entities at once but may lag behind, and drops what
is too large; the graph API shows what the database holds, a few hops a call. So edges are read
from the index, and from the graph API wherever the index is silent, or everywhere if asked.
Whatever stays unread becomes a gap: nothing is left out in silence.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from lineage.errors import ServerError
from lineage.garbage_collection import rare_collection
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ALL_ENDPOINTS
from lineage.openmetadata.entity_api import lacks_kind, list_pages
from lineage.openmetadata.label_states import read_label_states
from lineage.openmetadata.parallel import WORKERS, in_parallel
from lineage.openmetadata.read_edges import Truth, read_edges
from lineage.openmetadata.snapshot_builder import Progress, SnapshotBuilder
from lineage.openmetadata.unlisted import close_lists

__all__ = ["Truth", "begin", "read", "read_kind"]


def read(
    client: Client,
    *,
    truth: Truth = "index",
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Snapshot:
    """Read every entity, what it is in, and every edge of a server.

    Parameters
    ----------
    client : Client
        The server.
    truth : {"index", "database", "both"}
        Where edges are read: from the search index in pages, or from the graph API alone,
        which is slower and never lags behind; or from both, which names where they disagree
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
    builder = SnapshotBuilder(progress)
    version = client.version  # first of all: a server that is none is named at once
    with rare_collection(), ThreadPoolExecutor(workers) as pool:
        read_label_states(client, builder, pool)
        in_parallel(pool, lambda kind: _read_list(client, builder, kind), ALL_ENDPOINTS)
        read_edges(client, builder, pool, truth)
    return builder.snapshot(client.host, version, started)


def read_kind(client: Client, kind: str) -> Snapshot:
    """Read the entities of one kind alone, without any edge.

    Raises
    ------
    ServerError
        The server does not answer at all, is no OpenMetadata, or refuses the token.
    """
    started, version = begin(client), client.version
    builder = SnapshotBuilder()
    _read_list(client, builder, kind)
    close_lists(client, builder)
    builder.add_gap(GapKind.EDGES_NOT_READ, None, f"only the list of {kind} was read")
    return builder.snapshot(client.host, version, started)


def _read_list(client: Client, builder: SnapshotBuilder, kind: str) -> None:
    """Read the list of one kind; one that ends early is noted."""
    collection = ALL_ENDPOINTS[kind].collection
    count = 0
    try:
        for page in list_pages(client, kind):
            added = [builder.add_listed(kind, item) for item in page]
            if not all(added):
                client.invalidate(f"/{collection}")
            count += len(page)
            builder.report(collection, count)
    except ServerError as error:
        if error.is_final:
            raise
        if not lacks_kind(client, error):
            builder.note_list(kind, str(error))


def begin(client: Client) -> str:
    """Return when reading began; a resumed one began when the one before did."""
    if client.log is not None:
        return client.log.started
    return datetime.now(UTC).isoformat(timespec="seconds")
