"""Apply a plan: check everything, then carry out step after step, several at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

from lineage.errors import PlanRefused
from lineage.openmetadata.client import Client
from lineage.writes.apply_edge import apply_edge_step
from lineage.writes.apply_model import apply_model_step
from lineage.writes.edge_steps import Step
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import History
from lineage.writes.model_steps import ModelStep
from lineage.writes.outcome import Applied, ModelOutcome, Outcome, Result
from lineage.writes.plan import Plan
from lineage.writes.preflight import check_plan, check_server, check_unmade

__all__ = ["apply_plan"]

WORKERS = 4
"""Steps under way at once."""

_STOPPED = "another step came to no good end"


def apply_plan(
    plan: Plan,
    client: Client,
    *,
    journal: Journal | None = None,
    workers: int = WORKERS,
    fail_fast: bool = False,
    progress: Callable[[Outcome], None] | None = None,
) -> Applied:
    """Write what a plan intends.

    First everything that can be known to be refused is refused. Then each step is read
    again: one that was changed meanwhile is a conflict and is left alone, and one that is
    already so sends nothing. After the write the edge is read back, since the server drops
    mappings it does not like with a smile.

    Parameters
    ----------
    plan : Plan
        Made from a snapshot of the same server.
    client : Client
        The server.
    journal : Journal, optional
        Where every change of state is kept. Steps that it tells to be done are not done
        again.
    workers : int
        How many steps are under way at once.
    fail_fast : bool
        Begin no further step once one came to no good end.
    progress : callable, optional
        Told the outcome of each step, from any thread.

    Returns
    -------
    Applied
        One outcome for each step, in order.

    Raises
    ------
    PlanRefused
        The plan was made for another server or another version of it, or the journal is of
        another plan.
    ServerError
        The server could not be asked before the first write.
    BrokenFile
        The journal can no longer be written; no step is begun after that.
    """
    if journal is not None and journal.history.plan != plan:
        message = f"{journal.path} is the journal of another plan: name another one"
        raise PlanRefused(message)
    return _Applying(plan, client, journal, progress, fail_fast=fail_fast).run(workers)


class _Applying:
    """One run: what has come to an end already, what is refused, and whether to go on."""

    def __init__(
        self,
        plan: Plan,
        client: Client,
        journal: Journal | None,
        progress: Callable[[Outcome], None] | None,
        *,
        fail_fast: bool,
    ) -> None:
        self.plan, self.client, self.journal, self.progress = plan, client, journal, progress
        self.fail_fast = fail_fast
        self.stopped = Event()
        self.refused: dict[int, str] = {}
        self.history = History(plan=plan, size=0) if journal is None else journal.history

    def run(self, workers: int) -> Applied:
        plan = self.plan
        check_server(plan, self.client)
        self.refused = check_plan(plan, self.client)
        if self.refused and self.fail_fast:
            self.stopped.set()
        # A mapping may lead to a feature that only the change of its model brings.
        models = tuple(self._model(*item) for item in enumerate(plan.models))
        self.refused = {**check_unmade(plan, models), **self.refused}
        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(self._step, *item) for item in enumerate(plan.steps)]
            try:
                return Applied(tuple(future.result() for future in futures), models)
            except BaseException:
                # What is under way comes to its end and is noted; nothing else is begun.
                self.stopped.set()
                raise

    def _model(self, place: int, step: ModelStep) -> ModelOutcome:
        """Change a model, unless an earlier run did."""
        done = self.history.models.get(place)
        if done is not None and done.is_good:
            return done
        if self.stopped.is_set():
            return ModelOutcome(step, Result.SKIPPED, _STOPPED)
        outcome = apply_model_step(step, self.client, partial(self._begin_model, place))
        if outcome.result == Result.UNCHANGED and place in self.history.stored_models:
            outcome = replace(outcome, result=Result.WRITTEN)  # by a run that was killed
        if self.journal is not None:
            self.journal.end_model(place, outcome)
        if self.fail_fast and not outcome.is_good:
            self.stopped.set()
        return outcome

    def _step(self, place: int, step: Step) -> Outcome:
        done = self.history.outcomes.get(place)
        if done is not None and done.is_good:
            return done
        if place in self.refused:
            outcome = Outcome(step, Result.REFUSED, self.refused[place])
        elif self.stopped.is_set():
            return Outcome(step, Result.SKIPPED, _STOPPED)
        else:
            outcome = self._carry_out(place, step)
        if self.journal is not None:
            self.journal.end(place, outcome)
        if self.fail_fast and not outcome.is_good:
            self.stopped.set()
        if self.progress is not None:
            self.progress(outcome)
        return outcome

    def _carry_out(self, place: int, step: Step) -> Outcome:
        """Carry out one step, by the kind of step it is."""
        outcome = apply_edge_step(step, self.client, partial(self._begin, place))
        if outcome.result == Result.UNCHANGED and place in self.history.stored:
            return replace(outcome, result=Result.WRITTEN)  # by a run that was killed
        return outcome

    def _begin(self, place: int, stored: dict[str, Any] | None) -> None:
        if self.journal is not None:
            self.journal.begin(place, stored)

    def _begin_model(self, place: int, stored: dict[str, Any]) -> None:
        if self.journal is not None:
            self.journal.begin_model(place, stored)
