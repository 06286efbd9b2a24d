"""`python -m benchmarks.impacts NODES ROUNDS`: what changed columns break, beside networkx.

One column, and a thousand of them at once, of those that lead on. The peer is `nx.descendants` from
each column on the flow form of the same graph, which is ready before the watch runs; it says what
is reached, and neither how, nor what is hidden. That both reach the same is asserted.
"""

import json
import sys
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx

from benchmarks.graphs import make_arrays
from benchmarks.snapshots import make_snapshot
from benchmarks.stopwatch import Stopwatch
from lineage.graph.build import build_graph
from lineage.graph.flow_graph import FlowNode, flow_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.queries.impact.hits import Impact
from lineage.queries.impact.impact import impact

__all__ = ["measure_impacts"]

if TYPE_CHECKING:
    Network: TypeAlias = nx.DiGraph[FlowNode]

_MANY, _PEERS = 1_000, 100


def measure_impacts(nodes: int, rounds: int) -> dict[str, Any]:
    """Measure the impact of one column and of many, and of some by networkx."""
    watch, graph = Stopwatch(), build_graph(make_snapshot(make_arrays(nodes)))
    columns = _leading_on(graph)
    network: Network = nx.DiGraph(flow_graph(graph))
    impact(graph, _altered(columns[:1]))  # the graph is compiled before the watch runs
    for number in range(rounds):
        one = columns[number : number + 1]
        watch.time("one column", partial(_ask, graph, one))
        watch.time("1,000 columns", partial(_ask, graph, columns[:_MANY]))
        watch.time("1,000 columns, which reach what", partial(_attribute, graph, columns[:_MANY]))
    # The time of the peer for all is that of some, times as many.
    for column in columns[:_PEERS]:
        ours = watch.time("of one, each in its turn", partial(_ask, graph, [column]))
        theirs = watch.time("nx.descendants", partial(_reached, network, column))
        _check(graph, column, ours, theirs)
    return {"nodes": nodes, "seconds": {name: list(watch.own(name)) for name in watch.names}}


def _leading_on(graph: LineageGraph) -> list[Reference]:
    """Choose columns that lead on, in an order that has nothing to do with where they are."""
    leads = graph.part_index().leads_on("downstream")
    columns = [one for one in graph.references(Kind.COLUMN) if leads[graph.number(one)]]
    Random(4).shuffle(columns)
    return columns


def _altered(columns: list[Reference]) -> list[ProposedChange]:
    return [ProposedChange(action=Action.NULLABLE, subject=column) for column in columns]


def _ask(graph: LineageGraph, columns: list[Reference]) -> Impact:
    answer = impact(graph, _altered(columns))
    answer.summary()
    return answer


def _attribute(graph: LineageGraph, columns: list[Reference]) -> int:
    """Find which of the changes reach what: one pass finds all of it, whatever is looked at."""
    answer = impact(graph, _altered(columns))
    return len(answer.changes_reaching(answer.hits[0].reference))


def _reached(network: "Network", column: Reference) -> set[FlowNode]:
    return nx.descendants(network, FlowNode(column, "exit"))


def _check(graph: LineageGraph, column: Reference, answer: Impact, theirs: set[FlowNode]) -> None:
    ours = {hit.reference for hit in answer.hits if hit.hops is not None}
    exits = {node.reference for node in theirs if node.side == "exit"}
    own = {column, graph.entity_of(column)}
    named = {item for item in exits if item.kind != Kind.FEATURE_SOURCE} - own
    ours = {item for item in ours if item.kind != Kind.PIPELINE} - own
    if ours != {item for item in named if item.kind != Kind.PIPELINE}:
        message = f"what {column} reaches differs from that of networkx"
        raise RuntimeError(message)


if __name__ == "__main__":
    print(json.dumps(measure_impacts(int(sys.argv[1]), int(sys.argv[2]))))
