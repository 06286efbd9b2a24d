"""Plans without a server: cases in notation, and the graph that a plan would lead to."""

from collections.abc import Iterable
from dataclasses import replace

from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import Entity
from lineage.model.snapshot import Snapshot
from lineage.writes.model_step import ModelStep
from lineage.writes.ownership import Manifest
from lineage.writes.plan import Plan
from tests.builders import edge

__all__ = ["after", "mappings_of", "wished", "written"]


def wished(text: str) -> Edge:
    """Make an edge that is wanted, and says nothing but its mappings."""
    ends, _, mappings = text.partition(": ")
    made = edge(ends, *(mappings.split("; ") if mappings else ()))
    return replace(made, evidence=Evidence(origin=Origin.DECLARED))


def written(texts: Iterable[str]) -> Manifest:
    """Make the manifest of what we mapped on edges of others."""
    return Manifest(
        mappings=frozenset(
            (one.upstream, one.downstream, *pair, mapping.function or "")
            for one in map(wished, texts)
            for mapping in one.column_edges
            for pair in mapping.pairs
        )
    )


def after(graph: LineageGraph, plan: Plan) -> LineageGraph:
    """Build the graph that a plan leads to: each edge and model as its step wants it."""
    entities = [one for one in map(graph.value, graph) if isinstance(one, Entity)]
    stated = [hop.edge for hop in graph.hops() if hop.column_edge is None]
    edges = [one for one in stated if one.evidence.origin != Origin.DECLARED]
    for step in plan.steps:
        if isinstance(step, ModelStep):
            entities = [one for one in entities if one.reference != step.model] + [step.after]
        else:
            edges = [one for one in edges if one != step.before]
            edges += [step.after] if step.after is not None else []
    return build_graph(Snapshot(server=graph.server, entities=tuple(entities), edges=tuple(edges)))


def mappings_of(graph: LineageGraph, ends: str) -> list[ColumnEdge] | None:
    """Give the mappings recorded between two entities; None where there is no edge."""
    wanted = wished(ends)
    for one in graph.edges_between(wanted.upstream, wanted.downstream):
        if one.evidence.origin == Origin.RECORDED:
            return list(one.column_edges)
    return None
