"""The plain graph: names and attributes as every graph format can hold them.

GraphML, GEXF, GML, Cytoscape and DOT take texts, numbers and truth values, and no more. Here a node
is named by its kind and fully qualified name, tuples become lines of text, and what is not known is
left out.
"""

import re
from typing import Any

import networkx as nx

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference

__all__ = ["plain_graph"]

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, or what is no character at all."""


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
        `float` and `bool`. What no format can hold in a text is written as an escape, `\u0007`.

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
    names = _names(graph)
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(**_plain(graph.graph))
    for reference, facts in graph.nodes(data=True):
        network.add_node(names[reference], **_plain(facts))
    for tail, head, facts in graph.edges(data=True):
        network.add_edge(names[tail], names[head], **_plain(facts))
    if containment:
        for reference in graph:
            for part in graph.parts(reference):
                network.add_edge(names[reference], names[part], kind="contains")
            for container in graph.containers(reference):
                network.add_edge(names[container], names[reference], kind="contains")
    return network


def _names(graph: LineageGraph) -> dict[Reference, str]:
    """Name each reference, and number the names that only an escape makes alike."""
    names: dict[Reference, str] = {}
    taken: set[str] = set()
    for reference in graph:
        name, number = _text(str(reference)), 2
        while name in taken:
            name, number = f"{_text(str(reference))} #{number}", number + 1
        names[reference] = name
        taken.add(name)
    return names


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in facts.items() if value not in (None, ())}


def _value(value: Any) -> str | int | float | bool:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, tuple) and not isinstance(value, Reference):
        return "\n".join(_text(str(item)) for item in value)
    return _text(str(value))


def _text(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
