import pytest

from lineage.changes.copy_edges import copy_edges
from lineage.errors import LineageError
from lineage.graph.build import build_graph
from lineage.model.edges import Origin
from lineage.model.entities import Pipeline
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind
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
