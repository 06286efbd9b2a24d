"""The check of a policy as SARIF 2.1.0, for code scanning."""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from lineage.governance.policy.check_report import Check, Doubt, Violation
from lineage.governance.policy.rules import Policy, Rule
from lineage.model.reference import Reference
from lineage.views.check.check_text import rule_in_words
from lineage.views.terminal import printable

__all__ = ["render_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PACKAGE = "MLMODEL_LINEAGE"
"""Stands for where the library is installed, which is no place of the repository."""

_Json = dict[str, Any]


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
    driver = {
        "name": "lineage",
        "version": version("mlmodel-lineage"),
        "rules": [_rule(rule) for rule in rules],
    }
    notes = [{"level": "note", "message": _message(str(note))} for note in answer.notes]
    invocation: _Json = {"executionSuccessful": True}
    if notes:
        invocation["toolExecutionNotifications"] = notes
    run: _Json = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    if answer.policy.is_packaged:
        told = _plain("where the library is installed, with which the policy comes")
        run["originalUriBaseIds"] = {_PACKAGE: {"description": told}}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rule(rule: Rule) -> _Json:
    described = {"fullDescription": _plain(rule.description)} if rule.description else {}
    return {
        "id": rule.name,
        "shortDescription": _plain(rule_in_words(rule)),
        **described,
        "defaultConfiguration": {"level": "error"},
    }


def _violation(policy: Policy, item: Violation, index: dict[str, int]) -> _Json:
    parts = (item.rule.name, str(item.target), str(item.source or item.message))
    found = _result(policy, item.rule, index, "error", item.message, item.target)
    found["partialFingerprints"] = {"lineage/v1": _fingerprint(parts)}
    if item.path:
        found["codeFlows"] = [{"threadFlows": [{"locations": list(_steps(policy, item))}]}]
    if item.waiver is not None:
        by = f"{item.waiver.owner}, until {item.waiver.expires}: {item.waiver.reason}"
        suppression = {"kind": "external", "status": "accepted", "justification": printable(by)}
        found["suppressions"] = [suppression]
    return found


def _doubt(policy: Policy, item: Doubt, index: dict[str, int]) -> _Json:
    where = "the rule" if item.target is None else item.target.fqn
    text = f"{where}: not known: {'; '.join(item.reasons)}"
    found = _result(policy, item.rule, index, "warning", text, item.target)
    parts = (item.rule.name, str(item.target), "unknown")
    found["partialFingerprints"] = {"lineage/v1": _fingerprint(parts)}
    return found


def _result(
    policy: Policy,
    rule: Rule,
    index: dict[str, int],
    level: str,
    text: str,
    target: Reference | None,
) -> _Json:
    return {
        "ruleId": rule.name,
        "ruleIndex": index[rule.name],
        "level": level,
        "message": _message(text),
        "locations": [_location(policy, rule, target)],
    }


def _steps(policy: Policy, item: Violation) -> Iterator[_Json]:
    for number, reference in enumerate(item.path, 1):
        location = _location(policy, item.rule, reference)
        location["message"] = _message(reference.fqn)
        yield {"executionOrder": number, "location": location}


def _location(policy: Policy, rule: Rule, reference: Reference | None) -> _Json:
    place = {
        "artifactLocation": _artifact(policy),
        "region": {"startLine": rule.line, "startColumn": rule.column},
    }
    found: _Json = {"physicalLocation": place}
    if reference is not None:
        name = printable(reference.fqn)
        found["logicalLocations"] = [{"fullyQualifiedName": name, "kind": str(reference.kind)}]
    return found


def _artifact(policy: Policy) -> _Json:
    """Name the policy's file. Code scanning takes no result that names none."""
    if policy.is_packaged:
        uri = f"lineage/files/policies/{quote(policy.file)}.toml"
        return {"uri": uri, "uriBaseId": _PACKAGE}
    return {"uri": quote(policy.file.replace("\\", "/"), safe="/")}


def _message(text: str) -> _Json:
    """Write a message; brackets would be taken for links, backslashes for escapes."""
    shown = printable(text)
    for character in "\\[]":
        shown = shown.replace(character, f"\\{character}")
    return {"text": shown}


def _plain(text: str) -> _Json:
    return {"text": printable(text)}


def _fingerprint(parts: Iterable[str]) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
