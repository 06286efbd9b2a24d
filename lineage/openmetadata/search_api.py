"""Edges from the search index: a thousand entities a page, each with the edges into it.

The index may know more than the lists, and more than there is: it shows entities that lists hide
from a token, and keeps edges of entities that were deleted for good. So a document of an entity
that no list showed, and an edge from one, are set apart: they are asked for before they are
believed.
"""

from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from lineage.errors import ServerError
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ENDPOINTS, PAGE
from lineage.openmetadata.payloads import IndexedLineagePayload
from lineage.openmetadata.snapshot_builder import SnapshotBuilder

__all__ = ["Document", "IndexPart", "add_edges_of", "add_set_apart", "list_documents", "read_index"]

_WINDOW = 10_000
"""How far `from` and `size` reach together."""

_NAMES = ["id", "fullyQualifiedName"]
_LINEAGE = [
    *_NAMES,
    *("upstreamLineage", "lineageSqlQueries", "dashboard", "tags.tagFQN", "tier.tagFQN"),
]

Document = dict[str, Any]


@dataclass(slots=True)
class IndexPart:
    """What the index holds of some entities.

    Attributes
    ----------
    complete : set of str
        Ids of the entities whose edges were all read.
    uncertain : list of (Entity, Document)
        Entities with an edge from something that no list showed.
    unlisted : dict of str to (Reference, Document)
        Documents of entities that no list showed, by the server's id.
    """

    complete: set[str] = field(default_factory=set)
    uncertain: list[tuple[Entity, Document]] = field(default_factory=list)
    unlisted: dict[str, tuple[Reference, Document]] = field(default_factory=dict)


def read_index(client: Client, builder: SnapshotBuilder, kind: str, *, deleted: bool) -> IndexPart:
    """Read the edges into all entities of one kind.

    A page that fails ends the reading without an error: what was not read is what is missing
    from the result, and the graph API takes over.

    Raises
    ------
    ServerError
        The server is gone, or the token is refused.
    """
    part = IndexPart()
    for document in list_documents(client, kind, deleted=deleted, fields=_LINEAGE):
        identity = str(document.get("id"))
        entity = builder.entities.get(identity)
        if entity is None:
            name = str(document.get("fullyQualifiedName") or identity)
            part.unlisted[identity] = Reference(kind, name), document
        elif identity not in part.complete:
            _add(client, builder, part, entity, document)
    builder.report(f"lineage of {ENDPOINTS[kind].collection}", len(part.complete))
    return part


def list_documents(
    client: Client, kind: str, *, deleted: bool, fields: list[str] = _NAMES
) -> Iterator[Document]:
    """Go through the documents of one kind; to the first page that fails.

    Raises
    ------
    ServerError
        The server is gone, or the token is refused.
    """
    params: dict[str, Any] = {
        "q": "*",
        "index": ENDPOINTS[kind].index,
        "size": PAGE,
        "deleted": deleted,
        "sort_field": "fullyQualifiedName",
        "sort_order": "asc",
        "include_source_fields": fields,
    }
    count = 0
    place: dict[str, Any] = {}
    passed: list[dict[str, Any]] = []
    while True:
        try:
            hits = _hits(client, {**params, **place})
        except ServerError as error:
            if error.is_final:
                raise
            return
        yield from (hit["_source"] for hit in hits if isinstance(hit.get("_source"), dict))
        count += len(hits)
        following = _next_place(hits, count, client.version)
        if following is None or following in passed:
            return
        passed.append(following)
        place = following


def add_edges_of(builder: SnapshotBuilder, downstream: Reference, document: Document) -> bool:
    """Add the edges of one document; return whether all of them are there, and certain.

    One that cannot be understood raises whatever its first odd place raises.
    """
    items = document.get("upstreamLineage")
    queries = document.get("lineageSqlQueries") or {}
    if not isinstance(items, list):
        return False  # cut from a document that grew too large
    found = [_with_sql(item, queries) for item in items]
    if None in found:
        return False
    payloads = [IndexedLineagePayload.model_validate(item) for item in found]
    if not all(map(builder.is_certain, payloads)):
        return False
    for payload in payloads:
        builder.add_edge(payload.from_entity, downstream, payload)
    return True


def add_set_apart(
    client: Client, builder: SnapshotBuilder, part: IndexPart, there: Container[str]
) -> None:
    """Add the edges of what was set apart, as far as it has turned out to be there."""
    waiting, part.uncertain = part.uncertain, []
    for identity, (reference, document) in part.unlisted.items():
        entity = builder.entities.get(identity)
        if entity is not None:
            waiting.append((entity, document))
        elif identity in there:
            with suppress(ValidationError, AttributeError, TypeError):
                if add_edges_of(builder, reference, document):
                    part.complete.add(identity)
    for entity, document in waiting:
        _add(client, builder, part, entity, document)


def _add(
    client: Client, builder: SnapshotBuilder, part: IndexPart, entity: Entity, document: Document
) -> None:
    try:
        builder.indexed_labels[entity.id] = _labels(document)
        if add_edges_of(builder, entity.reference, document):
            part.complete.add(entity.id)
            builder.add_dashboard(entity, document.get("dashboard"))
        else:
            part.uncertain.append((entity, document))
    except (ValidationError, AttributeError, TypeError):
        index = ENDPOINTS[entity.reference.kind].index
        client.invalidate("/search/query", {"index": index, "deleted": entity.deleted})


def _hits(client: Client, params: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.get("/search/query", params)
    hits = answer.get("hits") if isinstance(answer, dict) else None
    found = hits.get("hits") if isinstance(hits, dict) else None
    if not isinstance(found, list):
        client.invalidate("/search/query", params)
        return []
    return [hit for hit in found if isinstance(hit, dict)]


def _next_place(
    hits: list[dict[str, Any]], count: int, version: tuple[int, ...]
) -> dict[str, Any] | None:
    """Return where the next page begins; None where this was the last one to be had.

    From 2.0 on each sort value is a parameter of its own. Before, they are joined by commas,
    so a name with a comma in it would be taken for two: then pages are counted instead, as
    far as the server lets that be done.
    """
    values = [str(value) for value in _sort_values(hits)]
    if len(hits) < PAGE or not values:
        return None
    if version >= (2,):
        return {"search_after": values}
    if not any("," in value for value in values):
        return {"search_after": ",".join(values)}
    return {"from": count} if count + PAGE <= _WINDOW else None


def _sort_values(hits: list[dict[str, Any]]) -> Iterable[object]:
    values = hits[-1].get("sort") if hits else None
    return values if isinstance(values, list) else []


def _labels(document: Document) -> frozenset[str]:
    """Name what an entity and its parts are labelled with; a tier is kept apart."""
    found = [*(document.get("tags") or ()), document.get("tier")]
    return frozenset(str(label["tagFQN"]) for label in found if isinstance(label, dict))


def _with_sql(item: dict[str, Any], queries: dict[str, Any]) -> dict[str, Any] | None:
    """Put back the SQL that the index keeps once for all edges; None where it is lost."""
    key = item.get("sqlQueryKey")
    if not key or item.get("sqlQuery"):
        return item
    return {**item, "sqlQuery": queries[key]} if key in queries else None
