"""Routes: which path and method lead to which operation."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lineage.catalog import edges, entities
from lineage.catalog.answers import Answer, RefusalError
from lineage.catalog.bulk import put_many
from lineage.catalog.context import Context
from lineage.catalog.documents import Document
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.kinds import BY_COLLECTION, KINDS
from lineage.catalog.listing import INCLUDES, list_entities
from lineage.catalog.neighbours import MOST_HOPS, show_lineage
from lineage.catalog.rendering import asked_fields
from lineage.catalog.requests import SLASH, Request
from lineage.catalog.search import search

__all__ = ["Route", "find_route"]

_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_KIND = "|".join(map(re.escape, KINDS))
_PLACEHOLDERS = {
    "collection": "|".join(map(re.escape, BY_COLLECTION)),
    "kind": _KIND,
    "from": _KIND,
    "to": _KIND,
    "id": _UUID,
    "from_id": _UUID,
    "to_id": _UUID,
}
_NAMES = frozenset({"name", "from_name", "to_name"})


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation of the API.

    Attributes
    ----------
    path : str
        The path with placeholders in braces.
    operation : callable
        What answers it.
    writes : bool
        Whether it changes anything.
    since : int
        The first major version of the server that has it.
    """

    method: str
    path: str
    operation: Callable[[Context, Request], Answer]
    writes: bool = False
    since: int = 0

    def match(self, path: str, *, exact: bool) -> dict[str, str] | None:
        """Give what stands in a path's placeholders; None where it is not this route's.

        Parameters
        ----------
        exact : bool
            Slashes inside names are marked in the path; otherwise names may contain them.
        """
        found = (self._exact if exact else self._loose).fullmatch(path)
        if found is None:
            return None
        return {key: value.replace(SLASH, "/") for key, value in found.groupdict().items()}

    @cached_property
    def _exact(self) -> re.Pattern[str]:
        return self._compiled("[^/]+")

    @cached_property
    def _loose(self) -> re.Pattern[str]:
        return self._compiled(".+")

    def _compiled(self, name: str) -> re.Pattern[str]:
        def pattern(found: re.Match[str]) -> str:
            key = found[1]
            return f"(?P<{key}>{name if key in _NAMES else _PLACEHOLDERS.get(key, '[^/]+')})"

        return re.compile(re.sub(r"\{(\w+)\}", pattern, self.path), re.DOTALL)


def find_route(
    method: str, path: str, *, exact: bool, version: tuple[int, ...]
) -> tuple[Route, dict[str, str]]:
    """Find the route of a request and what stands in its placeholders.

    Raises
    ------
    RefusalError
        There is no such path (404), or not for that method (405).
    """
    matches = [
        (route, names)
        for route in _ROUTES
        if version >= (route.since,) and (names := route.match(path, exact=exact)) is not None
    ]
    for route, names in matches:
        if route.method == method:
            return route, names
    if matches:
        allowed = ", ".join(sorted({route.method for route, _ in matches}))
        message = "HTTP 405 Method Not Allowed"
        raise RefusalError(405, message, headers=(("Allow", allowed),))
    raise RefusalError(404, "HTTP 404 Not Found")


def _kind(request: Request) -> EntityKind:
    return BY_COLLECTION[request.names["collection"]]


def _included(request: Request) -> bool | None:
    return INCLUDES[request.choice("include", "non-deleted", INCLUDES)]


def _named(context: Context, request: Request, *, deleted: bool | None) -> Document:
    """Find the entity that the path names by id or by fully qualified name."""
    kind = _kind(request).name
    if "id" in request.names:
        return context.need(kind, request.names["id"].lower(), deleted=deleted)
    return context.need_named(kind, request.names["name"], deleted=deleted)


def _create(context: Context, request: Request) -> Answer:
    return entities.create(context, _kind(request), request.body)


def _put(context: Context, request: Request) -> Answer:
    return entities.put(context, _kind(request), request.body)


def _put_many(context: Context, request: Request) -> Answer:
    return put_many(context, _kind(request), request)


def _list(context: Context, request: Request) -> Answer:
    return list_entities(context, _kind(request), request)


def _show(context: Context, request: Request) -> Answer:
    kind = _kind(request)
    fields = asked_fields(kind, request.word("fields", ""))
    document = _named(context, request, deleted=_included(request))
    return entities.show_entity(context, kind, document, fields=fields)


def _patch(context: Context, request: Request) -> Answer:
    return entities.patch_entity(
        context,
        _kind(request),
        _named(context, request, deleted=None),
        sent=request.body,
        condition=request.condition,
    )


def _delete(context: Context, request: Request) -> Answer:
    return entities.delete(
        context,
        _kind(request),
        _named(context, request, deleted=None),
        hard=request.flag("hardDelete"),
        recursive=request.flag("recursive"),
    )


def _restore(context: Context, request: Request) -> Answer:
    return entities.restore(context, _kind(request), request.body)


def _versions(context: Context, request: Request) -> Answer:
    return entities.show_versions(context, _named(context, request, deleted=None))


