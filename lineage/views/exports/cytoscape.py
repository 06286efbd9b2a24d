"""Cytoscape JSON: elements for Cytoscape and cytoscape.js, with columns inside their tables."""

from lineage.views.exports.fact_rows import EdgeRow, NodeRow
from lineage.views.exports.format import ALL, Format, Rendered, one_file
from lineage.views.exports.json_text import json_text
from lineage.views.exports.network import listed_facts
from lineage.views.exports.rows import Rows

__all__ = ["CYTOSCAPE"]


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    known = {row.id for row in rows.nodes}
    nodes = [{"data": _node(row, known)} for row in rows.nodes]
    edges = [{"data": _edge(row)} for row in rows.edges]
    data = {
        **rows.about,
        "gaps": list(rows.gaps),
        "notes": list(notes),
        "findings": [listed_facts(row) for row in rows.findings],
    }
    content = {
        "format_version": "1.0",
        "data": data,
        "directed": True,
        "multigraph": True,
        "elements": {"nodes": nodes, "edges": edges},
    }
    return one_file(json_text(content))


def _node(row: NodeRow, known: set[str]) -> dict[str, object]:
    """Return the facts of a node; `parent` puts it into another, which has to be there.

    `value` is what networkx takes for the node itself.
    """
    facts = {**listed_facts(row), "value": row.id}
    if row.parent is not None and row.parent not in known:
        facts["within"] = facts.pop("parent")
    return facts


def _edge(row: EdgeRow) -> dict[str, object]:
    """Return the facts of an edge; `key` keeps it apart from others between the same ends."""
    ends = {"source": row.upstream, "target": row.downstream}
    return {**listed_facts(row), **ends, "key": row.id}


CYTOSCAPE = Format(
    name="cytoscape", title="Cytoscape JSON", suffix=".cyjs", keeps=ALL, render=_render
)
