"""The same questions in plain networkx, as its users would write them.

Their graph is a lean `DiGraph` of columns: a mapping is an edge between columns, and where only two
tables are known to be connected, a node stands for any column of either. It knows no gaps, and its
answers have no strengths and, but for the nearest path to a tag, no paths.
"""

from collections.abc import Hashable, Iterator
from typing import TypeAlias

import networkx as nx

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference

__all__ = ["Network", "make_network", "nearest_paths", "sensitive_upstream", "subgraph_facts"]

Node: TypeAlias = Hashable
Network: TypeAlias = "nx.DiGraph[Node]"


def make_network(graph: LineageGraph) -> Network:
    """Make the lean graph of columns from the hops of a lineage graph."""
    network: Network = nx.DiGraph()
    whole = set(graph.references(Kind.MLMODEL))
    for hop in graph.hops():
        if hop.column_edge is None and hop.edge.column_edges:
            continue  # its mappings say more
        upstream, downstream = hop.upstream, hop.downstream
        whole.update(end for end in (upstream, downstream) if graph.parts(end))
        into = _into(downstream) if downstream in whole else downstream
        network.add_edge(upstream, into, strength=hop.strength)
    for entity in whole:
        network.add_edges_from(_inside(network, graph, entity))
    return network


def _into(entity: Reference) -> Node:
    """Return the node at which data arrives that may be in any part of an entity."""
    return ("into", entity)


def _inside(
    network: Network, graph: LineageGraph, entity: Reference
) -> Iterator[tuple[Node, Node]]:
    parts, into = graph.parts(entity), _into(entity)
    yield from ((part, entity) for part in parts)
    if into in network:
        yield into, entity
        yield from ((into, part) for part in parts)


def sensitive_upstream(
    network: Network, targets: list[Reference], sensitive: set[Reference]
) -> dict[Reference, set[Node]]:
    """Find what is sensitive among the ancestors of each target."""
    return {target: nx.ancestors(network, target) & sensitive for target in targets}


def nearest_paths(
    network: Network, models: list[Reference], tags: dict[Node, str]
) -> list[dict[str, list[Node]]]:
    """Walk back from each model, and keep the nearest path from each tag."""
    return [_nearest(network, model, tags) for model in models]


def _nearest(network: Network, model: Reference, tags: dict[Node, str]) -> dict[str, list[Node]]:
    onward: dict[Node, Node] = {}
    nearest: dict[str, Node] = {}
    for after, node in nx.bfs_edges(network, model, reverse=True):
        onward[node] = after
        if node in tags:
            nearest.setdefault(tags[node], node)
    return {tag: list(_path(onward, node)) for tag, node in nearest.items()}


def _path(onward: dict[Node, Node], node: Node) -> Iterator[Node]:
    yield node
    while node in onward:
        node = onward[node]
        yield node


def subgraph_facts(network: Network, model: Reference) -> int:
    """Look at every node and edge upstream of a model, with the facts on them; count them."""
    reached = nx.ancestors(network, model) | {model}
    return len(reached) + sum(1 for _ in network.subgraph(reached).edges(data=True))
