"""The baseline: plain networkx, for the questions it has something like an answer to.

It walks the same nodes and edges and is asked for less. It knows no strength, no masking and
no gaps, and where only two tables are known to be connected it passes no column.
"""

from typing import TYPE_CHECKING

import networkx as nx

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference

if TYPE_CHECKING:
    Network = nx.MultiDiGraph[Reference]

__all__ = ["part_network", "sensitive_paths"]


def part_network(graph: LineageGraph) -> "Network":
    """Give a network in which one walk backwards from a model passes all its features.

    Containment leads from a whole to its parts; for models the way back is added.
    """
    network = graph.to_networkx(containment=True)
    for model in graph.references(Kind.MLMODEL):
        network.add_edges_from((feature, model) for feature in graph.parts(model))
    return network


def sensitive_paths(
    backwards: "Network", models: list[Reference], sensitive: set[Reference]
) -> dict[tuple[Reference, Reference], list[Reference]]:
    """Walk back from each model once, and keep the path to everything sensitive it comes to."""
    return {
        (model, end): path
        for model in models
        for end, path in nx.single_source_shortest_path(backwards, model).items()
        if end in sensitive
    }
