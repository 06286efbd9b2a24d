"""`python -m benchmarks.objects NODES ROUNDS`: building graphs of objects, in one process.

The peer spells the same facts as dictionaries and hands them to `add_edges_from`; or has the
dictionaries ready before the watch runs. Equal content is asserted.
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
from benchmarks.snapshots import make_snapshot
from benchmarks.stopwatch import Stopwatch
from lineage.graph.build import build_graph
from lineage.model.edges import Edge
from lineage.sources.snapshot_file import read_snapshot, write_snapshot

__all__ = ["measure_objects"]


def measure_objects(nodes: int, rounds: int) -> dict[str, Any]:
    """Measure building, handing to networkx, compiling, and reading a snapshot file."""
    watch, snapshot = Stopwatch(), make_snapshot(make_arrays(nodes))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot.json"
        write_snapshot(snapshot, file)
        for _ in range(rounds):
            again = watch.time("read snapshot", lambda: read_snapshot(file))
            theirs = watch.time("read snapshot, json.loads", lambda: _edges_one_by_one(file))
            if again != snapshot or theirs != list(snapshot.edges):
                message = "what was read is not what was written"
                raise RuntimeError(message)
            graph = watch.time("build graph", lambda: build_graph(snapshot))
            watch.time("compile from graph", graph.part_index)
            network = watch.time("to_networkx", graph.to_networkx)
            facts = list(network.nodes(data=True)), list(network.edges(data=True))
            other = watch.time("to_networkx, add_edges_from", partial(_add, *facts))
            if not graphs_equal(network, other):
                message = "the graphs differ"
                raise RuntimeError(message)
    return {"nodes": nodes, "seconds": {name: list(watch.own(name)) for name in watch.names}}


def _edges_one_by_one(file: Path) -> list[Edge]:
    """Load all of the JSON, and validate the edges alone one by one."""
    adapter = TypeAdapter(Edge)
    return [adapter.validate_python(one) for one in json.loads(file.read_bytes())["edges"]]


def _add(nodes: list[Any], edges: list[Any]) -> "nx.MultiDiGraph[Any]":
    network: nx.MultiDiGraph[Any] = nx.MultiDiGraph(server="")
    network.add_nodes_from(nodes)
    network.add_edges_from(edges)
    return network


if __name__ == "__main__":
    print(json.dumps(measure_objects(int(sys.argv[1]), int(sys.argv[2]))))
