"""Documents: the entities in the store, by id, by name, in order."""

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from lineage.catalog.answers import JsonObject
from lineage.catalog.store import Store

__all__ = [
    "Document",
    "add",
    "as_json",
    "below",
    "count",
    "drop_version",
    "earlier_versions",
    "find",
    "find_many",
    "find_named",
    "holding",
    "inside",
    "keep_version",
    "page",
    "remove",
    "replace",
]

_COLUMNS = "kind, id, fqn, deleted, body"


class Document(NamedTuple):
    """One entity as it is stored: references are id and type, labels are bare."""

    kind: str
    id: str
    fqn: str
    deleted: bool
    body: JsonObject

    @property
    def reference(self) -> JsonObject:
        """The entity reference (id and type) that other documents keep."""
        return {"id": self.id, "type": self.kind}


def as_json(value: object) -> str:
    """Write JSON as it is stored and sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def find(store: Store, kind: str, id: str) -> Document | None:  # noqa: A002 - OpenMetadata's word
    """Look an entity up by its id."""
    sql = f"SELECT {_COLUMNS} FROM document WHERE id = ? AND kind = ?"  # noqa: S608 - constants
    return _document(store.row(sql, id, kind))


def find_named(store: Store, kind: str, fqn: str) -> Document | None:
    """Look an entity up by its fully qualified name, case kept."""
    sql = f"SELECT {_COLUMNS} FROM document WHERE kind = ? AND fqn = ?"  # noqa: S608 - constants
    return _document(store.row(sql, kind, fqn))


def find_many(store: Store, ids: Iterable[str]) -> dict[str, Document]:
    """Look many entities up by their ids; those that are gone are left out."""
    sql = f"SELECT {_COLUMNS} FROM document WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
    rows = store.rows(sql, as_json(sorted(set(ids))))
    return {found.id: found for found in map(_document, rows) if found}


def add(store: Store, document: Document) -> None:
    """Store a new entity."""
    kind, id_, fqn, deleted, body = document
    sql = "INSERT INTO document (kind, id, fqn, deleted, body) VALUES (?, ?, ?, ?, ?)"
    store.change(sql, kind, id_, fqn, deleted, as_json(body))


def replace(store: Store, document: Document) -> None:
    """Store an entity in place of what it was."""
    sql = "UPDATE document SET fqn = ?, deleted = ?, body = ? WHERE id = ?"
    _, id_, fqn, deleted, body = document
    store.change(sql, fqn, deleted, as_json(body), id_)


def remove(store: Store, id: str) -> None:  # noqa: A002 - OpenMetadata's word
    """Forget an entity, its versions and every edge it is an end of.

    The index forgets what feeds it, and keeps the edges from it.
    """
    store.change("DELETE FROM document WHERE id = ?", id)
    store.change("DELETE FROM version WHERE id = ?", id)
    store.change("DELETE FROM profile WHERE id = ?", id)
    store.change("DELETE FROM edge WHERE from_id = ? OR to_id = ?", id, id)
    store.change("DELETE FROM indexed_edge WHERE to_id = ?", id)


def keep_version(store: Store, body: JsonObject) -> None:
    """Keep an entity as it is before it changes."""
    sql = "INSERT OR REPLACE INTO version (id, number, body) VALUES (?, ?, ?)"
    store.change(sql, body["id"], body["version"], as_json(body))


def drop_version(store: Store, body: JsonObject) -> None:
    """Forget a version that is the newest again."""
    store.change("DELETE FROM version WHERE id = ? AND number = ?", body["id"], body["version"])


def earlier_versions(store: Store, id: str) -> list[JsonObject]:  # noqa: A002 - OpenMetadata's word
    """Give what an entity was before, newest first."""
    rows = store.rows("SELECT body FROM version WHERE id = ? ORDER BY rowid DESC", id)
    return [json.loads(row[0]) for row in rows]


def below(store: Store, kinds: Collection[str], fqn: str) -> list[Document]:
    """Give the entities of some kinds that are under a name, sorted by name."""
    found: list[Document] = []
    for kind in kinds:
        sql = f"SELECT {_COLUMNS} FROM document WHERE kind = ? AND fqn > ? AND fqn < ?"  # noqa: S608 - constants
        rows = store.rows(sql, kind, *_range(fqn))
        found.extend(document for document in map(_document, rows) if document)
    return sorted(found, key=lambda document: document.fqn)


def holding(store: Store, text: str) -> list[Document]:
    """Give the entities of any kind that are stored with a text in them."""
    sql = f"SELECT {_COLUMNS} FROM document WHERE instr(body, ?) > 0"  # noqa: S608 - constants
    return [document for document in map(_document, store.rows(sql, text)) if document]


def inside(store: Store, kind: str, id: str) -> list[Document]:  # noqa: A002 - OpenMetadata's word
    """Give the entities of a kind directly in one of the same kind, sorted by name."""
    where = "kind = ? AND json_extract(body, '$.parent.id') = ? ORDER BY fqn"
    rows = store.rows(f"SELECT {_COLUMNS} FROM document WHERE {where}", kind, id)  # noqa: S608 - constants
    return [document for document in map(_document, rows) if document]


def count(store: Store, kind: str, *, deleted: bool | None, under: Collection[str] = ()) -> int:
    """Count the entities of a kind, under all of some names."""
    where, values = _condition(kind, deleted, under)
    row = store.row(f"SELECT count(*) FROM document WHERE {where}", *values)  # noqa: S608 - constants
    return int(row[0]) if row else 0


def page(  # noqa: PLR0913 - the six facts of a page
    store: Store,
    kind: str,
    *,
    deleted: bool | None,
    under: Collection[str] = (),
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> list[Document]:
    """Give some entities of a kind: the first after a name, or the last before one."""
    where, values = _condition(kind, deleted, under)
    order = "ASC"
    if before is not None:
        where, values, order = f"{where} AND fqn < ?", [*values, before], "DESC"
    elif after is not None:
        where, values = f"{where} AND fqn > ?", [*values, after]
    sql = f"SELECT {_COLUMNS} FROM document WHERE {where} ORDER BY fqn {order} LIMIT ?"  # noqa: S608 - constants
    rows = store.rows(sql, *values, limit)
    found = [document for document in map(_document, rows) if document]
    return found if order == "ASC" else found[::-1]


def _condition(kind: str, deleted: bool | None, under: Collection[str]) -> tuple[str, list[object]]:  # noqa: FBT001 - a filter, not a switch
    where, values = "kind = ?", [kind]
    bounds: list[object] = [*values]
    if deleted is not None:
        where, bounds = f"{where} AND deleted = ?", [*bounds, deleted]
    for fqn in under:
        where, bounds = f"{where} AND fqn > ? AND fqn < ?", [*bounds, *_range(fqn)]
    return where, bounds


def _range(fqn: str) -> tuple[str, str]:
    # Names below `a` start with `a.`, and `/` is the character right after the dot.
    return f"{fqn}.", f"{fqn}/"


def _document(row: tuple[Any, ...] | None) -> Document | None:
    if row is None:
        return None
    kind, id_, fqn, deleted, body = row
    return Document(kind, id_, fqn, bool(deleted), json.loads(body))
