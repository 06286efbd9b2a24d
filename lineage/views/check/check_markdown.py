"""The check of a policy as Markdown, for a pull request or a job's summary."""

import re
from collections.abc import Iterator

from lineage.governance.policy.check_report import Check, RuleResult, Violation
from lineage.views.check.check_text import rule_in_words
from lineage.views.terminal import printable

__all__ = ["render_check_markdown"]

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&$]|^[-+=]|(?<=^\d)[.)])")


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
    blocks = [f"## {_escaped(answer.policy.name)}: {answer.status}"]
    if answer.policy.description:
        blocks.append(_escaped(answer.policy.description))
    blocks.append("\n".join(_table(answer)))
    blocks += [block for result in answer.results for block in _details(result)]
    if answer.notes:
        notes = "\n".join(f"- {_code(str(note))}" for note in answer.notes)
        blocks += ["### Waivers", notes]
    return "\n\n".join(blocks)


def _table(answer: Check) -> Iterator[str]:
    yield "| rule | status | targets | violations | waived | not known |"
    yield "| --- | --- | --: | --: | --: | --: |"
    for result in answer.results:
        waived = sum(item.waiver is not None for item in result.violations)
        counts = (len(result.targets), len(result.violations) - waived, waived, len(result.doubts))
        cells = [_escaped(result.rule.name), str(result.status), *map(str, counts)]
        yield f"| {' | '.join(cells)} |"


def _details(result: RuleResult) -> Iterator[str]:
    if result.violations or result.doubts:
        yield f"### {_escaped(result.rule.name)}"
        yield _code(rule_in_words(result.rule))
        yield "\n".join(_items(result))


def _items(result: RuleResult) -> Iterator[str]:
    for violation in result.violations:
        yield from _violation(violation)
    for doubt in result.doubts:
        where = "the rule" if doubt.target is None else _code(doubt.target.fqn)
        yield f"- not known: {where}"
        yield from (f"  - {_code(reason)}" for reason in doubt.reasons)


def _violation(violation: Violation) -> Iterator[str]:
    waiver = violation.waiver
    yield f"- {'violated' if waiver is None else 'waived'}: {_code(violation.message)}"
    if waiver is not None:
        by = f"{waiver.owner}, until {waiver.expires}: {waiver.reason}"
        yield f"  - by {_code(by)}"
    elif violation.path:
        yield f"  - {_code(' → '.join(reference.fqn for reference in violation.path))}"


def _escaped(text: str) -> str:
    """Escape what means something in Markdown."""
    return _MARKUP.sub(r"\\\1", printable(text))


def _code(text: str) -> str:
    """Write a text as code, in more backticks than stand in it."""
    shown = printable(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"
