"""What the search index or an edge names and no list showed: each is asked for by itself.

A list leaves out in silence what a token may not see, and ends where the server cannot render an
entity. The index shows both, and also what is gone.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from lineage.errors import AccessRefused, RequestFailed, ServerError
from lineage.model.reference import Reference
from lineage.model.snapshot import GapKind
from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ALL_ENDPOINTS
from lineage.openmetadata.entity_api import read_one
from lineage.openmetadata.pages import read_total
from lineage.openmetadata.parallel import in_parallel
from lineage.openmetadata.snapshot_builder import SnapshotBuilder

__all__ = ["close_lists", "read_unlisted"]


def read_unlisted(
    client: Client,
    builder: SnapshotBuilder,
    pool: ThreadPoolExecutor,
    unlisted: Mapping[str, Reference],
) -> set[str]:
    """Read entities by their ids; those that are hidden, or cannot be rendered, are gaps.

    Returns
    -------
    set of str
        The ids of those that there are, be they read or not.

    Raises
    ------
    ServerError
        The server is gone, or the token is refused.
    """
    there = in_parallel(pool, lambda item: _read(client, builder, *item), unlisted.items())
    return {identity for identity, is_there in zip(unlisted, there, strict=True) if is_there}


def close_lists(client: Client, builder: SnapshotBuilder) -> None:
    """Note which lists were not read to their end, but for what was read by itself since.

    Raises
    ------
    ServerError
        The server is gone, or the token is refused.
    """
    for kind, reason in builder.broken_lists.items():
        known = {entity.reference for entity in builder.entities.values()}
        known |= {gap.subject for gap in builder.gaps if gap.subject is not None}
        count = sum(reference.kind == kind for reference in known)
        total = _total(client, kind)
        if total is None or count < total:
            builder.add_gap(GapKind.ENTITIES_NOT_READ, None, reason)


def _read(client: Client, builder: SnapshotBuilder, identity: str, reference: Reference) -> bool:
    try:
        answer = read_one(client, reference.kind, identity)
    except ServerError as error:
        if error.is_final:
            raise
        if isinstance(error, RequestFailed) and error.is_not_found:
            builder.leave_out("entities that are gone, but in the search index")
            return False
        hidden = "hidden from this token: " if isinstance(error, AccessRefused) else ""
        builder.add_gap(GapKind.ENTITIES_NOT_READ, reference, f"{hidden}{error}")
        return True
    builder.add_entity(reference.kind, answer)
    return True


def _total(client: Client, kind: str) -> int | None:
    try:
        return read_total(client, f"/{ALL_ENDPOINTS[kind].collection}", {"include": "all"})
    except ServerError as error:
        if error.is_final:
            raise
        return None
