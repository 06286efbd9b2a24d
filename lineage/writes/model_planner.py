"""Models as they should be, turned into steps."""

from collections.abc import Iterable

from lineage.changes.graph_contents import entities_of
from lineage.changes.source_names import name_sources, references_by_id
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Reference
from lineage.writes.model_step import ModelStep

__all__ = ["model_steps"]


def model_steps(graph: LineageGraph, wanted: Iterable[MlModel]) -> tuple[ModelStep, ...]:
    """Compare models as they should be with the models of a graph.

    Parameters
    ----------
    graph : LineageGraph
        The models as they are; it is not changed.
    wanted : iterable of MlModel
        As they should be.

    Returns
    -------
    tuple of ModelStep
        Sorted by model; none for a model that is as it should be.

    Raises
    ------
    UnknownEntity
        The graph has no such model.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), version=0.2)
    >>> graph = build_graph(Snapshot(entities=(model,)))
    >>> [step.version for step in model_steps(graph, [model, replace(model, target="left")])]
    ['version 0.2 → 1.2, major']
    """
    names = references_by_id(entities_of(graph))
    steps = (
        ModelStep(
            model=model.reference,
            model_id=model.id,
            before=name_sources(graph.model(model.reference), names),
            after=name_sources(model, names),
            dashboard_id=_dashboard_id(graph, model.dashboard),
            reason="a file says so",
        )
        for model in sorted(wanted, key=lambda model: model.reference)
    )
    return tuple(step for step in steps if step.facts)


def _dashboard_id(graph: LineageGraph, dashboard: Reference | None) -> str:
    value = graph.value(dashboard) if dashboard is not None and dashboard in graph else None
    return value.id if isinstance(value, Entity) else ""
