"""Coverage: how much of each model can be traced and accounted for at all."""

from dataclasses import dataclass

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Origin
from lineage.model.entities import Feature
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind
from lineage.queries.lookup import Models, find_models

__all__ = ["RESOLVED_SOURCES", "Coverage", "ModelCoverage", "coverage"]

RESOLVED_SOURCES = "resolved sources"
"""What is missing of a model where a feature of it does not resolve."""

_OF_SOURCES = frozenset({GapKind.NO_SOURCES, GapKind.SOURCE_NOT_RESOLVED, GapKind.ENTITY_REPLACED})
"""Gaps about what a model declares; one about a recorded mapping says nothing of that."""

_NOT_MAPPED = "the feature declares no source, and the column it is mapped from is not there"


@dataclass(frozen=True, slots=True)
class ModelCoverage:
    """What is known about one model.

    Attributes
    ----------
    features : int
        How many features it has.
    declared : tuple of Reference
        Features that declare sources, each of which resolves to a column.
    recorded : tuple of Reference
        Features that declare none, and which the server records column by column.
    unresolved : tuple of (Reference, str)
        The other features, each with the reason.
    dashboard : Reference or None
        The dashboard that shows how it does.
    owners : tuple of Reference
        Who answers for it.
    """

    model: Reference
    features: int
    declared: tuple[Reference, ...]
    recorded: tuple[Reference, ...]
    unresolved: tuple[tuple[Reference, str], ...]
    dashboard: Reference | None
    owners: tuple[Reference, ...]

    @property
    def resolved(self) -> tuple[Reference, ...]:
        """The features that resolve to columns, those that declare them first."""
        return (*self.declared, *self.recorded)

    @property
    def share(self) -> float:
        """The share of features that resolve, from 0 to 1; 0 where there are no features."""
        return len(self.resolved) / self.features if self.features else 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing, in words."""
        checks = (
            (not self.features, "features"),
            (bool(self.unresolved), RESOLVED_SOURCES),
            (self.dashboard is None, "dashboard"),
            (not self.owners, "owner"),
        )
        return tuple(what for is_missing, what in checks if is_missing)


@dataclass(frozen=True, slots=True, repr=False)
class Coverage(Answer):
    """The coverage of models, sorted by model."""

    models: tuple[ModelCoverage, ...]

    def summary(self) -> str:
        """Say how many models lack something, and how many features resolve."""
        lacking = sum(bool(model.missing) for model in self.models)
        features = sum(model.features for model in self.models)
        resolved = sum(len(model.resolved) for model in self.models)
        recorded = sum(len(model.recorded) for model in self.models)
        lack, resolve = (
            "lacks" if lacking == 1 else "lack",
            "resolves" if features == 1 else "resolve",
        )
        by_record = f", {recorded} of them by what is recorded alone" if recorded else ""
        return (
            f"{lacking} of {counted(len(self.models), 'model')} {lack} something; "
            f"{resolved} of {counted(features, 'feature')} {resolve} to columns{by_record}"
        )

    def to_records(self) -> list[Record]:
        """Give one row for each model."""
        return [
            {
                "model": model.model.fqn,
                "features": model.features,
                "resolved": len(model.resolved),
                "declared": len(model.declared),
                "recorded": len(model.recorded),
                "share": round(model.share, 3),
                "unresolved": [f"{feature.name}: {why}" for feature, why in model.unresolved],
                "dashboard": None if model.dashboard is None else model.dashboard.fqn,
                "owners": [owner.fqn for owner in model.owners],
                "missing": list(model.missing),
            }
            for model in self.models
        ]


def coverage(graph: LineageGraph, *, models: Models | None = None) -> Coverage:
    """Measure for models which features resolve, and what they lack.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : Reference or str, or iterable of them, optional
        The models to measure; if not given, all that were read.

    Returns
    -------
    Coverage
        Sorted by model.

    Raises
    ------
    UnknownEntity
        The graph has no such model, or has it only by name.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> churn = MlModel(reference=Reference("mlmodel", "mlf.churn"))
    >>> coverage(build_graph(Snapshot(entities=(churn,))))
    <Coverage: 1 of 1 model lacks something; 0 of 0 features resolve to columns>
    """
    reasons: dict[Reference, list[str]] = {}
    for gap in graph.gaps:
        if gap.subject is not None and gap.kind in _OF_SOURCES:
            reasons.setdefault(gap.subject, []).append(gap.reason)
    found = find_models(graph, models)
    if models is None:
        found = [model for model in found if graph.value(model) is not None]
    mapped = graph.keep(_mapped, lambda: _mapped(graph))
    return Coverage(tuple(_cover(graph, model, reasons, mapped) for model in found))


def _mapped(graph: LineageGraph) -> frozenset[Reference]:
    """Find the features that the server maps a column to, which is there."""
    return frozenset(
        hop.downstream
        for hop in graph.hops()
        if hop.downstream.kind == Kind.FEATURE
        and hop.column_edge is not None
        and hop.influence is None
        and hop.edge.evidence.origin == Origin.RECORDED
        and hop.upstream.is_part  # of a table as a whole, no column is known
        and graph.value(hop.upstream) is not None
    )


def _cover(
    graph: LineageGraph,
    reference: Reference,
    reasons: dict[Reference, list[str]],
    mapped: frozenset[Reference],
) -> ModelCoverage:
    model = graph.model(reference)
    declared: list[Reference] = []
    recorded: list[Reference] = []
    unresolved: list[tuple[Reference, str]] = []
    for feature in model.features:
        subject = Reference(Kind.FEATURE, feature.fqn)
        reason = _unresolved(feature, reasons.get(subject, []), is_mapped=subject in mapped)
        if reason:
            unresolved.append((subject, reason))
        else:
            (declared if feature.sources else recorded).append(subject)
    return ModelCoverage(
        model=reference,
        features=len(model.features),
        declared=tuple(declared),
        recorded=tuple(recorded),
        unresolved=tuple(unresolved),
        dashboard=model.dashboard,
        owners=model.owners,
    )


def _unresolved(feature: Feature, reasons: list[str], *, is_mapped: bool) -> str:
    """Say why a feature does not resolve; nothing where it does."""
    if reasons or feature.sources or is_mapped:
        return "; ".join(reasons)
    return _NOT_MAPPED
