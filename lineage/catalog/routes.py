"""Routes: which path and method lead to which operation."""

from collections.abc import Iterator

from lineage.catalog import entity_api, lineage_edges
from lineage.catalog.answers import Answer
from lineage.catalog.assets import add_assets, remove_assets
from lineage.catalog.async_delete import delete_later
from lineage.catalog.batch_get import hydrate
from lineage.catalog.bulk import put_many
from lineage.catalog.change_feeds import list_audit_logs, list_events, list_history
from lineage.catalog.column_list import list_columns
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.followers_and_votes import follow, unfollow, vote
from lineage.catalog.lineage_export import export_lineage
from lineage.catalog.lineage_graph_api import MOST_HOPS, show_lineage
from lineage.catalog.lineage_search import (
    count_layers,
    page_lineage,
    search_lineage,
    search_lineage_one_way,
)
from lineage.catalog.listing import list_entities
from lineage.catalog.path_parameters import ends, included, kind_of, named, root
from lineage.catalog.permissions import list_permissions, show_permissions
from lineage.catalog.profiles import profile_routes
from lineage.catalog.rendering import asked_fields
from lineage.catalog.requests import Request
from lineage.catalog.routing import Route, choose
from lineage.catalog.search import search, search_field
from lineage.catalog.stale_deletes import delete_stale

__all__ = ["find_route"]


def find_route(
    method: str, path: str, *, exact: bool, version: tuple[int, ...]
) -> tuple[Route, dict[str, str]]:
    """Find the route of a request and what stands in its placeholders.

    Raises
    ------
    RefusalError
        There is no such path (404), or not for that method (405).
    """
    return choose(_ROUTES, method, path, exact=exact, version=version)


def _create(context: Context, request: Request) -> Answer:
    return entity_api.create(context, kind_of(request), request.body)


def _put(context: Context, request: Request) -> Answer:
    return entity_api.put(context, kind_of(request), request.body)


def _put_many(context: Context, request: Request) -> Answer:
    return put_many(context, kind_of(request), request)


def _list(context: Context, request: Request) -> Answer:
    return list_entities(context, kind_of(request), request)


def _show(context: Context, request: Request) -> Answer:
    kind = kind_of(request)
    fields = asked_fields(kind, request.word("fields", ""))
    document = named(context, request, deleted=included(request))
    return entity_api.show_entity(context, kind, document, fields=fields)


def _patch(context: Context, request: Request) -> Answer:
    return entity_api.patch_entity(
        context,
        kind_of(request),
        named(context, request, deleted=None),
        sent=request.body,
        condition=request.condition,
    )


def _delete(context: Context, request: Request) -> Answer:
    return entity_api.delete(
        context,
        kind_of(request),
        named(context, request, deleted=None),
        hard=request.flag("hardDelete"),
        recursive=request.flag("recursive"),
    )


def _restore(context: Context, request: Request) -> Answer:
    return entity_api.restore(context, kind_of(request), request.body)


def _versions(context: Context, request: Request) -> Answer:
    return entity_api.show_versions(context, named(context, request, deleted=None))


def _version(context: Context, request: Request) -> Answer:
    document = named(context, request, deleted=None)
    return entity_api.show_version(context, document, request.names["version"])


def _put_edge(context: Context, request: Request) -> Answer:
    return lineage_edges.put_edge(context, request.body)


def _put_named_edge(context: Context, request: Request) -> Answer:
    return lineage_edges.put_edge_between(context, *ends(context, request), request.body)


def _patch_edge(context: Context, request: Request) -> Answer:
    return lineage_edges.patch_edge(context, *ends(context, request), request.body)


def _delete_edge(context: Context, request: Request) -> Answer:
    # Unlike all other writes, this one goes for soft-deleted entities too.
    return lineage_edges.remove_edge(context, *ends(context, request, deleted=None))


def _delete_edges_by_source(context: Context, request: Request) -> Answer:
    names = request.names
    if "id" in names:
        return lineage_edges.remove_edges_by_source(context, names["id"].lower(), names["source"])
    entity = context.need_named(names["kind"], names["name"], deleted=None)
    return lineage_edges.remove_edges_by_source(context, entity.id, names["source"])


def _show_edge(context: Context, request: Request) -> Answer:
    names = request.names
    if "from_name" in names:
        upstream, downstream = ends(context, request)
        return lineage_edges.show_edge(context, upstream.id, downstream.id)
    return lineage_edges.show_edge(context, names["from_id"].lower(), names["to_id"].lower())


def _show_lineage(context: Context, request: Request) -> Answer:
    hops = {
        direction: request.number(f"{direction}Depth", 1, lowest=0, highest=MOST_HOPS)
        for direction in ("upstream", "downstream")
    }
    start = root(context, request)
    return show_lineage(context, start, upstream=hops["upstream"], downstream=hops["downstream"])


