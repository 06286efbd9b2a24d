"""GEXF: the XML that Gephi reads, with columns inside their tables.

Written here and not by networkx, which puts the day of writing into it and loses the names of
edges.
"""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from lineage.views.exports.format import ALL, Fact, Format, Rendered, one_file
from lineage.views.exports.network import flat_facts
from lineage.views.exports.rows import Rows

__all__ = ["GEXF"]

_NAMESPACE = "http://gexf.net/1.3"
_TYPES = {bool: "boolean", float: "double", int: "integer", str: "string"}
_SKIPPED = {"id", "upstream", "downstream"}

_Facts = dict[str, object]


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    root = ET.Element("gexf", xmlns=_NAMESPACE, version="1.3")
    meta = ET.SubElement(root, "meta")
    ET.SubElement(meta, "creator").text = "lineage"
    ET.SubElement(meta, "description").text = "\n".join((*rows.about.values(), *notes, *rows.gaps))
    graph = ET.SubElement(root, "graph", defaultedgetype="directed", mode="static")
    nodes = {row.id: flat_facts(row) for row in rows.nodes}
    edges = {row.id: flat_facts(row) for row in rows.edges}
    node_columns = _declare(graph, "node", nodes.values())
    edge_columns = _declare(graph, "edge", edges.values())
    listed = ET.SubElement(graph, "nodes")
    for row in rows.nodes:
        inside = {"pid": str(row.parent)} if row.parent in nodes else {}
        node = ET.SubElement(listed, "node", {"id": row.id, "label": row.name, **inside})
        _describe(node, nodes[row.id], node_columns)
    listed = ET.SubElement(graph, "edges")
    for edge in rows.edges:
        ends = {"source": edge.upstream, "target": edge.downstream}
        item = ET.SubElement(listed, "edge", {"id": edge.id, "label": edge.strength, **ends})
        _describe(item, edges[edge.id], edge_columns)
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return one_file(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _declare(graph: ET.Element, kind: str, facts: Iterable[_Facts]) -> dict[str, str]:
    """Declare the attributes of nodes or edges; return their numbers by name."""
    types = {
        name: _TYPES[type(value)]
        for item in facts
        for name, value in item.items()
        if name not in _SKIPPED
    }
    attributes = ET.SubElement(graph, "attributes", {"class": kind})
    for number, name in enumerate(types):
        ET.SubElement(attributes, "attribute", id=str(number), title=name, type=types[name])
    return {name: str(number) for number, name in enumerate(types)}


def _describe(item: ET.Element, facts: _Facts, columns: Mapping[str, str]) -> None:
    values = ET.SubElement(item, "attvalues")
    for name, value in facts.items():
        if name in columns:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            ET.SubElement(values, "attvalue", {"for": columns[name], "value": text})


GEXF = Format(
    name="gexf", title="GEXF", suffix=".gexf", keeps=ALL - {Fact.VERDICTS}, render=_render
)
