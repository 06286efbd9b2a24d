"""One edge on the server: read its details, change them, remove it.

A PUT replaces the whole of an edge's details, so what is sent is what was read, with the
change made: pipeline, SQL, description, functions and fields this library does not know
stay as they are. A PATCH sends the change alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from lineage.errors import NotOpenMetadata, RequestFailed
from lineage.model.edges import Edge, Evidence
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.kinds import ENDPOINTS
from lineage.openmetadata.wire import LineagePayload, make_edge

__all__ = [
    "EdgeEnds",
    "StoredEdge",
    "has_edge",
    "read_edge",
    "remove_edge",
    "with_current_pipeline",
    "write_edge",
]

_SERVERS_OWN = frozenset({"createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges"})
"""Fields of the details that the server sets by itself."""

_FACTS = {"source": "recorded_as", "sqlQuery": "sql", "description": "description"}
"""Texts of the details, and what our evidence calls them."""

_PATCHED_SINCE = (1, 5)
"""The first version that patches edges."""


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


def has_edge(client: Client, ends: EdgeEnds) -> bool:
    """Tell whether there is an edge, be it without any details.

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
    details = _details(stored, after, pipeline_id)
    if stored is not None and client.version >= _PATCHED_SINCE:
        client.patch(_path(ends), list(_operations(stored.details, details)))
        return
    edge = {
        "fromEntity": {"id": ends.upstream_id, "type": str(ends.upstream.kind)},
        "toEntity": {"id": ends.downstream_id, "type": str(ends.downstream.kind)},
        "lineageDetails": details,
    }
    client.send("PUT", "/lineage", body={"edge": edge}, once=True)


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


def _details(stored: StoredEdge | None, after: Edge, pipeline_id: str) -> dict[str, Any]:
    """Spell what an edge should say, keeping the spelling of all that it says already."""
    known = {} if stored is None else stored.details
    details = {key: value for key, value in known.items() if key not in _SERVERS_OWN}
    before = Evidence() if stored is None else stored.edge.evidence
    for key, name in _FACTS.items():
        value = getattr(after.evidence, name)
        if value != getattr(before, name):
            details[key] = value
    pipeline = after.evidence.pipeline
    if pipeline != before.pipeline:
        kind = None if pipeline is None else str(pipeline.kind)
        details["pipeline"] = None if pipeline is None else {"id": pipeline_id, "type": kind}
    details["columnsLineage"] = _mappings(known.get("columnsLineage") or [], after)
    return {key: value for key, value in details.items() if value is not None}


def _mappings(known: list[dict[str, Any]], after: Edge) -> list[dict[str, Any]]:
    """Give the mappings of an edge, those that are stored as they are stored."""
    wanted = [
        (item.upstream, item.downstream, item.function or None) for item in after.column_edges
    ]
    kept = [item for item in known if _meaning(item) in wanted]
    there = {_meaning(item) for item in kept}
    return kept + [
        {
            "fromColumns": list(columns),
            "toColumn": target,
            **({"function": function} if function else {}),
        }
        for columns, target, function in wanted
        if (columns, target, function) not in there
    ]


def _meaning(item: dict[str, Any]) -> tuple[tuple[str, ...], str, str | None]:
    columns = tuple(item.get("fromColumns") or ())
    return columns, str(item.get("toColumn")), item.get("function") or None


def _operations(before: dict[str, Any], after: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Spell a change as a JSON Patch that fails where what it takes away is not there.

    That nothing is there can only be tested by the time of the last write.
    """
    fills = [key for key in (*_FACTS, "pipeline") if before.get(key) is None and after.get(key)]
    if fills and "updatedAt" in before:
        yield {"op": "test", "path": "/updatedAt", "value": before["updatedAt"]}
    for key in sorted(_FACTS):
        if before.get(key) == after.get(key):
            continue
        if before.get(key) is not None:
            yield {"op": "test", "path": f"/{key}", "value": before[key]}
        op = "remove" if after.get(key) is None else "add"
        yield {"op": op, "path": f"/{key}", **({} if op == "remove" else {"value": after[key]})}
    yield from _pipeline_operations(before.get("pipeline"), after.get("pipeline"))
    yield from _mapping_operations(before.get("columnsLineage"), after["columnsLineage"])


def _pipeline_operations(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> Iterator[dict[str, Any]]:
    if before == after:
        return
    if before is not None:
        # By the id alone: how the rest of the reference is spelled is the server's affair.
        yield {"op": "test", "path": "/pipeline/id", "value": before.get("id")}
    if after is None:
        yield {"op": "remove", "path": "/pipeline"}
    else:
        yield {"op": "add", "path": "/pipeline", "value": after}


def _mapping_operations(
    before: list[dict[str, Any]] | None, after: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    if before is None:
        yield {"op": "add", "path": "/columnsLineage", "value": after}
        return
    for place in range(len(before) - 1, -1, -1):
        if before[place] not in after:
            path = f"/columnsLineage/{place}"
            yield {"op": "test", "path": path, "value": before[place]}
            yield {"op": "remove", "path": path}
    for item in after:
        if item not in before:
            yield {"op": "add", "path": "/columnsLineage/-", "value": item}
