"""`python -m benchmarks.scale NODES`: the index beside networkx, in ratios of one run.

The peer is plain networkx on the same arcs, without strengths: one walk for each model, and
the path to each tag kept. Times are those of this process alone. Above a million nodes there
is no peer: networkx takes gigabytes.
"""

import resource
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from statistics import median
from time import process_time
from typing import NamedTuple, TypeVar

import networkx as nx
import numpy as np

from benchmarks.graphs import CatalogArrays, make_arrays
from lineage.graph.index.carry import Seeds
from lineage.graph.index.order import put_in_order
from lineage.graph.index.overlay import Overlay
from lineage.graph.index.reach import Marks, Reach, reach
from lineage.graph.index.screen import screen
from lineage.graph.index.sweep import sweep
from lineage.graph.index.topology import HopArrays, Topology, compile_topology
from lineage.graph.index.ways import Ways

__all__ = ["measure"]

T = TypeVar("T")

_SAMPLE, _RUNS, _LARGEST_PEER = 40, 3, 1_000_000


class _Ours(NamedTuple):
    """Seconds that the index takes."""

    trace: float
    audit: float
    screened: float


def measure(nodes: int) -> None:
    """Print what a catalog of so many nodes costs."""
    arrays = make_arrays(nodes)
    seconds, topology = _timed(lambda: _compile(arrays), 1)
    hops, parts = len(arrays.tails), int((arrays.parents >= 0).sum())
    arcs = hops + 2 * parts + len(topology.holding)
    _row(f"{len(arrays.parents):,} nodes", f"{hops + parts:,} edges, {hops:,} of them hops")
    _row("compile from arrays", f"{seconds:.3f} s")
    an_edge, an_arc = topology.nbytes / (hops + parts), topology.nbytes / arcs
    _row("memory", f"{an_edge:.1f} bytes an edge, {an_arc:.1f} an arc")
    models = arrays.models.astype(np.int64)
    seeds = Seeds(arrays.tags, arrays.tagged.astype(np.int64))
    sample = np.random.default_rng(1).choice(models, _SAMPLE)
    marks = Marks(topology.nodes)
    trace = median(_timed(partial(_trace, topology.upstream, m, marks), _RUNS)[0] for m in sample)
    _row("trace, warm", f"{trace * 1000:.3f} ms")
    ordering, order = _timed(
        lambda: put_in_order(topology.downstream, topology.upstream, models), 1
    )
    audit, found = _timed(lambda: sweep(order, seeds, models), _RUNS)
    _row("put in order, once", f"{ordering:.3f} s")
    _row("audit by tag with a path each", f"{audit:.3f} s, {len(found):,} findings")
    screened, _ = _timed(lambda: screen(order, seeds, models), _RUNS)
    _row("the same findings without paths", f"{screened:.4f} s")
    if nodes <= _LARGEST_PEER:
        _compare(topology, arrays, sample, _Ours(trace, audit, screened))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    _row("peak memory of the process", f"{peak:.2f} GiB")


def _compile(arrays: CatalogArrays) -> Topology:
    on_rows = np.zeros(len(arrays.tails), dtype=np.bool_)
    hops = HopArrays(arrays.tails, arrays.heads, arrays.strengths, on_rows)
    return compile_topology(arrays.parents, hops, ends=arrays.models)


def _trace(ways: Ways, model: int, marks: Marks) -> Reach:
    return reach(ways, np.array([model]), marks=marks)


