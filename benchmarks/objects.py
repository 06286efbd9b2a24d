"""`python -m benchmarks.objects NODES ROUNDS`: graphs of objects, in one process.

Where networkx is the peer it gets the same facts as dictionaries that are ready before the watch
runs, and equal content is asserted. Paths between a sensitive column and a model are asked of
networkx in what lies between the two alone; asked of all, it would not come back.
"""

import json
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import networkx as nx
from networkx.utils import graphs_equal
from pydantic import TypeAdapter

from benchmarks.graphs import make_arrays
from benchmarks.parsing import time_parsing
from benchmarks.snapshots import make_snapshot
from benchmarks.stopwatch import Stopwatch
from lineage.governance.masking import find_masking
from lineage.graph.build import build_graph
from lineage.model.edges import Edge
from lineage.model.snapshot import Snapshot
from lineage.sources.snapshot_file import read_snapshot, write_snapshot

__all__ = ["measure_objects"]


def measure_objects(nodes: int, rounds: int) -> dict[str, Any]:
    """Measure reading, building, handing to networkx, compiling and parsing."""
    watch, snapshot = Stopwatch(), make_snapshot(make_arrays(nodes))
    build_graph(Snapshot()).part_index()  # numpy is loaded before the watch runs
    with TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot.json"
        write_snapshot(snapshot, file)
        for _ in range(rounds):
            _read(watch, snapshot, file)
            _build(watch, snapshot)
    time_parsing(watch, nodes, rounds)
    return {"nodes": nodes, "seconds": {name: list(watch.own(name)) for name in watch.names}}


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
