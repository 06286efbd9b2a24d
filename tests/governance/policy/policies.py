"""Policies in few words."""

from typing import Any

from lineage.governance.policy.reading import make_policy
from lineage.governance.policy.rules import Policy
from lineage.model.settings_document import Document

__all__ = ["coverage_rule", "flow_rule", "policy_of", "waiver"]


def flow_rule(**facts: Any) -> dict[str, Any]:
    """Make a rule of what stands in a policy file; `source` is its `from`."""
    source = facts.pop("source", "tag:PII.Sensitive")
    return {"name": "no-pii", "from": source, "to": "kind:mlmodel", **facts}


def coverage_rule(*require: str, of: str = "kind:mlmodel") -> dict[str, Any]:
    return {"name": "known", "of": of, "require": list(require)}


def waiver(**facts: Any) -> dict[str, Any]:
    common = {"rule": "no-pii", "owner": "ann", "reason": "agreed", "expires": "2027-01-31"}
    if "source" in facts:
        facts["from"] = facts.pop("source")
    return {**common, "to": "m", **facts}


def policy_of(*rules: dict[str, Any], **others: Any) -> Policy:
    return make_policy(Document("policy.toml", {"rules": list(rules), **others}))
