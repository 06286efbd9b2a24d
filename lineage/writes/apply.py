"""Apply a plan: check everything, then apply step after step, several at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

from lineage.errors import PlanRefused
from lineage.openmetadata.capabilities import Capabilities
from lineage.openmetadata.client import Client
from lineage.writes.apply_step import apply_step
from lineage.writes.edge_step import EdgeStep
from lineage.writes.index_wait import WAIT, settle_index
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
_GONE = "the server or the token is gone, so no further step was begun; go on with --resume JOURNAL"


def apply_plan(  # noqa: PLR0913  # options, each by name
    plan: Plan,
    client: Client,
    *,
    journal: Journal | None = None,
    workers: int = WORKERS,
    fail_fast: bool = False,
    wait: float = WAIT,
    progress: Callable[[Outcome], None] | None = None,
) -> Applied:
    """Write what a plan intends.

    First everything that can be known to be refused is refused. Then each step is read
    again: one that was changed meanwhile is a conflict and is left alone, and one that is
    already so sends nothing. After the write its subject is read back, since the server drops
    what it does not like without a word. At the end the search index is asked: what it does not
    show is waited for, and written again where it was lost.

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
        How many steps on edges are applied at once; one where the server cannot bear two.
    fail_fast : bool
        Begin no further step once one has failed.
    wait : float
        How many seconds to wait for the search index.
    progress : callable, optional
        Given the outcome of each step, from any thread, and again if the index lacks it.

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
    return _Applying(plan, client, journal, progress, fail_fast=fail_fast, wait=wait).run(workers)


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
        wait: float,
    ) -> None:
        self.plan, self.client, self.journal, self.progress = plan, client, journal, progress
        self.fail_fast, self.wait = fail_fast, wait
        self.stopped, self.gone = Event(), Event()
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
        at_once, notes = self._at_once(workers)
        with ThreadPoolExecutor(at_once) as pool:
            futures = {
                place: pool.submit(self._step, place) for place in places if place not in outcomes
            }
            try:
                outcomes |= {place: future.result() for place, future in futures.items()}
            except BaseException:
                # What was begun comes to its end and is noted; nothing else is begun.
                self.stopped.set()
                raise
        found = [outcomes[place] for place in places]
        if self.gone.is_set():
            return Applied(tuple(found), (*notes, _GONE))
        return Applied(self._settled(found), notes)

    def _at_once(self, workers: int) -> tuple[int, tuple[str, ...]]:
        """Give how many edges are written at once, and why no more."""
        version = self.client.version
        is_alone = workers == 1 or len(self.plan.edge_steps) < 2
        if is_alone or Capabilities(version).concurrent_edge_writes:
            return workers, ()
        known = ".".join(map(str, version))
        reason = f"on {known} two at once may collide, and one of them is lost to the search index"
        return 1, (f"edges were written one at a time: {reason}",)

    def _settled(self, outcomes: list[Outcome]) -> tuple[Outcome, ...]:
        """See to it that the index shows what this run found or made to be as wanted."""
        known = self.history.outcomes
        new = [place for place, one in enumerate(outcomes) if known.get(place) is not one]
        settled = settle_index([outcomes[one] for one in new], self.client, seconds=self.wait)
        for place, outcome in zip(new, settled, strict=True):
            if outcome != outcomes[place]:
                self._end(place, outcome)
                outcomes[place] = outcome
        return tuple(outcomes)

    def _step(self, place: int) -> Outcome:
        """Bring one step to its end, unless an earlier run did."""
        done = self.history.outcomes.get(place)
        if done is not None and done.is_good:
            return done
        step = self.plan.steps[place]
        if place in self.refused:
            outcome = Outcome(step, Result.REFUSED, self.refused[place])
        elif self.stopped.is_set():
            return Outcome(step, Result.SKIPPED, _GONE if self.gone.is_set() else _STOPPED)
        else:
            outcome = self._attempted(place, step)
        self._end(place, outcome)
        return outcome

    def _end(self, place: int, outcome: Outcome) -> None:
        """Note what became of a step, and hand it on."""
        if self.journal is not None:
            self.journal.end(place, outcome)
        if outcome.is_final:
            self.gone.set()
        if outcome.is_final or (self.fail_fast and not outcome.is_good):
            self.stopped.set()
        if self.progress is not None:
            self.progress(outcome)

    def _attempted(self, place: int, step: ModelStep | EdgeStep) -> Outcome:
        return apply_step(
            step,
            self.client,
            partial(self._begin, place),
            earlier=self.history.stored.get(place),
            wait=self.wait,
        )

    def _begin(self, place: int, stored: Document | None) -> None:
        if self.journal is not None:
            self.journal.begin(place, stored)
