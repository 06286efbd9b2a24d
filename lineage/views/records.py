"""Answers as rows for other programs: JSON and CSV."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer
from lineage.model.edges import Edge
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.queries.traversal import Trace
from lineage.text_escapes import as_json, escape
from lineage.views.exports.cells import harmless

__all__ = [
    "EDGE_COLUMNS",
    "csv_lines",
    "json_lines",
    "render_csv",
    "render_edges_csv",
    "render_json",
]

_JSON_END = "\n}"

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
    >>> print(render_json(Audit()))
    {
      "summary": "0 models, 0 sensitive columns: nothing to audit",
      "gaps": [],
      "records": []
    }
    """
    return "\n".join(json_lines(answer))


def json_lines(answer: Answer) -> Iterator[str]:
    """Write an answer as JSON row by row: the rows are made one after the other."""
    gaps = [str(gap) for gap in getattr(answer, "gaps", ())]
    head = _json({"summary": answer.summary(), "gaps": gaps})
    yield f"{head.removesuffix(_JSON_END)},"
    rows = map(_json, answer)
    row = next(rows, None)
    if row is None:
        yield '  "records": []'
    else:
        yield '  "records": ['
        for following in rows:
            yield f"{_indented(row)},"
            row = following
        yield _indented(row)
        yield "  ]"
    yield "}"


def _json(value: object) -> str:
    return as_json(value, indent=2)


def _indented(text: str) -> str:
    return "    " + text.replace("\n", "\n    ")


def render_csv(answer: Answer) -> str:
    """Write an answer's rows as CSV; a list becomes its items, one a line in the cell.

    A row within a row becomes JSON.
    """
    return "".join(f"{line}\n" for line in csv_lines(answer))


def csv_lines(answer: Answer) -> Iterator[str]:
    """Write an answer as CSV row by row: the rows are made one after the other."""
    rows = iter(answer)
    first = next(rows, None)
    if first is not None:
        cells = ({key: _cell(value) for key, value in row.items()} for row in chain([first], rows))
        yield from _table(tuple(first), cells)


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
    lines = _table(EDGE_COLUMNS, (_edge_row(graph, edge) for edge in edges))
    return "".join(f"{line}\n" for line in lines)


def _table(header: tuple[str, ...], rows: Iterable[dict[str, str]]) -> Iterator[str]:
    """Write CSV row by row."""
    # With this end of a line the writer quotes a cell that has either character in it.
    end, out = "\r\n", StringIO()
    writer = csv.DictWriter(out, fieldnames=header, lineterminator=end)
    for row in chain([dict(zip(header, header, strict=True))], rows):
        writer.writerow({key: harmless(cell) for key, cell in row.items()})
        yield out.getvalue().removesuffix(end)
        out.seek(0)
        out.truncate()


def _edge_row(graph: LineageGraph, edge: Edge) -> dict[str, str]:
    evidence, pipeline = edge.evidence, edge.evidence.pipeline
    pairs = (
        f"{column}:{mapping.downstream}"
        for mapping in edge.value_mappings
        for column in mapping.upstream
        if column != edge.upstream.fqn  # which stands for any of its columns
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
    shown = (escape(value, kept="\n\t") for value in values)
    return dict(zip(EDGE_COLUMNS, shown, strict=True))


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
    return as_json(value) if isinstance(value, dict) else escape(str(value))
