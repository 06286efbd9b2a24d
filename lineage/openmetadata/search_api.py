"""Edges from the search index: a thousand entities a page, each with the edges into it."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from lineage.errors import AccessRefused, ServerError
from lineage.model.entities import Entity
from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.payloads import IndexedLineagePayload
from lineage.openmetadata.snapshot_builder import Harvest

__all__ = ["read_index"]

PAGE = 1000

_WINDOW = 10_000
"""How far `from` and `size` reach together."""


def read_index(client: Client, harvest: Harvest, kind: str, *, deleted: bool) -> set[str]:
    """Read the edges into all entities of one kind.

    A page that fails ends the reading without an error: what was not read is told by what
    is missing from the result, and the graph API takes over.

    Returns
    -------
    set of str
        Ids of the entities whose edges were read whole.

    Raises
    ------
    AccessRefused
        The token is refused.
    """
    whole = set()
    for document in _documents(client, kind, deleted=deleted):
        entity = harvest.entities.get(str(document.get("id")))
        if entity is None or entity.id in whole:
            continue
        try:
            if _keep(harvest, entity, document):
                whole.add(entity.id)
        except (ValidationError, AttributeError, TypeError):
            client.doubt("/search/query", {"index": ENDPOINTS[kind].index, "deleted": deleted})
    harvest.tell(f"lineage of {ENDPOINTS[kind].collection}", len(whole))
    return whole


def _documents(client: Client, kind: str, *, deleted: bool) -> Iterator[dict[str, Any]]:
    params: dict[str, Any] = {
        "q": "*",
        "index": ENDPOINTS[kind].index,
        "size": PAGE,
        "deleted": deleted,
        "sort_field": "fullyQualifiedName",
        "sort_order": "asc",
        "include_source_fields": [
            "id",
            "fullyQualifiedName",
            "upstreamLineage",
            "lineageSqlQueries",
            "dashboard",
        ],
    }
    count = 0
    place: dict[str, Any] = {}
    passed: list[dict[str, Any]] = []
    while True:
        try:
            hits = _hits(client, {**params, **place})
        except AccessRefused:
            raise
        except ServerError:
            return
        yield from (hit["_source"] for hit in hits if isinstance(hit.get("_source"), dict))
        count += len(hits)
        following = _next_place(hits, count, client.version)
        if following is None or following in passed:
            return
        passed.append(following)
        place = following


def _hits(client: Client, params: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.get("/search/query", params)
    hits = answer.get("hits") if isinstance(answer, dict) else None
    found = hits.get("hits") if isinstance(hits, dict) else None
    if not isinstance(found, list):
        client.doubt("/search/query", params)
        return []
    return [hit for hit in found if isinstance(hit, dict)]


def _next_place(
    hits: list[dict[str, Any]], count: int, version: tuple[int, ...]
) -> dict[str, Any] | None:
    """Tell where the next page begins; None where this was the last one to be had.

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


def _keep(harvest: Harvest, entity: Entity, document: dict[str, Any]) -> bool:
    """Keep the edges of one document; say whether it was whole.

    One that cannot be understood raises whatever its first odd place raises.
    """
    items = document.get("upstreamLineage")
    queries = document.get("lineageSqlQueries") or {}
    if not isinstance(items, list):
        return False  # cut from a document that grew too large
    told = [_with_sql(item, queries) for item in items]
    if None in told:
        return False
    payloads = [IndexedLineagePayload.model_validate(item) for item in told]
    for payload in payloads:
        harvest.keep_edge(payload.from_entity, entity.reference, payload)
    harvest.keep_dashboard(entity, document.get("dashboard"))
    return True


def _with_sql(item: dict[str, Any], queries: dict[str, Any]) -> dict[str, Any] | None:
    """Put back the SQL that the index keeps once for all edges; None where it is lost."""
    key = item.get("sqlQueryKey")
    if not key or item.get("sqlQuery"):
        return item
    return {**item, "sqlQuery": queries[key]} if key in queries else None
