"""The edge index: what the search index holds of the lineage into each entity.

It is written together with the rows of edges, but a write can go past it: an edge from an entity
that has been deleted for good stays in it, and so does what an edge loses with a column.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from lineage.catalog.answers import JsonObject
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.store import Store

__all__ = [
    "IndexedEdge",
    "carried_by",
    "fed_by",
    "into_many",
    "put",
    "remove",
    "rename",
    "set_mappings",
]

_COLUMNS = "from_id, from_kind, from_fqn, to_id, details"


class IndexedEdge(NamedTuple):
    """An edge as the index has it: with what the entity upstream was called.

    Attributes
    ----------
    details : dict or None
        None for the edges the server makes of feature sources.
    """

    from_id: str
    from_kind: str
    from_fqn: str
    to_id: str
    details: JsonObject | None


def put(store: Store, upstream: Document, downstream: Document, details: JsonObject | None) -> None:
    """Write an edge into the document of the entity downstream."""
    sql = f"""INSERT INTO indexed_edge ({_COLUMNS}, pipeline_id) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (from_id, to_id) DO UPDATE SET from_kind = excluded.from_kind,
        from_fqn = excluded.from_fqn, details = excluded.details,
        pipeline_id = excluded.pipeline_id"""  # noqa: S608 - constants
    pipeline = (details or {}).get("pipeline", {}).get("id")
    ends = (upstream.id, upstream.kind, upstream.fqn, downstream.id)
    store.change(sql, *ends, as_json(details), pipeline)


def remove(store: Store, from_id: str, to_id: str) -> None:
    """Take an edge out of the document of the entity downstream."""
    store.change("DELETE FROM indexed_edge WHERE from_id = ? AND to_id = ?", from_id, to_id)


def set_mappings(store: Store, from_id: str, to_id: str, mappings: list[JsonObject]) -> None:
    """Change the mappings of an edge, and nothing else of it."""
    sql = """UPDATE indexed_edge SET details = json_set(details, '$.columnsLineage', json(?))
        WHERE from_id = ? AND to_id = ?"""
    store.change(sql, as_json(mappings), from_id, to_id)


def rename(store: Store, from_id: str, fqn: str) -> None:
    """Call an entity otherwise wherever it feeds another."""
    store.change("UPDATE indexed_edge SET from_fqn = ? WHERE from_id = ?", fqn, from_id)


def into_many(store: Store, ids: Iterable[str]) -> dict[str, list[IndexedEdge]]:
    """Give what feeds each of many entities, the oldest first."""
    sql = f"""SELECT {_COLUMNS} FROM indexed_edge
        WHERE to_id IN (SELECT value FROM json_each(?)) ORDER BY rowid"""  # noqa: S608 - constants
    found: dict[str, list[IndexedEdge]] = {}
    for from_id, kind, fqn, to_id, details in store.rows(sql, as_json(list(ids))):
        edge = IndexedEdge(from_id, kind, fqn, to_id, json.loads(details))
        found.setdefault(edge.to_id, []).append(edge)
    return found


def fed_by(store: Store, ids: Iterable[str]) -> list[str]:
    """Give the ids of what some entities feed, each once, the oldest edge first."""
    sql = """SELECT to_id FROM indexed_edge
        WHERE from_id IN (SELECT value FROM json_each(?)) ORDER BY rowid"""
    return list(dict.fromkeys(str(row[0]) for row in store.rows(sql, as_json(list(ids)))))


def carried_by(store: Store, pipeline_id: str) -> list[str]:
    """Give the ids of what a pipeline or a stored procedure carries something to."""
    sql = "SELECT to_id FROM indexed_edge WHERE pipeline_id = ? ORDER BY rowid"
    return [str(row[0]) for row in store.rows(sql, pipeline_id)]