def _compare(
    topology: Topology,
    arrays: CatalogArrays,
    sample: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    ours: _Ours,
) -> None:
    network: nx.DiGraph[int] = nx.DiGraph()
    for arcs in (topology.downstream.hops, topology.downstream.inside):
        network.add_edges_from(zip(arcs.ends().tolist(), arcs.starts().tolist(), strict=True))
    tags = dict(zip(arrays.tagged.tolist(), arrays.tags.tolist(), strict=True))
    ancestors = median(_timed(partial(nx.descendants, network, int(m)), 1)[0] for m in sample)
    _row("nx.ancestors", f"{ancestors * 1000:.3f} ms: {ancestors / ours.trace:.1f} times")
    seconds, _ = _timed(lambda: [_naive(network, int(m), tags) for m in sample], 1)
    naive = seconds / len(sample) * len(arrays.models)
    _row(
        "networkx, a walk for each model",
        f"{naive:.1f} s, from a sample: {naive / ours.audit:.0f} times, "
        f"{naive / ours.screened:.0f} without paths",
    )
    _super_sources(topology, arrays, ours.audit)
    _change(topology, network, sample)


def _change(
    topology: Topology,
    network: "nx.DiGraph[int]",
    sample: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> None:
    """Add an edge, trace, remove it, and trace again: with the index, and with networkx."""
    overlay, marks = Overlay(topology), Marks(topology.nodes)
    ends = (topology.downstream.leads.nonzero()[0], topology.upstream.leads.nonzero()[0])
    chance = np.random.default_rng(2)
    theirs, ours = [], []
    for model in sample.tolist():
        tail, head = (int(chance.choice(side)) for side in ends)
        if network.has_edge(head, tail):
            continue
        theirs.append(_timed(partial(_change_network, network, (head, tail), model), 1)[0])
        ours.append(_timed(partial(_change_index, overlay, (tail, head), model, marks), 1)[0])
    slow, fast = median(theirs), median(ours)
    _row("an edge changed, asked again", f"{fast * 1000:.3f} ms: {slow / fast:.1f} times")


def _change_network(network: "nx.DiGraph[int]", edge: tuple[int, int], model: int) -> None:
    network.add_edge(*edge)
    nx.descendants(network, model)
    network.remove_edge(*edge)
    nx.descendants(network, model)


def _change_index(overlay: Overlay, edge: tuple[int, int], model: int, marks: Marks) -> None:
    number = len(overlay.topology.hop_numbers) * 2  # no other hop has it
    overlay.add(*edge, 4, number)
    _trace(overlay.topology.upstream, model, marks)
    overlay.remove(edge[0], number)
    _trace(overlay.topology.upstream, model, marks)


def _naive(network: "nx.DiGraph[int]", model: int, tags: dict[int, int]) -> dict[int, list[int]]:
    """Walk back from a model, and keep the nearest path to each tag."""
    paths = nx.single_source_shortest_path(network, model)
    found: dict[int, list[int]] = {}
    for node, path in paths.items():  # which come by length
        if node in tags:
            found.setdefault(tags[node], path)
    return found


def _super_sources(topology: Topology, arrays: CatalogArrays, audit: float) -> None:
    """Search from all columns of a tag at once in scipy, where it is installed."""
    try:
        sparse, csgraph = import_module("scipy.sparse"), import_module("scipy.sparse.csgraph")
    except ImportError:
        return
    ways, count = topology.downstream, topology.nodes
    tails = np.concatenate([ways.hops.starts(), ways.inside.starts(), arrays.tags + count])
    heads = np.concatenate([ways.hops.ends(), ways.inside.ends(), arrays.tagged])
    size = count + int(arrays.tags.max()) + 1
    matrix = sparse.csr_matrix((np.ones(len(tails)), (tails, heads)), shape=(size, size))
    seconds, _ = _timed(
        lambda: [csgraph.breadth_first_order(matrix, count + tag) for tag in range(size - count)],
        _RUNS,
    )
    _row("scipy, a search for each tag", f"{seconds:.3f} s: {audit / seconds:.2f} of it")


def _timed(function: Callable[[], T], runs: int) -> tuple[float, T]:
    """Run something so often; give the median of its times, and what it gave."""
    times, results = [], []
    for _ in range(runs):
        begin = process_time()
        results.append(function())
        times.append(process_time() - begin)
    return median(times), results[-1]


def _row(what: str, value: str) -> None:
    print(f"{what:34}{value}")


if __name__ == "__main__":
    measure(int(sys.argv[1]))
