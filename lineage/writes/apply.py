"""Apply a plan: check everything, then apply step after step, several at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Event

from lineage.errors import PlanRefused
from lineage.openmetadata.client import Client
from lineage.writes.apply_step import apply_step
from lineage.writes.edge_step import EdgeStep
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import History
from lineage.writes.model_step import ModelStep
from lineage.writes.outcome import Applied, Outcome
from lineage.writes.plan import Plan
from lineage.writes.preflight import check_plan, check_server, check_unmade
from lineage.writes.step import Document, Result

__all__ = ["apply_plan"]

WORKERS = 4
"""Steps on edges that are applied at once."""

_STOPPED = "another step failed"


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
    already so sends nothing. After the write its subject is read back, since the server drops
    what it does not like without a word.

    Parameters
    ----------
    plan : Plan
        Made from a snapshot of the same server.
    client : Client
        The server.
    journal : Journal, optional
        Where every change of state is kept. Steps that are done by what it holds are not done
        again.
    workers : int
        How many steps on edges are applied at once.
    fail_fast : bool
        Begin no further step once one has failed.
    progress : callable, optional
        Given the outcome of each step, from any thread.

    Returns
    -------
    Applied
        One outcome for each step, in order.

    Raises
    ------
    PlanRefused
        The plan was made for another server or another version of it, or the journal is of
        another plan, or of one that was undone.
    ServerError
        The server could not be asked before the first write.
    BrokenFile
        The journal can no longer be written; no step is begun after that.
    """
    if journal is not None:
        _check_journal(journal, plan)
    return _Applying(plan, client, journal, progress, fail_fast=fail_fast).run(workers)


def _check_journal(journal: Journal, plan: Plan) -> None:
    if journal.history.plan != plan:
        message = f"{journal.path} is the journal of another plan: name another one"
        raise PlanRefused(message)
    if journal.history.undone_by:
        message = (
            f"{journal.path} was undone, or begun to be, by {journal.history.undone_by}: "
            "nothing is left to go on with; plan again"
        )
        raise PlanRefused(message)


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
        check_server(self.plan, self.client)
        self.refused = check_plan(self.plan, self.client)
        if self.refused and self.fail_fast:
            self.stopped.set()
        places = range(len(self.plan.steps))
        # A mapping may lead to a feature that only the change of its model brings.
        models = [place for place in places if isinstance(self.plan.steps[place], ModelStep)]
        outcomes = {place: self._step(place) for place in models}
        self.refused = {**check_unmade(self.plan, outcomes.values()), **self.refused}
        with ThreadPoolExecutor(workers) as pool:
            futures = {
                place: pool.submit(self._step, place) for place in places if place not in outcomes
            }
            try:
                outcomes |= {place: future.result() for place, future in futures.items()}
            except BaseException:
                # What was begun comes to its end and is noted; nothing else is begun.
                self.stopped.set()
                raise
        return Applied(tuple(outcomes[place] for place in places))

    def _step(self, place: int) -> Outcome:
        """Bring one step to its end, unless an earlier run did."""
        done = self.history.outcomes.get(place)
        if done is not None and done.is_good:
            return done
        step = self.plan.steps[place]
        if place in self.refused:
            outcome = Outcome(step, Result.REFUSED, self.refused[place])
        elif self.stopped.is_set():
            return Outcome(step, Result.SKIPPED, _STOPPED)
        else:
            outcome = self._attempted(place, step)
        if self.journal is not None:
            self.journal.end(place, outcome)
        if self.fail_fast and not outcome.is_good:
            self.stopped.set()
        if self.progress is not None:
            self.progress(outcome)
        return outcome

    def _attempted(self, place: int, step: ModelStep | EdgeStep) -> Outcome:
        outcome = apply_step(step, self.client, partial(self._begin, place))
        if outcome.result == Result.UNCHANGED and place in self.history.stored:
            return replace(outcome, result=Result.WRITTEN)  # by a run that was killed
        return outcome

    def _begin(self, place: int, stored: Document | None) -> None:
        if self.journal is not None:
            self.journal.begin(place, stored)
