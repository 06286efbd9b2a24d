"""Checks before the first write: whatever can be known to be refused is refused by then."""

from collections.abc import Iterable, Iterator

from lineage.errors import PlanRefused
from lineage.model.entities import Dashboard, Entity, MlModel, walk_columns
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.existence_check import read_present
from lineage.openmetadata.permissions import read_denied
from lineage.writes.edge_step import EdgeStep
from lineage.writes.model_step import ModelStep
from lineage.writes.outcome import Outcome
from lineage.writes.plan import Plan

__all__ = ["check_plan", "check_server", "check_unmade"]


def check_plan(plan: Plan, client: Client) -> dict[int, str]:
    """Find the steps that the server would refuse, or of which it would drop a part.

    The server is asked what our user may not do, and for the entities that steps name, two
    hundred of a kind at once; one before 2.0 is asked for each.

    Returns
    -------
    dict of int to str
        By the place of the step, from 0: why it must not be sent.

    Raises
    ------
    ServerError
        The server could not be asked.
    """
    if not plan.edge_steps:
        return {}
    denied = read_denied(client)
    ends = {end for step in plan.edge_steps if step.after is not None for end in _ends(step)}
    present = read_present(client, ((reference.kind, identity) for reference, identity in ends))
    coming = {step.model_id: _parts(step.after) for step in plan.model_steps}
    checking = _Checking(denied, present, coming)
    found = ((place, checking.objection(step)) for place, step in _edge_places(plan))
    return {place: reason for place, reason in found if reason}


def check_unmade(plan: Plan, models: Iterable[Outcome]) -> dict[int, str]:
    """Find the steps that need a feature of a model that could not be changed.

    Returns
    -------
    dict of int to str
        By the place of the step, from 0: why it must not be sent.
    """
    lacking = {
        outcome.step.model_id: _parts(outcome.step.after) - _parts(outcome.step.before)
        for outcome in models
        if isinstance(outcome.step, ModelStep) and not outcome.is_good
    }
    return {
        place: f"{', '.join(sorted(needed))} is not there: its model was not changed"
        for place, step in _edge_places(plan)
        for needed in (_named(step) & lacking.get(step.downstream_id, set()),)
        if needed
    }


def check_server(plan: Plan, client: Client) -> None:
    """Refuse a plan that was not made for this server as it is.

    Raises
    ------
    PlanRefused
        The plan was made for another server, or another version of it.
    ServerError
        The server could not be asked.
    """
    if plan.server != client.host:
        message = f"the plan was made for {plan.server}, not for {client.host}: plan again here"
        raise PlanRefused(message)
    version = ".".join(map(str, client.version))
    if plan.server_version not in {"", version}:
        message = (
            f"the plan was made for version {plan.server_version} of the server, which is "
            f"{version} now: plan again"
        )
        raise PlanRefused(message)


def _edge_places(plan: Plan) -> Iterator[tuple[int, EdgeStep]]:
    """Go through the steps on edges, each with its place among all steps."""
    for place, step in enumerate(plan.steps):
        if isinstance(step, EdgeStep):
            yield place, step


def _ends(step: EdgeStep) -> Iterator[tuple[Reference, str]]:
    yield step.upstream, step.upstream_id
    yield step.downstream, step.downstream_id
    pipeline = None if step.after is None else step.after.evidence.pipeline
    if pipeline is not None and step.pipeline_id:
        yield pipeline, step.pipeline_id


class _Checking:
    """What our user may not do, what is there, and which features changes of models bring."""

    def __init__(
        self, denied: frozenset[str], present: dict[str, Entity], coming: dict[str, set[str]]
    ) -> None:
        self.denied, self.present, self.coming = denied, present, coming

    def objection(self, step: EdgeStep) -> str:
        """Say why a step would be refused; nothing where it would not be."""
        for end in (step.upstream, step.downstream):
            if end.kind in self.denied:
                return f"the token may not edit the lineage of any {end.kind}"
        if step.after is None:
            return ""
        for reference, identity in _ends(step):
            reason = _changed(reference, self.present.get(identity))
            if reason:
                return reason
        ends = (step.upstream_id, step.downstream_id)
        known = set().union(*(_parts(self.present[end]) for end in ends))
        unknown = sorted(_named(step) - known - self.coming.get(step.downstream_id, set()))
        names = ", ".join(unknown)
        return f"the server would drop {names}: there is no such column" if unknown else ""


def _changed(reference: Reference, entity: Entity | None) -> str:
    """Say what became of an entity since the plan was made; nothing where it is as it was."""
    if entity is None:
        return f"{reference} is gone from the server, or hidden from this token: plan again"
    if entity.deleted:
        return f"{reference} is deleted; restore it, or plan again"
    if entity.reference != reference:
        return f"{reference} is called {entity.reference} now: plan again"
    return ""


def _named(step: EdgeStep) -> set[str]:
    """Name the columns and features that a step adds mappings of."""
    coming = (*step.added, *(new for _, new in step.changed))
    return {name for item in coming for name in (*item.upstream, item.downstream)}


def _parts(entity: Entity) -> set[str]:
    """Name what a mapping may name of an entity: columns, features, charts."""
    names = {column.fqn for column in walk_columns(entity.columns)}
    if isinstance(entity, MlModel):
        names |= {feature.fqn for feature in entity.features}
    if isinstance(entity, Dashboard):
        names |= {chart.fqn for chart in entity.charts}
    return names
