"""A plan for what a file or another catalog wants: changes of models, then edges."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from lineage.changes.desired import Desired
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import MlModel
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot
from lineage.writes.merge import Merge
from lineage.writes.model_planner import model_steps
from lineage.writes.plan import Plan, plan_edges
from lineage.writes.removal import Removal
from lineage.writes.weakening import with_weaker

__all__ = ["describe_graph", "plan_desired"]


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
    feature that only the change of its model brings. Each step names the verdicts that it
    would make weaker.

    Parameters
    ----------
    snapshot : Snapshot
        What the server says; what its index does not show as its database holds it is written
        again.
    desired : Desired
        What it should say; see `resolve_declaration` and `copy_edges`.
    remove : iterable of Removal
        What is to go.
    scope : collection of Reference, optional
        Plan only for these entities, and edges into or out of them.
    merge : Merge, optional
        Whose word prevails on an edge, and what is ours.

    Returns
    -------
    Plan
        Its gaps name what was desired and has no counterpart, too.

    Examples
    --------
    >>> from lineage.model.entities import MlModel
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), id="1", version=0.3)
    >>> described = Desired(models=(replace(model, description="Who leaves."),))
    >>> plan_desired(Snapshot(entities=(model,)), described)
    <Plan: 1 model to change>
    """
    graph = build_graph(snapshot)
    wanted = [model for model in desired.models if scope is None or model.reference in scope]
    plan = plan_edges(
        describe_graph(snapshot, wanted) if wanted else graph,
        desired=desired.edges,
        remove=remove,
        scope=scope,
        merge=merge,
        disagreements=snapshot.disagreements,
    )
    steps = (*model_steps(graph, wanted), *plan.steps)
    gaps = (*plan.gaps, *desired.gaps)
    return replace(plan, steps=with_weaker(graph, steps), gaps=gaps)


def describe_graph(snapshot: Snapshot, models: Iterable[MlModel]) -> LineageGraph:
    """Build the graph of a snapshot with some models as they should be."""
    return build_graph(replace(snapshot, entities=(*models, *snapshot.entities)))
