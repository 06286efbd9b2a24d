"""Undo: a plan that writes back what stood before another one was applied."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lineage.changes.model_diff import rebase
from lineage.model.edges import Edge
from lineage.writes.edge_steps import Action, EdgeStep, Owner, fingerprint
from lineage.writes.journal_reader import History
from lineage.writes.model_steps import ModelStep
from lineage.writes.outcome import Result
from lineage.writes.ownership import DRAWN
from lineage.writes.plan import Plan

__all__ = ["make_undo"]


def make_undo(history: History) -> Plan:
    """Plan to write back what stood before, edge by edge, the last step first.

    Only what the journal tells to have been written, or begun to be written, is undone; of a
    model only the facts that were written, not those that were as wanted already. An
    edge that somebody changed since is a conflict when the plan is applied, as always. An
    edge that had no details before is left without mappings: the server cannot be told to
    forget that it has any details.

    Parameters
    ----------
    history : History
        What a journal tells; see `read_journal`.
    """
    models = tuple(_undone_models(history))
    steps = tuple(_undone(history))
    return replace(history.plan, steps=steps, models=models, refused=(), clashes=(), gaps=())


def _undone(history: History) -> Iterator[EdgeStep]:
    for place in sorted(history.stored, reverse=True):
        step, stored = history.plan.steps[place], history.stored[place]
        outcome = history.outcomes.get(place)
        after = _without_details(step.before)
        yield replace(
            step,
            action=_action(step.after, after),
            before=step.after,
            after=after,
            pipeline_id=_pipeline_id(stored),
            fingerprint=(outcome and outcome.fingerprint) or fingerprint(step.after),
            owner=Owner.OURS,
            reason=f"undoes: {step.action}",
        )


def _undone_models(history: History) -> Iterator[ModelStep]:
    """Take back what was written of models; a conflict says that nothing was."""
    for place in sorted(history.stored_models, reverse=True):
        step, stored = history.plan.models[place], history.stored_models[place]
        outcome = history.models.get(place)
        if outcome is not None and outcome.result == Result.CONFLICT:
            continue
        written = rebase(stored.model, before=step.before, after=step.after)
        yield replace(
            step,
            before=replace(written, version=None),
            after=stored.model,
            dashboard_id=_id_of(stored.document.get("dashboard")),
            reason="undoes: change-model",
        )


def _without_details(edge: Edge | None) -> Edge | None:
    """Spell an edge without details in the only way it can be written."""
    if edge is None or edge.evidence.recorded_as:
        return edge
    return replace(edge, evidence=replace(edge.evidence, recorded_as=DRAWN))


def _action(before: Edge | None, after: Edge | None) -> Action:
    if after is None:
        return Action.REMOVE_EDGE
    return Action.CREATE_EDGE if before is None else Action.CHANGE_EDGE


def _pipeline_id(stored: dict[str, Any] | None) -> str:
    return _id_of((stored or {}).get("pipeline"))


def _id_of(reference: object) -> str:
    """Give the id of a reference as the server spells it; empty where there is none."""
    return str(reference.get("id", "")) if isinstance(reference, dict) else ""
