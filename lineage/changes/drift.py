"""Drift: what is wanted, and the server does not record."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from lineage.changes.edge_facts import DRAWN, Pair, functions
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Origin
from lineage.model.reference import Kind, Reference

__all__ = [
    "Drift",
    "declared_edges",
    "find_drift",
    "has_drift",
    "missing_functions",
    "recorded_edge",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One edge that the server lacks, or lacks something of.

    Attributes
    ----------
    upstream, downstream : Reference
        The entity that feeds the other, and the other.
    declared : Edge
        What is wanted, of columns and features that exist.
    recorded : Edge or None
        What the server records between the two.
    missing : tuple of ColumnEdge
        The wanted mappings it lacks, sorted by what they lead to.
    """

    upstream: Reference
    downstream: Reference
    declared: Edge
    recorded: Edge | None
    missing: tuple[ColumnEdge, ...]


def find_drift(
    graph: LineageGraph,
    *,
    desired: Iterable[Edge] | None = None,
    models: Iterable[Reference] | None = None,
) -> tuple[Drift, ...]:
    """Compare what is wanted with what the server records.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    desired : iterable of Edge, optional
        The edges that are wanted; if not given, those that the models declare.
    models : iterable of Reference, optional
        The models to compare where the models declare; if not given, all of them.

    Returns
    -------
    tuple of Drift
        Sorted by what is fed, then by what feeds it. Empty where all of it is recorded.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> table = Entity(reference=people, columns=(Column(name="age", fqn="people.age"),))
    >>> graph = build_graph(Snapshot(entities=(table, model)))
    >>> [(lacking,)] = [drift.missing for drift in find_drift(graph)]
    >>> lacking.upstream, lacking.downstream
    (('people.age',), 'churn.age')
    """
    wanted = declared_edges(graph, models=models) if desired is None else tuple(desired)
    ordered = sorted(wanted, key=lambda edge: (edge.downstream, edge.upstream))
    return tuple(drift for edge in ordered if (drift := _drift(graph, edge)) is not None)


def declared_edges(
    graph: LineageGraph, *, models: Iterable[Reference] | None = None
) -> tuple[Edge, ...]:
    """Collect the edges that models declare, with the mappings whose columns exist.

    Parameters
    ----------
    models : iterable of Reference, optional
        If not given, all of them.
    """
    wanted = frozenset(graph.references(Kind.MLMODEL) if models is None else models)
    return tuple(
        _resolved(graph, hop.edge)
        for hop in graph.hops()
        if hop.column_edge is None
        and hop.edge.evidence.origin == Origin.DECLARED
        and hop.edge.downstream in wanted
    )


def recorded_edge(graph: LineageGraph, upstream: Reference, downstream: Reference) -> Edge | None:
    """Give the edge that the server records between two entities; it can hold one only."""
    edges = graph.edges_between(upstream, downstream)
    found = [edge for edge in edges if edge.evidence.origin == Origin.RECORDED]
    return found[0] if found else None


def has_drift(wanted: Edge, recorded: Edge | None) -> bool:
    """Whether anything that is wanted of an edge is not recorded."""
    return recorded is None or bool(
        missing_functions(wanted, recorded) or not _has_facts(recorded, wanted)
    )


def missing_functions(wanted: Edge, recorded: Edge | None) -> dict[Pair, frozenset[str]]:
    """Give the functions that are wanted of a pair of columns and not recorded; "" for none.

    A mapping without a function states that the two are mapped, and no more. Where another
    mapping of the same pair is beside it, it states that the value arrives as it is, too.

    Examples
    --------
    >>> raw = ColumnEdge(upstream=("a.x",), downstream="b.y")
    >>> hashed = ColumnEdge(upstream=("a.x",), downstream="b.y", function="md5")
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> wanted, recorded = (
    ...     Edge(upstream=a, downstream=b, column_edges=(mapping,)) for mapping in (hashed, raw)
    ... )
    >>> missing_functions(wanted, recorded), missing_functions(recorded, wanted)
    ({('a.x', 'b.y'): frozenset({'md5'})}, {})
    """
    there = functions(recorded)
    missing = {}
    for pair, names in functions(wanted).items():
        known = there.get(pair)
        if known is None or (names != {""} and not names <= known):
            missing[pair] = names - (known or frozenset())
    return missing


def _drift(graph: LineageGraph, declared: Edge) -> Drift | None:
    recorded = recorded_edge(graph, declared.upstream, declared.downstream)
    if not has_drift(declared, recorded):
        return None
    known = functions(recorded).keys()
    lacking = (_lacking(mapping, known) for mapping in declared.column_edges)
    return Drift(
        upstream=declared.upstream,
        downstream=declared.downstream,
        declared=declared,
        recorded=recorded,
        missing=tuple(
            sorted(
                (mapping for mapping in lacking if mapping is not None),
                key=lambda mapping: (mapping.downstream, mapping.upstream),
            )
        ),
    )


def _has_facts(recorded: Edge, wanted: Edge) -> bool:
    """Whether everything stated besides the mappings is recorded."""
    there, stated = recorded.evidence, wanted.evidence
    pairs = (
        (stated.pipeline, there.pipeline),
        (stated.sql, there.sql),
        (stated.description, there.description),
        (stated.recorded_as, there.recorded_as or DRAWN),
    )
    return all(not want or want == is_ for want, is_ in pairs)


def _lacking(mapping: ColumnEdge, known: Collection[Pair]) -> ColumnEdge | None:
    """Reduce a mapping to what is not recorded."""
    columns = tuple(
        column for column in mapping.upstream if (column, mapping.downstream) not in known
    )
    if not columns:
        return None
    return ColumnEdge(upstream=columns, downstream=mapping.downstream, function=mapping.function)


def _resolved(graph: LineageGraph, edge: Edge) -> Edge:
    """Reduce an edge's mappings to columns and features that exist."""
    return Edge(
        upstream=edge.upstream,
        downstream=edge.downstream,
        column_edges=tuple(_existing(graph, edge.column_edges)),
        evidence=edge.evidence,
    )


def _existing(graph: LineageGraph, mappings: Iterable[ColumnEdge]) -> Iterator[ColumnEdge]:
    for mapping in mappings:
        columns = tuple(
            column
            for column in mapping.upstream
            if any(Reference(kind, column) in graph for kind in (Kind.COLUMN, Kind.FEATURE))
        )
        if columns:
            yield ColumnEdge(
                upstream=columns, downstream=mapping.downstream, function=mapping.function
            )
