"""Relations: the rows of lineage in the store, one for each pair of entities."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from lineage.catalog.answers import JsonObject
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.store import Store

__all__ = [
    "Relation",
    "carried_by",
    "fed_by",
    "find",
    "found_by_source",
    "into",
    "into_many",
    "out_of",
    "put",
    "remove",
]

_COLUMNS = "from_id, to_id, details"


class Relation(NamedTuple):
    """Lineage from one entity to another.

    Attributes
    ----------
    details : dict or None
        None for the edges the server makes of feature sources: they hold JSON's null.
    """

    from_id: str
    to_id: str
    details: JsonObject | None


def find(store: Store, from_id: str, to_id: str) -> Relation | None:
    """Look up the lineage between two entities."""
    sql = f"SELECT {_COLUMNS} FROM edge WHERE from_id = ? AND to_id = ?"  # noqa: S608 - constants
    found = _relations(store.rows(sql, from_id, to_id))
    return found[0] if found else None


def into(store: Store, id: str) -> list[Relation]:  # noqa: A002 - OpenMetadata's word
    """Give what feeds an entity, the oldest first."""
    sql = f"SELECT {_COLUMNS} FROM edge WHERE to_id = ? ORDER BY rowid"  # noqa: S608 - constants
    return _relations(store.rows(sql, id))


def out_of(store: Store, id: str) -> list[Relation]:  # noqa: A002 - OpenMetadata's word
    """Give what an entity feeds, the oldest first."""
    sql = f"SELECT {_COLUMNS} FROM edge WHERE from_id = ? ORDER BY rowid"  # noqa: S608 - constants
    return _relations(store.rows(sql, id))


def carried_by(store: Store, pipeline_id: str) -> list[Relation]:
    """Give what a pipeline or a stored procedure carries, the oldest first."""
    sql = f"SELECT {_COLUMNS} FROM edge WHERE pipeline_id = ? ORDER BY rowid"  # noqa: S608 - constants
    return _relations(store.rows(sql, pipeline_id))


def into_many(store: Store, ids: Iterable[str]) -> dict[str, list[Relation]]:
    """Give what feeds each of many entities, the oldest first."""
    sql = f"""SELECT {_COLUMNS} FROM edge
        WHERE to_id IN (SELECT value FROM json_each(?)) ORDER BY rowid"""  # noqa: S608 - constants
    found: dict[str, list[Relation]] = {}
    for relation in _relations(store.rows(sql, as_json(list(ids)))):
        found.setdefault(relation.to_id, []).append(relation)
    return found


def fed_by(store: Store, ids: Iterable[str]) -> list[str]:
    """Give the ids of what some entities feed, each once, the oldest edge first."""
    sql = """SELECT to_id FROM edge
        WHERE from_id IN (SELECT value FROM json_each(?)) ORDER BY rowid"""
    return list(dict.fromkeys(str(row[0]) for row in store.rows(sql, as_json(list(ids)))))


def put(store: Store, upstream: Document, downstream: Document, details: JsonObject | None) -> None:
    """Store lineage between two entities in place of what there was."""
    told = details or {}
    sql = """INSERT INTO edge (from_id, to_id, pipeline_id, source, details) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (from_id, to_id) DO UPDATE SET pipeline_id = excluded.pipeline_id,
        source = excluded.source, details = excluded.details"""
    pipeline = told.get("pipeline", {}).get("id")
    text = as_json(details)
    store.change(sql, upstream.id, downstream.id, pipeline, told.get("source"), text)


def remove(store: Store, from_id: str, to_id: str) -> bool:
    """Remove the lineage between two entities; tells whether there was any."""
    return store.change("DELETE FROM edge WHERE from_id = ? AND to_id = ?", from_id, to_id) > 0


def found_by_source(store: Store, id: str, source: str) -> list[Relation]:  # noqa: A002 - OpenMetadata's word
    """Give what was recorded in one way: all into an entity, or all a pipeline carries."""
    column = "pipeline_id" if source in ("PipelineLineage", "OpenLineage") else "to_id"
    sql = f"SELECT {_COLUMNS} FROM edge WHERE {column} = ? AND source = ? ORDER BY rowid"  # noqa: S608 - constants
    return _relations(store.rows(sql, id, source))


def _relations(rows: Iterable[tuple[str, str, str]]) -> list[Relation]:
    return [Relation(from_id, to_id, json.loads(text)) for from_id, to_id, text in rows]
