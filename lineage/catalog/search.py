"""Search: pages of index documents, in an order, from a place on."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.catalog import entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document
from lineage.catalog.requests import Request
from lineage.catalog.search_documents import lineage_into, search_document
from lineage.catalog.search_filters import COLUMNS, Term, glob, read_filter

__all__ = ["INDEXES", "WINDOW", "search", "search_field"]

WINDOW = 10_000
"""How far `from` and `size` reach, and how far hits are counted unless asked otherwise."""

_IRREGULAR = {"searchIndex": "search_entity_search_index"}

INDEXES = {
    _IRREGULAR.get(kind) or re.sub("([A-Z])", r"_\1", kind).lower() + "_search_index": kind
    for kind in KINDS
}
"""The kind of entity that each index holds."""

_DATA_ASSETS = frozenset(
    {
        *("table", "mlmodel", "pipeline", "dashboard", "chart", "dashboardDataModel", "topic"),
        *("container", "searchIndex", "storedProcedure", "apiEndpoint", "apiCollection"),
        *("metric", "database", "databaseSchema"),
    }
)
_ALIASES = {"dataAsset": _DATA_ASSETS, "all": frozenset(KINDS)}

# The columns that hits can be sorted by; scores are all the same.
_ORDERS = {"fullyQualifiedName": "fqn", "id": "id", "entityType": "kind", "_score": "1.0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    kinds: frozenset[str]
    deleted: bool | None
    order: str = "1.0"
    sorted: bool = False
    descending: bool = True
    after: str | float | None = None
    start: int = 0
    size: int = 10
    exact: bool = False
    source: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    pattern: tuple[str, str] | None = None


def search(context: Context, request: Request) -> Answer:
    """Answer `GET /search/query`.

    Raises
    ------
    RefusalError
        An index is unknown, or something is asked that this catalog cannot search for.
    """
    return _answer(context, _read(context, request))


def search_field(context: Context, request: Request) -> Answer:
    """Answer `GET /search/fieldQuery`: the first ten documents whose field fits a pattern.

    The value is matched from end to end, and `*` and `?` in it are wildcards. As on the real server
    `from` and `size` are taken and change nothing.

    Raises
    ------
    RefusalError
        An index or a field is unknown.
    """
    field, value = request.word("fieldName", ""), request.word("fieldValue", "")
    if field.removesuffix(".keyword") not in COLUMNS:
        raise RefusalError(400, f"this catalog searches by {', '.join(COLUMNS)}; not by {field!r}")
    question = _Question(
        kinds=_kinds(context, request.word("index", "table")),
        deleted=request.flag("deleted"),
        pattern=(COLUMNS[field.removesuffix(".keyword")], glob(value)),
    )
    return _answer(context, question)


def _answer(context: Context, question: _Question) -> Answer:
    found = _found(context, question)
    lineage = lineage_into(context, found) if _wants(question, "upstreamLineage") else {}
    wanted = frozenset(path.split(".")[0] for path in question.source) or None
    hits = [
        _hit(question, document, search_document(context, document, into, wanted=wanted))
        for document, into in ((one, lineage.get(one.id, [])) for one in found)
    ]
    return Answer(
        body={
            "took": 0,
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
            "hits": {"total": _total(context, question), **_scores(question), "hits": hits},
        }
    )


def _read(context: Context, request: Request) -> _Question:
    if request.word("q", "*") not in ("", "*", "**"):
        raise RefusalError(400, "this catalog searches for q=* only")
    if request.word("post_filter", ""):
        raise RefusalError(400, "this catalog knows no post_filter")
    terms = tuple(read_filter(request.word("query_filter", "")))
    order = request.word("sort_field", "_score")
    if order not in _ORDERS:
        raise RefusalError(400, f"No mapping found for [{order}] in order to sort on")
    start = request.number("from", 0, lowest=0)
    size = request.number("size", 10, lowest=0)
    if start + size > WINDOW:
        message = f"Result window is too large, from + size must be at most {WINDOW}"
        raise RefusalError(400, f"{message} but was [{start + size}]")
    return _Question(
        kinds=_kinds(context, request.word("index", "table")),
        deleted=_deleted(context, request, terms),
        order=_ORDERS[order],
        sorted="sort_field" in request.query,
        descending=request.choice("sort_order", "desc", ("asc", "desc")) == "desc",
        after=_after(context, request, order),
        start=start,
        size=size,
        exact=request.flag("track_total_hits"),
        source=tuple(request.words("include_source_fields")),
        terms=terms,
    )


def _deleted(context: Context, request: Request, terms: Collection[Term]) -> bool | None:
    """Read whether documents have to be soft-deleted; None leaves it to the filter.

    The parameter is false unless given; since 2.0 it gives way to a filter that says.
    """
    said = any(term.field == "deleted" for term in terms)
    if said and context.version >= (2,) and "deleted" not in request.query:
        return None
    return request.flag("deleted")


def _kinds(context: Context, index: str) -> frozenset[str]:
    found: set[str] = set()
    for name in index.split(","):
        kind = INDEXES.get(name, name)
        if kind not in KINDS and name not in _ALIASES:
            if context.version < (1, 13):
                raise RefusalError(500, f"Failed to find index {name}")
            raise RefusalError(404, f"no such index [{name}]")
        found |= _ALIASES.get(name, {kind})
    return frozenset(found)


def _after(context: Context, request: Request, order: str) -> str | float | None:
    """Read where to go on: since 2.0 one parameter a sort value, before all in one, by commas."""
    values = request.words("search_after")
    if context.version < (2,):
        values = [value for text in values for value in text.split(",")]
    if not values:
        return None
    if len(values) > 1:
        raise RefusalError(400, f"search_after has {len(values)} value(s) but sort has 1")
    if order != "_score":
        return values[0]
    try:
        return float(values[0])
    except ValueError as error:
        raise RefusalError(400, f"Failed to parse search_after value for [{order}]") from error


def _found(context: Context, question: _Question) -> list[Document]:
    where, values = _condition(question)
    direction = "DESC" if question.descending else "ASC"
    if question.after is not None:
        where += f" AND {question.order} {'<' if question.descending else '>'} ?"
        values.append(question.after)
    sql = f"SELECT id FROM document WHERE {where} ORDER BY {question.order} {direction}"  # noqa: S608 - constants
    rows = context.store.rows(f"{sql} LIMIT ? OFFSET ?", *values, question.size, question.start)
    ids = [str(row[0]) for row in rows]
    found = entity_store.find_many(context.store, ids)
    return [found[id_] for id_ in ids]


def _total(context: Context, question: _Question) -> JsonObject:
    where, values = _condition(question)
    row = context.store.row(f"SELECT count(*) FROM document WHERE {where}", *values)  # noqa: S608 - constants
    count = int(row[0]) if row else 0
    if count > WINDOW and not question.exact:
        return {"relation": "gte", "value": WINDOW}
    return {"relation": "eq", "value": count}


def _condition(question: _Question) -> tuple[str, list[Any]]:
    # The plus keeps SQLite to the index that is in the order of names.
    kinds = sorted(question.kinds)
    one = len(kinds) == 1
    held: list[object] = [*kinds]
    parts = [("kind = ?" if one else f"+kind IN ({', '.join('?' * len(kinds))})", held)]
    if question.deleted is not None:
        parts.insert(one, ("deleted = ?", [question.deleted]))
    parts += [term.condition for term in question.terms]
    if question.pattern:
        parts.append((f"{question.pattern[0]} GLOB ?", [question.pattern[1]]))
    return " AND ".join(sql for sql, _ in parts), [value for _, some in parts for value in some]


def _hit(question: _Question, document: Document, found: JsonObject) -> JsonObject:
    indexes = {kind: index for index, kind in INDEXES.items()}
    values: dict[str, object] = {"fqn": document.fqn, "id": document.id, "kind": document.kind}
    return {
        "_index": indexes[document.kind],
        "_id": document.id,
        **({} if question.sorted else {"_score": 1.0}),
        "_source": _cut(found, [path.split(".") for path in question.source]),
        "sort": [values.get(question.order, 1.0)],
    }


def _scores(question: _Question) -> JsonObject:
    """Give the highest score; what is sorted by a field has none."""
    return {} if question.sorted else {"max_score": 1.0}


def _wants(question: _Question, field: str) -> bool:
    return not question.source or any(
        path.split(".")[0] in (field, "lineageSqlQueries") for path in question.source
    )


def _cut(value: Any, paths: Collection[Sequence[str]]) -> Any:
    """Leave only what some dotted paths lead to; no path at all leaves everything."""
    if not paths or not all(paths):
        return value
    if isinstance(value, list):
        return [_cut(item, paths) for item in value]
    if not isinstance(value, dict):
        return value
    deeper = {
        key: [path[1:] for path in paths if path[0] == key]
        for key in value
        if any(path[0] == key for path in paths)
    }
    return {key: _cut(value[key], rest) for key, rest in deeper.items()}
