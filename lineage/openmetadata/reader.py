"""Read a whole catalog into a snapshot: entities from lists, edges from the search index.

The search index answers for a thousand entities at once but may lag behind, and drops what
is too large; the graph API tells the database's truth for one entity a call. So edges are
read from the index, and from the graph API wherever the index is silent. Whatever stays
unread becomes a gap: nothing is left out in silence.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from lineage.errors import AccessRefused, RequestFailed, ServerError
from lineage.model.edges import Edge
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client, Parameters, escape
from lineage.openmetadata.wire import (
    EntityPayload,
    IndexedLineagePayload,
    LineagePayload,
    ReferencePayload,
    make_edge,
    make_entity,
)

__all__ = ["Progress", "read"]

Progress = Callable[[str, int], None]
"""Told what is being read and how many have been read so far."""

PAGE = 1000

_COMMON = "owners,tags,domains"
_COLLECTIONS: dict[Kind, tuple[str, str]] = {
    Kind.TABLE: ("tables", f"columns,{_COMMON}"),
    Kind.DASHBOARD_DATA_MODEL: ("dashboard/datamodels", _COMMON),
    Kind.DASHBOARD: ("dashboards", f"charts,{_COMMON}"),
    Kind.CHART: ("charts", _COMMON),
    Kind.PIPELINE: ("pipelines", f"tasks,{_COMMON}"),
    Kind.STORED_PROCEDURE: ("storedProcedures", _COMMON),
    Kind.TOPIC: ("topics", _COMMON),
    Kind.CONTAINER: ("containers", f"dataModel,{_COMMON}"),
    Kind.SEARCH_INDEX: ("searchIndexes", f"fields,{_COMMON}"),
    Kind.API_ENDPOINT: ("apiEndpoints", f"requestSchema,responseSchema,{_COMMON}"),
    Kind.METRIC: ("metrics", _COMMON),
    Kind.MLMODEL: ("mlmodels", f"dashboard,{_COMMON}"),
}
"""Where entities of each kind are listed, and the fields to ask for."""

_INDEXES: dict[Kind, str] = {
    Kind.TABLE: "table_search_index",
    Kind.DASHBOARD_DATA_MODEL: "dashboard_data_model_search_index",
    Kind.DASHBOARD: "dashboard_search_index",
    Kind.CHART: "chart_search_index",
    Kind.PIPELINE: "pipeline_search_index",
    Kind.STORED_PROCEDURE: "stored_procedure_search_index",
    Kind.TOPIC: "topic_search_index",
    Kind.CONTAINER: "container_search_index",
    Kind.SEARCH_INDEX: "search_entity_search_index",
    Kind.API_ENDPOINT: "api_endpoint_search_index",
    Kind.METRIC: "metric_search_index",
    Kind.MLMODEL: "mlmodel_search_index",
}

_DERIVED = "ChildAssets"  # edges the server derives between services, domains and products
_PLACES = frozenset({"domain", "dataProduct"})  # where entities are, which carries no data


def read(client: Client, *, progress: Progress | None = None) -> Snapshot:
    """Read every entity and every edge of a server.

    Parameters
    ----------
    client : Client
        The server.
    progress : callable, optional
        Called with what is being read and how many so far.

    Returns
    -------
    Snapshot
        What was read, and as gaps what was not.

    Raises
    ------
    ServerError
        The server does not answer at all, is no OpenMetadata, or refuses the token.
    """
    reading = _Reading(client, progress or _silent)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    version = ".".join(str(number) for number in client.version)
    for kind in _COLLECTIONS:
        reading.read_entities(kind)
    reading.read_edges()
    return Snapshot(
        server=client.host,
        server_version=version,
        read_at=started,
        entities=tuple(reading.entities.values()),
        edges=tuple(reading.edges),
        gaps=tuple(reading.gaps),
        left_out=tuple(reading.left_out.items()),
    )


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    client: Client
    progress: Progress
    entities: dict[str, Entity] = field(default_factory=dict)
    """By the server's id, since names in the index may be stale."""
    edges: list[Edge] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def read_entities(self, kind: Kind) -> None:
        """Read the list of one kind."""
        collection, fields = _COLLECTIONS[kind]
        params: Parameters = {"fields": fields, "include": "all", "limit": PAGE}
        try:
            for page in self.client.pages(collection, params):
                for item in page:
                    self._keep_entity(kind, item)
                self.progress(collection, len(self.entities))
        except AccessRefused:
            raise
        except ServerError as error:
            if isinstance(error, RequestFailed) and error.status == 404:
                return  # an older server has no such kind, so none of its entities either
            self._miss(GapKind.ENTITIES_NOT_READ, None, f"list of {collection}: {error}")

    def read_edges(self) -> None:
        """Read the edges into every entity read so far."""
        unread = dict(self.entities)
        for kind, deleted in sorted({(e.reference.kind, e.deleted) for e in unread.values()}):
            for hit in self._hits(kind, deleted=deleted):
                entity = unread.get(str(hit.get("id")))
                if entity is not None and self._read_document(entity, hit):
                    del unread[entity.id]
        for entity in unread.values():
            self._read_truth(entity)

    def _keep_entity(self, kind: Kind, item: object) -> None:
        try:
            payload = EntityPayload.model_validate(item)
        except ValidationError as error:
            name = item.get("fullyQualifiedName") if isinstance(item, dict) else None
            subject = Reference(kind, str(name)) if name else None
            self._miss(GapKind.ENTITIES_NOT_READ, subject, _first_reason(error))
            return
        self.entities.setdefault(payload.id, make_entity(kind, payload))

    def _hits(self, kind: str, *, deleted: bool) -> Iterator[dict[str, Any]]:
        """Read one index; a failed page ends it, and the graph API takes over."""
        params: dict[str, Any] = {
            "q": "*",
            "index": _INDEXES[Kind(kind)],
            "size": PAGE,
            "deleted": deleted,
            "sort_field": "fullyQualifiedName",
            "sort_order": "asc",
            "include_source_fields": [
                "id",
                "fullyQualifiedName",
                "upstreamLineage",
                "lineageSqlQueries",
                "dashboard",
            ],
        }
        while True:
            try:
                hits = _search_hits(self.client.get("/search/query", params))
            except AccessRefused:
                raise
            except ServerError:
                return
            yield from (hit["_source"] for hit in hits if isinstance(hit.get("_source"), dict))
            self.progress("lineage", len(self.edges))
            if len(hits) < PAGE or not hits[-1].get("sort"):
                return
            params["search_after"] = _search_after(hits[-1]["sort"], self.client.version)

    def _read_document(self, entity: Entity, document: dict[str, Any]) -> bool:
        """Take the edges of one document; say whether it was whole."""
        items = document.get("upstreamLineage")
        queries = document.get("lineageSqlQueries") or {}
        if not isinstance(items, list):
            return False  # cut from a document that grew too large
        try:
            payloads = [
                IndexedLineagePayload.model_validate(_with_sql(item, queries)) for item in items
            ]
        except (ValidationError, AttributeError, TypeError):
            return False
        for payload in payloads:
            self._keep_edge(self._reference(payload.from_entity), entity.reference, payload)
        self._keep_dashboard(entity, document.get("dashboard"))
        return True

    def _read_truth(self, entity: Entity) -> None:
        """Read the edges into one entity from the database's truth."""
        kind, identity = entity.reference.kind, entity.id
        path = f"/lineage/{kind}/{escape(identity)}"
        try:
            answer = self.client.get(path, {"upstreamDepth": 1, "downstreamDepth": 0})
            self._keep_dashboard(entity, self._single_dashboard(entity))
        except AccessRefused:
            raise
        except ServerError as error:
            self._miss(GapKind.EDGES_NOT_READ, entity.reference, str(error))
            return
        try:
            edges = list(_truth(answer, identity))
        except (ValidationError, KeyError, TypeError) as error:
            self._miss(GapKind.EDGES_NOT_READ, entity.reference, f"unreadable answer: {error!r}")
            return
        for upstream, payload in edges:
            pipeline = None if payload is None else payload.pipeline
            if pipeline is not None and pipeline.id == identity:
                # The server shows what a pipeline carries as if it led into the pipeline.
                self._leave_out("edges shown at the pipeline that carries them")
            else:
                self._keep_edge(self._reference(upstream), entity.reference, payload)

    def _single_dashboard(self, entity: Entity) -> object:
        """Read a model's dashboard, which lists leave out even when asked for it."""
        if not isinstance(entity, MlModel) or entity.dashboard is not None:
            return None
        params = {"fields": "dashboard", "include": "all"}
        answer = self.client.get(f"/mlmodels/{escape(entity.id)}", params)
        return answer.get("dashboard") if isinstance(answer, dict) else None

    def _keep_dashboard(self, entity: Entity, dashboard: object) -> None:
        if isinstance(entity, MlModel) and isinstance(dashboard, dict):
            payload = {"type": Kind.DASHBOARD, **dashboard}
            reference = self._reference(ReferencePayload.model_validate(payload))
            self.entities[entity.id] = replace(entity, dashboard=reference)

    def _keep_edge(
        self, upstream: Reference, downstream: Reference, payload: LineagePayload | None
    ) -> None:
        if payload is not None and payload.source == _DERIVED:
            self._leave_out("derived edges")
        elif upstream.kind in _PLACES or upstream.kind.endswith("Service"):
            self._leave_out(f"edges from a {upstream.kind}")
        else:
            self.edges.append(make_edge(upstream, downstream, self._resolved(payload)))

    def _resolved(self, payload: LineagePayload | None) -> LineagePayload | None:
        """Name the pipeline as the list of pipelines names it."""
        if payload is None or payload.pipeline is None:
            return payload
        known = self._reference(payload.pipeline)
        names = {"type": known.kind, "fully_qualified_name": known.fqn}
        pipeline = payload.pipeline.model_copy(update=names)
        return payload.model_copy(update={"pipeline": pipeline})

    def _reference(self, payload: ReferencePayload) -> Reference:
        known = self.entities.get(payload.id)
        return payload.reference() if known is None else known.reference

    def _leave_out(self, what: str) -> None:
        self.left_out[what] = self.left_out.get(what, 0) + 1

    def _miss(self, kind: GapKind, subject: Reference | None, reason: str) -> None:
        self.gaps.append(Gap(kind, subject, reason))


