"""Check that data does not reach what it may not."""

from collections.abc import Iterable, Iterator

from lineage.governance.audit.audit import Assessment, Finding, assess
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.policy.check_report import Doubt, RuleResult, Violation
from lineage.governance.policy.register_data import Declared
from lineage.governance.policy.rules import FlowRule
from lineage.governance.policy.selection_doubts import doubts_about, select_targets
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Strength
from lineage.model.reference import Kind, Reference
from lineage.queries.selection.expressions import Key
from lineage.queries.selection.properties import facts
from lineage.queries.selection.resolve import resolve

__all__ = ["check_flow"]


def check_flow(
    graph: LineageGraph, rule: FlowRule, *, masks: tuple[MaskingRule, ...] = ()
) -> RuleResult:
    """Check a flow rule.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    rule : FlowRule
    masks : tuple of MaskingRule
        Rules that count besides those of the library.

    Raises
    ------
    UnknownEntity
        A plain name in its selections means nothing here.
    AmbiguousName
        A plain name in its selections may mean several things.
    """
    sensitive, possible, unsure = _source(graph, rule)
    target, doubts = select_targets(graph, rule, rule.target)
    targets = sorted(_judged(graph, target.references))
    # A mask that is not allowed must not hide a route, however short: it counts as none.
    counted = [item for item in (*RULES, *masks) if rule.masks is None or item.name in rule.masks]
    judged = assess(graph, sensitive, targets, rules=counted)
    doubts += _possible(rule, assess(graph, possible, targets, rules=counted)) if possible else []
    return RuleResult(
        rule=rule,
        sources=tuple(item.reference for item in sensitive),
        targets=tuple(targets),
        violations=tuple(found for item in judged for found in _violations(rule, item)),
        doubts=(*unsure, *doubts, *_doubts(rule, judged)),
    )


_Source = tuple[tuple[Sensitive, ...], tuple[Sensitive, ...], list[Doubt]]


def _source(graph: LineageGraph, rule: FlowRule) -> _Source:
    """Find the data of a rule, what may be such data, and the doubts about that."""
    if isinstance(rule.source, Declared):
        found, protected = rule.source.find(graph)
        reasons = () if rule.may_be_empty else tuple(map(str, protected.gaps))
        return found, (), [Doubt(rule=rule, target=None, reasons=reasons)] if reasons else []
    selected = resolve(graph, rule.source)
    doubts = list(doubts_about(selected, rule, may_be_empty=rule.may_be_empty))
    found, possible = (
        tuple(Sensitive(item, facts(graph, item, Key.TAG) or (), item) for item in sorted(data))
        for data in (_data(graph, selected.references), _data(graph, selected.doubtful))
    )
    return found, possible, doubts


def _data(graph: LineageGraph, references: Iterable[Reference]) -> set[Reference]:
    """Return what data is meant: nested columns too, and a table only where not all its columns."""
    found = {item for item in references if item.kind != Kind.FEATURE_SOURCE}
    for column in [item for item in found if item.kind == Kind.COLUMN]:
        found.update(graph.nested_parts(column))
    return {item for item in found if item.is_part or not _is_spelled_out(graph, item, found)}


def _is_spelled_out(graph: LineageGraph, entity: Reference, found: set[Reference]) -> bool:
    parts = graph.parts(entity)
    return bool(parts) and found.issuperset(parts)


def _judged(graph: LineageGraph, references: Iterable[Reference]) -> set[Reference]:
    """Return what is to be judged; an entity speaks for its parts where both are selected."""
    found = {item for item in references if item.kind != Kind.FEATURE_SOURCE}
    return {item for item in found if not item.is_part or graph.entity_of(item) not in found}


def _violations(rule: FlowRule, assessment: Assessment) -> Iterator[Violation]:
    for finding in assessment.findings:
        if finding.strength not in rule.allow:
            yield Violation(
                rule=rule,
                target=assessment.target,
                message=_message(finding),
                source=finding.sensitive.reference,
                finding=finding,
            )


def _message(finding: Finding) -> str:
    source, proxy = finding.sensitive.reference, finding.sensitive.proxy
    if proxy is not None:
        why = f"declared a proxy of {proxy.attribute}: {proxy.reason}"
        return f"{source.fqn} ({why}) arrives by {finding.strength.label} at {finding.target.fqn}"
    tags = f" ({', '.join(finding.sensitive.tags)})" if finding.sensitive.tags else ""
    return f"{source.fqn}{tags} {finding.verdict} {finding.target.fqn}"


def _possible(rule: FlowRule, judged: Iterable[Assessment]) -> Iterator[Doubt]:
    """Doubt where something arrives of which it is not known whether the rule means it."""
    for item in judged:
        found = (finding for finding in item.findings if finding.strength not in rule.allow)
        reasons = (
            f"whether {finding.sensitive.reference} is {rule.source} is not known"
            for finding in found
        )
        if unsure := tuple(reasons):
            yield Doubt(rule=rule, target=item.target, reasons=unsure)


def _doubts(rule: FlowRule, judged: Iterable[Assessment]) -> Iterator[Doubt]:
    for item in judged:
        is_silence_a_doubt = rule.influences_known and Strength.INFLUENCE not in rule.allow
        gaps = (*item.gaps, *(item.silent if is_silence_a_doubt else ()))
        if gaps:
            yield Doubt(rule=rule, target=item.target, reasons=tuple(map(str, gaps)))
