"""Model steps: what is to be changed of models' metadata, as values."""

from collections.abc import Iterable
from dataclasses import dataclass

from lineage.changes.model_diff import Bump, Fact, bump_of, changed_facts, next_version
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Record
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Reference

__all__ = ["ModelStep", "model_steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStep:
    """One intended change of one model's metadata; what does not differ stays as it is then.

    Attributes
    ----------
    model : Reference
    model_id : str
        The server's id of it.
    before, after : MlModel
        The model when the plan was made, and as it should be.
    dashboard_id : str
        The server's id of the dashboard that `after` names.
    reason : str
        Why the step is wanted.
    """

    model: Reference
    model_id: str
    before: MlModel
    after: MlModel
    dashboard_id: str = ""
    reason: str

    @property
    def subject(self) -> str:
        """What the step writes, in words."""
        return str(self.model)

    def to_record(self) -> Record:
        """Give the step as a row, with the keys of those on edges."""
        return {
            "action": "change-model",
            "upstream": "",
            "downstream": self.subject,
            "added": [],
            "removed": [],
            "details": [f"{name}: {old} -> {new}" for name, old, new in self.details],
            "kept": 0,
            "owner": "",
            "reason": f"{self.reason}; {self.version}",
        }

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that will differ."""
        return changed_facts(self.before, self.after)

    @property
    def details(self) -> tuple[tuple[str, str, str], ...]:
        """The facts that will differ, as those of an edge are told."""
        return tuple((fact.path, fact.before, fact.after) for fact in self.facts)

    @property
    def bump(self) -> Bump:
        """What kind of version the change makes."""
        return bump_of(self.facts)

    @property
    def version(self) -> str:
        """The version that is expected, in words."""
        before = self.before.version
        if before is None:
            return f"a {self.bump} version"
        return f"version {before} → {next_version(before, self.bump)}, {self.bump}"


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
    steps = (
        ModelStep(
            model=model.reference,
            model_id=model.id,
            before=before,
            after=model,
            dashboard_id=_dashboard_id(graph, model),
            reason="a file says so",
        )
        for model in sorted(wanted, key=lambda model: model.reference)
        for before in (graph.model(model.reference),)
    )
    return tuple(step for step in steps if step.facts)


def _dashboard_id(graph: LineageGraph, model: MlModel) -> str:
    dashboard = model.dashboard
    value = graph.value(dashboard) if dashboard is not None and dashboard in graph else None
    return value.id if isinstance(value, Entity) else ""
