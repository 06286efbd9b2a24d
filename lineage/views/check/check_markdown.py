"""The check of a policy as Markdown, for a pull request or a job's summary."""

from collections.abc import Iterator

from lineage.governance.policy.check_report import Check, RuleResult, Violation
from lineage.views.check.check_text import rule_in_words
from lineage.views.markdown_text import code_span, escaped

__all__ = ["render_check_markdown"]


def render_check_markdown(answer: Check) -> str:
    """Write what a check found as Markdown; names of the catalog are code, never markup.

    Examples
    --------
    >>> from datetime import date
    >>> from lineage.governance.policy.rules import Policy
    >>> policy = Policy(name="No rules", rules=())
    >>> print(render_check_markdown(Check(policy, date(2026, 1, 1), ())).splitlines()[0])
    ## No rules: clean
    """
    blocks = [f"## {escaped(answer.policy.name)}: {answer.status}"]
    if answer.policy.description:
        blocks.append(escaped(answer.policy.description))
    blocks.append("\n".join(_table(answer)))
    blocks += [block for result in answer.results for block in _details(result)]
    if answer.notes:
        notes = "\n".join(f"- {code_span(str(note))}" for note in answer.notes)
        blocks += ["### Waivers", notes]
    return "\n\n".join(blocks)


def _table(answer: Check) -> Iterator[str]:
    yield "| rule | status | targets | violations | waived | not known |"
    yield "| --- | --- | --: | --: | --: | --: |"
    for result in answer.results:
        waived = sum(item.waiver is not None for item in result.violations)
        counts = (len(result.targets), len(result.violations) - waived, waived, len(result.doubts))
        cells = [escaped(result.rule.name), str(result.status), *map(str, counts)]
        yield f"| {' | '.join(cells)} |"


def _details(result: RuleResult) -> Iterator[str]:
    if result.violations or result.doubts:
        yield f"### {escaped(result.rule.name)}"
        yield code_span(rule_in_words(result.rule))
        yield "\n".join(_items(result))


def _items(result: RuleResult) -> Iterator[str]:
    for violation in result.violations:
        yield from _violation(violation)
    for doubt in result.doubts:
        where = "the rule" if doubt.target is None else code_span(doubt.target.fqn)
        yield f"- not known: {where}"
        yield from (f"  - {code_span(reason)}" for reason in doubt.reasons)


def _violation(violation: Violation) -> Iterator[str]:
    waiver = violation.waiver
    yield f"- {'violated' if waiver is None else 'waived'}: {code_span(violation.message)}"
    if waiver is not None:
        by = f"{waiver.owner}, until {waiver.expires}: {waiver.reason}"
        yield f"  - by {code_span(by)}"
    elif violation.path:
        yield f"  - {code_span(' → '.join(reference.fqn for reference in violation.path))}"
