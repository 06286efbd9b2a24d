"""The check of a policy as text, and the explanation of one of its rules."""

from collections.abc import Iterator

from lineage.governance.policy.check_report import Check, Doubt, RuleResult, Violation
from lineage.governance.policy.rules import CoverageRule, FlowRule
from lineage.model.answer import counted
from lineage.model.reference import Reference
from lineage.views.paths_text import path_lines
from lineage.views.terminal import printable

__all__ = ["explain_rule", "render_check", "rule_in_words"]

_SHOWN = 20  # references of a selection; all of them: lineage select


def render_check(answer: Check) -> str:
    """Write what a check found: a block a rule, each violation with its evidence.

    Examples
    --------
    >>> from datetime import date
    >>> from lineage.governance.policy.rules import Policy
    >>> policy = Policy(name="No rules", rules=())
    >>> print(render_check(Check(policy, date(2026, 1, 1), ())))
    No rules: clean; 0 rules, 0 violations, 0 waived, 0 not known
    """
    lines = [line for result in answer.results for line in _rule_lines(result)]
    lines += [printable(str(note)) for note in answer.notes]
    return "\n".join([*lines, printable(answer.summary())])


def explain_rule(answer: Check, name: str) -> str:
    """Say what a rule means, what it selects now, and what it found.

    Parameters
    ----------
    answer : Check
    name : str
        The rule.

    Raises
    ------
    KeyError
        The policy has no such rule.
    """
    result = {result.rule.name: result for result in answer.results}[name]
    rule = result.rule
    lines = [f"{printable(name)}: {printable(rule_in_words(rule))}"]
    if rule.description:
        lines += ["", printable(rule.description)]
    if isinstance(rule, FlowRule):
        lines += ["", f"from {printable(str(rule.source))}", *_listed(result.sources)]
    lines += ["", f"to {printable(str(rule.target))}", *_listed(result.targets)]
    lines += ["", *_rule_lines(result)]
    lines += [printable(str(note)) for note in answer.notes if note.waiver.rule == name]
    return "\n".join(lines)


def rule_in_words(rule: FlowRule | CoverageRule) -> str:
    """Say what a rule means in one sentence.

    Examples
    --------
    >>> from lineage.model.edges import Strength
    >>> from lineage.queries.selection.parse import parse_selection
    >>> pii, models = parse_selection("tag:PII.*"), parse_selection("kind:mlmodel")
    >>> masked = frozenset({Strength.MASKED})
    >>> rule_in_words(FlowRule(name="no-pii", source=pii, target=models, allow=masked))
    'no data of tag:PII.* may reach kind:mlmodel unless masked'
    """
    if isinstance(rule, CoverageRule):
        return f"of each in {rule.target} must be known: {', '.join(rule.require)}"
    forbidden = f"no data of {rule.source} may reach {rule.target}"
    if not rule.allow:
        return f"{forbidden} in any way"
    allowed = " or ".join(
        _BY_STRENGTH[strength.label] for strength in sorted(rule.allow, reverse=True)
    )
    masks = "" if rule.masks is None else f"; what masks is {', '.join(rule.masks) or 'nothing'}"
    return f"{forbidden} unless {allowed}{masks}"


_BY_STRENGTH = {
    "masked": "masked",
    "influence": "by influence on rows and groups",
    "table": "where only tables are known to be connected",
}


def _rule_lines(result: RuleResult) -> Iterator[str]:
    targets = counted(len(result.targets), "target")
    yield f"{printable(result.rule.name)}: {result.status} ({targets} checked)"
    for violation in result.violations:
        yield from _violation_lines(violation)
    for doubt in result.doubts:
        yield from _doubt_lines(doubt)
    yield ""


def _violation_lines(violation: Violation) -> Iterator[str]:
    waiver = violation.waiver
    if waiver is not None:
        yield f"  waived: {printable(violation.message)}"
        because = f"by {waiver.owner} until {waiver.expires}: {waiver.reason}"
        yield f"    {printable(because)}"
        return
    yield f"  violated: {printable(violation.message)}"
    if violation.finding is not None:
        yield from (f"  {line}" for line in path_lines(violation.finding.path))


def _doubt_lines(doubt: Doubt) -> Iterator[str]:
    where = "the rule" if doubt.target is None else doubt.target.fqn
    yield f"  not known: {printable(where)}"
    yield from (f"    {printable(reason)}" for reason in doubt.reasons)


def _listed(references: tuple[Reference, ...]) -> Iterator[str]:
    yield f"  {counted(len(references), 'reference')} now"
    yield from (f"    {printable(str(item))}" for item in references[:_SHOWN])
    if len(references) > _SHOWN:
        yield f"    … and {len(references) - _SHOWN:,} more: see lineage select"
