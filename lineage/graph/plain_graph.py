"""The plain graph: names and attributes as every graph format can hold them.

GraphML, GEXF, GML, Cytoscape and DOT take texts, numbers and truth values, and no more. Here a node
is named by its kind and fully qualified name, tuples become lines of text, and what is not known is
left out.
"""

from typing import Any

import networkx as nx

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.text_escapes import escape

__all__ = ["plain_graph"]


def plain_graph(graph: LineageGraph, *, containment: bool = False) -> "nx.MultiDiGraph[str]":
    r"""Make an ordinary networkx graph whose names and attributes are plain.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    containment : bool
        Whether to add an edge of the kind `contains` from each entity and column to what is
        directly in it. Without them an algorithm sees lineage alone.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are texts like `table:shop.public.orders`, each once; attributes are `str`, `int`,
        `float` and `bool`. What no format can hold in a text is written as an escape, `\x07`.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> raw, clean = Reference("table", "raw"), Reference("table", "clean")
    >>> graph = build_graph(Snapshot(edges=(Edge(upstream=raw, downstream=clean),)))
    >>> plain = plain_graph(graph)
    >>> list(plain.edges(data="kind")), plain.nodes["table:raw"]["fqn"]
    ([('table:raw', 'table:clean', 'entity')], 'raw')
    """
    names = {reference: escape(str(reference)) for reference in graph}
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(**_plain(graph.graph))
    for reference, facts in graph.nodes(data=True):
        network.add_node(names[reference], **_plain(facts))
    for tail, head, facts in graph.edges(data=True):
        network.add_edge(names[tail], names[head], **_plain(facts))
    if containment:
        for reference in graph:
            for part in graph.parts(reference):
                network.add_edge(names[reference], names[part], kind="contains")
        references = graph.storage.references
        for number, container, _ in graph.storage.containments():
            ends = references[container], references[number]
            network.add_edge(*map(names.__getitem__, ends), kind="contains")
    return network


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in facts.items() if value not in (None, ())}


def _value(value: Any) -> str | int | float | bool:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, tuple) and not isinstance(value, Reference):
        return "\n".join(escape(str(item)) for item in value)
    return escape(str(value), kept="\n\t")
