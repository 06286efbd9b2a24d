"""Small problems for the index, and what networkx says of them."""

from typing import NamedTuple

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from lineage.graph.index.adjacency import Adjacency, adjacency_from, encode_arcs
from lineage.graph.index.propagation import Seeds

NODES = 8
LABELS = 3


class Arc(NamedTuple):
    tail: int
    head: int
    strength: int
    is_hop: bool


class Problem(NamedTuple):
    arcs: list[Arc]
    seeds: list[tuple[int, int]]
    targets: list[int]

    @property
    def downstream(self) -> Adjacency:
        return adjacency_of(self.arcs)

    @property
    def upstream(self) -> Adjacency:
        return adjacency_of([arc._replace(tail=arc.head, head=arc.tail) for arc in self.arcs])

    @property
    def label_seeds(self) -> Seeds:
        labels, nodes = np.array(self.seeds, dtype=np.int64).reshape(-1, 2).T
        return Seeds(labels, nodes, np.full(len(labels), 4, dtype=np.uint8))


NODE = st.integers(0, NODES - 1)
# What is inside something never leads back to it, so free arcs lead from lower to higher.
HOP = st.builds(Arc, NODE, NODE, st.integers(1, 4), st.just(value=True))
FREE = HOP.filter(lambda arc: arc.tail < arc.head).map(lambda arc: arc._replace(is_hop=False))
PROBLEMS = st.builds(
    Problem,
    st.lists(HOP | FREE, max_size=20),
    st.lists(st.tuples(st.integers(0, LABELS - 1), NODE), min_size=1, max_size=6, unique=True),
    st.lists(NODE, max_size=4, unique=True),
)


def adjacency_of(arcs: list[Arc], *, nodes: int = NODES) -> Adjacency:
    tails, heads, strengths, hops = (
        np.array([arc[place] for arc in arcs], dtype=np.int64) for place in range(4)
    )
    proven = strengths.astype(np.uint8)
    codes = np.where(
        hops > 0, encode_arcs(heads, proven, is_hop=True), encode_arcs(heads, proven, is_hop=False)
    )
    return adjacency_from(tails, codes.astype(np.int32), nodes=nodes)[0]


def lengths(problem: Problem, label: int, at_least: int) -> dict[int, int]:
    """Count the hops from a label's seeds over arcs of some strength, as networkx counts."""
    network: nx.DiGraph[int] = nx.DiGraph()
    network.add_nodes_from(range(NODES))
    for arc in sorted(problem.arcs, key=lambda arc: arc.is_hop, reverse=True):
        if arc.strength >= at_least:  # a free arc replaces a hop between the same nodes
            network.add_edge(arc.tail, arc.head, weight=int(arc.is_hop))
    seeds = {node for one, node in problem.seeds if one == label}
    found = nx.multi_source_dijkstra_path_length(network, seeds) if seeds else {}
    return {node: int(hops) for node, hops in found.items()}


def expected(problem: Problem) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the strength and the hops of each label that reaches a target."""
    return {
        (label, target): (strength, found[target])
        for strength in (1, 2, 3, 4)
        for label in range(LABELS)
        for found in (lengths(problem, label, strength),)
        for target in problem.targets
        if target in found
    }
