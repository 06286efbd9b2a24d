"""Carry out one step on an edge: read again, compare, write, read back, compare."""

from collections.abc import Callable
from typing import Any

from lineage.errors import AccessRefused, ServerError
from lineage.model.edges import Edge
from lineage.openmetadata.client import Client
from lineage.openmetadata.edge_api import (
    EdgeEnds,
    StoredEdge,
    has_edge,
    read_edge,
    remove_edge,
    with_current_pipeline,
    write_edge,
)
from lineage.openmetadata.permissions import read_user
from lineage.openmetadata.retry import may_pass
from lineage.writes.edge_steps import EdgeStep, facts, fingerprint, functions
from lineage.writes.outcome import Outcome, Result
from lineage.writes.ownership import DERIVED
from lineage.writes.write_retry import attempt_until

__all__ = ["apply_edge_step"]

Note = Callable[[dict[str, Any] | None], None]
"""Told what the server holds of an edge, right before that is changed."""


def apply_edge_step(step: EdgeStep, client: Client, note: Note) -> Outcome:
    """Write one edge, unless the server says it already or somebody changed it.

    A write is sent once. Whatever comes back, the edge is read again, and only where it
    stands as before is the write tried again: so it cannot overwrite what somebody else
    wrote between two tries.

    Parameters
    ----------
    note : callable
        Told what is about to be changed, before it is.
    """
    writing = _Writing(step, client, note)
    try:
        outcome = attempt_until(client, writing.attempt)
        return outcome or Outcome(step, Result.FAILED, str(writing.trouble))
    except ServerError as error:
        return Outcome(step, _result_of(error), str(error))


class _Writing:
    """One step under way."""

    def __init__(self, step: EdgeStep, client: Client, note: Note) -> None:
        self.step, self.client, self.note = step, client, note
        self.ends = EdgeEnds(step.upstream, step.upstream_id, step.downstream, step.downstream_id)
        self.trouble: ServerError | None = None

    def attempt(self) -> Outcome | None:
        """Try once; None where the write did not arrive and may be tried again."""
        step, stored = self.step, self._read()
        if self._is_done(stored):
            result = Result.UNCHANGED if self.trouble is None else Result.WRITTEN
            return Outcome(step, result, fingerprint=_print(stored))
        if stored is not None and stored.edge.evidence.recorded_as == DERIVED:
            return Outcome(step, Result.REFUSED, "the server derives this edge by itself")
        if _print(stored) != step.fingerprint:
            return Outcome(step, Result.CONFLICT, "changed after the plan was made: plan again")
        self.note(None if stored is None else stored.details)
        self.trouble = self._write(stored)
        return self._compare(stored, self._read())

    def _read(self) -> StoredEdge | None:
        """Read the edge; a pipeline it names otherwise than the step is asked for its name."""
        stored = read_edge(self.client, self.ends)
        if stored is None:
            return None
        known = {
            None if edge is None else edge.evidence.pipeline
            for edge in (self.step.before, self.step.after)
        }
        pipeline = stored.edge.evidence.pipeline
        if pipeline is None or pipeline in known:
            return stored
        return with_current_pipeline(self.client, stored)

    def _is_done(self, stored: StoredEdge | None) -> bool:
        if self.step.after is None and stored is None:
            return not has_edge(self.client, self.ends)
        return _says(self.step, None if stored is None else stored.edge)

    def _write(self, stored: StoredEdge | None) -> ServerError | None:
        """Send the write once; give the error it met."""
        step = self.step
        try:
            if step.after is None:
                remove_edge(self.client, self.ends)
            else:
                write_edge(self.client, self.ends, stored, step.after, pipeline_id=step.pipeline_id)
        except ServerError as error:
            return error
        return None

    def _compare(self, before: StoredEdge | None, after: StoredEdge | None) -> Outcome | None:
        """Check that what was wanted is there, and that what others wrote still is."""
        now = _print(after)
        if not self._is_done(after):
            return self._failure(before, after)
        edge = None if after is None else after.edge
        if now != fingerprint(self.step.after) and _lost(self.step, edge):
            reason = "somebody changed the edge during the write: plan again"
            return Outcome(self.step, Result.CONFLICT, reason, now)
        maker = self._other_maker(edge, now) if before is None else ""
        if maker:
            reason = f"{maker} made the edge during the write, which replaced it"
            return Outcome(self.step, Result.CONFLICT, reason, now)
        return Outcome(self.step, Result.WRITTEN, fingerprint=now)

    def _other_maker(self, edge: Edge | None, now: str) -> str:
        """Name who made an edge that was not there a moment ago, if that was not us.

        Who we are is only asked where something is odd about the edge.
        """
        if edge is None or not edge.evidence.created_by:
            return ""
        maker, writer = edge.evidence.created_by, edge.evidence.updated_by
        if maker == writer and now == fingerprint(self.step.after):
            return ""
        return "" if maker == read_user(self.client) else maker

    def _failure(self, before: StoredEdge | None, after: StoredEdge | None) -> Outcome | None:
        """Say why the server does not hold what it should; None where it may be tried again."""
        step, now = self.step, _print(after)
        if self.trouble is None:
            return Outcome(step, Result.DROPPED, _lacking(step, after), now)
        if now != _print(before):
            reason = "somebody changed the edge during the write: plan again"
            return Outcome(step, Result.CONFLICT, reason, now)
        if may_pass(self.trouble, "PUT"):
            return None
        return Outcome(step, _result_of(self.trouble), str(self.trouble), now)


def _print(stored: StoredEdge | None) -> str:
    return fingerprint(None if stored is None else stored.edge)


def _says(step: EdgeStep, edge: Edge | None) -> bool:
    """Whether an edge says everything the step wants to change."""
    if step.after is None or edge is None:
        return step.after is edge
    return not _missing(step, edge) and step.lost_pairs.isdisjoint(functions(edge))


def _missing(step: EdgeStep, edge: Edge) -> list[str]:
    """Name what the step wants to be there and is not."""
    there = functions(edge)
    pairs = [(pair, item.function) for item in step.added for pair in sorted(item.pairs)]
    missing = [
        f"{column} -> {target}"
        for (column, target), function in pairs
        if not {function or ""} <= there.get((column, target), frozenset())
    ]
    said = facts(edge)
    return missing + [name for name, _, after in step.details if said[name] != after]


def _lost(step: EdgeStep, edge: Edge | None) -> bool:
    """Whether anything that was there, and should have stayed, is gone."""
    if step.before is None or step.after is None or edge is None:
        return False
    there, wanted, said = functions(edge), functions(step.after), facts(edge)
    stays = functions(step.before).keys() & wanted.keys()
    changed = {name for name, _, _ in step.details}
    return any(not wanted[pair] <= there.get(pair, frozenset()) for pair in stays) or any(
        said[name] != value for name, value in facts(step.before).items() if name not in changed
    )


def _lacking(step: EdgeStep, stored: StoredEdge | None) -> str:
    """Say what the server did not do, though it answered well."""
    if step.after is None:
        return "the server still has the edge"
    if stored is None:
        return "the server has no such edge after the write"
    missing = _missing(step, stored.edge)
    if missing:
        return f"the server did not keep {'; '.join(missing)}"
    left = sorted(step.lost_pairs & functions(stored.edge).keys())
    return f"the server still has {'; '.join(f'{a} -> {b}' for a, b in left)}"


def _result_of(error: ServerError) -> Result:
    return Result.REFUSED if isinstance(error, AccessRefused) else Result.FAILED
