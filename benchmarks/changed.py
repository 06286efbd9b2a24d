"""One edge more, asked again, one edge less, asked again: the index beside networkx.

The edge leads into what a model is traced to, from where no trace of it came before: the answer
changes each time. An edge added, a trace, the edge removed and a trace are timed as one; neither
side keeps anything of the answer before.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from lineage.graph.index.overlay import Overlay
from lineage.graph.index.topology import Topology

from benchmarks.peers import Named
from benchmarks.stopwatch import Stopwatch
from lineage.graph.index.reach import Marks, reach
from lineage.model.edges import Strength

__all__ = ["ask_changed"]


class _Change(NamedTuple):
    model: int
    tail: int
    head: int


def ask_changed(
    watch: Stopwatch, topology: Topology, named: Named, sample: list[int], rounds: int
) -> None:
    """Change an edge for each model of a sample, and trace it after each change."""
    overlay, marks = Overlay(topology), Marks(topology.nodes)
    leads = topology.upstream.hops.counts > 0
    changes = list(_choose(topology, marks, sample))
    for _ in range(rounds):
        ours = watch.time("changed", lambda: [_index(overlay, marks, one) for one in changes])
        theirs = watch.time("changed, networkx", lambda: [_network(named, one) for one in changes])
        for (more, less), (names_more, names_less) in zip(ours, theirs, strict=True):
            gained = np.setdiff1d(more, less)
            numbers = sorted(map(named.number, names_more - names_less))
            # As of traces, the nodes count at which a hop arrives.
            if not gained.size or gained[leads[gained]].tolist() != [
                n for n in numbers if leads[n]
            ]:
                message = "what an edge adds differs from that of networkx"
                raise RuntimeError(message)


def _choose(topology: Topology, marks: Marks, sample: list[int]) -> Iterator[_Change]:
    chance = np.random.default_rng(2)
    tails = (topology.downstream.leads & (topology.upstream.hops.counts > 0)).nonzero()[0]
    for model in sample:
        reached = reach(topology.upstream, np.array([model]), marks=marks).nodes
        heads = reached[topology.upstream.leads[reached]]
        far = np.setdiff1d(tails, reached)
        if len(far) and len(heads):  # of what nothing leads to, no trace can change
            yield _Change(model, int(chance.choice(far)), int(chance.choice(heads)))


def _index(overlay: Overlay, marks: Marks, change: _Change) -> tuple[Any, Any]:
    number = len(overlay.topology.hop_numbers) * 2  # no other hop has it
    start = np.array([change.model])
    if not overlay.add(change.tail, change.head, Strength.VALUE, number):
        message = "an edge could not be laid over the index"
        raise RuntimeError(message)
    more = reach(overlay.topology.upstream, start, marks=marks)
    overlay.remove(change.tail, number)
    return more.nodes, reach(overlay.topology.upstream, start, marks=marks).nodes


def _network(named: Named, change: _Change) -> tuple[set[str], set[str]]:
    network, (model, tail, head) = named.network, map(named.names.__getitem__, change)
    network.add_edge(tail, head, strength=int(Strength.VALUE))
    more = nx.ancestors(network, model)
    network.remove_edge(tail, head)
    return more, nx.ancestors(network, model)
