"""Checks before the first write: whatever can be known to be refused is refused by then."""

from collections.abc import Iterator

from lineage.errors import PlanRefused
from lineage.model.entities import Dashboard, Entity, MlModel, walk_columns
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.presence import read_present
from lineage.openmetadata.standing import read_denied
from lineage.writes.plan import Plan
from lineage.writes.steps import EdgeStep

__all__ = ["check_plan", "check_server"]


def check_plan(plan: Plan, client: Client) -> dict[int, str]:
    """Find the steps that the server would refuse, or of which it would drop a part.

    Asked are what our user may not do, and each kind of entity that
    steps name once for two hundred of them; an earlier server than 2.0 is asked for each.

    Returns
    -------
    dict of int to str
        By the place of the step, from 0: why it must not be sent.

    Raises
    ------
    ServerError
        The server could not be asked.
    """
    if not plan.steps:
        return {}
    denied = read_denied(client)
    ends = {end for step in plan.steps if step.after is not None for end in _ends(step)}
    present = read_present(client, ((reference.kind, identity) for reference, identity in ends))
    found = ((place, _objection(step, denied, present)) for place, step in enumerate(plan.steps))
    return {place: reason for place, reason in found if reason}


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


def _ends(step: EdgeStep) -> Iterator[tuple[Reference, str]]:
    yield step.upstream, step.upstream_id
    yield step.downstream, step.downstream_id
    pipeline = None if step.after is None else step.after.evidence.pipeline
    if pipeline is not None and step.pipeline_id:
        yield pipeline, step.pipeline_id


def _objection(step: EdgeStep, denied: frozenset[str], present: dict[str, Entity]) -> str:
    """Say why a step would be refused; nothing where it would not."""
    for end in (step.upstream, step.downstream):
        if end.kind in denied:
            return f"the token may not edit the lineage of any {end.kind}"
    if step.after is None:
        return ""
    for reference, identity in _ends(step):
        entity = present.get(identity)
        if entity is None:
            return f"{reference} is gone from the server: plan again"
        if entity.deleted:
            return f"{reference} is deleted; restore it, or plan again"
        if entity.reference != reference:
            return f"{reference} is called {entity.reference} now: plan again"
    named = {name for item in step.added for name in (*item.upstream, item.downstream)}
    known = _parts(present[step.upstream_id]) | _parts(present[step.downstream_id])
    unknown = sorted(named - known)
    return f"the server would drop {', '.join(unknown)}: there is no such column" if unknown else ""


def _parts(entity: Entity) -> set[str]:
    """Name what a mapping may name of an entity: columns, features, charts."""
    names = {column.fqn for column in walk_columns(entity.columns)}
    if isinstance(entity, MlModel):
        names |= {feature.fqn for feature in entity.features}
    if isinstance(entity, Dashboard):
        names |= {chart.fqn for chart in entity.charts}
    return names
