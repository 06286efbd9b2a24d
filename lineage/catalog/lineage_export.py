"""Lineage export: edges as comma-separated values, one edge a line."""

import csv
import io

from lineage.catalog.answers import Answer, JsonObject
from lineage.catalog.context import Context
from lineage.catalog.lineage_search import find_lineage
from lineage.catalog.requests import Request

__all__ = ["HEADERS", "export_lineage"]

HEADERS = (
    *("fromId", "fromEntityType", "fromFullyQualifiedName"),
    *("toId", "toEntityType", "toFullyQualifiedName", "description"),
    *("pipelineId", "pipelineFullyQualifiedName", "pipelineDisplayName"),
    *("columnLineage", "sqlQuery", "source"),
)
"""The columns, in order."""


def export_lineage(context: Context, request: Request) -> Answer:
    """Answer `GET /lineage/export`.

    Raises
    ------
    RefusalError
        The entity does not exist, or a parameter does not fit.
    """
    found = find_lineage(context, request)
    statements = {
        node["entity"]["id"]: node["entity"].get("lineageSqlQueries", {})
        for node in found["nodes"].values()
    }
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_headers(context))
    for edge in (found["upstreamEdges"] | found["downstreamEdges"]).values():
        writer.writerow(_line(edge, statements.get(edge["toEntity"]["id"], {})))
    return Answer(text=text.getvalue())


def _headers(context: Context) -> tuple[str, ...]:
    """Name the columns; 1.12 marks those that have to be filled."""
    if context.version >= (1, 13):
        return HEADERS
    return (*(f"{name}*" for name in HEADERS[:6]), *HEADERS[6:])


def _line(edge: JsonObject, statements: JsonObject) -> list[str]:
    job = edge.get("pipeline", {})
    ends = (edge["fromEntity"], edge["toEntity"])
    return [
        *(end[key] for end in ends for key in ("id", "type", "fullyQualifiedName")),
        edge.get("description", ""),
        *(job.get(key, "") for key in ("id", "fullyQualifiedName", "displayName")),
        ";".join(
            f"{column}:{mapping['toColumn']}"
            for mapping in edge.get("columns", ())
            for column in mapping["fromColumns"]
        ),
        statements.get(edge.get("sqlQueryKey", ""), ""),
        edge.get("source", ""),
    ]
