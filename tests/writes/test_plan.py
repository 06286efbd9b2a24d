from pathlib import Path

import pytest

from lineage.changes.edge_facts import fingerprint
from lineage.errors import BrokenFile
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.writes.plan import Plan, make_plan
from lineage.writes.plan_file import read_plan, write_plan
from lineage.writes.plan_text import describe
from lineage.writes.step import Action
from tests.builders import edge, entity, graph_of, model, table

GRAPH = graph_of(
    table("a", "x y"),
    table("b", "z"),
    model("m", f="a.x", g="a.y b.z"),
    edge("a>m", "x>f:log(x)", pipeline=Reference("pipeline", "etl"), description="why", sql="s"),
)


def test_one_step_an_edge_and_not_a_feature() -> None:
    plan = make_plan(GRAPH)
    assert [(step.action, step.upstream) for step in plan.edge_steps] == [
        (Action.CHANGE_EDGE, entity("a")),
        (Action.CREATE_EDGE, entity("b")),
    ]
    assert [mapping.downstream for mapping in plan.edge_steps[0].added] == ["m.g"]


def test_a_plan_reads_as_what_is_added_and_what_stays() -> None:
    text = "\n".join(describe(make_plan(GRAPH)))
    assert "+ a.y → m.g" in text
    assert "= pipeline pipeline:etl kept" in text
    assert "= 1 mapping kept" in text
    assert "= SQL kept" in text
    assert "create table:b → mlmodel:m" in text


def test_nothing_to_do_is_an_empty_plan() -> None:
    plan = make_plan(graph_of(table("a", "x"), model("m", f="a.x"), edge("a>m", "x>f")))
    assert plan.steps == ()
    assert plan.summary() == "nothing to do"


def test_what_was_not_read_is_refused_before_anything_is_written() -> None:
    plan = make_plan(graph_of(model("m", f="hidden.x")))
    assert plan.steps == ()
    (refusal,) = plan.refused
    assert "was not read" in refusal.reason
    assert plan.gaps


def test_a_deleted_end_is_refused_before_anything_is_written() -> None:
    plan = make_plan(graph_of(table("a", "x", deleted=True), model("m", f="a.x")))
    assert plan.summary() == "nothing to do; 1 cannot be written"
    assert describe(plan)[-1].startswith("! table:a → mlmodel:m: table:a is deleted")


def test_a_fingerprint_shows_what_matters_and_not_who_or_when() -> None:
    one = edge("a>m", "x>f", "y>f", created_at=1, updated_by="me")
    same = edge("a>m", "y>f", "x>f", created_at=2, updated_by="you")
    assert fingerprint(one) == fingerprint(same)
    others: list[Edge | None] = [
        edge("a>m", "x>f"),
        edge("a>m", "x>f:log(x)", "y>f"),
        edge("a>m", "x>f", "y>f", sql="select 1"),
        edge("a>m", "x>f", "y>f", description="why"),
        edge("a>m", "x>f", "y>f", recorded_as="DbtLineage"),
        edge("a>m", "x>f", "y>f", pipeline=Reference("pipeline", "p")),
        None,
    ]
    assert len({fingerprint(other) for other in [one, *others]}) == len(others) + 1


def test_a_plan_survives_a_file(tmp_path: Path) -> None:
    plan = make_plan(GRAPH)
    write_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no JSON"),
        ("[]", "is JSON, but no plan"),
        ('{"format": "lineage-plan", "version": 9}', "version 9"),
        ('{"format": "lineage-plan", "version": 2, "plan": {"server": "x"}}', "steps"),
        ('{"format": "lineage-plan", "version": 2, "plan": {"models": [1]}}', "server"),
        ('{"format": "lineage-plan", "version": 3, "plan": 7}', "plan"),
        ("[" * 100_000, "too deep"),
        ('{"a": ' + "1" * 5000 + "}", "too large a number"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(BrokenFile, match=reason):
        read_plan(tmp_path / "plan.json")


def test_a_missing_plan_and_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_plan(tmp_path / "plan.json")
    (tmp_path / "plan.json").write_bytes(b"\xff\xfe")
    with pytest.raises(BrokenFile, match="is no text"):
        read_plan(tmp_path / "plan.json")


def test_rows_show_each_step() -> None:
    rows = make_plan(GRAPH).to_records()
    assert rows[0]["added"] == ["a.y → m.g"]
    assert rows[0]["kept"] == 1
    assert Plan(server="x", steps=()).to_records() == []
