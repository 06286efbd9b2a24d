"""Check that what has to be known is known."""

from collections.abc import Callable, Iterator

from lineage.governance.policy.check_report import Doubt, RuleResult, Violation
from lineage.governance.policy.rules import CoverageRule, Requirement
from lineage.governance.policy.selection_doubts import select_targets
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Reference
from lineage.queries.coverage import ModelCoverage, coverage

__all__ = ["check_coverage"]

_OF_MODELS = frozenset({Requirement.SOURCES, Requirement.DASHBOARD})


def check_coverage(graph: LineageGraph, rule: CoverageRule) -> RuleResult:
    """Check a coverage rule.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    rule : CoverageRule

    Raises
    ------
    UnknownEntity
        A plain name in its selection means nothing here.
    AmbiguousName
        A plain name in its selection may mean several things.
    """
    selected, doubts = select_targets(graph, rule, rule.target, may_be_empty=rule.may_be_empty)
    targets = sorted({graph.entity_of(item) for item in selected.references})
    models = [item for item in targets if isinstance(graph.value(item), MlModel)]
    covered = {item.model: item for item in coverage(graph, models=models).models}
    violations: list[Violation] = []
    for target in targets:
        value = graph.value(target)
        if isinstance(value, Entity):
            violations += _violations(rule, value, covered.get(target))
        else:
            doubts.append(Doubt(rule=rule, target=target, reasons=("it was not read",)))
    return RuleResult(
        rule=rule, targets=tuple(targets), violations=tuple(violations), doubts=tuple(doubts)
    )


def _violations(
    rule: CoverageRule, entity: Entity, model: ModelCoverage | None
) -> Iterator[Violation]:
    for requirement in rule.require:
        if requirement in _OF_MODELS:
            lacks = None if model is None else _model_lacks(requirement, model)
        else:
            lacks = None if _HAS[requirement](entity) else f"has no {requirement}"
        if lacks is not None:
            reference: Reference = entity.reference
            message = f"{reference.fqn} {lacks}"
            yield Violation(rule=rule, target=reference, message=message)


def _model_lacks(requirement: Requirement, model: ModelCoverage) -> str | None:
    if requirement == Requirement.DASHBOARD:
        return None if model.dashboard else "has no dashboard"
    if not model.features:
        return "declares no feature"
    if not model.unresolved:
        return None
    names = ", ".join(feature.name for feature, _ in model.unresolved)
    of = counted(model.features, "feature")
    return f"has {len(model.unresolved)} of {of} that do not resolve to columns: {names}"


_HAS: dict[Requirement, Callable[[Entity], bool]] = {
    Requirement.OWNER: lambda entity: bool(entity.owners),
    Requirement.TIER: lambda entity: any(tag.fqn.startswith("Tier.") for tag in entity.tags),
    Requirement.DOMAIN: lambda entity: bool(entity.domains),
    Requirement.DESCRIPTION: lambda entity: bool((entity.description or "").strip()),
    Requirement.CERTIFICATION: lambda entity: entity.certification is not None,
}
