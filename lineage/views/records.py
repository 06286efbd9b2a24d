"""Answers as rows for other programs: JSON and CSV."""

import csv
import json
from io import StringIO

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer
from lineage.model.edges import Edge
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.queries.traversal import Trace

__all__ = ["EDGE_COLUMNS", "render_csv", "render_edges_csv", "render_json"]

EDGE_COLUMNS = (
    "fromId",
    "fromEntityType",
    "fromFullyQualifiedName",
    "toId",
    "toEntityType",
    "toFullyQualifiedName",
    "description",
    "pipelineId",
    "pipelineFullyQualifiedName",
    "pipelineDisplayName",
    "columnLineage",
    "sqlQuery",
    "source",
)
"""The header of OpenMetadata's own lineage export, in its order."""


def render_json(answer: Answer) -> str:
    """Write an answer's summary and rows as JSON.

    Examples
    --------
    >>> from lineage.governance.audit.audit import Audit
    >>> print(render_json(Audit(sensitive=(), models=(), features=())))
    {
      "summary": "0 models, 0 sensitive columns: nothing to audit",
      "gaps": [],
      "records": []
    }
    """
    gaps = [str(gap) for gap in getattr(answer, "gaps", ())]
    content = {"summary": answer.summary(), "gaps": gaps, "records": answer.to_records()}
    return json.dumps(content, indent=2, ensure_ascii=False)


def render_csv(answer: Answer) -> str:
    """Write an answer's rows as CSV; a list becomes its items, one a line in the cell.

    A row within a row becomes JSON.
    """
    records = answer.to_records()
    rows = [{key: _cell(value) for key, value in record.items()} for record in records]
    return _table(tuple(records[0]), rows) if records else ""


def render_edges_csv(graph: LineageGraph, *traces: Trace) -> str:
    """Write the edges of traces as CSV under OpenMetadata's own export header.

    One row an edge, however many traces have it: the job and the columns stand in the same
    row.

    Parameters
    ----------
    graph : LineageGraph
        The graph that was traced.
    *traces : Trace
        The answers.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.traversal import upstream
    >>> a, b = Reference("table", "a"), Reference("mlmodel", "b")
    >>> graph = build_graph(Snapshot(edges=(Edge(upstream=a, downstream=b),)))
    >>> print(render_edges_csv(graph, upstream(graph, b)).splitlines()[1])
    ,table,a,,mlmodel,b,,,,,,,
    """
    edges = dict.fromkeys(hop.edge for trace in traces for hop in trace.hops)
    return _table(EDGE_COLUMNS, [_edge_row(graph, edge) for edge in edges])


def _table(header: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    """Write CSV; a bare carriage return is quoted, which the writer alone would not do."""
    out = StringIO()
    odd = any("\r" in cell for row in rows for cell in row.values())
    writer = csv.DictWriter(
        out,
        fieldnames=header,
        lineterminator="\n",
        quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL,
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _edge_row(graph: LineageGraph, edge: Edge) -> dict[str, str]:
    evidence, pipeline = edge.evidence, edge.evidence.pipeline
    pairs = (
        f"{column}:{mapping.downstream}"
        for mapping in edge.value_mappings
        for column in mapping.upstream
    )
    source = evidence.recorded_as if evidence.origin == "recorded" else str(evidence.origin)
    values = (
        _identity(graph, edge.upstream),
        edge.upstream.kind,
        edge.upstream.fqn,
        _identity(graph, edge.downstream),
        edge.downstream.kind,
        edge.downstream.fqn,
        evidence.description or "",
        _identity(graph, pipeline),
        "" if pipeline is None else pipeline.fqn,
        _display_name(graph, pipeline),
        ";".join(pairs),
        evidence.sql or "",
        source or "",
    )
    return dict(zip(EDGE_COLUMNS, values, strict=True))


def _identity(graph: LineageGraph, reference: Reference | None) -> str:
    value = graph.value(reference) if reference in graph and reference is not None else None
    return value.id if isinstance(value, Entity) else ""


def _display_name(graph: LineageGraph, reference: Reference | None) -> str:
    value = graph.value(reference) if reference in graph and reference is not None else None
    return (value.display_name or "") if isinstance(value, Entity) else ""


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(map(_cell, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
