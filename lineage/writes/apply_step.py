"""Apply one step: read again, compare, write, read back, compare."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from lineage.errors import AccessRefused, ServerError
from lineage.openmetadata.client import Client
from lineage.openmetadata.retry import may_pass
from lineage.writes.index_wait import WAIT, settle_index
from lineage.writes.outcome import Outcome
from lineage.writes.step import Document, Result, State, Step

__all__ = ["Note", "apply_step"]

Note = Callable[[Document | None], None]
"""Given what the server holds of the subject of a step, right before that is changed."""

_Value = TypeVar("_Value")


def apply_step(
    step: Step[Any],
    client: Client,
    note: Note,
    *,
    earlier: State[Any] | None = None,
    wait: float = WAIT,
) -> Outcome:
    """Apply a step, unless the server says it already or somebody changed its subject.

    A write is sent once. Whatever comes back, the subject is read again, and only where it
    is as before is the write tried again, as often and as slowly as the client retries: so it
    cannot overwrite what somebody else wrote between two tries. A write that failed and is in
    the database all the same may be lost to the search index, which is seen to right away.

    Parameters
    ----------
    step : Step
    client : Client
    note : callable
        Given what is about to be changed, before it is.
    earlier : State, optional
        What stood before an earlier run began to write and was killed: where the step is found
        to be done, that write is the one to judge.
    wait : float
        How many seconds to wait for the search index after such a write.
    """
    writing = _Writing(step, client, note, earlier)
    try:
        outcome = writing.attempt()
        for failures in range(1, client.retry.tries):
            if outcome is not None:
                break
            client.retry.sleep(client.retry.wait(failures))
            outcome = writing.attempt()
    except ServerError as error:
        return Outcome(step, _result_of(error), str(error), error.is_final)
    if outcome is None:
        return Outcome(step, Result.FAILED, str(writing.trouble))
    if writing.trouble is not None:
        (outcome,) = settle_index([outcome], client, seconds=wait)
    return outcome


class _Writing(Generic[_Value]):
    """One step being applied."""

    def __init__(
        self, step: Step[_Value], client: Client, note: Note, first: State[_Value] | None
    ) -> None:
        self.step, self.client, self.note = step, client, note
        self.first = first
        """What stood before the first write; None where none was sent."""
        self.trouble: ServerError | None = None

    def attempt(self) -> Outcome | None:
        """Try once; None where the write did not arrive and may be tried again."""
        step, before = self.step, self.step.read(self.client)
        if step.is_done(before):
            if self.first is None:
                return Outcome(step, Result.UNCHANGED)
            return Outcome(step, *step.verify(self.client, self.first, before))
        conflict = step.conflict(before)
        if conflict is not None:
            return Outcome(step, *conflict)
        self.first = self.first or before
        self.note(before.document)
        self.trouble = self._write(before)
        return self._compare(before, step.read(self.client))

    def _write(self, before: State[_Value]) -> ServerError | None:
        """Send the write once; give the error it met."""
        try:
            self.step.write(self.client, before)
        except ServerError as error:
            return error
        return None

    def _compare(self, before: State[_Value], after: State[_Value]) -> Outcome | None:
        """Check that what was wanted is there, and that what others wrote still is."""
        step, trouble = self.step, self.trouble
        if step.is_done(after):
            return Outcome(step, *step.verify(self.client, before, after))
        if trouble is None:
            return Outcome(step, Result.DROPPED, step.lacking(after))
        if before.mark != after.mark:
            reason = "somebody changed it during the write: plan again"
            return Outcome(step, Result.CONFLICT, reason)
        if may_pass(trouble, "PUT"):
            return None
        return Outcome(step, _result_of(trouble), str(trouble))


def _result_of(error: ServerError) -> Result:
    return Result.REFUSED if isinstance(error, AccessRefused) else Result.FAILED
