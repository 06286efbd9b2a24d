import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lineage.governance.audit.protected_attributes import find_protected
from lineage.governance.bias.bias import bias
from lineage.governance.bias.questions import Question
from lineage.graph.without_deleted import without_deleted
from lineage.model.register import Association, Attribute, Proxy, Register
from tests.notation import graph_from, named

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parent / "bias_cases.json").read_text())


def test_every_question_has_several_cases() -> None:
    asked = Counter(case["question"] for case in CASES)
    assert set(asked) == set(Question)
    assert min(asked.values()) >= 3


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_reply_is_what_a_person_would_say(case: Case) -> None:
    graph = graph_from(case["graph"])
    if case.get("without_deleted"):
        graph = without_deleted(graph)
    protected = find_protected(graph, register(case), "gender")
    answer = bias(graph, named(graph, "m"), protected, on=date(2026, 6, 1))
    reply = answer.reply(Question(case["question"]))
    assert (str(reply.says), reply.words) == (case["says"], case["words"])
    assert [str(path) for path in reply.paths] == case.get("paths", [])
    assert [gap.kind for gap in reply.gaps] == case.get("because", [])


def register(case: Case) -> Register:
    held = case.get("attribute", {"columns": ["sex"]})
    return Register(
        attributes=(Attribute(name="gender", **{key: tuple(held[key]) for key in held}),),
        proxies=tuple(proxy(name, item) for name, item in case.get("proxies", {}).items()),
    )


def proxy(name: str, item: Case) -> Proxy:
    expires, measured = item.get("expires"), item.get("association")
    return Proxy(
        name=name,
        attribute="gender",
        reason="it tells",
        reviewer="ann",
        columns=tuple(item["columns"]),
        evidence=item.get("evidence"),
        expires=date.fromisoformat(expires) if expires else None,
        association=Association(**measured) if measured else None,
    )
