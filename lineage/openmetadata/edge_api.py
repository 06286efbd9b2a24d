"""One edge on the server: read its details, change them, remove it.

A PUT replaces the whole of an edge's details, so what is sent is what was read, with the
change made: pipeline, SQL, description, functions and fields this library does not know
stay as they are. A PATCH sends the change alone.
"""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from lineage.errors import NotOpenMetadata, RequestFailed
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.openmetadata.capabilities import Capabilities
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.edge_details import changed_details, patch_details, unchanged_details
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.payloads import LineagePayload, make_edge

__all__ = [
    "EdgeEnds",
    "StoredEdge",
    "has_edge",
    "read_edge",
    "remove_edge",
    "rewrite_edge",
    "with_current_pipeline",
    "write_edge",
]


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
        None where there is no edge, or one without any details: the server reports neither
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


def has_edge(client: Client, ends: EdgeEnds) -> bool:
    """Return whether there is an edge, be it without any details.

    Both ends are asked, since a soft-deleted one answers no question; an edge between two
    deleted entities is not seen.

    Raises
    ------
    ServerError
        It could not be read.
    """
    for kind, identity, way in (
        (ends.downstream.kind, ends.downstream_id, "upstream"),
        (ends.upstream.kind, ends.upstream_id, "downstream"),
    ):
        depth = {f"{one}Depth": int(one == way) for one in ("upstream", "downstream")}
        path = f"/lineage/{escape(kind)}/{escape(identity)}"
        try:
            answer = client.get(path, depth)
        except RequestFailed as error:
            if error.is_not_found:
                continue
            raise
        found = answer.get(f"{way}Edges") if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise NotOpenMetadata(client.url(path), "the answer holds no edges")
        pairs = {(edge.get("fromEntity"), edge.get("toEntity")) for edge in found}
        return (ends.upstream_id, ends.downstream_id) in pairs
    return False


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
    client: Client,
    ends: EdgeEnds,
    stored: StoredEdge | None,
    after: Edge,
    *,
    pipeline_id: str = "",
) -> None:
    """Write an edge so that it says what `after` says; sent once, whatever comes back.

    What has details is changed by a JSON Patch: what is taken away or replaced is tested
    for in the same request, and what is added is added to what is there by then, so nothing
    that somebody writes in the meantime is lost. What has none is written whole, since the
    server patches no edge without details.

    Parameters
    ----------
    stored : StoredEdge or None
        What the server holds, read just now.
    after : Edge
        What it should hold; of `stored` in all that is to stay.
    pipeline_id : str
        The server's id of the pipeline, where that is not the stored one.

    Raises
    ------
    ServerError
        It was not written, or nobody knows.
    """
    known, before = ({}, None) if stored is None else (stored.details, stored.edge)
    details = changed_details(known, before, after, pipeline_id=pipeline_id)
    if stored is not None and Capabilities(client.version).edge_patches:
        client.patch(_path(ends), patch_details(known, details))
        return
    edge = {
        "fromEntity": {"id": ends.upstream_id, "type": str(ends.upstream.kind)},
        "toEntity": {"id": ends.downstream_id, "type": str(ends.downstream.kind)},
        "lineageDetails": details,
    }
    client.send("PUT", "/lineage", body={"edge": edge}, once=True)


def rewrite_edge(client: Client, ends: EdgeEnds, stored: StoredEdge | None) -> None:
    """Write an edge as it is once more, for the search index to take it in; sent once.

    Where edges can be patched, a patch that changes nothing is sent: it is refused where
    somebody wrote in the meantime, so nothing is lost by it.

    Parameters
    ----------
    stored : StoredEdge or None
        What the server holds, read just now; None for an edge without details, which can only
        be written as one that somebody drew.

    Raises
    ------
    ServerError
        It was not written, or nobody knows.
    """
    if stored is not None and Capabilities(client.version).edge_patches:
        client.patch(_path(ends), unchanged_details(stored.details))
        return
    after = (
        Edge(upstream=ends.upstream, downstream=ends.downstream) if stored is None else stored.edge
    )
    write_edge(client, ends, stored, after)


def remove_edge(client: Client, ends: EdgeEnds) -> None:
    """Remove an edge, with or without details; sent once, whatever comes back.

    Raises
    ------
    ServerError
        It was not removed, or nobody knows.
    """
    client.send("DELETE", _path(ends), once=True)


def _path(ends: EdgeEnds) -> str:
    parts = (ends.upstream.kind, ends.upstream_id, ends.downstream.kind, ends.downstream_id)
    return f"/lineage/{'/'.join(map(escape, parts))}"
