"""What a plan does with mappings, case by case, and that the plan after it is empty."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.graph.lineage_graph import LineageGraph
from lineage.writes.merge import Merge, Policy
from lineage.writes.ownership import Ownership
from lineage.writes.plan import Plan, make_plan
from lineage.writes.pruning import find_undeclared
from lineage.writes.removal import Removal
from tests.notation import graph_from
from tests.writes.planning import after, mappings_of, wished, written

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("merge_cases.json").read_text(encoding="utf-8")
)


def planned(case: dict[str, Any], graph: LineageGraph, *, remove: bool = True) -> Plan:
    wanted = case["wanted"]
    desired = None if wanted is None else [wished(text) for text in wanted]
    ownership = Ownership(manifest=written(case.get("ours", ())))
    removals = [
        Removal(edge=recorded, mappings=one.column_edges, reason="asked for", is_named=True)
        for one in map(wished, case.get("remove", ()) if remove else ())
        for recorded in graph.edges_between(one.upstream, one.downstream)[:1]
    ]
    if case.get("prune"):
        removals += find_undeclared(graph, desired=desired, ownership=ownership)
    merge = Merge(function=Policy(case.get("merge", "keep")), ownership=ownership)
    return make_plan(graph, desired=desired, remove=removals, merge=merge)


def edge_of(case: dict[str, Any]) -> str:
    edges = [line for line in (*case["graph"], *(case["wanted"] or ())) if ">" in line]
    return str(case.get("edge") or edges[0].partition(":")[0])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_merging(case: dict[str, Any]) -> None:
    graph = graph_from(case["graph"])
    plan = planned(case, graph)
    ends = edge_of(case)
    there = after(graph, plan)
    expected = wished(f"{ends}: {'; '.join(case['after'])}" if case["after"] else ends)
    assert mappings_of(there, ends) == list(expected.column_edges)
    assert len(plan.steps) == case.get("steps", 1)
    assert [clash.recorded for clash in plan.clashes] == case.get("clashes", [])
    assert sum(len(step.changed) for step in plan.edge_steps) == case.get("changed", 0) or (
        "changed" not in case
    )
    reasons = [refusal.reason for refusal in plan.refused]
    assert len(reasons) == len(case.get("refused", []))
    assert all(
        text in reason for text, reason in zip(case.get("refused", []), reasons, strict=True)
    )
    if "weaker" in case:
        assert [str(one) for step in plan.steps for one in step.weaker] == case["weaker"]
    if "reason" in case:
        assert case["reason"] in plan.edge_steps[0].reason


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_second_plan_is_empty(case: dict[str, Any]) -> None:
    graph = graph_from(case["graph"])
    there = after(graph, planned(case, graph))
    again = planned(case, there, remove=case.get("again", True))
    assert again.steps == ()


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 40
    assert len({case["title"] for case in CASES}) == len(CASES)