def _version(context: Context, request: Request) -> Answer:
    document = _named(context, request, deleted=None)
    return entities.show_version(context, document, request.names["version"])


def _ends(context: Context, request: Request) -> tuple[Document, Document]:
    """Find the two entities that a lineage path names."""
    upstream, downstream = (
        context.need(request.names[end], request.names[f"{end}_id"].lower())
        if f"{end}_id" in request.names
        else context.need_named(request.names[end], request.names[f"{end}_name"])
        for end in ("from", "to")
    )
    return upstream, downstream


def _put_edge(context: Context, request: Request) -> Answer:
    return edges.put_edge(context, request.body)


def _put_named_edge(context: Context, request: Request) -> Answer:
    return edges.put_edge_between(context, *_ends(context, request), request.body)


def _patch_edge(context: Context, request: Request) -> Answer:
    return edges.patch_edge(context, *_ends(context, request), request.body)


def _delete_edge(context: Context, request: Request) -> Answer:
    return edges.remove_edge(context, *_ends(context, request))


def _delete_edges_by_source(context: Context, request: Request) -> Answer:
    names = request.names
    if "id" in names:
        return edges.remove_edges_by_source(context, names["id"].lower(), names["source"])
    entity = context.need_named(names["kind"], names["name"], deleted=None)
    return edges.remove_edges_by_source(context, entity.id, names["source"])


def _show_edge(context: Context, request: Request) -> Answer:
    names = request.names
    if "from_name" in names:
        upstream, downstream = _ends(context, request)
        return edges.show_edge(context, upstream.id, downstream.id)
    return edges.show_edge(context, names["from_id"].lower(), names["to_id"].lower())


def _show_lineage(context: Context, request: Request) -> Answer:
    names = request.names
    hops = {
        direction: request.number(f"{direction}Depth", 1, lowest=0, highest=MOST_HOPS)
        for direction in ("upstream", "downstream")
    }
    root = (
        context.need(names["kind"], names["id"].lower())
        if "id" in names
        else context.need_named(names["kind"], names["name"])
    )
    return show_lineage(context, root, upstream=hops["upstream"], downstream=hops["downstream"])


def _entity_routes() -> Iterator[Route]:
    every = "/api/v1/{collection}"
    yield Route(method="POST", path=every, operation=_create, writes=True)
    yield Route(method="PUT", path=every, operation=_put, writes=True)
    yield Route(method="GET", path=every, operation=_list)
    yield Route(method="PUT", path=f"{every}/bulk", operation=_put_many, writes=True)
    yield Route(method="PUT", path=f"{every}/restore", operation=_restore, writes=True)
    yield Route(method="GET", path=f"{every}/{{id}}/versions", operation=_versions)
    yield Route(method="GET", path=f"{every}/{{id}}/versions/{{version}}", operation=_version)
    for one in (f"{every}/{{id}}", f"{every}/name/{{name}}"):
        yield Route(method="GET", path=one, operation=_show)
        yield Route(method="PATCH", path=one, operation=_patch, writes=True)
        yield Route(method="DELETE", path=one, operation=_delete, writes=True)


def _lineage_routes() -> Iterator[Route]:
    all_ = "/api/v1/lineage"
    ids = "{from}/{from_id}/{to}/{to_id}"
    named = "{from}/name/{from_name}/{to}/name/{to_name}"
    yield Route(method="PUT", path=all_, operation=_put_edge, writes=True)
    yield Route(
        method="PUT", path=f"{all_}/{named}", operation=_put_named_edge, writes=True, since=2
    )
    yield Route(method="PATCH", path=f"{all_}/{ids}", operation=_patch_edge, writes=True)
    yield Route(method="PATCH", path=f"{all_}/{named}", operation=_patch_edge, writes=True, since=2)
    yield Route(method="DELETE", path=f"{all_}/{ids}", operation=_delete_edge, writes=True)
    yield Route(method="DELETE", path=f"{all_}/{named}", operation=_delete_edge, writes=True)
    yield Route(
        method="DELETE",
        path=f"{all_}/{{kind}}/{{id}}/type/{{source}}",
        operation=_delete_edges_by_source,
        writes=True,
    )
    yield Route(
        method="DELETE",
        path=f"{all_}/source/name/{{kind}}/{{name}}/type/{{source}}",
        operation=_delete_edges_by_source,
        writes=True,
        since=2,
    )
    pair = "getLineageEdge/{from_id}/{to_id}"
    yield Route(method="GET", path=f"{all_}/{pair}", operation=_show_edge)
    yield Route(method="GET", path=f"{all_}/getLineageEdge/{named}", operation=_show_edge, since=2)
    yield Route(method="GET", path=f"{all_}/{{kind}}/{{id}}", operation=_show_lineage)
    yield Route(method="GET", path=f"{all_}/{{kind}}/name/{{name}}", operation=_show_lineage)


_ROUTES = (
    *_lineage_routes(),
    Route(method="GET", path="/api/v1/search/query", operation=search),
    *_entity_routes(),
)
