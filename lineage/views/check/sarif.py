"""The check of a policy as SARIF 2.1.0, for code scanning."""

from urllib.parse import quote

from lineage.governance.policy.check_report import Check, Doubt, Violation
from lineage.governance.policy.rules import Policy, Rule
from lineage.model.reference import Reference
from lineage.views.check.check_text import rule_in_words
from lineage.views.sarif_log import (
    Json,
    file_uri,
    fingerprint,
    locate,
    message,
    plain,
    render_log,
    steps,
)
from lineage.views.terminal import printable

__all__ = ["render_sarif"]

_PACKAGE = "MLMODEL_LINEAGE"
"""Stands for where the library is installed, which is no place of the repository."""


def render_sarif(answer: Check) -> str:
    """Write a check as SARIF 2.1.0.

    A violation is an error, with its path as a code flow; what is not known a warning; what
    is waived is suppressed, with the waiver's reason. Each is located at its rule in the
    policy file and, logically, at its target. Fingerprints stay the same while the rule, the
    target and the data do.

    Examples
    --------
    >>> from datetime import date
    >>> from lineage.governance.policy.rules import Policy
    >>> import json
    >>> log = json.loads(render_sarif(Check(Policy(name="p", rules=()), date(2026, 1, 1), ())))
    >>> log["version"], log["runs"][0]["results"]
    ('2.1.0', [])
    """
    rules = [result.rule for result in answer.results]
    index = {rule.name: number for number, rule in enumerate(rules)}
    results = [
        *(_violation(answer.policy, item, index) for item in answer.violations),
        *(_doubt(answer.policy, item, index) for item in answer.doubts),
    ]
    notes = [{"level": "note", "message": message(str(note))} for note in answer.notes]
    place = plain("where the library is installed, with which the policy comes")
    base = {"originalUriBaseIds": {_PACKAGE: {"description": place}}}
    facts = base if answer.policy.is_packaged else {}
    return render_log([_rule(rule) for rule in rules], results, notes, **facts)


def _rule(rule: Rule) -> Json:
    described = {"fullDescription": plain(rule.description)} if rule.description else {}
    return {
        "id": rule.name,
        "shortDescription": plain(rule_in_words(rule)),
        **described,
        "defaultConfiguration": {"level": "error"},
    }


def _violation(policy: Policy, item: Violation, index: dict[str, int]) -> Json:
    found = _result(policy, item.rule, index, "error", item.message, item.target)
    found["partialFingerprints"] = fingerprint(
        item.rule.name, str(item.target), str(item.source or item.message)
    )
    if item.path:
        found["codeFlows"] = [
            {"threadFlows": [{"locations": list(steps(_place(policy, item.rule), item.path))}]}
        ]
    if item.waiver is not None:
        by = f"{item.waiver.owner}, until {item.waiver.expires}: {item.waiver.reason}"
        suppression = {"kind": "external", "status": "accepted", "justification": printable(by)}
        found["suppressions"] = [suppression]
    return found


def _doubt(policy: Policy, item: Doubt, index: dict[str, int]) -> Json:
    where = "the rule" if item.target is None else item.target.fqn
    text = f"{where}: not known: {'; '.join(item.reasons)}"
    found = _result(policy, item.rule, index, "warning", text, item.target)
    found["partialFingerprints"] = fingerprint(item.rule.name, str(item.target), "unknown")
    return found


def _result(
    policy: Policy,
    rule: Rule,
    index: dict[str, int],
    level: str,
    text: str,
    target: Reference | None,
) -> Json:
    return {
        "ruleId": rule.name,
        "ruleIndex": index[rule.name],
        "level": level,
        "message": message(text),
        "locations": [locate(_place(policy, rule), target)],
    }


def _place(policy: Policy, rule: Rule) -> Json:
    region = {"startLine": rule.line, "startColumn": rule.column}
    return {"artifactLocation": _artifact(policy), "region": region}


def _artifact(policy: Policy) -> Json:
    """Name the policy's file. Code scanning takes no result that names none."""
    if policy.is_packaged:
        uri = f"lineage/files/policies/{quote(policy.file)}.toml"
        return {"uri": uri, "uriBaseId": _PACKAGE}
    return {"uri": file_uri(policy.file)}
