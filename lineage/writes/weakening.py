"""What a plan would make weaker: the verdicts an audit would give after it.

A plan may give a raw mapping a function that masks, take a mapping away, or give the first
mappings to an edge of which every column was possible before. Whatever the reason, columns
that reach a model today may reach it less surely tomorrow, or not at all. So both states are
audited, for every column upstream of what loses something, and each step says what it does.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from lineage.changes.edge_facts import functions
from lineage.changes.graph_contents import entities_of, stated_edges
from lineage.governance.audit.audit import audit_sensitive
from lineage.governance.audit.audit_answer import Audit
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.audit.verdicts import VERDICTS, Finding, Verdict
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop, Origin
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot
from lineage.queries.traversal import Trace, downstream, upstream
from lineage.writes.edge_step import EdgeStep
from lineage.writes.model_step import ModelStep
from lineage.writes.step import Weaker

__all__ = ["with_weaker"]

_NAMED = 10
"""How many columns are named of those about which one verdict becomes weaker."""

_UNRESOLVED = frozenset({GapKind.NO_SOURCES, GapKind.SOURCE_NOT_RESOLVED, GapKind.ENTITY_REPLACED})

_STRENGTHS = {verdict: strength for strength, verdict in VERDICTS.items()}

_AnyStep = ModelStep | EdgeStep
_Pair = tuple[Reference, Reference]
"""A column, and a feature or model."""


def with_weaker(graph: LineageGraph, steps: Iterable[_AnyStep]) -> tuple[_AnyStep, ...]:
    """Let steps name the verdicts that they make weaker, and the features they leave bare.

    Parameters
    ----------
    graph : LineageGraph
        What the server says before the steps; it is not changed.
    steps : iterable of ModelStep and EdgeStep

    Returns
    -------
    tuple of ModelStep and EdgeStep
        In the same order.
    """
    found = tuple(steps)
    losing = [step for step in found if _may_lose(graph, step)]
    if not losing:
        return found
    weakening = _Weakening(graph, _after(graph, found), losing)
    weakening.compare()
    return tuple(weakening.annotated(step) for step in found)


@dataclass(slots=True)
class _Weakening:
    """Both states, the steps that lose something, and the pairs each makes weaker."""

    before: LineageGraph
    after: LineageGraph
    losing: list[_AnyStep]
    pairs: dict[int, dict[_Pair, tuple[str, str]]] = field(default_factory=dict)
    """The verdicts before and after, by the place of the step among those that lose."""

    def compare(self) -> None:
        """Audit both states for everything upstream of what loses something."""
        seeds = [Sensitive(reference, (), reference) for reference in self._seeds()]
        models = self._models()
        then = audit_sensitive(self.before, tuple(seeds), models=models)
        there = tuple(seed for seed in seeds if seed.reference in self.after)
        now = audit_sensitive(self.after, there, models=models)
        left = {_pair(finding): finding.strength for finding in now.findings}
        for finding in then.findings:
            pair = _pair(finding)
            if pair[1] not in self.after or left.get(pair, 0) >= finding.strength:
                continue
            verdict = now.verdict(*pair)  # about what the column contains, too
            if _STRENGTHS.get(verdict, 0) < finding.strength:
                verdicts = str(finding.verdict), str(verdict)
                for place in self._places(finding):
                    self.pairs.setdefault(place, {})[pair] = verdicts
        for target in then.assessments.targets:
            if target in self.after:
                self._compare_gaps(target, then, now)

    def _compare_gaps(self, target: Reference, then: Audit, now: Audit) -> None:
        """Note what was unknown of a target, and is not any more since a gap went with a mapping.

        That a feature had no source that resolves is answered by any mapping into it.
        """
        gaps, left = (answer.assessment(target).gaps for answer in (then, now))
        if left or {gap.kind for gap in gaps} <= _UNRESOLVED:
            return
        for seed in then.sensitive:
            pair = seed.reference, target
            verdicts = then.verdict(*pair), now.verdict(*pair)
            if verdicts[0] == Verdict.UNKNOWN and verdicts[1] not in _STRENGTHS:
                for place in range(len(self.losing)):
                    self.pairs.setdefault(place, {})[pair] = str(verdicts[0]), str(verdicts[1])

    def annotated(self, step: _AnyStep) -> _AnyStep:
        """Let a step name what it makes weaker."""
        if step not in self.losing:
            return step
        pairs = self.pairs.get(self.losing.index(step), {})
        bare = self._bare(step) if isinstance(step, EdgeStep) else []
        reasons = (f"{one.fqn} is left without a mapping or a source that resolves" for one in bare)
        reason = "; ".join((step.reason, *reasons))
        return replace(step, reason=reason, weaker=tuple(self._grouped(pairs)))

    def _seeds(self) -> list[Reference]:
        """Give every column, and every entity of which no column is known, upstream of a loss."""
        found = set()
        for entity in self._with(upstream, map(_fed, self.losing)):
            parts = list(self.before.nested_parts(entity))
            found.update(parts or [entity])
        return sorted(found)

    def _models(self) -> list[Reference]:
        """Give every model downstream of a loss.

        A function that goes may have brought back what another one hides further upstream, and
        what that hides reaches models on other branches, too.
        """
        starts = set(map(_fed, self.losing))
        if any(_loses_function(step) for step in self.losing):
            starts = self._with(upstream, starts)
        found = self._with(downstream, starts)
        return sorted(one for one in found if one.kind == Kind.MLMODEL)

    def _with(self, walk: Callable[..., Trace], starts: Iterable[Reference]) -> set[Reference]:
        """Give some entities with all that a walk from them reaches."""
        found = set(starts)
        reached = (walk(self.before, start, grain="entity").references for start in tuple(found))
        return found.union(*reached)

    def _places(self, finding: Finding) -> list[int]:
        """Find the steps that take away a hop by which something was reached.

        What is decrypted downstream is not masked: a step may also take that away, far from
        the path, and then each may be the cause.
        """
        on_path = [
            place
            for place, step in enumerate(self.losing)
            if any(_takes(step, hop) for hop in finding.path.hops)
        ]
        return on_path or list(range(len(self.losing)))

    def _bare(self, step: EdgeStep) -> list[Reference]:
        """Find the features that a step leaves without a mapping, and no source of resolves."""
        gone = functions(step.before).keys() - functions(step.after).keys()
        features = {Reference(Kind.FEATURE, target) for _, target in gone}
        unresolved = {gap.subject for gap in self.after.gaps if gap.kind in _UNRESOLVED}
        fed = {hop.downstream for hop in self.after.hops() if _is_recorded_mapping(hop)}
        return sorted(features & unresolved - fed)

    def _grouped(self, pairs: dict[_Pair, tuple[str, str]]) -> Iterator[Weaker]:
        """Group pairs by target and verdicts; of a model only what its features do not say."""
        owners = self.before.entity_of
        of_features = {(column, owners(target)) for column, target in pairs if target.is_part}
        groups: dict[tuple[Reference, str, str], list[Reference]] = {}
        for (column, target), verdicts in pairs.items():
            if target.is_part or (column, target) not in of_features:
                groups.setdefault((target, *verdicts), []).append(column)
        for target, before, after in sorted(groups):
            columns = sorted(groups[target, before, after])
            yield Weaker(
                columns=tuple(columns[:_NAMED]),
                target=target,
                before=before,
                after=after,
                more=max(len(columns) - _NAMED, 0),
            )


def _may_lose(graph: LineageGraph, step: _AnyStep) -> bool:
    """Whether anything that is said before a step may not be said after it."""
    if isinstance(step, ModelStep):
        # Sources that come say which columns of their table are meant: no longer any.
        return any(
            fact.path[0] == "features" and fact.path[2:] in {(), ("sources",)}
            for fact in step.facts
        )
    if step.added and _may_be_any_column(graph, step.downstream):
        return True  # a column with a mapping is no longer one of which anything may be missing
    if step.before is None:
        return False
    if step.after is None or step.removed or step.changed:
        return True
    # Of an edge without mappings every column may be meant, unless the model says which.
    is_first = bool(step.after.value_mappings) and not step.before.value_mappings
    edges = graph.edges_between(step.upstream, step.downstream)
    return is_first and all(edge.evidence.origin != Origin.DECLARED for edge in edges)


def _may_be_any_column(graph: LineageGraph, entity: Reference) -> bool:
    """Whether something is missing of whichever columns of an entity have no mapping."""
    return any(gap.unmapped_only and gap.subject == entity for gap in graph.gaps)


def _loses_function(step: _AnyStep) -> bool:
    if isinstance(step, ModelStep):
        return False
    going = (*step.removed, *(old for old, _ in step.changed))
    return any(mapping.function for mapping in going)


def _takes(step: _AnyStep, hop: Hop) -> bool:
    """Whether a step takes a hop away, or makes it prove less."""
    edge, mapping = hop.edge, hop.column_edge
    if isinstance(step, ModelStep):
        return edge.evidence.origin == Origin.DECLARED and edge.downstream == step.model
    if (edge.upstream, edge.downstream) != (step.upstream, step.downstream):
        return False
    if edge.evidence.origin == Origin.DECLARED or step.after is None:
        return edge.evidence.origin != Origin.DECLARED
    if mapping is None:
        return bool(step.after.value_mappings)
    there = functions(step.after)
    return any((mapping.function or "") not in there.get(pair, ()) for pair in mapping.pairs)


def _fed(step: _AnyStep) -> Reference:
    return step.model if isinstance(step, ModelStep) else step.downstream


def _pair(finding: Finding) -> _Pair:
    return finding.sensitive.reference, finding.target


def _is_recorded_mapping(hop: Hop) -> bool:
    is_value = hop.column_edge is not None and hop.column_edge.influence is None
    return is_value and hop.edge.evidence.origin != Origin.DECLARED


def _after(graph: LineageGraph, steps: Iterable[_AnyStep]) -> LineageGraph:
    """Build the graph of what the server would say after the steps."""
    entities = {entity.reference: entity for entity in entities_of(graph)}
    edges = list(stated_edges(graph))
    built = build_graph(Snapshot(entities=tuple(entities.values()), edges=tuple(edges)))
    for step in steps:
        if isinstance(step, ModelStep):
            entities[step.model] = step.after
            continue
        edges = [edge for edge in edges if edge != step.before]
        edges += [step.after] if step.after is not None else []
    return build_graph(
        Snapshot(
            entities=tuple(entities.values()),
            edges=tuple(edges),
            # What building found is found anew; what was not read is still not read.
            gaps=tuple(gap for gap in graph.gaps if gap not in frozenset(built.gaps)),
        )
    )
