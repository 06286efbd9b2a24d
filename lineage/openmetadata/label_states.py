"""Label states: the tags and glossary terms there are, and what decides what their labels are.

A tag that is renamed, moved or deleted changes what it is on without a new version of that, and
so does a term that is tagged itself.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lineage.errors import ServerError
from lineage.model.entities import Entity, walk_columns
from lineage.model.snapshot import LabelState
from lineage.openmetadata.client import Client, Parameters
from lineage.openmetadata.endpoints import PAGE
from lineage.openmetadata.pages import read_pages
from lineage.openmetadata.parallel import in_parallel
from lineage.openmetadata.snapshot_builder import SnapshotBuilder

__all__ = ["part_labels", "read_label_states"]

_LISTS: dict[str, Parameters] = {
    "tags": {"include": "all", "limit": PAGE},
    "glossaryTerms": {"fields": "tags", "include": "all", "limit": PAGE},
}
_SCHEMES = {"tags": "Classification", "glossaryTerms": "Glossary"}

_DECISIVE = ("id", "version", "updatedAt", "deleted", "disabled")


def read_label_states(client: Client, builder: SnapshotBuilder, pool: ThreadPoolExecutor) -> None:
    """Read the tags and the terms that there are.

    Where they cannot be read, nothing is missing now: a later reading has to read again
    whatever carries one of them.

    Raises
    ------
    ServerError
        The server is gone, or the token is refused.
    """
    in_parallel(pool, lambda collection: _read(client, builder, collection), _LISTS)


def part_labels(entity: Entity) -> Iterator[tuple[str, str]]:
    """Name the scheme and the tag of each label on a column or a field of an entity."""
    for column in walk_columns(entity.columns):
        for tag in column.tags:
            yield tag.scheme, tag.fqn


def _read(client: Client, builder: SnapshotBuilder, collection: str) -> None:
    states: list[LabelState] = []
    try:
        for page in read_pages(client, f"/{collection}", _LISTS[collection]):
            states += [_state(_SCHEMES[collection], item) for item in page]
    except (ServerError, AttributeError, TypeError) as error:
        if isinstance(error, ServerError) and error.is_final:
            raise
        client.invalidate(f"/{collection}")
    else:
        builder.label_states += states


def _state(scheme: str, item: dict[str, Any]) -> LabelState:
    labels = sorted(label.get("tagFQN", "") for label in item.get("tags") or ())
    decisive = [[item.get(key) for key in _DECISIVE], labels]
    digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:16]
    return LabelState(scheme, str(item.get("fullyQualifiedName")), digest)
