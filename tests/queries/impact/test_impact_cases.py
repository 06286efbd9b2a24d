import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import UnknownEntity
from lineage.model.entities import Column, Dashboard, Entity, Tag
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.queries.impact.hits import Audience, Impact
from lineage.queries.impact.impact import impact
from lineage.queries.impact.verdicts import ImpactVerdict
from tests.builders import graph_of, model, table
from tests.notation import graph_from, named

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parent / "impact_cases.json").read_text())


def test_there_are_many_cases_and_no_two_are_called_alike() -> None:
    titles = [case["title"] for case in CASES]
    assert len(set(titles)) == len(titles) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_impact_is_what_a_person_would_say(case: Case) -> None:
    answer = answered(case)
    assert {hit.reference.fqn: str(hit.verdict) for hit in answer.hits} == expected(case)
    for name, path in case.get("paths", {}).items():
        hit = next(hit for hit in answer.hits if hit.reference.fqn == name)
        assert hit.shown is not None
        assert str(hit.shown.path) == path
    assert str(answer.worst) == case.get("worst", worst(case))


def answered(case: Case) -> Impact:
    graph = graph_from(case["graph"])
    changes = [
        ProposedChange(
            action=Action(words[0]), subject=named(graph, words[1]), after=(*words[2:], None)[0]
        )
        for words in map(str.split, case["changes"])
    ]
    return impact(graph, changes)


def expected(case: Case) -> dict[str, str]:
    """Spread out what the case says of each verdict."""
    return {name: verdict for verdict in VERDICTS for name in case.get(verdict, "").split()}


VERDICTS = ("broken", "changed", "influenced", "possible", "unknown", "safe")


def worst(case: Case) -> str:
    return next((verdict for verdict in VERDICTS if case.get(verdict)), "safe")


def test_what_the_graph_does_not_have_is_refused() -> None:
    graph = graph_from(["raw(a)"])
    for action in (Action.DROP, Action.RETYPE, Action.TAG):
        change = ProposedChange(action=action, subject=Reference(Kind.COLUMN, "raw.b"), after="x")
        with pytest.raises(UnknownEntity, match=r"raw\.b"):
            impact(graph, change)
    new = ProposedChange(action=Action.ADD, subject=Reference(Kind.COLUMN, "raw.b"))
    assert impact(graph, new).complete


def test_the_same_type_in_other_words_changes_nothing() -> None:
    age = Column(name="age", fqn="raw.age", data_type="INT")
    graph = graph_of(
        Entity(reference=Reference(Kind.TABLE, "raw"), columns=(age,)), model("m", f="raw.age")
    )
    subject = Reference(Kind.COLUMN, "raw.age")
    verdicts = {
        after: str(
            impact(graph, ProposedChange(action=Action.RETYPE, subject=subject, after=after)).worst
        )
        for after in ("integer", "BIGINT", "DATE")
    }
    assert verdicts == {"integer": "safe", "BIGINT": "changed", "DATE": "changed"}


def test_the_order_of_changes_changes_nothing() -> None:
    graph = graph_from(["raw(a b)", "t(x y)", "raw>t!: a>x; b>y", "m(f=t.x; g=t.y)"])
    changes = [
        ProposedChange(action=Action.DROP, subject=named(graph, name))
        for name in ("raw.a", "raw.b")
    ]
    one, other = impact(graph, changes), impact(graph, changes[::-1])
    assert one.to_records() == other.to_records()
    assert one.summary() == other.summary()


def test_who_has_to_know_is_who_owns_what_is_hit() -> None:
    owner = Reference("user", "ann")
    board = Reference(Kind.DASHBOARD, "board")
    graph = graph_of(
        table("raw", "a"),
        replace(model("m", f="raw.a"), owners=(owner,), dashboard=board),
        Dashboard(reference=board, tags=(Tag(fqn="Tier.Tier2"),)),
    )
    answer = impact(graph, ProposedChange(action=Action.DROP, subject=named(graph, "raw.a")))
    assert answer.owners == (owner,)
    assert answer.dashboards == (board,)
    assert answer.audience(named(graph, "m.f")).owners == (owner,)
    assert answer.audience(Reference(Kind.TABLE, "nowhere")) == Audience()
    assert answer.totals.by_owner == {"user:ann": 2}
    assert answer.changes_reaching(named(graph, "m")) == [(answer.changes[0], ImpactVerdict.BROKEN)]
    assert answer.changes_reaching(named(graph, "raw")) == []


def test_what_is_in_a_schema_goes_with_it() -> None:
    schema = Reference(Kind.DATABASE_SCHEMA, "s")
    graph = graph_of(
        Entity(reference=schema),
        replace(table("raw", "a"), parent=schema),
        model("m", f="raw.a"),
    )
    answer = impact(graph, ProposedChange(action=Action.DROP, subject=schema))
    assert [hit.reference.fqn for hit in answer.of(ImpactVerdict.BROKEN)] == ["m.f", "m"]
    assert named(graph, "raw") not in {hit.reference for hit in answer.hits}


def test_what_is_changed_itself_is_not_safe_though_it_is_not_listed() -> None:
    graph = graph_from(["raw(a b)"])
    column, neighbour = named(graph, "raw.a"), named(graph, "raw.b")
    verdicts = {}
    for action in (Action.DROP, Action.NULLABLE):
        answer = impact(graph, ProposedChange(action=action, subject=column))
        assert list(answer.hits) == []
        assert answer.verdict(neighbour) == ImpactVerdict.SAFE
        verdicts[action] = answer.verdict(column)
    assert verdicts == {
        Action.DROP: ImpactVerdict.BROKEN,
        Action.NULLABLE: ImpactVerdict.CHANGED,
    }
