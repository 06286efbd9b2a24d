"""What is offered for columns that are gone, case by case, and the plan that takes an offer."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lineage.changes.stale import find_stale
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence
from lineage.model.entities import Column, Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.writes.ownership import Ownership
from lineage.writes.plan import make_plan
from lineage.writes.stale_removals import stale_removals
from lineage.writes.stale_replacements import plan_replacements
from tests.builders import edge, entity, graph_of, model, snapshot_of, table
from tests.notation import item_from
from tests.writes.planning import after, mappings_of

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("stale_cases.json").read_text(encoding="utf-8")
)
RECORDED = {"recorded_as": "QueryLineage", "updated_by": "somebody"}


def graph_from(lines: Iterable[str], types: dict[str, str]) -> LineageGraph:
    return build_graph(snapshot_of(*(typed(item_from(line), types) for line in lines)))


def typed(item: Entity | Edge | Gap, types: dict[str, str]) -> Entity | Edge | Gap:
    if not isinstance(item, Entity):
        return item
    return replace(item, columns=tuple(with_type(column, types) for column in item.columns))


def with_type(column: Column, types: dict[str, str]) -> Column:
    children = tuple(with_type(child, types) for child in column.children)
    return replace(column, data_type=types.get(column.fqn), children=children)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_is_offered(case: dict[str, Any]) -> None:
    types = case.get("types", {})
    earlier = graph_from(case["earlier"], types) if "earlier" in case else None
    answer = find_stale(graph_from(case["graph"], types), earlier=earlier)
    assert [str(one) for item in answer.edges for one in item.likely] == case["likely"]
    if "gone" in case:
        assert [part.fqn for item in answer.edges for part in item.gone] == case["gone"]
    rows = answer.to_records()
    assert [text for row in rows for text in row["likely"]] == case["likely"]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 15
    assert len({case["title"] for case in CASES}) == len(CASES)


def test_a_mapping_onto_a_metric_is_not_gone() -> None:
    metric = Entity(reference=Reference(Kind.METRIC, "revenue"), id="id-revenue")
    onto = Edge(
        upstream=entity("a"),
        downstream=metric.reference,
        column_edges=(ColumnEdge(upstream=("a.x",), downstream="revenue"),),
        evidence=Evidence(recorded_as="Manual"),
    )
    assert find_stale(graph_of(table("a", "x y"), metric, onto)).edges == ()
    gone = replace(onto, column_edges=(ColumnEdge(upstream=("a.w",), downstream="revenue"),))
    (found,) = find_stale(graph_of(table("a", "x y"), metric, gone)).edges
    assert found.reason == "gone: a.w"


def test_an_offer_that_is_taken_maps_the_new_column_in_the_place_of_the_old_one() -> None:
    recorded = edge("a>b", "x+email>z:concat", "y>w", **RECORDED)
    graph = graph_of(table("a", "x y e_mail"), table("b", "z w"), recorded)
    plan = plan_replacements(graph, find_stale(graph), named={entity("b")})
    (step,) = plan.edge_steps
    assert step.reason.endswith("a.e_mail may replace a.email: a similar name")
    there = after(graph, plan)
    expected = edge("a>b", "y>w", "x+e_mail>z:concat").column_edges
    assert mappings_of(there, "a>b") == list(expected)
    assert find_stale(there).edges == ()


def test_what_nothing_replaces_stays_stale_when_an_offer_is_taken() -> None:
    recorded = edge("a>b", "email+lost>z:concat", "x>dropped", **RECORDED)
    graph = graph_of(table("a", "x e_mail"), table("b", "z"), recorded)
    plan = plan_replacements(graph, find_stale(graph), named={entity("b")})
    there = after(graph, plan)
    expected = edge("a>b", "lost>z:concat", "x>dropped", "e_mail>z:concat").column_edges
    assert mappings_of(there, "a>b") == list(expected)


def test_an_offer_is_never_taken_by_a_plan_of_removals() -> None:
    recorded = edge("a>b", "email>z", **RECORDED)
    graph = graph_of(table("a", "e_mail"), table("b", "z"), recorded)
    stale = find_stale(graph)
    (step,) = make_plan(
        graph, desired=(), remove=stale_removals(stale, named={entity("b")})
    ).edge_steps
    assert step.added == ()
    assert [mapping.upstream for mapping in step.removed] == [("a.email",)]


def test_what_is_not_provably_ours_is_replaced_only_where_it_is_named() -> None:
    recorded = edge("a>b", "email>z", **RECORDED)
    graph = graph_of(table("a", "e_mail"), table("b", "z"), recorded)
    plan = plan_replacements(graph, find_stale(graph))
    assert plan.steps == ()
    assert "name it to remove it" in plan.refused[0].reason
    drawn = graph_of(table("a", "e_mail"), table("b", "z"), edge("a>b", "email>z"))
    assert plan_replacements(drawn, find_stale(drawn)).summary() == "nothing to do"
    assert len(plan_replacements(drawn, find_stale(drawn), named={entity("a")}).steps) == 1


def test_what_is_ours_is_replaced_without_being_named() -> None:
    ours = edge("a>b", "email>z", recorded_as="QueryLineage", created_by="bot", updated_by="bot")
    graph = graph_of(table("a", "e_mail"), table("b", "z"), ours)
    plan = plan_replacements(graph, find_stale(graph), ownership=Ownership(user="bot"))
    assert [mapping.upstream for mapping in plan.edge_steps[0].added] == [("a.e_mail",)]


def test_a_renamed_feature_gets_its_mapping_back() -> None:
    recorded = edge("a>m", "x>basket_val", **RECORDED)
    graph = graph_of(table("a", "x"), model("m", basket_value=""), recorded)
    plan = plan_replacements(graph, find_stale(graph), named={entity("m")})
    there = after(graph, plan)
    assert mappings_of(there, "a>m") == list(edge("a>m", "x>basket_value").column_edges)
