"""Undo: a plan that writes back what was there before another one was applied."""

from collections.abc import Iterator
from dataclasses import replace

from lineage.writes.edge_step import EdgeStep
from lineage.writes.journal_reader import History
from lineage.writes.model_step import ModelStep
from lineage.writes.plan import Plan
from lineage.writes.step import Result

__all__ = ["make_undo"]


def make_undo(history: History) -> Plan:
    """Plan to write back what was there before, the last step on an edge first.

    Only what the journal says to have been written, or begun to be written, is undone; of a
    model only the facts that were written, not those that were as wanted already. An edge that
    somebody changed since is a conflict when the plan is applied, as always. An edge that had
    no details before is left without mappings: the server cannot be made to forget that it has
    any details.

    Parameters
    ----------
    history : History
        What a journal holds; see `read_journal`.
    """
    undone = list(_undone(history))
    models = [step for step in undone if isinstance(step, ModelStep)]
    edges = [step for step in undone if isinstance(step, EdgeStep)]
    return replace(history.plan, steps=(*models, *edges), refused=(), clashes=(), gaps=())


def _undone(history: History) -> Iterator[ModelStep | EdgeStep]:
    for place in sorted(history.stored, reverse=True):
        step, outcome = history.plan.steps[place], history.outcomes.get(place)
        is_ours = outcome is None or outcome.result != Result.CONFLICT
        if is_ours or isinstance(step, EdgeStep):
            undone = step.undone(history.stored[place])
            if undone is not None:
                yield undone
