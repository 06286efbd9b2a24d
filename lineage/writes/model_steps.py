"""Changes of models: the steps a plan has for them, and how one is applied."""

from collections.abc import Iterable

from lineage.changes.metadata import Fact, changed_facts, model_facts, rebase
from lineage.errors import RequestFailed
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.models import StoredModel, patch_model, read_model
from lineage.writes.outcomes import Outcome, Result
from lineage.writes.steps import ModelStep

__all__ = ["apply_model_step", "model_steps"]


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
            before=graph.model(model.reference),
            after=model,
            dashboard_id=_dashboard_id(graph, model),
            reason="a file says so",
        )
        for model in sorted(wanted, key=lambda model: model.reference)
    )
    return tuple(step for step in steps if step.facts)


def apply_model_step(step: ModelStep, client: Client) -> Outcome:
    """Change a model as a step intends, provided that nobody changed the same facts.

    Raises
    ------
    ServerError
        The server refused, or did not answer.
    """
    stored = read_model(client, step.model_id)
    facts = model_facts(stored.model)
    if all(facts.get(fact.path, "") == fact.after for fact in step.facts):
        return Outcome(step, Result.UNCHANGED)
    changed = [fact.path for fact in step.facts if _is_another(facts, fact)]
    if stored.model.deleted or changed:
        what = "it was deleted" if stored.model.deleted else f"{', '.join(changed)} changed"
        return Outcome(step, Result.CONFLICT, f"{what} after the plan was made: plan again")
    wanted = rebase(stored.model, before=step.before, after=step.after)
    try:
        patch_model(client, stored, wanted, dashboard_id=step.dashboard_id)
    except RequestFailed as error:
        if error.status != 412:
            raise
        return Outcome(step, Result.CONFLICT, "somebody changed the model meanwhile: plan again")
    return _compare(step, stored, read_model(client, step.model_id), wanted)


def _compare(step: ModelStep, before: StoredModel, after: StoredModel, wanted: MlModel) -> Outcome:
    """Check that the server kept what was sent, and tell the version it made."""
    lost = [fact.path for fact in changed_facts(wanted, after.model)]
    if lost:
        return Outcome(step, Result.DROPPED, f"the server did not keep {', '.join(lost)}")
    versions = f"version {before.model.version} → {after.model.version}"
    return Outcome(step, Result.WRITTEN, versions)


def _is_another(facts: dict[str, str], fact: Fact) -> bool:
    """Whether a fact is neither as it was nor as it should be."""
    return facts.get(fact.path, "") not in (fact.before, fact.after)


def _dashboard_id(graph: LineageGraph, model: MlModel) -> str:
    dashboard = model.dashboard
    value = graph.value(dashboard) if dashboard is not None and dashboard in graph else None
    return value.id if isinstance(value, Entity) else ""