def _show_self(context: Context, request: Request) -> Answer:
    kind = KINDS["user"]
    fields = asked_fields(kind, request.word("fields", ""))
    user = context.need_named(kind.name, context.user)
    return entity_api.show_entity(context, kind, user, fields=fields)


def _entity_routes() -> Iterator[Route]:
    every = "/api/v1/{collection}"
    yield Route(method="POST", path=every, operation=_create, writes=True)
    yield Route(method="PUT", path=every, operation=_put, writes=True)
    yield Route(method="GET", path=every, operation=_list)
    yield Route(method="PUT", path=f"{every}/bulk", operation=_put_many, writes=True)
    yield Route(method="PUT", path=f"{every}/restore", operation=_restore, writes=True)
    yield Route(method="GET", path=f"{every}/history", operation=list_history, since=(1, 12))
    yield Route(
        method="DELETE",
        path=f"{every}/deleteStale",
        operation=delete_stale,
        writes=True,
        reads="application/json",
        since=(2,),
    )
    later = f"{every}/async/{{id}}"
    yield Route(method="DELETE", path=later, operation=delete_later, writes=True)
    followers = f"{every}/{{id}}/followers"
    yield Route(method="PUT", path=followers, operation=follow, writes=True)
    one = f"{followers}/{{user_id}}"
    yield Route(method="DELETE", path=one, operation=unfollow, writes=True)
    yield Route(method="PUT", path=f"{every}/{{id}}/vote", operation=vote, writes=True)
    yield Route(method="GET", path=f"{every}/{{id}}/versions", operation=_versions)
    yield Route(method="GET", path=f"{every}/{{id}}/versions/{{version}}", operation=_version)
    for one in (f"{every}/{{id}}", f"{every}/name/{{name}}"):
        yield Route(method="GET", path=one, operation=_show)
        yield Route(method="PATCH", path=one, operation=_patch, writes=True)
        yield Route(method="DELETE", path=one, operation=_delete, writes=True)


def _asset_routes() -> Iterator[Route]:
    for change, operation in (("add", add_assets), ("remove", remove_assets)):
        for owner in ("{id}", "{name}"):
            path = f"/api/v1/{{collection}}/{owner}/assets/{change}"
            yield Route(method="PUT", path=path, operation=operation, writes=True)


def _lineage_routes() -> Iterator[Route]:
    all_ = "/api/v1/lineage"
    ids = "{from}/{from_id}/{to}/{to_id}"
    named = "{from}/name/{from_name}/{to}/name/{to_name}"
    yield Route(method="PUT", path=all_, operation=_put_edge, writes=True)
    yield Route(
        method="PUT", path=f"{all_}/{named}", operation=_put_named_edge, writes=True, since=(2,)
    )
    yield Route(method="PATCH", path=f"{all_}/{ids}", operation=_patch_edge, writes=True)
    yield Route(
        method="PATCH", path=f"{all_}/{named}", operation=_patch_edge, writes=True, since=(2,)
    )
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
        since=(2,),
    )
    pair = "getLineageEdge/{from_id}/{to_id}"
    yield Route(method="GET", path=f"{all_}/{pair}", operation=_show_edge)
    yield Route(
        method="GET", path=f"{all_}/getLineageEdge/{named}", operation=_show_edge, since=(2,)
    )
    yield Route(method="GET", path=f"{all_}/{{kind}}/{{id}}", operation=_show_lineage)
    yield Route(method="GET", path=f"{all_}/{{kind}}/name/{{name}}", operation=_show_lineage)


def _index_routes() -> Iterator[Route]:
    """Give what is answered from the search index."""
    for path, operation in (
        ("search/query", search),
        ("search/fieldQuery", search_field),
        ("lineage/getLineage", search_lineage),
        ("lineage/getLineage/{direction}", search_lineage_one_way),
        ("lineage/getLineageByEntityCount", page_lineage),
        ("lineage/getPaginationInfo", count_layers),
        ("lineage/export", export_lineage),
    ):
        yield Route(method="GET", path=f"/api/v1/{path}", operation=operation)


_ROUTES = (
    *_index_routes(),
    *_lineage_routes(),
    Route(method="POST", path="/api/v1/lineage/hydrate", operation=hydrate, since=(2,)),
    Route(method="GET", path="/api/v1/events", operation=list_events),
    Route(method="GET", path="/api/v1/audit/logs", operation=list_audit_logs, since=(1, 12)),
    Route(method="GET", path="/api/v1/users/loggedInUser", operation=_show_self),
    Route(method="GET", path="/api/v1/permissions", operation=list_permissions),
    Route(method="GET", path="/api/v1/permissions/{kind}", operation=show_permissions),
    Route(method="GET", path="/api/v1/tables/{id}/columns", operation=list_columns),
    Route(method="GET", path="/api/v1/tables/name/{name}/columns", operation=list_columns),
    *profile_routes(),
    *_asset_routes(),
    *_entity_routes(),
)
