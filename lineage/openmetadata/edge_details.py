"""What an edge's details will be, and the JSON Patch that makes them so."""

from collections.abc import Iterator
from typing import Any

from lineage.model.edges import Edge, Evidence

__all__ = ["DETAILS", "changed_details", "patch_details", "unchanged_details"]

_SERVERS_OWN = frozenset({"createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges"})
"""Fields of the details that the server sets by itself."""

_FACTS = {"source": "recorded_as", "sqlQuery": "sql", "description": "description"}
"""Texts of the details, and what our evidence calls them."""

DETAILS = frozenset({*_SERVERS_OWN, *_FACTS, "pipeline", "columnsLineage"})
"""Every field of the details that is known here; others are kept as they are."""


def changed_details(
    known: dict[str, Any], before: Edge | None, after: Edge, *, pipeline_id: str
) -> dict[str, Any]:
    """Spell what an edge should say, keeping the spelling of all that it says already.

    Parameters
    ----------
    known : dict
        The details as the server holds them; empty where it holds none.
    before, after : Edge or None
        What those details say, and what they should say.
    pipeline_id : str
        The server's id of the pipeline, where that is to be another one.
    """
    details = {key: value for key, value in known.items() if key not in _SERVERS_OWN}
    said = Evidence() if before is None else before.evidence
    for key, name in _FACTS.items():
        value = getattr(after.evidence, name)
        if value != getattr(said, name):
            details[key] = value
    pipeline = after.evidence.pipeline
    if pipeline != said.pipeline:
        kind = None if pipeline is None else str(pipeline.kind)
        details["pipeline"] = None if pipeline is None else {"id": pipeline_id, "type": kind}
    details["columnsLineage"] = _mappings(known.get("columnsLineage") or [], after)
    return {key: value for key, value in details.items() if value is not None}


def patch_details(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Write a change as a JSON Patch that fails where what was there is not there any more.

    Whatever mapping comes or goes, all of them are tested for: two runs that add the same one
    cannot both succeed. That nothing is there can only be tested by the time of the last write.

    Examples
    --------
    >>> old = {"sqlQuery": "a", "columnsLineage": []}
    >>> for operation in patch_details(old, {**old, "sqlQuery": "b"}):
    ...     print(operation)
    {'op': 'test', 'path': '/sqlQuery', 'value': 'a'}
    {'op': 'add', 'path': '/sqlQuery', 'value': 'b'}
    """
    return [
        *_time_operations(before, after),
        *_text_operations(before, after),
        *_pipeline_operations(before.get("pipeline"), after.get("pipeline")),
        *_mapping_operations(before.get("columnsLineage"), after["columnsLineage"]),
    ]


def unchanged_details(stored: dict[str, Any]) -> list[dict[str, Any]]:
    """Write a JSON Patch that changes nothing, and fails where anything changed in the meantime.

    Examples
    --------
    >>> for operation in unchanged_details({"source": "Manual", "updatedAt": 7}):
    ...     print(operation)
    {'op': 'test', 'path': '/source', 'value': 'Manual'}
    {'op': 'test', 'path': '/updatedAt', 'value': 7}
    {'op': 'add', 'path': '/source', 'value': 'Manual'}
    """
    tested = ("source", "updatedAt", "columnsLineage")
    return [
        *(
            {"op": "test", "path": f"/{key}", "value": stored[key]}
            for key in tested
            if key in stored
        ),
        {"op": "add", "path": "/source", "value": stored.get("source") or "Manual"},
    ]


def _time_operations(before: dict[str, Any], after: dict[str, Any]) -> Iterator[dict[str, Any]]:
    facts = (*_FACTS, "pipeline", "columnsLineage")
    fills = [key for key in facts if before.get(key) is None and after.get(key)]
    if fills and "updatedAt" in before:
        yield {"op": "test", "path": "/updatedAt", "value": before["updatedAt"]}


def _text_operations(before: dict[str, Any], after: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in sorted(_FACTS):
        if before.get(key) == after.get(key):
            continue
        if before.get(key) is not None:
            yield {"op": "test", "path": f"/{key}", "value": before[key]}
        op = "remove" if after.get(key) is None else "add"
        yield {"op": op, "path": f"/{key}", **({} if op == "remove" else {"value": after[key]})}


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
    if before != after:
        yield {"op": "test", "path": "/columnsLineage", "value": before}
    for place in range(len(before) - 1, -1, -1):
        if before[place] not in after:
            yield {"op": "remove", "path": f"/columnsLineage/{place}"}
    for item in after:
        if item not in before:
            yield {"op": "add", "path": "/columnsLineage/-", "value": item}
