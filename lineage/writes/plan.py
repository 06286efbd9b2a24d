"""The plan: what would have to be written for the server to say what is wanted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Edge
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.writes.edge_planner import Intention, Refusal, intend, intentions
from lineage.writes.edge_steps import Action, Step
from lineage.writes.merge import Clash, Merge
from lineage.writes.model_steps import ModelStep
from lineage.writes.removal import Removal

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Plan(Answer):
    """Intended writes to one server, sorted by what is fed; empty when there is nothing to do.

    Attributes
    ----------
    server, server_version : str
        The only server the plan may be applied to, and its version then.
    steps : tuple of Step
    models : tuple of ModelStep
        Changes of models, which are made before the steps; see `plan_desired`.
    refused : tuple of Refusal
        What the server would not let be written, or what must not be, told before anything is.
    clashes : tuple of Clash
        Where the server says another thing than we, and its word stands.
    gaps : tuple of Gap
        What could not be planned, since it was not read or does not resolve.
    """

    server: str
    server_version: str = ""
    steps: tuple[Step, ...]
    models: tuple[ModelStep, ...] = ()
    refused: tuple[Refusal, ...] = ()
    clashes: tuple[Clash, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps and not self.models

    def summary(self) -> str:
        """Say how many edges and mappings would be written."""
        counts = "nothing to do" if self.is_empty else ", ".join(self._counts())
        if self.clashes:
            counts += f"; {counted(len(self.clashes), 'clash', 'clashes')} to decide"
        return f"{counts}; {len(self.refused)} cannot be written" if self.refused else counts

    def to_records(self) -> list[Record]:
        """Give one row for each step."""
        changed = [step.to_record() for step in self.models]
        return changed + [step.to_record() for step in self.steps]

    def _counts(self) -> list[str]:
        changes = [f"{counted(len(self.models), 'model')} to change"] if self.models else []
        return [*changes, *(self._edge_counts() if self.steps else [])]

    def _edge_counts(self) -> list[str]:
        actions = [step.action for step in self.steps]
        created, removed = actions.count(Action.CREATE_EDGE), actions.count(Action.REMOVE_EDGE)
        changed = len(actions) - created - removed
        added = sum(len(step.added) for step in self.steps)
        taken = sum(len(step.removed) for step in self.steps)
        fed = {step.downstream for step in self.steps}
        models_only = all(one.kind == Kind.MLMODEL for one in fed)
        noun = ("model", "models") if models_only else ("entity", "entities")
        return [
            f"{counted(created, 'edge')} to create",
            f"{changed} to change",
            *([f"{removed} to remove"] if removed else []),
            f"{counted(added, 'mapping')} to add",
            *([f"{taken} to remove"] if taken else []),
            f"for {counted(len(fed), *noun)}",
        ]


def make_plan(
    graph: LineageGraph,
    *,
    desired: Iterable[Edge] | None = None,
    remove: Iterable[Removal] = (),
    models: Iterable[Reference] | None = None,
    scope: Collection[Reference] | None = None,
    merge: Merge | None = None,
) -> Plan:
    """Plan what to write so that the server records what is wanted.

    One step an edge, so the writes grow with the tables a model is fed by, not with its
    features. Nothing recorded is taken away but what `remove` lists.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    desired : iterable of Edge, optional
        The edges that are wanted; what the models declare unless told otherwise. What an
        edge leaves empty is not stated, and whatever is recorded there stays.
    remove : iterable of Removal
        What is to go. What is neither ours nor named is refused.
    models : iterable of Reference, optional
        The models to plan for where the models declare; all of them unless told otherwise.
    scope : collection of Reference, optional
        Plan only edges into or out of these entities.
    merge : Merge, optional
        Whose word stands, and how to tell what is ours.

    Returns
    -------
    Plan

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
    <Plan: 1 edge to create, 0 to change, 1 mapping to add, for 1 model>
    """
    merge = merge or Merge()
    wanted = [
        intend(graph, intention, merge)
        for intention in intentions(graph, desired=desired, remove=remove, models=models)
        if _is_in_scope(graph, intention, scope)
    ]
    return Plan(
        server=graph.server,
        server_version=graph.server_version,
        steps=tuple(one.step for one in wanted if one.step is not None),
        refused=tuple(refusal for one in wanted for refusal in one.refused),
        clashes=tuple(clash for one in wanted for clash in one.clashes),
        gaps=graph.gaps,
    )


def _is_in_scope(
    graph: LineageGraph, intention: Intention, scope: Collection[Reference] | None
) -> bool:
    if scope is None:
        return True
    entities = {graph.entity_of(reference) for reference in scope}
    return not entities.isdisjoint((intention.upstream, intention.downstream))
