"""Debian's dependencies: a real graph of the size of a company's catalog, cycles and all."""

import csv
import gzip
from pathlib import Path

import networkx as nx
import pytest

from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot
from lineage.queries.traversal import downstream, upstream

PACKAGES = ("libc6", "perl-base", "python3", "task-gnome-desktop", "bash", "systemd", "gcc-12")


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    folder = Path(__file__).parents[1].parent / "shared" / "data" / "debian-bookworm-dependencies"
    if not folder.is_dir():
        pytest.skip("the Debian dependencies are not beside this checkout")
    with gzip.open(folder / "edges.csv.gz", "rt", encoding="utf-8") as file:
        pairs = {
            (row["upstream"], row["downstream"])
            for row in csv.DictReader(file)
            if row["relation"] in {"Depends", "Pre-Depends"}
        }
    names = {name for pair in pairs for name in pair}
    with gzip.open(folder / "nodes.csv.gz", "rt", encoding="utf-8") as file:
        names |= {row["package"] for row in csv.DictReader(file)}
    return build_graph(
        Snapshot(
            entities=tuple(Entity(reference=package(name)) for name in names),
            edges=tuple(
                Edge(upstream=package(above), downstream=package(below)) for above, below in pairs
            ),
        )
    )


def package(name: str) -> Reference:
    return Reference("table", name)


def test_nothing_is_lost(graph: LineageGraph) -> None:
    assert len(graph) == 68_237
    assert sum(1 for _ in graph.hops()) == 282_432


def test_traces_equal_what_networkx_finds(graph: LineageGraph) -> None:
    network = graph
    for name in PACKAGES:
        start = package(name)
        assert set(upstream(graph, start).references) == nx.ancestors(network, start)
        assert set(downstream(graph, start).references) == nx.descendants(network, start)
