"""Layers: lineage read from the search index, one layer of documents after another.

Unlike the neighbours, which are read from the rows, this goes as far as is asked, visits
everything once, and knows soft-deleted documents only when asked for nothing else.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from lineage.catalog import edge_index, entity_store
from lineage.catalog.answers import JsonObject, RefusalError, not_found
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document
from lineage.catalog.requests import LATEST, Request
from lineage.catalog.search_documents import lineage_into, relationship_end, search_document

__all__ = [
    "Found",
    "Question",
    "climb",
    "descend",
    "find_root",
    "look",
    "look_at",
    "page",
    "read_question",
]

# A lineage document has these whatever fields are asked for, and never those.
_ALWAYS = frozenset({"id", "fullyQualifiedName", "entityType", "service", "upstreamLineage"})
_NEVER = frozenset({"schemaDefinition", "customMetrics"})

_CARRIERS = ("pipeline", "storedProcedure")

_T = TypeVar("_T")


class Found(NamedTuple):
    """A document in the index, and the edges into it."""

    document: Document
    source: JsonObject
    edges: list[JsonObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What lineage is asked for.

    Attributes
    ----------
    deleted : bool
        Whether documents have to be soft-deleted: asking for the deleted gives no others.
    fields : frozenset of str or None
        What the documents show; None: all.
    start, size : int
        Which of the edges into a document, and of the documents of a layer.
    earliest, latest : int
        An edge has to be updated and created within, if it says when it was.
    """

    root: Document
    deleted: bool
    fields: frozenset[str] | None
    start: int
    size: int
    earliest: int
    latest: int

    @property
    def carried(self) -> bool:
        """Whether the root is a job, which is on edges rather than at their ends."""
        return self.root.kind in _CARRIERS


def read_question(context: Context, request: Request, *, size: int = 1000) -> Question:
    """Read what all lineage requests to the index have in common.

    Parameters
    ----------
    size : int
        The size, where the request gives none.

    Raises
    ------
    RefusalError
        A parameter does not fit, or asks for what this catalog cannot do.
    """
    for name in ("query_filter", "column_filter"):
        if request.word(name, "") not in ("", "{}"):
            raise RefusalError(400, f"this catalog knows no {name} of lineage")
    fields = {name.strip() for name in request.word("fields", "*").split(",")}
    timed = context.version >= (2,)
    return Question(
        root=find_root(context, request.word("fqn", ""), request.word("type", "")),
        deleted=request.flag("includeDeleted"),
        fields=None if "*" in fields else frozenset(fields) | _ALWAYS,
        start=request.number("from", 0, lowest=0),
        size=request.number("size", size, lowest=0),
        earliest=request.number("startTime", 0, lowest=0) if timed else 0,
        latest=request.number("endTime", LATEST, lowest=0) if timed else LATEST,
    )


def find_root(context: Context, fqn: str, kind: str) -> Document:
    """Find the entity to start from; without a kind, the first kind that has one.

    Raises
    ------
    RefusalError
        There is none.
    """
    if kind and kind not in KINDS:
        raise RefusalError(400, f"{kind!r} is no type of an entity")
    for one in (kind,) if kind else KINDS:
        found = entity_store.find_named(context.store, one, fqn)
        if found is not None:
            return found
    raise not_found(kind or "entity", fqn)


def climb(context: Context, question: Question, hops: int) -> Iterator[tuple[int, list[Found]]]:
    """Go upstream: the root first, then layer by layer, each with its distance."""
    carried = _carried(context, question.root) if question.carried else []
    waiting = [question.root.id, *carried]
    seen = set(waiting)
    for distance in range(hops + 1):
        found = look(context, question, waiting)
        if not found:
            return
        yield distance, found
        sources = [edge["fromEntity"]["id"] for one in found for edge in page(question, one.edges)]
        waiting = [id_ for id_ in dict.fromkeys(sources) if id_ not in seen]
        seen.update(waiting)


def descend(context: Context, question: Question, hops: int) -> Iterator[tuple[int, list[Found]]]:
    """Go downstream layer by layer; of the edges, only those from the layer before."""
    frontier = {question.root.id}
    seen = {question.root.id}
    for distance in range(1, hops + 1):
        targets = edge_index.fed_by(context.store, sorted(frontier))
        if distance == 1 and question.carried:
            targets += _carried(context, question.root)
        found = [_from(one, frontier) for one in look(context, question, targets)]
        if distance > 1 or not question.carried:
            found = [one for one in found if one.edges]
        if not found:
            return
        yield distance, found
        frontier = {one.document.id for one in page(question, found)} - seen
        seen |= frontier


def page(question: Question, listed: list[_T]) -> list[_T]:
    """Cut out what was asked for."""
    return listed[question.start : question.start + question.size]


def look(context: Context, question: Question, ids: Iterable[str]) -> list[Found]:
    """Find documents in the index, sorted by name."""
    stored = entity_store.find_many(context.store, ids).values()
    kept = [one for one in stored if one.deleted == question.deleted]
    return look_at(context, question, sorted(kept, key=lambda one: (one.fqn, one.kind)))


def look_at(context: Context, question: Question, found: list[Document]) -> list[Found]:
    """Give documents as the index has them, deleted or not."""
    lineage = lineage_into(context, found)
    return [_found(context, question, one, lineage[one.id]) for one in found]


def _found(
    context: Context, question: Question, document: Document, lineage: list[JsonObject]
) -> Found:
    source = search_document(context, document, lineage, wanted=question.fields)
    shown = {
        key: value
        for key, value in source.items()
        if key not in _NEVER and (question.fields is None or key in question.fields)
    }
    end = relationship_end(document.id, document.kind, document.fqn)
    edges = [
        {"columns": [], **edge, "toEntity": end}
        for edge in source.get("upstreamLineage", [])
        if _within(question, edge)
    ]
    return Found(document, shown, edges)


def _within(question: Question, edge: JsonObject) -> bool:
    created, updated = edge.get("createdAt"), edge.get("updatedAt")
    early = updated is not None and updated < question.earliest
    late = created is not None and created > question.latest
    return not early and not late


def _from(found: Found, frontier: Container[str]) -> Found:
    edges = [edge for edge in found.edges if edge["fromEntity"]["id"] in frontier]
    return found._replace(edges=edges)


def _carried(context: Context, job: Document) -> list[str]:
    """Name what a job carries something to."""
    return edge_index.carried_by(context.store, job.id)
