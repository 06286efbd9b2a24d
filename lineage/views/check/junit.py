"""The check of a policy as JUnit XML, for whatever shows test results."""

import re
from xml.etree import ElementTree as ET

from lineage.governance.policy.check_report import Check, Doubt, RuleResult, Violation
from lineage.model.reference import Reference
from lineage.text_escapes import escape
from lineage.views.paths_text import path_lines
from lineage.views.terminal import printable

__all__ = ["render_junit"]

_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(answer: Check) -> str:
    """Write a check as JUnit XML: a suite a rule, a case a target.

    A violation is a failure, what is not known an error, what is wholly waived a skipped
    case.

    Examples
    --------
    >>> from datetime import date
    >>> from lineage.governance.policy.rules import Policy
    >>> print(render_junit(Check(Policy(name="p", rules=()), date(2026, 1, 1), ())))
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="p" tests="0" failures="0" errors="0" skipped="0" />
    """
    suites = [_suite(answer.policy.name, result) for result in answer.results]
    root = ET.Element("testsuites", name=_text(answer.policy.name))
    root.extend(suites)
    _count(root, [case for suite in suites for case in suite])
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _suite(policy: str, result: RuleResult) -> ET.Element:
    suite = ET.Element("testsuite", name=_text(result.rule.name))
    found: dict[Reference | None, tuple[list[Violation], list[Doubt]]] = {}
    for target in result.targets or (None,):
        found[target] = [], []
    for violation in result.violations:
        found[violation.target][0].append(violation)
    for doubt in result.doubts:
        found.setdefault(doubt.target, ([], []))[1].append(doubt)
    class_name = f"{policy}.{result.rule.name}"
    suite.extend(_case(class_name, target, *items) for target, items in found.items())
    _count(suite, list(suite))
    return suite


def _case(
    class_name: str,
    target: Reference | None,
    violations: list[Violation],
    doubts: list[Doubt],
) -> ET.Element:
    name = "the rule as a whole" if target is None else str(target)
    case = ET.Element("testcase", classname=_text(class_name), name=_text(name))
    violated = [item for item in violations if item.waiver is None]
    waived = [item for item in violations if item.waiver is not None]
    if violated:
        failure = ET.SubElement(
            case, "failure", type="violated", message=_text(violated[0].message)
        )
        failure.text = _text("\n".join(line for item in violated for line in _evidence(item)))
    elif doubts:
        reasons = [reason for item in doubts for reason in item.reasons]
        error = ET.SubElement(case, "error", type="unknown", message=_text(reasons[0]))
        error.text = _text("\n".join(map(printable, reasons)))
    elif waived:
        ET.SubElement(case, "skipped", message=_text("; ".join(map(_waived, waived))))
    return case


def _evidence(violation: Violation) -> list[str]:
    lines = [printable(violation.message)]
    if violation.finding is not None:
        lines += path_lines(violation.finding.path)
    return lines


def _waived(violation: Violation) -> str:
    waiver = violation.waiver
    because = "" if waiver is None else f"{waiver.owner} until {waiver.expires}: {waiver.reason}"
    return f"{violation.message}: waived by {because}"


def _count(suite: ET.Element, cases: list[ET.Element]) -> None:
    suite.set("tests", str(len(cases)))
    for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(counted, str(sum(case.find(tag) is not None for case in cases)))


def _text(text: str) -> str:
    """Escape what XML cannot hold, and what would not show as itself."""
    return _NOT_IN_XML.sub("\ufffd", escape(text, kept="\n\t\\"))
