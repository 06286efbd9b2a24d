"""Paths between a sensitive column and a model: the library beside networkx.

networkx is asked in what lies between the two alone, which it has to find first; asked of the
whole graph it would not come back. Its nodes are where hops arrive, so that a table passes to
its columns and they to it at no cost of a search. It is asked for less: for any paths, where the
library gives the shortest first, and for no evidence.
"""

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import networkx as nx

from benchmarks.stopwatch import Stopwatch
from lineage.governance.audit.audit import audit
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.queries.paths import Paths, paths

__all__ = ["time_paths"]

if TYPE_CHECKING:
    Network: TypeAlias = nx.MultiDiGraph[Reference]

Pair: TypeAlias = tuple[Reference, Reference]
Steps: TypeAlias = tuple[Pair, ...]

_PAIRS, _NODES_A_PAIR = 20, 5_000
_LIMIT = 10  # so many does the question give unless asked for more
_TAGS = ("PII.*",)


def time_paths(watch: Stopwatch, graph: LineageGraph) -> None:
    """Time the paths of one pair after the other, so that a spread is one over pairs.

    The slowest are those where the library gives up, and says so: it has tried 200,000 partial
    paths. In a small catalog, which is one dense domain with cycles, that is many of them.
    """
    findings = audit(graph, tags=_TAGS, by="tag").findings
    every = list(dict.fromkeys((one.sensitive.reference, one.model) for one in findings))
    many = min(_PAIRS, max(1, len(graph) // _NODES_A_PAIR))
    network = _network(graph)
    for pair in every[:: max(1, len(every) // many)][:many]:
        ours = watch.time("paths", partial(_ours, graph, *pair))
        theirs = watch.time("paths, networkx", partial(_theirs, network, graph, *pair))
        if not _agree(ours, theirs):
            message = "the paths differ from those of networkx"
            raise RuntimeError(message)


def _network(graph: LineageGraph) -> "Network":
    """Lead from each place at which data can have arrived to where the next hop arrives."""
    network: Network = nx.MultiDiGraph()
    around = {part: (part, whole) for whole in graph.references() for part in graph.parts(whole)}
    for hop in graph.hops():
        left = hop.upstream
        if hop.column_edge is None and hop.edge.column_edges:
            continue  # its mappings say more
        for arrived in (*around.get(left, (left,)), *graph.parts(left)):
            network.add_edge(arrived, hop.downstream, key=left)
    return network


def _ours(graph: LineageGraph, column: Reference, model: Reference) -> Paths:
    return paths(graph, column, model, limit=_LIMIT, grain="part")


def _theirs(
    network: "Network", graph: LineageGraph, column: Reference, model: Reference
) -> list[Steps]:
    ends = {end for end in (model, *graph.parts(model)) if end in network}
    onward = nx.descendants(network, column) | {column}
    leading = ends.union(*(nx.ancestors(network, end) for end in ends & onward))
    between = network.subgraph(onward & leading).copy()
    between.remove_edges_from(list(between.out_edges(ends, keys=True)))
    found = nx.all_simple_edge_paths(between, column, ends & onward)
    # A step is where data had arrived, where it arrives next, and what it left from.
    return [
        tuple((step[-1], step[1]) for step in steps)  # type: ignore[misc]  # its stubs know no keys
        for steps in islice(found, _LIMIT)
    ]


def _agree(ours: Paths, theirs: list[Steps]) -> bool:
    """Tell whether both found the same, as far as neither stopped before it had all.

    Two mappings between the same columns make two paths of ours, and one of theirs.
    """
    found = {tuple((hop.upstream, hop.downstream) for hop in path.hops) for path in ours.paths}
    if len(theirs) == _LIMIT:
        return ours.is_cut or len(found) >= _LIMIT
    return found <= set(theirs) if ours.is_cut else found == set(theirs)
