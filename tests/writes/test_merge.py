from dataclasses import replace

import pytest

from lineage.graph.build import build_graph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot
from lineage.writes.merge import Merge, Policy, merge_edge
from lineage.writes.ownership import Owner, Ownership
from lineage.writes.plan import make_plan
from lineage.writes.plan_text import describe, render_markdown
from lineage.writes.step import Action
from tests.builders import edge, entity, graph_of, model, table

ETL, OTHER = Reference("pipeline", "etl"), Reference("pipeline", "other")
THEIRS = edge("a>m", "x>f:log(x)", pipeline=ETL, sql="select", description="why", created_by="al")


def wanted(*mappings: str, **evidence: object) -> Edge:
    made = edge("a>m", *mappings, **{"recorded_as": None, **evidence})
    return replace(made, evidence=replace(made.evidence, origin=Origin.DECLARED))


def test_what_is_not_stated_stays_under_every_policy() -> None:
    for policy in Policy:
        every = Merge(
            pipeline=policy, sql=policy, description=policy, recorded_as=policy, function=policy
        )
        after, clashes = merge_edge(wanted("x>f", "y>g"), THEIRS, merge=every)
        assert after.evidence == THEIRS.evidence
        assert after.column_edges == (
            *THEIRS.column_edges,
            ColumnEdge(upstream=("a.y",), downstream="m.g"),
        )
        assert clashes == ()


def test_what_is_empty_is_filled() -> None:
    bare = edge("a>m", "x>f")
    after, clashes = merge_edge(
        wanted("x>f:log(x)", pipeline=OTHER, sql="q", description="d"), bare, merge=Merge()
    )
    assert (after.evidence.pipeline, after.evidence.sql) == (OTHER, "q")
    assert after.column_edges[0].function == "log(x)"
    assert clashes == ()


def test_a_second_pipeline_is_a_clash_with_a_choice_and_never_an_overwrite() -> None:
    after, (clash,) = merge_edge(wanted("x>f", pipeline=OTHER), THEIRS, merge=Merge())
    assert after.evidence.pipeline == ETL
    assert (clash.field, clash.recorded, clash.wanted) == (
        "pipeline", "pipeline:etl", "pipeline:other"
    )  # fmt: skip
    assert "pipeline=replace" in str(clash)


def test_replace_puts_ours_where_theirs_was() -> None:
    rules = Merge(pipeline=Policy.REPLACE, function=Policy.REPLACE)
    after, clashes = merge_edge(wanted("x>f:exp(x)", pipeline=OTHER), THEIRS, merge=rules)
    assert after.evidence.pipeline == OTHER
    assert after.column_edges[0].function == "exp(x)"
    assert clashes == ()


@pytest.mark.parametrize(("user", "pipeline"), [("bot", OTHER), ("me", ETL)])
def test_ours_replaces_only_what_we_wrote(user: str, pipeline: Reference) -> None:
    recorded = edge(
        "a>m", pipeline=ETL, recorded_as="PipelineLineage", created_by="bot", updated_by="bot"
    )
    rules = Merge(pipeline=Policy.OURS, ownership=Ownership(user=user))
    after, _ = merge_edge(wanted(pipeline=OTHER), recorded, merge=rules)
    assert after.evidence.pipeline == pipeline


def test_a_function_for_one_column_of_a_joint_mapping_is_a_clash_or_splits_it() -> None:
    both = edge("a>m", "x+y>f")
    after, (clash,) = merge_edge(wanted("x>f:log(x)"), both, merge=Merge())
    assert after.column_edges == both.column_edges
    assert (clash.recorded, clash.wanted) == ("a.x, a.y → m.f", "a.x → m.f [log(x)]")
    after, clashes = merge_edge(wanted("x>f:log(x)"), both, merge=Merge(function=Policy.REPLACE))
    assert after.column_edges == edge("a>m", "y>f", "x>f:log(x)").column_edges
    assert clashes == ()


def test_a_plan_of_any_edges_shows_owners_clashes_and_refusals() -> None:
    graph = graph_of(
        table("a", "x y"), table("b", "z"), table("c", "v", deleted=True), model("m"), THEIRS
    )
    plan = make_plan(
        graph,
        desired=[
            wanted("x>f", pipeline=OTHER),
            Edge(upstream=entity("b"), downstream=entity("a"), column_edges=(
                ColumnEdge(upstream=("b.z",), downstream="a.x", function="f(z)"),
                ColumnEdge(upstream=("b.nothing",), downstream="a.y"),
            )),
            Edge(upstream=entity("c"), downstream=entity("a")),
        ],
    )  # fmt: skip
    (step,) = plan.edge_steps
    assert (step.action, step.owner) == (Action.CREATE_EDGE, Owner.NOBODY)
    assert step.after is not None
    assert step.after.evidence == Evidence(recorded_as="Manual")
    assert [refusal.reason.split(",")[0] for refusal in plan.refused] == [
        "pipeline:other runs it",
        "neither of the two has b.nothing",
        "table:c is deleted; restore it",
    ]
    assert "1 edge to create" in plan.summary()
    assert plan.summary().endswith("3 cannot be written")


def test_two_different_edges_between_one_pair_are_reported() -> None:
    graph = graph_of(table("a", "x"), table("b", "z"))
    one, two = (
        Edge(
            upstream=entity("a"),
            downstream=entity("b"),
            evidence=Evidence(origin=Origin.DECLARED, sql=text),
        )
        for text in ("1", "2")
    )
    plan = make_plan(graph, desired=[one, two])
    assert len(plan.steps) == 1
    assert "holds one edge between the two, and 2 are wanted" in plan.refused[0].reason


def test_the_scope_limits_a_plan() -> None:
    graph = graph_of(table("a", "x"), table("b", "y"), model("m1", f="a.x"), model("m2", f="b.y"))
    assert len(make_plan(graph).steps) == 2
    for named in (entity("m1"), entity("a"), Reference("column", "a.x")):
        (step,) = make_plan(graph, scope=[named]).edge_steps
        assert step.downstream == entity("m1")


def test_markdown_shows_hostile_names_as_what_they_are() -> None:
    snapshot = Snapshot(server="s", entities=(table("a`b", "x"), model("m", f="a`b.x")))
    text = render_markdown(make_plan(build_graph(snapshot)))
    assert "### `mlmodel:m`: 1 edge, 1 mapping to add" in text
    assert "+ a`b.x → m.f" in text


def test_a_change_of_a_fact_is_shown_with_what_was_there() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.x"), edge("a>m", "x>f", sql="old"))
    plan = make_plan(graph, desired=[wanted("x>f", sql="new")], merge=Merge(sql=Policy.REPLACE))
    assert "    ~ SQL: 'old' → 'new'" in describe(plan)
    assert "! SQL: 'old' → 'new'" in render_markdown(plan)
    assert plan.to_records()[0]["details"] == ["SQL: old → new"]
    clash = make_plan(graph, desired=[wanted("x>f", sql="new")])
    assert clash.summary() == "nothing to do; 1 clash to decide"
    assert "To decide" in render_markdown(clash)
