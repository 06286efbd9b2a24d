"""The plan: what would have to be written for the server to say what is wanted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from lineage.changes.unindexed import find_unindexed
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Edge
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Disagreement, Gap
from lineage.writes.edge_planner import (
    Intention,
    PlannedEdge,
    Refusal,
    intentions,
    plan_again,
    plan_edge,
)
from lineage.writes.edge_step import EdgeStep
from lineage.writes.merge import Clash, Merge
from lineage.writes.model_step import ModelStep
from lineage.writes.removal import Removal
from lineage.writes.step import Action
from lineage.writes.weakening import with_weaker

__all__ = ["Plan", "make_plan", "plan_edges"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Plan(Answer):
    """Intended writes to one server, sorted by what is fed; empty when there is nothing to do.

    Attributes
    ----------
    server, server_version : str
        The only server the plan may be applied to, and its version then.
    steps : tuple of ModelStep and EdgeStep
        In the order in which they are begun: changes of models first, since an edge may lead
        to a feature that only such a change brings.
    refused : tuple of Refusal
        What the server would not let be written, or what must not be, said before anything is.
    clashes : tuple of Clash
        Where the server says another thing than we, and its word prevails.
    gaps : tuple of Gap
        What could not be planned, since it was not read or does not resolve.
    """

    server: str
    server_version: str = ""
    steps: tuple[ModelStep | EdgeStep, ...]
    refused: tuple[Refusal, ...] = ()
    clashes: tuple[Clash, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps

    @property
    def edge_steps(self) -> tuple[EdgeStep, ...]:
        """The steps on edges, in their order."""
        return tuple(step for step in self.steps if isinstance(step, EdgeStep))

    @property
    def model_steps(self) -> tuple[ModelStep, ...]:
        """The steps on models, in their order."""
        return tuple(step for step in self.steps if isinstance(step, ModelStep))

    def summary(self) -> str:
        """Count what would be written, what becomes weaker, and what is left to decide."""
        weaker = sum(bool(step.weaker) for step in self.steps)
        parts = [
            ", ".join(self._counts()) or "nothing to do",
            *([f"{counted(weaker, 'step')} would make verdicts weaker"] if weaker else []),
            *([f"{counted(len(self.clashes), 'clash', 'clashes')} to decide"] * bool(self.clashes)),
            *([f"{len(self.refused):,} cannot be written"] * bool(self.refused)),
        ]
        return "; ".join(parts)

    def to_records(self) -> list[Record]:
        """Give one row for each step, then one for each clash and each refusal."""
        return [
            *(step.to_record() for step in self.steps),
            *(_row("clash", clash, str(clash)) for clash in self.clashes),
            *(_row("refused", refusal, refusal.reason) for refusal in self.refused),
        ]

    def _counts(self) -> list[str]:
        """Count what there is to do; of what there is nothing, nothing is said."""
        steps = self.edge_steps
        actions = [step.action for step in self.steps]
        changes = actions.count(Action.CHANGE_EDGE) + actions.count(Action.REMOVE_MAPPINGS)
        counts = (
            (actions.count(Action.CHANGE_MODEL), "model", "change"),
            (actions.count(Action.CREATE_EDGE), "edge", "create"),
            (changes, "edge", "change"),
            (actions.count(Action.REMOVE_EDGE), "edge", "remove"),
            (actions.count(Action.WRITE_AGAIN), "edge", "write again"),
            (sum(len(step.added) for step in steps), "mapping", "add"),
            (sum(len(step.changed) for step in steps), "mapping", "change"),
            (sum(len(step.removed) for step in steps), "mapping", "remove"),
        )
        said = [f"{counted(number, noun)} to {verb}" for number, noun, verb in counts if number]
        return [*said, *_fed(steps)]


def _row(action: str, about: Clash | Refusal, reason: str) -> Record:
    """Give what is no step as a row, with the keys of those that are."""
    nothing: dict[str, list[str]] = {
        key: [] for key in ("added", "removed", "changed", "details", "weaker")
    }
    ends = {"upstream": str(about.upstream), "downstream": str(about.downstream)}
    return {"action": action, **ends, **nothing, "kept": 0, "owner": "", "reason": reason}


def _fed(steps: Collection[EdgeStep]) -> list[str]:
    """Count what the edges lead into, by its kind where it is of one."""
    fed = {step.downstream for step in steps}
    noun, nouns = "entity", "entities"
    for kind, one, many in ((Kind.MLMODEL, "model", "models"), (Kind.TABLE, "table", "tables")):
        if all(reference.kind == kind for reference in fed):
            noun, nouns = one, many
    return [f"for {counted(len(fed), noun, nouns)}"] if fed else []


def make_plan(  # noqa: PLR0913  # options, each by name
    graph: LineageGraph,
    *,
    desired: Iterable[Edge] | None = None,
    remove: Iterable[Removal] = (),
    models: Iterable[Reference] | None = None,
    scope: Collection[Reference] | None = None,
    merge: Merge | None = None,
    disagreements: Iterable[Disagreement] = (),
) -> Plan:
    """Plan what to write so that the server records what is wanted.

    One step an edge, so the writes grow with the tables a model is fed by, not with its
    features. Nothing recorded is taken away but what `remove` lists.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    desired : iterable of Edge, optional
        The edges that are wanted; if not given, what the models declare. What an edge leaves
        empty is not stated, and whatever is recorded there stays.
    remove : iterable of Removal
        What is to go, before anything is written. What is neither ours nor named is refused.
    models : iterable of Reference, optional
        The models to plan for where the models declare; if not given, all of them.
    scope : collection of Reference, optional
        Plan only edges into or out of these entities.
    merge : Merge, optional
        Whose word prevails, and what is ours.
    disagreements : iterable of Disagreement, optional
        A snapshot's, where both index and database were read: what the index does not show as
        the database holds it is written again, whoever wrote it.

    Returns
    -------
    Plan
        Each step names the verdicts that it would make weaker.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), id="2", features=(feature,))
    >>> column = Column(name="age", fqn="people.age")
    >>> table = Entity(reference=people, id="1", columns=(column,))
    >>> make_plan(build_graph(Snapshot(entities=(table, model))))
    <Plan: 1 edge to create, 1 mapping to add, for 1 model>
    """
    plan = plan_edges(
        graph,
        desired=desired,
        remove=remove,
        models=models,
        scope=scope,
        merge=merge,
        disagreements=disagreements,
    )
    return replace(plan, steps=with_weaker(graph, plan.steps))


def plan_edges(  # noqa: PLR0913  # those of `make_plan`
    graph: LineageGraph,
    *,
    desired: Iterable[Edge] | None = None,
    remove: Iterable[Removal] = (),
    models: Iterable[Reference] | None = None,
    scope: Collection[Reference] | None = None,
    merge: Merge | None = None,
    disagreements: Iterable[Disagreement] = (),
) -> Plan:
    """Plan as `make_plan` does, without a look at what becomes weaker."""
    rules = merge or Merge()
    fed = None if models is None else frozenset(models)
    wished = intentions(graph, desired=desired, remove=remove, models=fed)
    planned = [
        plan_edge(graph, intention, rules)
        for intention in wished
        if _is_in_scope(graph, intention, scope)
    ]
    written = {(one.step.downstream, one.step.upstream) for one in planned if one.step is not None}
    for edge, reason in find_unindexed(graph, disagreements):
        ends = Intention(upstream=edge.upstream, downstream=edge.downstream)
        is_meant = (fed is None or edge.downstream in fed) and _is_in_scope(graph, ends, scope)
        if is_meant and (edge.downstream, edge.upstream) not in written:
            planned.append(plan_again(graph, edge, reason, rules))
    return Plan(
        server=graph.server,
        server_version=graph.server_version,
        steps=_in_order(planned),
        refused=tuple(refusal for one in planned for refusal in one.refused),
        clashes=tuple(clash for one in planned for clash in one.clashes),
        gaps=graph.gaps,
    )


def _in_order(planned: Iterable[PlannedEdge]) -> tuple[EdgeStep, ...]:
    steps = (one.step for one in planned if one.step is not None)
    return tuple(sorted(steps, key=lambda step: (step.downstream, step.upstream)))


def _is_in_scope(
    graph: LineageGraph, intention: Intention, scope: Collection[Reference] | None
) -> bool:
    if scope is None:
        return True
    entities = {graph.entity_of(reference) for reference in scope}
    return not entities.isdisjoint((intention.upstream, intention.downstream))
