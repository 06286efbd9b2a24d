"""CSV as OpenMetadata exports lineage: a line for each edge, its columns in one cell."""

from collections.abc import Iterator
from itertools import groupby

from lineage.model.entities import Entity
from lineage.text_escapes import escape
from lineage.views.exports.cells import csv_table
from lineage.views.exports.fact_rows import EdgeRow, NodeRow
from lineage.views.exports.format import Fact, Format, Rendered, one_file
from lineage.views.exports.rows import Rows, node_id

__all__ = ["CSV", "HEADER"]

HEADER = (
    *("fromId*", "fromEntityType*", "fromFullyQualifiedName*"),
    *("toId*", "toEntityType*", "toFullyQualifiedName*", "description"),
    *("pipelineId", "pipelineFullyQualifiedName", "pipelineDisplayName"),
    *("columnLineage", "sqlQuery", "source"),
)
"""The server's own header: an asterisk for what no line lacks."""


def _render(rows: Rows, _notes: tuple[str, ...]) -> Rendered:
    return one_file(csv_table(HEADER, _lines(rows)))


def _render_raw(rows: Rows) -> Rendered:
    return one_file(csv_table(HEADER, _lines(rows), raw=True))


def _lines(rows: Rows) -> Iterator[list[str]]:
    nodes = {row.id: row for row in rows.nodes}
    jobs = _jobs(rows)
    for _, same in groupby(rows.edges, key=lambda row: row.edge):
        edge, *columns = same
        yield [
            *_end(nodes[edge.upstream]),
            *_end(nodes[edge.downstream]),
            edge.description or "",
            *jobs.get(edge.pipeline, ("", "", "")),
            ";".join(_pairs(columns, nodes)),
            edge.sql or "",
            edge.recorded_as or "",
        ]


def _end(row: NodeRow) -> tuple[str, str, str]:
    return row.server_id or "", row.kind, row.fqn


def _pairs(columns: list[EdgeRow], nodes: dict[str, NodeRow]) -> Iterator[str]:
    """Write the pairs of columns of which one has the value of the other, as the server does."""
    for row in columns:
        if row.influence is None:
            yield f"{nodes[row.upstream].fqn}:{nodes[row.downstream].fqn}"


def _jobs(rows: Rows) -> dict[str | None, tuple[str, str, str]]:
    """Find the id, name and display name of each job, be it part of the export or not."""
    graph = rows.excerpt.graph
    found: dict[str | None, tuple[str, str, str]] = {}
    for item in rows.excerpt.edges:
        job = item.edge.evidence.pipeline
        if job is None or node_id(job) in found:
            continue
        value = graph.value(job) if job in graph else None
        known = (value.id, value.display_name or "") if isinstance(value, Entity) else ("", "")
        found[node_id(job)] = (escape(known[0]), escape(job.fqn), escape(known[1]))
    return found


CSV = Format(
    name="csv",
    title="CSV as OpenMetadata exports it",
    suffix=".csv",
    keeps=frozenset({Fact.PARTS, Fact.IDS, Fact.JOBS, Fact.PARALLEL, Fact.SQL}),
    render=_render,
    render_raw=_render_raw,
)
