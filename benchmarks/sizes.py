"""`python -m benchmarks.sizes NODES ROUNDS`: one made-up catalog of arrays, in this process alone.

It prints one line of JSON. Times are those of this process, rounds alternate between what is
measured and its peers, and every answer is compared with that of a peer.
"""

import json
import resource
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.graphs import CatalogArrays, make_arrays
from benchmarks.stopwatch import Stopwatch
from lineage.graph.index.carry import Seeds
from lineage.graph.index.codes import compare_codes, make_codes
from lineage.graph.index.order import put_in_order
from lineage.graph.index.reach import Marks, Reach, reach
from lineage.graph.index.screen import screen
from lineage.graph.index.sweep import sweep
from lineage.graph.index.topology import HopArrays, Topology, compile_topology

__all__ = ["measure_size"]

_SAMPLE, _LARGEST_PEER, _CHANGED = 20, 1_000_000, 0.01


def measure_size(nodes: int, rounds: int) -> dict[str, Any]:
    """Measure one size: medians, fastest and slowest in seconds, by name."""
    watch, arrays = Stopwatch(), make_arrays(nodes)
    facts: dict[str, Any] = {"nodes": len(arrays.parents), "hops": len(arrays.tails)}
    topology = watch.time("compile from arrays", lambda: _compile(arrays))
    hops = len(arrays.tails) + int((arrays.parents >= 0).sum())
    facts |= {"edges": hops, "bytes an edge": topology.nbytes / hops}
    models, sample = arrays.models.astype(np.int64), arrays.models[:_SAMPLE].tolist()
    order = watch.time(
        "put in order", lambda: put_in_order(topology.downstream, topology.upstream, models)
    )
    seeds, marks = Seeds(arrays.tags, arrays.tagged.astype(np.int64)), Marks(topology.nodes)
    peers = _peers(topology, arrays, sample) if nodes <= _LARGEST_PEER else {}
    scale = {"walks": len(models) / len(sample), "traces": 1 / len(sample)}
    found: Any = ()
    reached: list[Any] = []
    answers: dict[str, Any] = {}
    for _ in range(rounds):
        found = watch.time("audit", lambda: sweep(order, seeds, models))
        watch.time("screen", partial(screen, order, seeds, models))
        watch.time("floor", topology.downstream.hops.codes.max)
        reached = watch.time("traces", lambda: [_trace(topology, model, marks) for model in sample])
        answers = {name: watch.time(name, ask) for name, ask in peers.items()}
    facts["findings"] = len(found)
    if peers:
        _agree(answers, sample, reached, found, topology)
        facts["diff"] = _diff(watch, arrays, rounds)
    seconds = {name: watch.own(name) for name in watch.names}
    factors = {name: scale.get(name.partition(",")[0], 1) for name in seconds}
    facts["seconds"] = {
        name: [one * factors[name] for one in spread] for name, spread in seconds.items()
    }
    facts["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return facts


def _compile(arrays: CatalogArrays) -> Topology:
    on_rows = np.zeros(len(arrays.tails), dtype=np.bool_)
    hops = HopArrays(arrays.tails, arrays.heads, arrays.strengths, on_rows)
    return compile_topology(arrays.parents, hops, ends=arrays.models)


def _trace(topology: Topology, model: int, marks: Marks) -> Reach:
    return reach(topology.upstream, np.array([model]), marks=marks)


def _peers(
    topology: Topology, arrays: CatalogArrays, sample: list[int]
) -> dict[str, Callable[[], Any]]:
    """Ask others, in graphs that are made ready before the watch runs, of the same arcs."""
    ways, count = topology.downstream, topology.nodes
    tails = np.concatenate([ways.hops.starts(), ways.inside.starts()])
    heads = np.concatenate([ways.hops.ends(), ways.inside.ends()])
    network: nx.DiGraph[int] = nx.DiGraph()
    network.add_edges_from(zip(heads.tolist(), tails.tolist(), strict=True))
    tags = dict(zip(arrays.tagged.tolist(), arrays.tags.tolist(), strict=True))
    asked: dict[str, Callable[[], Any]] = {
        "traces, networkx": lambda: [nx.descendants(network, model) for model in sample],
        "walks, networkx": lambda: [_naive(network, model, tags) for model in sample],
    }
    return (
        asked
        | _scipy(tails, heads, count, arrays, sample)
        | _libraries(tails, heads, count, sample)
    )


def _naive(network: "nx.DiGraph[int]", model: int, tags: dict[int, int]) -> dict[int, list[int]]:
    """Walk back from a model, and keep the nearest path to each tag."""
    found: dict[int, list[int]] = {}
    for node, path in nx.single_source_shortest_path(network, model).items():
        if node in tags:
            found.setdefault(tags[node], path)
    return found


def _scipy(
    tails: Any, heads: Any, count: int, arrays: CatalogArrays, sample: list[int]
) -> dict[str, Callable[[], Any]]:
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


def _libraries(
    tails: Any, heads: Any, count: int, sample: list[int]
) -> dict[str, Callable[[], Any]]:
    """Ask igraph and rustworkx, where they are installed."""
    asked: dict[str, Callable[[], Any]] = {}
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


def _agree(
    answers: dict[str, Any], sample: list[int], ours: list[Any], found: Any, topology: Topology
) -> None:
    """Refuse to time a wrong answer: networkx reaches the same, and finds the same tags.

    Of what a trace reaches, the nodes count at which a hop arrives: an index leaves out ways
    within an entity that lead to none.
    """
    leads = topology.upstream.hops.counts > 0
    for reached, arrivals in zip(answers["traces, networkx"], ours, strict=True):
        theirs = np.array(sorted(reached), dtype=np.int64)
        nodes = np.unique(arrivals.nodes[1:])  # without the model itself
        if not np.array_equal(theirs[leads[theirs]], nodes[leads[nodes]]):
            message = "a trace differs from that of networkx"
            raise RuntimeError(message)
    labels: dict[int, set[int]] = defaultdict(set)
    for label, model in zip(found.labels.tolist(), found.targets.tolist(), strict=True):
        labels[model].add(label)
    for model, paths in zip(sample, answers["walks, networkx"], strict=True):
        if labels[model] != paths.keys():
            message = "the audit differs from the walks of networkx"
            raise RuntimeError(message)


def _diff(watch: Stopwatch, arrays: CatalogArrays, rounds: int) -> int:
    """Compare the hops with others of which one in a hundred is changed."""
    changed = np.arange(0, len(arrays.tails), round(1 / _CHANGED))
    heads = arrays.heads.copy()
    heads[changed] = np.roll(heads[changed], 1)
    before, after = ((arrays.tails, ends, arrays.strengths) for ends in (arrays.heads, heads))
    found = compare_codes(*(make_codes(*one) for one in (before, after)))
    for _ in range(rounds):
        both = watch.time("diff from scratch", lambda: [make_codes(*before), make_codes(*after)])
        found = watch.time("diff, codes kept", partial(compare_codes, *both))
        lists = [
            list(zip(*(column.tolist() for column in one), strict=True)) for one in (before, after)
        ]
        theirs = watch.time("diff, sets", partial(_set_diff, *lists))
        if [len(one) for one in found] != [len(one) for one in theirs]:
            message = "the diff differs from that of sets"
            raise RuntimeError(message)
    return len(found.added)


def _set_diff(before: list[Any], after: list[Any]) -> tuple[set[Any], set[Any]]:
    old, new = set(before), set(after)
    return old - new, new - old


if __name__ == "__main__":
    print(json.dumps(measure_size(int(sys.argv[1]), int(sys.argv[2]))))
