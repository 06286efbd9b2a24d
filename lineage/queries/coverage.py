"""Coverage: how much of each model can be traced and accounted for at all."""

from collections.abc import Iterable
from dataclasses import dataclass

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["Coverage", "ModelCoverage", "coverage"]


@dataclass(frozen=True, slots=True)
class ModelCoverage:
    """What is known about one model.

    Attributes
    ----------
    features : int
        How many features it has.
    resolved : tuple of Reference
        Features that have sources, each of which resolves to a column.
    unresolved : tuple of (Reference, str)
        The other features, each with the reason.
    dashboard : Reference or None
        The dashboard that shows how it does.
    owners : tuple of Reference
        Who answers for it.
    """

    model: Reference
    features: int
    resolved: tuple[Reference, ...]
    unresolved: tuple[tuple[Reference, str], ...]
    dashboard: Reference | None
    owners: tuple[Reference, ...]

    @property
    def share(self) -> float:
        """The share of features that resolve, from 0 to 1; 0 where there are no features."""
        return len(self.resolved) / self.features if self.features else 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing, in words."""
        checks = (
            (not self.features, "features"),
            (bool(self.unresolved), "resolved sources"),
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
        return (
            f"{lacking} of {len(self.models)} models lack something; "
            f"{resolved} of {features} features resolve to columns"
        )

    def to_records(self) -> list[Record]:
        """Give one row for each model."""
        return [
            {
                "model": model.model.fqn,
                "features": model.features,
                "resolved": len(model.resolved),
                "share": round(model.share, 3),
                "unresolved": [f"{feature.name}: {why}" for feature, why in model.unresolved],
                "dashboard": None if model.dashboard is None else model.dashboard.fqn,
                "owners": [owner.fqn for owner in model.owners],
                "missing": list(model.missing),
            }
            for model in self.models
        ]


def coverage(graph: LineageGraph, *, models: Iterable[Reference] | None = None) -> Coverage:
    """Measure for models which features resolve, and what they lack.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : iterable of Reference, optional
        The models to measure; all that were read unless told otherwise.

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
    <Coverage: 1 of 1 models lack something; 0 of 0 features resolve to columns>
    """
    reasons: dict[Reference, list[Gap]] = {}
    for gap in graph.gaps:
        if gap.subject is not None and gap.hides_upstream:
            reasons.setdefault(gap.subject, []).append(gap)
    if models is None:
        known = graph.references(Kind.MLMODEL)
        models = [model for model in known if graph.value(model) is not None]
    return Coverage(tuple(_cover(graph, model, reasons) for model in sorted(set(models))))


def _cover(
    graph: LineageGraph, reference: Reference, reasons: dict[Reference, list[Gap]]
) -> ModelCoverage:
    model = graph.model(reference)
    features = [Reference(Kind.FEATURE, feature.fqn) for feature in model.features]
    unresolved = [
        (feature, "; ".join(gap.reason for gap in reasons[feature]))
        for feature in features
        if feature in reasons
    ]
    return ModelCoverage(
        model=reference,
        features=len(features),
        resolved=tuple(feature for feature in features if feature not in reasons),
        unresolved=tuple(unresolved),
        dashboard=model.dashboard,
        owners=model.owners,
    )
