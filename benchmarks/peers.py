"""Peers: what else walks the same graph.

networkx holds it as its users do: nodes by name, a dictionary for each edge, and all that the
library means by containment, so that the answers are the same. It is a `DiGraph`, leaner than
the `MultiDiGraph` that `to_networkx` gives. Beside it stands one of bare numbers, with no more
arcs than the index has kept. igraph, rustworkx and scipy walk over those as well, where they are
installed. No peer knows strengths.
"""

from collections.abc import Callable, Hashable, Iterable
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

import networkx as nx
import numpy as np
from lineage.graph.index.topology import Topology

from benchmarks.graphs import CatalogArrays

__all__ = ["Answers", "Named", "ask_peers", "name_all", "network_of_numbers"]

Node = TypeVar("Node", bound=Hashable)
Answers = dict[str, Callable[[], Any]]


class Named(NamedTuple):
    """A networkx graph of a catalog, and the names of its nodes by number."""

    network: "nx.DiGraph[str]"
    names: list[str]

    @staticmethod
    def number(name: str) -> int:
        """Tell the number of a node by its name."""
        return int(name.rpartition("_")[2])


def name_all(topology: Topology, arrays: CatalogArrays) -> Named:
    """Build the networkx graph that says all that a topology was compiled from."""
    names = [f"warehouse.lake.core.node_{number}" for number in range(topology.nodes)]
    parts = (arrays.parents >= 0).nonzero()[0]
    above, holding = arrays.parents[parts], topology.holding
    arcs = (
        (arrays.tails, topology.entries(arrays.heads), arrays.strengths),
        (parts, above, np.full(len(parts), 4)),
        (topology.entries(above), topology.entries(parts), np.full(len(parts), 1)),
        (topology.entries(holding), holding, np.full(len(holding), 4)),
    )
    network: nx.DiGraph[str] = nx.DiGraph()
    for columns in arcs:
        network.add_edges_from(
            (names[tail], names[head], {"strength": strength})
            for tail, head, strength in zip(*(one.tolist() for one in columns), strict=True)
        )
    return Named(network, names)


def network_of_numbers(topology: Topology) -> "nx.DiGraph[int]":
    """Build a networkx graph of the arcs that an index has kept, and of nothing else."""
    network: nx.DiGraph[int] = nx.DiGraph()
    for arcs in (topology.downstream.hops, topology.downstream.inside):
        network.add_edges_from(zip(arcs.starts().tolist(), arcs.ends().tolist(), strict=True))
    return network


def ask_peers(
    topology: Topology, arrays: CatalogArrays, named: Named, sample: list[int]
) -> Answers:
    """Ask all peers for traces of some models, and for the nearest path to each tag."""
    numbers = network_of_numbers(topology)
    names = [named.names[model] for model in sample]
    tagged = zip(arrays.tagged.tolist(), arrays.tags.tolist(), strict=True)
    tags = dict(tagged)
    by_name = {named.names[node]: tag for node, tag in tags.items()}
    asked: Answers = {
        "traces, networkx": lambda: [nx.ancestors(named.network, one) for one in names],
        "traces, networkx of numbers": lambda: [nx.ancestors(numbers, one) for one in sample],
        "walks, networkx": lambda: [_nearest(named.network, one, by_name) for one in names],
        "walks, networkx of numbers": lambda: [_nearest(numbers, one, tags) for one in sample],
    }
    ways = topology.downstream
    tails = np.concatenate([ways.hops.starts(), ways.inside.starts()])
    heads = np.concatenate([ways.hops.ends(), ways.inside.ends()])
    scipy = _scipy(tails, heads, topology.nodes, arrays, sample)
    return asked | scipy | _libraries(tails, heads, topology.nodes, sample)


def _nearest(
    network: "nx.DiGraph[Node]", model: Node, tags: dict[Node, int]
) -> dict[int, list[Node]]:
    """Walk back from a model, and keep the nearest path from each tag."""
    onward: dict[Node, Node] = {}
    nearest: dict[int, Node] = {}
    for after, node in nx.bfs_edges(network, model, reverse=True):
        onward[node] = after
        if node in tags:
            nearest.setdefault(tags[node], node)
    return {tag: list(_path(onward, node)) for tag, node in nearest.items()}


def _path(onward: dict[Node, Node], node: Node) -> Iterable[Node]:
    yield node
    while node in onward:
        node = onward[node]
        yield node


def _scipy(tails: Any, heads: Any, count: int, arrays: CatalogArrays, sample: list[int]) -> Answers:
    """Ask scipy: one walk for each model, and one search from all columns of a tag together."""
    try:
        sparse, csgraph = import_module("scipy.sparse"), import_module("scipy.sparse.csgraph")
    except ImportError:
        return {}
    size = count + int(arrays.tags.max()) + 1
    rows = np.concatenate([tails, arrays.tags + count])
    columns = np.concatenate([heads, arrays.tagged])
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    back = sparse.csr_matrix((np.ones(len(tails)), (heads, tails)), shape=(count, count))
    search = csgraph.breadth_first_order
    return {
        "searches, scipy": lambda: [search(matrix, one) for one in range(count, size)],
        "walks, scipy": lambda: [search(back, model) for model in sample],
    }


def _libraries(tails: Any, heads: Any, count: int, sample: list[int]) -> Answers:
    """Ask igraph and rustworkx."""
    asked: Answers = {}
    arcs = list(zip(heads.tolist(), tails.tolist(), strict=True))
    try:
        igraph = import_module("igraph")
        graph = igraph.Graph(n=count, edges=arcs, directed=True)
        asked["walks, igraph"] = lambda: [graph.bfs(model, mode="out") for model in sample]
    except ImportError:
        pass
    try:
        rustworkx = import_module("rustworkx")
        other = rustworkx.PyDiGraph()
        other.add_nodes_from(range(count))
        other.add_edges_from_no_data(arcs)
        asked["walks, rustworkx"] = lambda: [rustworkx.descendants(other, m) for m in sample]
    except ImportError:
        pass
    return asked
