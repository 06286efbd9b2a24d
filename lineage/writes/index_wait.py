"""The search index after a write: it shows what the database holds, or is written until it does.

Most servers index a write before they answer it, or soon after. What collided there with
another write is lost to the index for good, until the same edge is written again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from pydantic import ValidationError

from lineage.changes.edge_facts import facts, functions
from lineage.errors import RequestFailed, ServerError
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client, Parameters
from lineage.openmetadata.payloads import IndexedLineagePayload, make_edge
from lineage.writes.edge_step import EdgeStep
from lineage.writes.outcome import Outcome
from lineage.writes.step import Action, Result

__all__ = ["WAIT", "settle_index"]

WAIT = 10.0
"""How many seconds the index is waited for."""

_LACKING = (
    "it is in the database, and the search index does not show it yet: where a later "
    "`lineage plan --truth both` still lists it, apply that"
)
_CHANGED = "somebody changed it after it was written: plan again"


def settle_index(
    outcomes: Iterable[Outcome], client: Client, *, seconds: float = WAIT
) -> tuple[Outcome, ...]:
    """Wait until the search index shows what the database holds; write again what it lost.

    The index is asked twice before anything is written again, since it may only be late.

    Parameters
    ----------
    outcomes : iterable of Outcome
        Those of edges that are as wanted are looked at, the others are given back.
    seconds : float
        How long to wait in all; each entity is asked for at least once.

    Returns
    -------
    tuple of Outcome
        In the same order; `unindexed` where the index does not follow.
    """
    settling = _Settling(outcomes, client)
    retry = client.retry
    end = retry.clock() + seconds
    try:
        for tries in count(1):
            settling.look()
            pause = retry.wait(tries)
            if not settling.waiting or retry.clock() + pause > end:
                break
            if tries > 1:
                settling.write_again()
            retry.sleep(pause)
    except ServerError as error:  # every other question would end so, too
        settling.trouble = str(error)
    return settling.settled()


class _Settling:
    """The outcomes, and those among them that the index does not show yet."""

    def __init__(self, outcomes: Iterable[Outcome], client: Client) -> None:
        self.outcomes, self.client = list(outcomes), client
        self.waiting = {
            place: one.step
            for place, one in enumerate(self.outcomes)
            if one.is_good and isinstance(one.step, EdgeStep)
        }
        self.shown: dict[int, Edge | None] = {}
        self.rewritten: set[int] = set()
        self.trouble = ""

    def look(self) -> None:
        """Ask the index for everything that is waited for, once for each entity that is fed."""
        fed: dict[Reference, list[int]] = defaultdict(list)
        for place, step in self.waiting.items():
            fed[step.downstream].append(place)
        self.trouble = ""
        for reference, places in fed.items():
            try:
                shown = _read_index(self.client, reference)
            except (ServerError, ValidationError) as error:
                self._note(error, places)
                continue
            for place in places:
                step = self.waiting[place]
                self.shown[place] = shown.get(step.upstream_id)
                if _shows(step.after, self.shown[place]):
                    del self.waiting[place]

    def write_again(self) -> None:
        """Write once more what the database holds and the index was seen not to show."""
        for place in [one for one in self.waiting if one in self.shown]:
            try:
                self._write_again(place, self.waiting[place])
            except ServerError as error:  # whatever came of it, the index is asked next
                if error.is_final:
                    raise

    def _write_again(self, place: int, step: EdgeStep) -> None:
        state = step.read(self.client)
        is_made_to_be_removed = step.after is None and place in self.rewritten
        if not step.is_done(state) and not is_made_to_be_removed:
            self._end(place, Outcome(step, Result.CONFLICT, _CHANGED))
        elif _shows(state.value, self.shown[place]):
            del self.waiting[place]  # the step is older than what both of them hold
        else:
            self.rewritten.add(place)
            step.write_again(self.client, state)

    def settled(self) -> tuple[Outcome, ...]:
        """Give the outcomes, with what became of them in the index."""
        for place, step in list(self.waiting.items()):
            asked = f"the search index could not be asked: {self.trouble}"
            detail = asked if self.trouble else _LACKING
            self._end(place, Outcome(step, Result.UNINDEXED, detail))
        for place in self.rewritten:
            outcome = self.outcomes[place]
            if outcome.result == Result.UNCHANGED:
                is_wanted = outcome.step.action == Action.WRITE_AGAIN
                result = Result.WRITTEN if is_wanted else Result.UNCHANGED
                detail = "the search index did not show it, and does now"
                self.outcomes[place] = replace(outcome, result=result, detail=detail)
        return tuple(self.outcomes)

    def _note(self, error: ServerError | ValidationError, places: list[int]) -> None:
        """Note why the index could not be asked; one without the entity has nothing to show."""
        if isinstance(error, ServerError) and error.is_final:
            raise error
        if isinstance(error, RequestFailed) and error.is_not_found:
            for place in places:
                del self.waiting[place]
        else:
            is_broken = isinstance(error, ValidationError)
            self.trouble = "its answer holds no readable edge" if is_broken else str(error)

    def _end(self, place: int, outcome: Outcome) -> None:
        self.outcomes[place] = outcome
        del self.waiting[place]


def _read_index(client: Client, reference: Reference) -> dict[str, Edge]:
    """Read the edges into an entity from the index, each by the id of what is upstream."""
    params: Parameters = {
        "fqn": reference.fqn,
        "type": str(reference.kind),
        "upstreamDepth": 1,
        "downstreamDepth": 0,
    }
    answer = client.get("/lineage/getLineage", params)
    edges = answer.get("upstreamEdges") if isinstance(answer, dict) else None
    found = {}
    for item in (edges or {}).values():
        payload = IndexedLineagePayload.model_validate(item)
        to_entity = item.get("toEntity") or {}
        if to_entity.get("fullyQualifiedName") == reference.fqn:
            upstream = payload.from_entity.reference()
            found[payload.from_entity.id] = make_edge(upstream, reference, payload)
    return found


def _shows(edge: Edge | None, shown: Edge | None) -> bool:
    """Whether the index shows an edge as it is; it may leave out texts that are too long."""
    if edge is None or shown is None:
        return edge is shown
    there = facts(shown)
    return functions(edge) == functions(shown) and all(
        there[name] in {value, ""} for name, value in facts(edge).items()
    )
