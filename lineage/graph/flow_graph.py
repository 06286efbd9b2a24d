"""The flow graph: what an audit walks, as a networkx graph of entries and exits.

In a `LineageGraph` edges join entities with entities and parts with parts, so that networkx's
ancestors of a model are entities. Whoever wants to ask networkx what an audit asks, from columns to
models, asks it here: each reference has a node where data arrives and one where it leaves, and
containment is edges between them, so that nothing leaks from a column to its neighbour.
"""

from typing import Any, Literal, NamedTuple

import networkx as nx

from lineage.graph.index.expansion import Expansion
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Strength
from lineage.model.reference import Reference

__all__ = ["FlowNode", "flow_graph"]

Side = Literal["entry", "exit", "rows", "reads"]

_FREE = {"hop": False, "strength": Strength.VALUE.label}


class FlowNode(NamedTuple):
    """Where data arrives at a reference, or where it leaves it.

    Attributes
    ----------
    reference : Reference
    side : str
        `entry` and `exit`; `rows` where what decides the rows of an entity arrives, `reads` where
        what a pipeline reads by the edges it carries does.
    """

    reference: Reference
    side: Side


def flow_graph(
    graph: LineageGraph, *, rules: tuple[MaskingRule, ...] = RULES
) -> "nx.MultiDiGraph[FlowNode]":
    """Make the graph that an audit walks, as an ordinary networkx graph.

    What a column holds leaves from its exit; what an entity holds as a whole, nobody knows in which
    column, has arrived at its entry. What is upstream of a model are the ancestors of its exit: all
    that an audit finds to reach the model, by any strength, and all that leads there.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

    Returns
    -------
    networkx.MultiDiGraph
        Each edge has `strength`, and `hop`: whether it is a step of a path, or only leads in or out
        of what contains something; a hop has `function` and `influence` as well.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> columns = tuple(Column(name=name, fqn=f"people.{name}") for name in ("age", "city"))
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> graph = build_graph(Snapshot(entities=(Entity(reference=people, columns=columns), model)))
    >>> upstream = nx.ancestors(flow_graph(graph), FlowNode(model.reference, "exit"))
    >>> [FlowNode(Reference("column", column.fqn), "exit") in upstream for column in columns]
    [True, False]
    """
    index = graph.part_index(rules)
    network: nx.MultiDiGraph[FlowNode] = nx.MultiDiGraph(server=graph.server)
    for reference in graph:
        network.add_edge(FlowNode(reference, "entry"), FlowNode(reference, "exit"), **_FREE)
    adjacency = index.adjacency("downstream")
    sides = _sides(index.expansion)
    starts, is_hop = adjacency.starts().tolist(), adjacency.hops().tolist()
    for place, tail in enumerate(starts):
        head, strength = adjacency.arc(place)
        ends = [FlowNode(index.reference(node), sides[node]) for node in (tail, head)]
        if sides[tail] == "whole":
            ends[0] = ends[0]._replace(side="exit")
        if sides[head] == "whole":
            ends[1] = ends[1]._replace(side="entry")
        facts = {"hop": is_hop[place], "strength": Strength(strength).label}
        if is_hop[place]:
            hop = index.hop(tail, place)
            facts |= {"function": hop.function, "influence": hop.influence and str(hop.influence)}
        network.add_edge(*ends, **facts)
    return network


def _sides(expansion: Expansion) -> list[Any]:
    """Return what each node is; `whole` where one node is both entry and exit."""
    sides = ["whole"] * expansion.references
    for number in expansion.containers.tolist():
        sides[number] = "exit"
    sides += ["entry"] * len(expansion.containers) + ["rows"] * len(expansion.with_rows)
    return sides + ["reads"] * len(expansion.pipelines)