def _search_hits(answer: object) -> list[dict[str, Any]]:
    hits = answer.get("hits") if isinstance(answer, dict) else None
    found = hits.get("hits") if isinstance(hits, dict) else None
    return found if isinstance(found, list) else []


def _search_after(values: Iterable[object], version: tuple[int, ...]) -> list[str]:
    """Spell where the next page begins: a parameter a value from 2.0, joined before."""
    texts = [str(value) for value in values]
    return texts if version >= (2,) else [",".join(texts)]


def _with_sql(item: dict[str, Any], queries: dict[str, Any]) -> dict[str, Any] | None:
    """Put back the SQL that the index keeps once for all edges; None where it is lost."""
    key = item.get("sqlQueryKey")
    if not key or item.get("sqlQuery"):
        return item
    return {**item, "sqlQuery": queries[key]} if key in queries else None


def _truth(
    answer: dict[str, Any], identity: str
) -> Iterator[tuple[ReferencePayload, LineagePayload | None]]:
    """Go through the edges into one entity in a graph API's answer, each once."""
    nodes = {node["id"]: node for node in [answer["entity"], *(answer.get("nodes") or ())]}
    seen = set()
    for edge in answer.get("upstreamEdges") or ():
        upstream, downstream = edge["fromEntity"], edge["toEntity"]
        if downstream != identity or upstream in seen:
            continue
        seen.add(upstream)
        details = edge.get("lineageDetails")
        payload = None if details is None else LineagePayload.model_validate(details)
        yield ReferencePayload.model_validate(nodes[upstream]), payload


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}"


def _silent(what: str, count: int) -> None:
    """Say nothing."""
