"""Lineage search: nodes and edges around an entity, as `/lineage/getLineage` gives them.

Nodes go by their names and edges by their document ids. Upstream distances are negative, and
the last layer upstream brings its own edges along: their far ends are not among the nodes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lineage.catalog.answers import Answer, JsonObject
from lineage.catalog.context import Context
from lineage.catalog.lineage_layers import (
    Found,
    Question,
    climb,
    descend,
    look_at,
    page,
    read_question,
)
from lineage.catalog.requests import LATEST, Request

__all__ = [
    "count_layers",
    "find_lineage",
    "page_lineage",
    "search_lineage",
    "search_lineage_one_way",
]

_FARTHEST = 10_000
"""Hops that can be asked for where entities are paged by their number."""


def search_lineage(context: Context, request: Request) -> Answer:
    """Answer `GET /lineage/getLineage`.

    Raises
    ------
    RefusalError
        The entity does not exist, or a parameter does not fit.
    """
    return Answer(body=find_lineage(context, request))


def search_lineage_one_way(context: Context, request: Request) -> Answer:
    """Answer `GET /lineage/getLineage/{direction}`.

    Raises
    ------
    RefusalError
        The entity does not exist, or a parameter does not fit.
    """
    up, down = _hops(request)
    upstream = request.names["direction"] == "Upstream"
    question = read_question(context, request)
    return Answer(body=_gather(context, question, up if upstream else 0, 0 if upstream else down))


def count_layers(context: Context, request: Request) -> Answer:
    """Answer `GET /lineage/getPaginationInfo`: how many entities there are how far away.

    Raises
    ------
    RefusalError
        The entity does not exist, or a parameter does not fit.
    """
    return Answer(body=_counted(context, read_question(context, request), *_hops(request)))


def page_lineage(context: Context, request: Request) -> Answer:
    """Answer `GET /lineage/getLineageByEntityCount`: one direction, so many entities at a time.

    Raises
    ------
    RefusalError
        The entity does not exist, or a parameter does not fit.
    """
    direction = request.choice("direction", "", ("upstream", "downstream"))
    depth = request.number("nodeDepth", _FARTHEST, lowest=-10, highest=_FARTHEST)
    farthest = request.number("maxDepth", _FARTHEST, lowest=1, highest=_FARTHEST)
    question = read_question(context, request, size=_FARTHEST)
    body = _paged(context, question, min(abs(depth), farthest), upstream=direction == "upstream")
    if request.flag("include_pagination_info"):
        body["paginationInfo"] = _counted(context, question, *_hops(request))
    return Answer(body=body)


def find_lineage(context: Context, request: Request) -> JsonObject:
    """Give nodes and edges around the entity that a request names.

    Raises
    ------
    RefusalError
        The entity does not exist, or a parameter does not fit.
    """
    return _gather(context, read_question(context, request), *_hops(request))


def _hops(request: Request) -> tuple[int, int]:
    up, down = (request.number(f"{way}streamDepth", 0, lowest=0) for way in ("up", "down"))
    return up, down


def _gather(context: Context, question: Question, up: int, down: int) -> JsonObject:
    [root] = look_at(context, question, [question.root])
    below = next(descend(context, question, 1), (1, []))[1]
    counts = {"entityUpstreamCount": len(root.edges), "entityDownstreamCount": len(below)}
    if context.version < (1, 13):
        counts = {}  # the root has none yet
    nodes: dict[str, JsonObject] = {root.document.fqn: _node(root, 0, counts)}
    upstream: dict[str, JsonObject] = {}
    downstream: dict[str, JsonObject] = {}
    for distance, found in climb(context, question, up) if up else ():
        for one in found:
            counts = {"entityUpstreamCount": len(one.edges)}
            nodes.setdefault(one.document.fqn, _node(one, -distance, counts))
            upstream |= {edge["docId"]: edge for edge in page(question, one.edges)}
    for distance, found in descend(context, question, down):
        _count_below(nodes, found)
        for one in page(question, found):
            counts = {"entityDownstreamCount": 0}
            nodes.setdefault(one.document.fqn, _node(one, distance, counts))
            downstream |= {edge["docId"]: edge for edge in one.edges}
    return {"nodes": nodes, "upstreamEdges": upstream, "downstreamEdges": downstream}


def _count_below(nodes: Mapping[str, JsonObject], found: list[Found]) -> None:
    """Count at the nodes of the layer before how many documents they feed."""
    for one in found:
        for edge in one.edges:
            paging = nodes.get(edge["fromEntity"]["fullyQualifiedName"], {}).get("paging", {})
            # What was met upstream, and the root, has counts of its own.
            if paging.keys() == {"entityDownstreamCount"}:
                paging["entityDownstreamCount"] += 1


def _node(found: Found, depth: int, paging: JsonObject) -> JsonObject:
    return {"entity": found.source, "paging": paging, "nodeDepth": depth}


def _layers(
    context: Context, question: Question, hops: int, *, upstream: bool
) -> Iterator[tuple[int, list[Found]]]:
    """Go through the layers around the root, the root left out and no entity twice."""
    unpaged = replace(question, start=0, size=LATEST)
    seen = {question.root.id}
    for distance, found in (climb if upstream else descend)(context, unpaged, hops):
        new = [one for one in found if one.document.id not in seen]
        seen.update(one.document.id for one in new)
        if new:
            yield distance, new


def _paged(context: Context, question: Question, hops: int, *, upstream: bool) -> JsonObject:
    [root] = look_at(context, question, [question.root])
    every = [
        (distance, one)
        for distance, found in _layers(context, question, hops, upstream=upstream)
        for one in found
    ]
    paged = page(question, every)
    # Looked at once more: going downstream keeps only the edges it came along.
    found = look_at(context, question, [one.document for _, one in paged])
    shown = [(distance, one) for (distance, _), one in zip(paged, found, strict=True)]
    names = {root.document.fqn, *(one.document.fqn for _, one in shown)}
    nodes = {root.document.fqn: _node(root, 0, {})}
    nodes |= {
        one.document.fqn: _node(one, -distance if upstream else distance, {})
        for distance, one in shown
    }
    edges = {
        edge["docId"]: edge
        for one in (root, *(one for _, one in shown))
        for edge in one.edges
        if edge["fromEntity"]["fullyQualifiedName"] in names
    }
    sides = (edges, {}) if upstream else ({}, edges)
    return {"nodes": nodes, "upstreamEdges": sides[0], "downstreamEdges": sides[1]}


def _counted(context: Context, question: Question, up: int, down: int) -> JsonObject:
    counted: JsonObject = {}
    for way, hops in (("Upstream", up), ("Downstream", down)):
        layers = _layers(context, question, hops, upstream=way == "Upstream") if hops else ()
        sizes = {0: 1} | {distance: len(found) for distance, found in layers}
        depths = [{"depth": distance, "entityCount": size} for distance, size in sizes.items()]
        counted |= {
            f"total{way}Entities": sum(sizes.values()),
            f"{way.lower()}DepthInfo": depths,
            f"max{way}Depth": max(sizes),
        }
    return counted
