"""Neighbours: lineage read from the rows, a few hops around one entity."""

from collections.abc import Callable

from lineage.catalog import edge_store, entity_store
from lineage.catalog.answers import Answer, JsonObject
from lineage.catalog.context import Context
from lineage.catalog.edge_store import Relation
from lineage.catalog.entity_store import Document
from lineage.catalog.reference_fields import full_reference

__all__ = ["MOST_HOPS", "show_lineage"]

MOST_HOPS = 3
"""How far the graph can be asked for in one request."""

# A pipeline shows what it carries as if it stood between the two ends.
_CARRIERS = frozenset({"pipeline", "storedProcedure"})

_Step = Callable[[Document], list[tuple[JsonObject, str]]]
"""Gives the edges at an entity, each with the id at its other end."""


def show_lineage(context: Context, root: Document, *, upstream: int, downstream: int) -> Answer:
    """Show the lineage around an entity, some hops up and some down.

    As on the real server nothing remembers what was visited: on a diamond or a cycle edges
    come more than once, and the root may be among the nodes.
    """
    nodes: dict[str, JsonObject] = {}

    def incoming(document: Document) -> list[tuple[JsonObject, str]]:
        found = _at(context, document, edge_store.into)
        return [(_edge(one, one.from_id, document.id), one.from_id) for one in found]

    def outgoing(document: Document) -> list[tuple[JsonObject, str]]:
        found = _at(context, document, edge_store.out_of)
        return [(_edge(one, document.id, one.to_id), one.to_id) for one in found]

    shown = {
        "entity": full_reference(root),
        "upstreamEdges": _walk(context, root, incoming, upstream, nodes),
        "downstreamEdges": _walk(context, root, outgoing, downstream, nodes),
    }
    return Answer(body={**shown, "nodes": list(nodes.values())})


def _walk(
    context: Context, root: Document, step: _Step, hops: int, nodes: dict[str, JsonObject]
) -> list[JsonObject]:
    edges: list[JsonObject] = []
    known: dict[str, list[tuple[JsonObject, str]]] = {}
    frontier = [root]
    for _ in range(hops):
        reached: list[str] = []
        for document in frontier:
            if document.id not in known:
                known[document.id] = step(document)
            edges.extend(edge for edge, _ in known[document.id])
            reached.extend(other for _, other in known[document.id])
        found = entity_store.find_many(context.store, reached)
        nodes |= {id_: full_reference(document) for id_, document in found.items()}
        frontier = [found[id_] for id_ in reached if id_ in found]
    return edges


def _at(
    context: Context, document: Document, rows: Callable[..., list[Relation]]
) -> list[Relation]:
    direct = rows(context.store, document.id)
    if document.kind not in _CARRIERS:
        return direct
    return [*direct, *edge_store.carried_by(context.store, document.id)]


def _edge(relation: Relation, from_id: str, to_id: str) -> JsonObject:
    ends = {"fromEntity": from_id, "toEntity": to_id}
    return {**ends, "lineageDetails": relation.details} if relation.details else ends
