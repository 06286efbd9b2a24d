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
    "find",
    "found_by_source",
    "into",
    "out_of",
    "put",
    "remove",
    "set_details",
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


def put(store: Store, upstream: Document, downstream: Document, details: JsonObject | None) -> None:
    """Store lineage between two entities in place of what there was."""
    held = details or {}
    sql = """INSERT INTO edge (from_id, to_id, pipeline_id, source, details) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (from_id, to_id) DO UPDATE SET pipeline_id = excluded.pipeline_id,
        source = excluded.source, details = excluded.details"""
    pipeline = held.get("pipeline", {}).get("id")
    text = as_json(details)
    store.change(sql, upstream.id, downstream.id, pipeline, held.get("source"), text)


def set_details(store: Store, from_id: str, to_id: str, details: JsonObject) -> None:
    """Store other details of lineage that is there; its pipeline and source stay."""
    sql = "UPDATE edge SET details = ? WHERE from_id = ? AND to_id = ?"
    store.change(sql, as_json(details), from_id, to_id)


def remove(store: Store, from_id: str, to_id: str) -> bool:
    """Remove the lineage between two entities; return whether there was any."""
    return store.change("DELETE FROM edge WHERE from_id = ? AND to_id = ?", from_id, to_id) > 0


def found_by_source(store: Store, id: str, source: str) -> list[Relation]:  # noqa: A002 - OpenMetadata's word
    """Give what was recorded in one way: all into an entity, or all a pipeline carries."""
    column = "pipeline_id" if source in ("PipelineLineage", "OpenLineage") else "to_id"
    sql = f"SELECT {_COLUMNS} FROM edge WHERE {column} = ? AND source = ? ORDER BY rowid"  # noqa: S608 - constants
    return _relations(store.rows(sql, id, source))


def _relations(rows: Iterable[tuple[str, str, str]]) -> list[Relation]:
    return [Relation(from_id, to_id, json.loads(text)) for from_id, to_id, text in rows]
