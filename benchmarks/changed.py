"""One edge more, asked again, one edge less, asked again: the index beside networkx."""

import networkx as nx
import numpy as np

from benchmarks.peers import Named
from benchmarks.stopwatch import Stopwatch
from lineage.graph.index.overlay import Overlay
from lineage.graph.index.reach import Marks, reach
from lineage.graph.index.topology import Topology
from lineage.model.edges import Strength

__all__ = ["ask_changed"]


def ask_changed(
    watch: Stopwatch, topology: Topology, named: Named, sample: list[int], rounds: int
) -> None:
    """Change an edge for each model of a sample, and trace it after each change."""
    overlay, marks = Overlay(topology), Marks(topology.nodes)
    ends = topology.downstream.leads.nonzero()[0], topology.upstream.leads.nonzero()[0]
    chance = np.random.default_rng(2)
    chosen = [(model, *(int(chance.choice(side)) for side in ends)) for model in sample]
    changes = [
        (model, tail, head)
        for model, tail, head in chosen
        if not named.network.has_edge(named.names[tail], named.names[head])
    ]
    for _ in range(rounds):
        watch.time("changed", lambda: [_index(overlay, marks, *one) for one in changes])
        watch.time("changed, networkx", lambda: [_network(named, *one) for one in changes])


def _index(overlay: Overlay, marks: Marks, model: int, tail: int, head: int) -> int:
    number = len(overlay.topology.hop_numbers) * 2  # no other hop has it
    overlay.add(tail, head, Strength.VALUE, number)
    more = reach(overlay.topology.upstream, np.array([model]), marks=marks)
    overlay.remove(tail, number)
    less = reach(overlay.topology.upstream, np.array([model]), marks=marks)
    return len(more.nodes) - len(less.nodes)


def _network(named: Named, model: int, tail: int, head: int) -> int:
    network, names = named
    network.add_edge(names[tail], names[head], strength=int(Strength.VALUE))
    more = nx.ancestors(network, names[model])
    network.remove_edge(names[tail], names[head])
    return len(more) - len(nx.ancestors(network, names[model]))
