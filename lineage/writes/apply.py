"""Apply a plan: read again, compare, write, read back, compare."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from lineage.errors import PlanRefused, ServerError
from lineage.model.answer import Answer, Record
from lineage.model.edges import Edge
from lineage.openmetadata.client import Client
from lineage.openmetadata.edges import (
    EdgeEnds,
    StoredEdge,
    read_edge,
    remove_edge,
    with_current_pipeline,
    write_edge,
)
from lineage.writes.plan import Plan
from lineage.writes.steps import EdgeStep, Step, fingerprint

__all__ = ["Applied", "Outcome", "Result", "apply_plan"]


class Result(StrEnum):
    """What became of a step."""

    WRITTEN = "written"
    """It was written, and read back as it should be."""
    UNCHANGED = "unchanged"
    """The server says it already; nothing was sent."""
    CONFLICT = "conflict"
    """The edge was changed after the plan was made; nothing was sent."""
    DROPPED = "dropped"
    """The server answered well, but did not keep what was sent."""
    FAILED = "failed"
    """The server refused, or did not answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step, what became of it, and why."""

    step: Step
    result: Result
    detail: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Applied(Answer):
    """What became of every step of a plan, in the order of the plan."""

    outcomes: tuple[Outcome, ...]

    @property
    def succeeded(self) -> bool:
        """Whether the server now says everything the plan wanted."""
        good = {Result.WRITTEN, Result.UNCHANGED}
        return all(outcome.result in good for outcome in self.outcomes)

    def summary(self) -> str:
        """Count the steps by result."""
        results = [outcome.result for outcome in self.outcomes]
        counted = [f"{results.count(item)} {item}" for item in Result if item in results]
        return ", ".join(counted) or "nothing to do"

    def to_records(self) -> list[Record]:
        """Give one row for each step."""
        return [
            {
                "result": str(outcome.result),
                "upstream": str(outcome.step.upstream),
                "downstream": str(outcome.step.downstream),
                "added": len(outcome.step.added),
                "detail": outcome.detail,
            }
            for outcome in self.outcomes
        ]


def apply_plan(
    plan: Plan, client: Client, *, progress: Callable[[Outcome], None] | None = None
) -> Applied:
    """Write what a plan intends, step by step.

    Each step is read again first: one that was changed meanwhile is a conflict and is left
    alone, and one that is already so sends nothing. After the write the edge is read back,
    since the server drops mappings it does not like with a smile.

    Parameters
    ----------
    plan : Plan
        Made from a snapshot of the same server.
    client : Client
        The server.
    progress : callable, optional
        Told the outcome of each step.

    Returns
    -------
    Applied
        One outcome for each step, in order. A step that fails does not stop the others.

    Raises
    ------
    PlanRefused
        The plan was made for another server.
    """
    if plan.server != client.host:
        message = f"the plan was made for {plan.server}, not for {client.host}: plan again here"
        raise PlanRefused(message)
    outcomes = []
    for step in plan.steps:
        outcome = _apply_step(step, client)
        outcomes.append(outcome)
        if progress is not None:
            progress(outcome)
    return Applied(tuple(outcomes))


def _apply_step(step: Step, client: Client) -> Outcome:
    ends = EdgeEnds(step.upstream, step.upstream_id, step.downstream, step.downstream_id)
    try:
        stored = read_edge(client, ends)
        if stored is not None and not _lacking(step, stored):
            return Outcome(step, Result.UNCHANGED)
        if not _is_as_planned(step, stored, client):
            return Outcome(step, Result.CONFLICT, "changed after the plan was made: plan again")
        _write(step, client, ends, stored)
        return _compare(step, stored, read_edge(client, ends))
    except ServerError as error:
        return Outcome(step, Result.FAILED, str(error))


def _write(step: EdgeStep, client: Client, ends: EdgeEnds, stored: StoredEdge | None) -> None:
    if step.after is None:
        remove_edge(client, ends)
    else:
        write_edge(client, ends, stored, step.after, pipeline_id=step.pipeline_id)


def _is_as_planned(step: Step, stored: StoredEdge | None, client: Client) -> bool:
    """Whether the edge is what the plan was made for; a renamed pipeline is no change."""
    if stored is None or fingerprint(stored.edge) == step.fingerprint:
        return fingerprint(None if stored is None else stored.edge) == step.fingerprint
    return fingerprint(with_current_pipeline(client, stored).edge) == step.fingerprint


def _compare(step: Step, before: StoredEdge | None, after: StoredEdge | None) -> Outcome:
    """Check that what was wanted is there, and that what others wrote still is."""
    if after is None:
        return Outcome(step, Result.DROPPED, "the server has no such edge after the write")
    lacking = sorted(_lacking(step, after))
    if lacking:
        pairs = "; ".join(f"{column} -> {feature}" for column, feature in lacking)
        return Outcome(step, Result.DROPPED, f"the server did not keep {pairs}")
    if before is not None and _lost(before.edge, after.edge):
        return Outcome(step, Result.CONFLICT, "somebody changed the edge during the write")
    return Outcome(step, Result.WRITTEN)


def _lacking(step: Step, stored: StoredEdge) -> set[tuple[str, str]]:
    """Tell which wanted mappings are not stored."""
    wanted = {pair for mapping in step.added for pair in mapping.pairs}
    return wanted - {pair for mapping in stored.edge.column_edges for pair in mapping.pairs}


def _lost(before: Edge, after: Edge) -> bool:
    """Whether anything that was there before the write is gone."""
    kept = replace(after, column_edges=before.column_edges)
    gone = set(before.column_edges) - set(after.column_edges)
    return bool(gone) or fingerprint(kept) != fingerprint(before)
