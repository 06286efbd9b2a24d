import json
from pathlib import Path
from typing import Any

import pytest

from lineage.governance.audit.audit import Assessment, audit
from lineage.governance.audit.protected_attributes import audit_attribute
from lineage.graph.without_deleted import without_deleted
from lineage.model.register import Attribute, Proxy, Register
from tests.notation import graph_from, named

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parent / "verdict_cases.json").read_text())


def test_there_are_many_cases_and_no_two_are_called_alike() -> None:
    titles = [case["title"] for case in CASES]
    assert len(set(titles)) == len(titles) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_verdict_is_what_a_person_would_say(case: Case) -> None:
    graph = graph_from(case["graph"])
    if case.get("without_deleted"):
        graph = without_deleted(graph)
    asked, target = case["ask"]
    answer = audit(graph) if asked != "attribute" else audit_attribute(graph, register(case), "it")
    assessment = answer.assessment(named(graph, target))
    assert told(assessment, asked) == expected(case)
    assert [gap.kind for gap in assessment.gaps] == case.get("because", [])


def told(assessment: Assessment, asked: str) -> Case:
    findings = assessment.findings
    if asked != "attribute":
        findings = tuple(item for item in findings if item.sensitive.reference.fqn == asked)
    if not findings:
        return {"verdict": "unknown" if assessment.gaps else "no-path"}
    return {
        "verdict": str(findings[0].verdict),
        "strength": findings[0].strength.label,
        "path": str(findings[0].path),
        "masked_by": list(findings[0].masked_by),
        "deleted": [entity.fqn for entity in findings[0].deleted],
    }


STRENGTHS = {
    "reaches": "value",
    "reaches-masked": "masked",
    "reaches-by-influence": "influence",
    "reaches-by-table": "table",
}


def expected(case: Case) -> Case:
    if "path" not in case:
        return {"verdict": case["verdict"]}
    return {
        "verdict": case["verdict"],
        "strength": case.get("strength") or STRENGTHS[case["verdict"]],
        "path": case["path"],
        "masked_by": case.get("masked_by", []),
        "deleted": case.get("deleted", []),
    }


def register(case: Case) -> Register:
    held = {key: tuple(value) for key, value in case["attribute"].items()}
    proxies = tuple(
        Proxy(name=name, attribute="it", reason="r", reviewer="w", columns=tuple(columns))
        for name, columns in case.get("proxies", {}).items()
    )
    return Register(attributes=(Attribute(name="it", **held),), proxies=proxies)
