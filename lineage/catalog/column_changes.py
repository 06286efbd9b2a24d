"""Column changes: what becomes of the mappings of lineage when an entity's parts go or are renamed.

A mapping goes with its column, and the SQL of the edge with it; the index loses the mapping and
keeps the SQL. A patch of a name that cannot change renames what mappings name all the same.
"""

from collections.abc import Callable, Iterator

from lineage.catalog import edge_index, edge_store
from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_store import Document
from lineage.catalog.nested_fields import walk_parts

__all__ = ["drop_columns", "rename_columns"]

_NewName = Callable[[str], str | None]
"""Gives what a mapping names from now on; None where that goes."""


def drop_columns(context: Context, kind: EntityKind, old: Document, new: JsonObject) -> None:
    """Take the columns that an entity loses out of the mappings at it."""
    gone = set(_columns(kind, old.body)).difference(_columns(kind, new))
    if gone:
        _rewrite(context, old, lambda name: None if name in gone else name)


def rename_columns(context: Context, entity: Document, fqn: str) -> None:
    """Write mappings at an entity as if it had a name that it does not get."""

    def renamed(name: str) -> str:
        below = name.startswith(f"{entity.fqn}.")
        return fqn + name[len(entity.fqn) :] if below else name

    _rewrite(context, entity, renamed)


def _columns(kind: EntityKind, body: JsonObject) -> Iterator[str]:
    for where in kind.parts:
        if where.columns:
            yield from (part["fullyQualifiedName"] for part in walk_parts(body, where))


def _rewrite(context: Context, entity: Document, new_name: _NewName) -> None:
    stored = (
        *edge_store.into(context.store, entity.id),
        *edge_store.out_of(context.store, entity.id),
    )
    for edge in stored:
        before = (edge.details or {}).get("columnsLineage", [])
        mappings = list(_mappings(before, new_name))
        if edge.details is None or mappings == before:
            continue
        lost = frozenset({"sqlQuery"}) if len(mappings) < len(before) else frozenset()
        kept = {key: value for key, value in edge.details.items() if key not in lost}
        now = {"updatedAt": context.now, "updatedBy": context.user}
        changed = {**kept, "columnsLineage": mappings, **now}
        edge_store.set_details(context.store, edge.from_id, edge.to_id, changed)
        edge_index.set_mappings(context.store, edge.from_id, edge.to_id, mappings)


def _mappings(mappings: list[JsonObject], new_name: _NewName) -> Iterator[JsonObject]:
    for mapping in mappings:
        sources = [name for column in mapping["fromColumns"] if (name := new_name(column))]
        target = new_name(mapping["toColumn"])
        if sources and target:
            yield {**mapping, "fromColumns": sources, "toColumn": target}
