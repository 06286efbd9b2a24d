"""The search index after a write: whether it shows by now what the database holds."""

from collections.abc import Iterator

from pydantic import ValidationError

from lineage.changes.edge_facts import functions
from lineage.errors import ServerError
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client, Parameters
from lineage.openmetadata.payloads import IndexedLineagePayload, make_edge
from lineage.writes.edge_step import EdgeStep
from lineage.writes.outcome import Applied
from lineage.writes.step import Result

__all__ = ["await_index"]


def await_index(
    applied: Applied, client: Client, *, seconds: float = 10.0
) -> tuple[Reference, ...]:
    """Wait until the search index shows what was written, but no longer than some seconds.

    Until then a snapshot that is read from the index shows what was there before, and a
    plan made of it asks for what is written already; applying that does no harm.

    Parameters
    ----------
    seconds : float
        How long to wait in all; each entity is asked for at least once.

    Returns
    -------
    tuple of Reference
        The entities whose edges the index does not show yet, or that it could not be asked
        about; sorted.
    """
    waiting: dict[Reference, list[EdgeStep]] = {}
    for outcome in applied.outcomes:
        if isinstance(outcome.step, EdgeStep) and outcome.result == Result.WRITTEN:
            waiting.setdefault(outcome.step.downstream, []).append(outcome.step)
    retry = client.retry
    end = retry.clock() + seconds
    tries = 0
    while waiting:
        for reference in [one for one, steps in waiting.items() if _shows(client, one, steps)]:
            del waiting[reference]
        tries += 1
        pause = retry.wait(tries)
        if not waiting or retry.clock() + pause > end:
            break
        retry.sleep(pause)
    return tuple(sorted(waiting))


def _shows(client: Client, reference: Reference, steps: list[EdgeStep]) -> bool:
    """Whether the index shows the edges into one entity as they were written."""
    params: Parameters = {
        "fqn": reference.fqn,
        "type": str(reference.kind),
        "upstreamDepth": 1,
        "downstreamDepth": 0,
    }
    try:
        answer = client.get("/lineage/getLineage", params)
        shown = dict(_edges(answer, reference))
    except (ServerError, ValidationError):
        return False
    return all(_is_shown(step, shown.get(step.upstream_id)) for step in steps)


def _edges(answer: object, reference: Reference) -> Iterator[tuple[str, Edge]]:
    """Give the edges into an entity, each by the id of what is upstream."""
    edges = answer.get("upstreamEdges") if isinstance(answer, dict) else None
    for item in (edges or {}).values():
        payload = IndexedLineagePayload.model_validate(item)
        to_entity = item.get("toEntity") or {}
        if to_entity.get("fullyQualifiedName") == reference.fqn:
            upstream = payload.from_entity.reference()
            yield payload.from_entity.id, make_edge(upstream, reference, payload)


def _is_shown(step: EdgeStep, shown: Edge | None) -> bool:
    if step.after is None or shown is None:
        return step.after is shown
    return functions(step.after) == functions(shown)
