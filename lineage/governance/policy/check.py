"""Check a policy against a graph."""

from datetime import date

from lineage.errors import LineageError
from lineage.governance.policy.check_report import Check, Doubt, RuleResult
from lineage.governance.policy.coverage_rule import check_coverage
from lineage.governance.policy.flow_rule import check_flow
from lineage.governance.policy.rules import FlowRule, Policy, Rule
from lineage.governance.policy.waivers import Waiving
from lineage.graph.lineage_graph import LineageGraph

__all__ = ["check"]


def check(graph: LineageGraph, policy: Policy, *, today: date) -> Check:
    """Check a policy: what violates it, what cannot be judged, what is waived.

    Nothing is clean that was not looked at: a rule is `unknown` where anything upstream of
    its targets was not read, where it may select more than is known, and where it selects
    nothing at all unless it may.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    policy : Policy
    today : date
        The day that the waivers' expiry is compared to.

    Returns
    -------
    Check
        In the order of the rules, then by target.

    Examples
    --------
    >>> from lineage.governance.policy.reading import make_policy
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.settings_document import Document
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
    >>> from lineage.model.reference import Reference
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> age = Column(name="age", fqn="people.age", tags=(Tag(fqn="PII.Sensitive"),))
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> graph = build_graph(Snapshot(entities=(Entity(reference=people, columns=(age,)), model)))
    >>> rule = {"name": "no-pii", "from": "tag:PII.*", "to": "kind:mlmodel"}
    >>> policy = make_policy(Document("policy.json", {"rules": [rule]}))
    >>> answer = check(graph, policy, today=date(2026, 1, 1))
    >>> answer
    <Check: policy.json: violated; 1 rule, 1 violation, 0 waived, 0 not known>
    >>> answer.violations[0].message
    'people.age (PII.Sensitive) reaches churn'
    """
    waiving = Waiving(graph, today)
    for waiver in policy.waivers:
        waiving.add(waiver)
    results = tuple(waiving.apply(_checked(graph, policy, rule)) for rule in policy.rules)
    return Check(policy, today, results, waiving.notes())


def _checked(graph: LineageGraph, policy: Policy, rule: Rule) -> RuleResult:
    """Check one rule; one that names what is not there is in doubt, and the others go on."""
    try:
        if isinstance(rule, FlowRule):
            return check_flow(graph, rule, masks=policy.masks)
        return check_coverage(graph, rule)
    except LineageError as error:
        doubt = Doubt(rule=rule, target=None, reasons=(str(error),))
        return RuleResult(rule=rule, doubts=(doubt,))
