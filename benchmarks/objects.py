"""`python -m benchmarks.objects NODES ROUNDS`: graphs of objects, in one process.

Where networkx is the peer it gets the same facts as dictionaries that are ready before the watch
runs, and equal content is asserted. Paths between a sensitive column and a model are asked of
networkx in what lies between the two alone; asked of all, it would not come back.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import networkx as nx
from lineage.governance.audit.masking import find_masking
from networkx.utils import graphs_equal
from pydantic import TypeAdapter

from benchmarks.between import time_paths
from benchmarks.graphs import make_arrays
from benchmarks.parsing import time_parsing
from benchmarks.snapshots import make_snapshot
from benchmarks.sql_readings import time_sql
from benchmarks.stopwatch import Stopwatch
from lineage.changes.graph_diff import diff_hops
from lineage.files.snapshot_file import read_snapshot, write_snapshot
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge
from lineage.model.snapshot import Snapshot

__all__ = ["measure_objects"]


def measure_objects(nodes: int, rounds: int) -> dict[str, Any]:
    """Measure reading, building, handing to networkx, compiling, paths, parsing and SQL."""
    watch, snapshot = Stopwatch(), make_snapshot(make_arrays(nodes))
    build_graph(Snapshot()).part_index()  # numpy is loaded before the watch runs
    with TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot.json"
        write_snapshot(snapshot, file)
        for _ in range(rounds):
            _read(watch, snapshot, file)
            _build(watch, snapshot)
    time_paths(watch, build_graph(snapshot))
    time_parsing(watch, nodes, rounds)
    statements = nodes // 10
    time_sql(watch, statements, rounds)
    return {
        "nodes": nodes,
        "statements": statements,
        "seconds": {name: list(watch.own(name)) for name in watch.names},
    }


def _read(watch: Stopwatch, snapshot: Snapshot, file: Path) -> None:
    again = watch.time("read snapshot", lambda: read_snapshot(file))
    theirs = watch.time("read snapshot, json.loads", lambda: _edges_one_by_one(file))
    _check(again == snapshot and theirs == list(snapshot.edges), "what was read")


def _build(watch: Stopwatch, snapshot: Snapshot) -> None:
    graph = watch.time("build graph", lambda: build_graph(snapshot))
    watch.time("compile from graph", graph.part_index)
    masking = find_masking(graph)
    watch.time("compile from graph, masking rules asked", lambda: graph.part_index(masking))
    network = watch.time("to_networkx", graph.to_networkx)
    facts = list(network.nodes(data=True)), list(network.edges(data=True))
    other = watch.time("to_networkx, add_edges_from", partial(_add, *facts))
    _check(graphs_equal(network, other), "the networkx graph")
    changed = build_graph(replace(snapshot, edges=tuple(_changed(snapshot.edges))))
    _diff(watch, graph, changed)


def _changed(edges: Iterable[Edge]) -> Iterator[Edge]:
    """Leave out one mapping in a hundred."""
    numbers = count()
    for edge in edges:
        kept = tuple(mapping for mapping in edge.column_edges if next(numbers) % 100)
        yield replace(edge, column_edges=kept)


def _diff(watch: Stopwatch, before: LineageGraph, after: LineageGraph) -> None:
    """Compare graphs hop by hop, beside sets of the edges of their networkx graphs."""
    networks = [graph.to_networkx() for graph in (before, after)]
    ours = watch.time("diff of hops", lambda: diff_hops(before, after))
    watch.time("diff of hops, codes kept", lambda: diff_hops(before, after))
    theirs = watch.time("diff of hops, sets", lambda: _set_diff(*networks))
    told = {(*item.subject, str(one)[2:]) for item in ours.changes for one in item.details}
    _check(told == theirs, "the diff of hops")


def _set_diff(*networks: "nx.MultiDiGraph[Any]") -> set[Any]:
    edges: list[set[Any]] = [set(network.edges(data="strength")) for network in networks]
    return edges[0] ^ edges[1]


def _edges_one_by_one(file: Path) -> list[Edge]:
    """Load all of the JSON, and validate the edges alone one by one."""
    adapter = TypeAdapter(Edge)
    return [adapter.validate_python(one) for one in json.loads(file.read_bytes())["edges"]]


def _add(nodes: list[Any], edges: list[Any]) -> "nx.MultiDiGraph[Any]":
    network: nx.MultiDiGraph[Any] = nx.MultiDiGraph(server="")
    network.add_nodes_from(nodes)
    network.add_edges_from(edges)
    return network


def _check(is_equal: bool, what: str) -> None:  # noqa: FBT001 - the question itself
    if not is_equal:
        message = f"{what} differs"
        raise RuntimeError(message)


if __name__ == "__main__":
    print(json.dumps(measure_objects(int(sys.argv[1]), int(sys.argv[2]))))
