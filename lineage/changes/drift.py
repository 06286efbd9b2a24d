"""Drift: what the models declare and the server does not record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Origin
from lineage.model.reference import Kind, Reference

__all__ = ["Drift", "find_drift"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One edge into a model that the server lacks, or lacks mappings of.

    Attributes
    ----------
    upstream, downstream : Reference
        The entity that feeds the model, and the model.
    recorded : Edge or None
        What the server records between the two.
    missing : tuple of ColumnEdge
        The declared mappings it lacks, sorted by feature.
    """

    upstream: Reference
    downstream: Reference
    recorded: Edge | None
    missing: tuple[ColumnEdge, ...]


def find_drift(
    graph: LineageGraph, *, models: Iterable[Reference] | None = None
) -> tuple[Drift, ...]:
    """Compare what models declare with what the server records.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : iterable of Reference, optional
        The models to compare; all of them unless told otherwise.

    Returns
    -------
    tuple of Drift
        Sorted by model, then by what feeds it. Empty where the server says it all.

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
    wanted = graph.references(Kind.MLMODEL) if models is None else sorted(set(models))
    return tuple(drift for model in wanted for drift in _model_drift(graph, model))


def _model_drift(graph: LineageGraph, model: Reference) -> Iterator[Drift]:
    for upstream in graph.feeding(model):
        edges = graph.edges_between(upstream, model)
        declared = [edge for edge in edges if edge.evidence.origin == Origin.DECLARED]
        recorded = [edge for edge in edges if edge.evidence.origin == Origin.RECORDED]
        known = {
            pair for edge in recorded for mapping in edge.column_edges for pair in mapping.pairs
        }
        missing = tuple(
            sorted(
                (
                    lacking
                    for edge in declared
                    for mapping in edge.column_edges
                    if (lacking := _lacking(graph, mapping, known)) is not None
                ),
                key=lambda mapping: mapping.downstream,
            )
        )
        if missing or (declared and not recorded):
            yield Drift(upstream, model, recorded[0] if recorded else None, missing)


def _lacking(
    graph: LineageGraph, mapping: ColumnEdge, known: set[tuple[str, str]]
) -> ColumnEdge | None:
    """Cut a mapping down to what is not recorded, and to columns and features that exist."""
    columns = tuple(
        column
        for column in mapping.upstream
        if (column, mapping.downstream) not in known
        and any(Reference(kind, column) in graph for kind in (Kind.COLUMN, Kind.FEATURE))
    )
    return ColumnEdge(upstream=columns, downstream=mapping.downstream) if columns else None
