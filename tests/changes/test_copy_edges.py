from dataclasses import replace

import pytest

from lineage.changes.copy_edges import copy_edges
from lineage.errors import LineageError
from lineage.graph.build import build_graph
from lineage.model.edges import Influence, Origin
from lineage.model.entities import Pipeline
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind
from lineage.writes.desired_plan import plan_desired
from tests.builders import edge, snapshot_of, table

TESTED = snapshot_of(
    table("test.a", "x y"),
    table("test.b", "z"),
    Pipeline(reference=Reference(Kind.PIPELINE, "flow.load")),
    edge(
        "test.a>test.b",
        "x+y>z:concat",
        pipeline=Reference(Kind.PIPELINE, "flow.load"),
        sql="select",
        description="Nightly.",
        created_by="somebody",
        recorded_as="DbtLineage",
    ),
)


def test_everything_but_who_and_when_is_copied_under_the_new_names() -> None:
    live = build_graph(
        snapshot_of(
            table("live.a", "x y"),
            table("live.b", "z"),
            Pipeline(reference=Reference(Kind.PIPELINE, "cron.load")),
        )
    )
    desired = copy_edges(live, TESTED, services={"test": "live", "flow": "cron"})
    (found,) = desired.edges
    (mapping,) = found.column_edges
    assert (mapping.upstream, mapping.downstream) == (("live.a.x", "live.a.y"), "live.b.z")
    assert mapping.function == "concat"
    evidence = found.evidence
    assert (evidence.origin, evidence.recorded_as) == (Origin.DECLARED, "DbtLineage")
    assert (evidence.pipeline, evidence.sql) == (Reference(Kind.PIPELINE, "cron.load"), "select")
    assert (evidence.description, evidence.created_by) == ("Nightly.", None)
    assert desired.gaps == ()


def test_what_influences_and_what_is_masked_stays_so() -> None:
    masking = edge("test.b>test.a", "z>x:f")
    mappings = (replace(masking.column_edges[0], masking=True),)
    tested = snapshot_of(
        table("test.a", "x y"),
        table("test.b", "z"),
        edge("test.a>test.b", "x>z:filter", "y>:join"),
        replace(masking, column_edges=mappings),
    )
    live = build_graph(snapshot_of(table("live.a", "x y"), table("live.b", "z")))
    desired = copy_edges(live, tested, services={"test": "live"})
    assert desired.gaps == ()
    found = {str(one.downstream): one.column_edges for one in desired.edges}
    assert [(one.downstream, one.influence) for one in found["table:live.b"]] == [
        ("live.b.z", Influence.FILTER),
        ("live.b", Influence.JOIN),
    ]
    assert [one.masking for one in found["table:live.a"]] == [True]


def test_an_influence_that_is_copied_is_refused_and_not_written_as_a_value() -> None:
    tested = snapshot_of(table("a", "x"), table("b", "z"), edge("a>b", "x>z:filter"))
    live = snapshot_of(table("a", "x"), table("b", "z"))
    plan = plan_desired(live, copy_edges(build_graph(live), tested))
    assert plan.edge_steps[0].added == ()
    assert "would take a.x → b.z [filter] for a value" in plan.refused[0].reason


def test_an_edge_that_an_event_reports_stays_behind_and_is_named() -> None:
    tested = snapshot_of(table("a"), table("b"), edge("a>b", origin=Origin.WITNESSED))
    desired = copy_edges(build_graph(tested), tested)
    assert desired.edges == ()
    assert [gap.reason for gap in desired.gaps] == [
        "the snapshot has an edge from table:a that no server records"
    ]


def test_a_mapping_that_names_no_column_stays_behind_and_is_named() -> None:
    bare = edge("a>b", "x>z")
    bare = replace(bare, column_edges=(replace(bare.column_edges[0], upstream=()),))
    tested = snapshot_of(table("a", "x"), table("b", "z"), bare)
    desired = copy_edges(build_graph(tested), tested)
    assert desired.edges[0].column_edges == ()
    assert [gap.reason for gap in desired.gaps] == [
        "a mapping of the snapshot into b.z names no column it comes from"
    ]


def test_what_has_no_counterpart_stays_behind_and_is_named() -> None:
    live = build_graph(snapshot_of(table("live.a", "x"), table("live.b", "z")))
    desired = copy_edges(live, TESTED, services={"test": "live"})
    assert desired.edges[0].column_edges[0].upstream == ("live.a.x",)
    assert [(gap.kind, gap.subject and gap.subject.fqn) for gap in desired.gaps] == [
        (GapKind.COLUMN_NOT_FOUND, "live.a.y"),
        (GapKind.ENTITY_NOT_FOUND, "flow.load"),
    ]
    nowhere = copy_edges(live, TESTED)
    assert nowhere.edges == ()
    assert {gap.subject.fqn for gap in nowhere.gaps if gap.subject} == {"test.a", "test.b"}


def test_a_service_that_the_snapshot_does_not_have_is_a_mistake() -> None:
    with pytest.raises(LineageError, match="no service 'tset'; did you mean test"):
        copy_edges(build_graph(TESTED), TESTED, services={"tset": "live"})


def test_services_with_dots_in_their_names_are_renamed_too() -> None:
    tested = snapshot_of(table('"a.b".t', "x"), table('"a.b".u'), edge('"a.b".t>"a.b".u'))
    live = build_graph(snapshot_of(table('"c.d".t', "x"), table('"c.d".u')))
    (found,) = copy_edges(live, tested, services={"a.b": "c.d"}).edges
    assert found.upstream.fqn == '"c.d".t'
