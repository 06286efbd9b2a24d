"""One edge on the server: read its details, write them back with mappings added.

A write replaces the whole of an edge's details, so what is sent is what was read, with the
mappings added: pipeline, SQL, description, functions and fields this library does not know
stay as they are.
"""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from lineage.errors import NotOpenMetadata, RequestFailed
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.kinds import ENDPOINTS
from lineage.openmetadata.wire import LineagePayload, make_edge

__all__ = ["EdgeEnds", "StoredEdge", "read_edge", "with_current_pipeline", "write_edge"]

_SERVERS_OWN = frozenset({"createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges"})
"""Fields of the details that the server sets by itself."""


@dataclass(frozen=True, slots=True)
class EdgeEnds:
    """The two ends of an edge: what they are called, and the server's ids of them."""

    upstream: Reference
    upstream_id: str
    downstream: Reference
    downstream_id: str


@dataclass(frozen=True, slots=True)
class StoredEdge:
    """An edge as the server holds it: as our value, and as the details it is written in."""

    edge: Edge
    details: dict[str, Any]


def read_edge(client: Client, ends: EdgeEnds) -> StoredEdge | None:
    """Read the details of an edge.

    Returns
    -------
    StoredEdge or None
        None where there is no edge, or one without any details: the server tells neither
        from the other.

    Raises
    ------
    ServerError
        It could not be read.
    """
    path = f"/lineage/getLineageEdge/{escape(ends.upstream_id)}/{escape(ends.downstream_id)}"
    try:
        answer = client.get(path)
    except RequestFailed as error:
        if error.status == 404:
            return None
        raise
    details = answer.get("edge") if isinstance(answer, dict) else None
    try:
        payload = LineagePayload.model_validate(details)
    except ValidationError:
        raise NotOpenMetadata(client.url(path), "the answer holds no readable edge") from None
    return StoredEdge(make_edge(ends.upstream, ends.downstream, payload), dict(details or {}))


def with_current_pipeline(client: Client, stored: StoredEdge) -> StoredEdge:
    """Name the pipeline of an edge as it is called now, which the edge itself does not know.

    Raises
    ------
    ServerError
        The pipeline could not be read.
    """
    pipeline, known = stored.edge.evidence.pipeline, stored.details.get("pipeline")
    if pipeline is None or not isinstance(known, dict) or pipeline.kind not in ENDPOINTS:
        return stored
    answer = client.get(f"/{ENDPOINTS[pipeline.kind].collection}/{escape(str(known.get('id')))}")
    name = answer.get("fullyQualifiedName") if isinstance(answer, dict) else None
    current = pipeline if name is None else Reference(pipeline.kind, str(name))
    evidence = replace(stored.edge.evidence, pipeline=current)
    return replace(stored, edge=replace(stored.edge, evidence=evidence))


def write_edge(
    client: Client, ends: EdgeEnds, stored: StoredEdge | None, added: tuple[ColumnEdge, ...]
) -> None:
    """Write an edge with mappings added to what is stored of it.

    Raises
    ------
    ServerError
        It was not written.
    """
    before = {"source": "Manual"} if stored is None else stored.details
    details = {key: value for key, value in before.items() if key not in _SERVERS_OWN}
    mappings = [{"fromColumns": list(item.upstream), "toColumn": item.downstream} for item in added]
    details["columnsLineage"] = [*(details.get("columnsLineage") or ()), *mappings]
    edge = {
        "fromEntity": {"id": ends.upstream_id, "type": str(ends.upstream.kind)},
        "toEntity": {"id": ends.downstream_id, "type": str(ends.downstream.kind)},
        "lineageDetails": details,
    }
    client.put("/lineage", {"edge": edge})
