"""Undo: a plan that writes back what stood before another one was applied."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lineage.model.edges import Edge
from lineage.writes.history import History
from lineage.writes.ownership import DRAWN
from lineage.writes.plan import Plan
from lineage.writes.steps import Action, EdgeStep, Owner, fingerprint

__all__ = ["make_undo"]


def make_undo(history: History) -> Plan:
    """Plan to write back what stood before, edge by edge, the last step first.

    Only what the journal tells to have been written, or begun to be written, is undone. An
    edge that somebody changed since is a conflict when the plan is applied, as always. An
    edge that had no details before is left without mappings: the server cannot be told to
    forget that it has any details.

    Parameters
    ----------
    history : History
        What a journal tells; see `read_journal`.
    """
    # What was not changed is as it was before, so that its undoing finds nothing to do.
    models = tuple(step.undone() for step in history.plan.models)
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
    pipeline = (stored or {}).get("pipeline")
    return str(pipeline.get("id", "")) if isinstance(pipeline, dict) else ""
