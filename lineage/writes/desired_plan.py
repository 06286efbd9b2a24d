"""A plan for what a file or another catalog wants: changes of models, then edges."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from lineage.changes.desired import Desired
from lineage.graph.build import build_graph
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot
from lineage.writes.merge import Merge
from lineage.writes.model_steps import model_steps
from lineage.writes.plan import Plan, make_plan
from lineage.writes.removal import Removal

__all__ = ["plan_desired"]


def plan_desired(
    snapshot: Snapshot,
    desired: Desired,
    *,
    remove: Iterable[Removal] = (),
    scope: Collection[Reference] | None = None,
    merge: Merge | None = None,
) -> Plan:
    """Plan what to write so that a server says what is desired.

    The edges are planned for the models as they will be, since a mapping may lead to a
    feature that only the change of its model brings.

    Parameters
    ----------
    snapshot : Snapshot
        What the server says.
    desired : Desired
        What it should say; see `resolve_declaration` and `copy_edges`.
    remove : iterable of Removal
        What is to go.
    scope : collection of Reference, optional
        Plan only for these entities, and edges into or out of them.
    merge : Merge, optional
        Whose word stands on an edge, and how to tell what is ours.

    Returns
    -------
    Plan
        Its gaps tell what was desired and has no counterpart, too.

    Examples
    --------
    >>> from lineage.model.entities import MlModel
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), id="1", version=0.3)
    >>> described = Desired(models=(replace(model, description="Who leaves."),))
    >>> plan_desired(Snapshot(entities=(model,)), described)
    <Plan: 1 model to change>
    """
    wanted = [model for model in desired.models if scope is None or model.reference in scope]
    graph = described = build_graph(snapshot)
    if wanted:
        described = build_graph(replace(snapshot, entities=(*wanted, *snapshot.entities)))
    plan = make_plan(described, desired=desired.edges, remove=remove, scope=scope, merge=merge)
    gaps = (*plan.gaps, *desired.gaps)
    return replace(plan, models=model_steps(graph, wanted), gaps=gaps)
