from dataclasses import replace

from hypothesis import given

from lineage.changes.snapshot_diff import Change, ChangeKind, Detail, diff
from lineage.model.edges import Edge
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.builders import column, edge, entity, feature, model, snapshot_of, table
from tests.strategies import snapshots

ENDS = (entity("a"), entity("b"))


def changes(before: Entity | Edge | None, after: Entity | Edge | None) -> list[Change]:
    old, new = ([item] if item is not None else [] for item in (before, after))
    return list(diff(snapshot_of(*old), snapshot_of(*new)).changes)


@given(snapshots())
def test_a_snapshot_does_not_differ_from_itself(snapshot: Snapshot) -> None:
    assert not diff(snapshot, snapshot).changes


@given(snapshots(), snapshots())
def test_what_came_one_way_went_the_other(before: Snapshot, after: Snapshot) -> None:
    there, back = diff(before, after), diff(after, before)
    came = [item.subject for item in there.changes if item.kind == ChangeKind.ADDED]
    went = [item.subject for item in back.changes if item.kind == ChangeKind.REMOVED]
    assert came == went


def test_an_entity_comes_and_goes() -> None:
    assert changes(None, table("a")) == [Change((entity("a"),), ChangeKind.ADDED)]
    assert changes(table("a"), None) == [Change((entity("a"),), ChangeKind.REMOVED)]


def test_a_column_that_is_dropped_tagged_or_added_is_named() -> None:
    found = changes(table("a", "x y z"), table("a", "y z:PII.Sensitive w"))
    assert found == [
        Change((column("a.w"),), ChangeKind.ADDED),
        Change((column("a.x"),), ChangeKind.REMOVED),
        Change((column("a.z"),), ChangeKind.CHANGED, (Detail("tags", "", "PII.Sensitive"),)),
    ]


def test_a_feature_with_other_sources_has_changed() -> None:
    found = changes(model("m", f="a.x", g="a.y"), model("m", f="a.z", g="a.y"))
    sources = Detail("sources", "a.x", "a.z")
    assert found == [Change((feature("m.f"),), ChangeKind.CHANGED, (sources,))]


def test_mappings_that_came_and_went_are_reported() -> None:
    found = changes(edge("a>b", "x>x", "y>y:md5(y)"), edge("a>b", "x>x", "z>y"))
    details = Detail("mapping", "a.y → b.y [md5(y)]", ""), Detail("mapping", "", "a.z → b.y")
    assert found == [Change(ENDS, ChangeKind.CHANGED, details)]
    assert [str(detail) for detail in details] == ["- a.y → b.y [md5(y)]", "+ a.z → b.y"]


def test_another_pipeline_is_shown_with_both() -> None:
    job = Reference("pipeline", "air.etl")
    (change,) = changes(edge("a>b"), edge("a>b", pipeline=job))
    assert list(map(str, change.details)) == ["pipeline: none → pipeline:air.etl"]


def test_rows_give_each_field_before_and_after() -> None:
    (row,) = diff(snapshot_of(edge("a>b")), snapshot_of(edge("a>b", sql="q"))).to_records()
    assert row["subject"] == "table:a → table:b"
    assert row["details"] == ["sql: none → 'q'"]
    assert row["fields"] == [{"field": "sql", "before": "", "after": "'q'"}]


def test_the_same_edge_written_again_is_no_difference() -> None:
    again = edge("a>b", "x>x", updated_by="bot", updated_at=2, created_at=2)
    assert changes(edge("a>b", "x>x", updated_by="ann", updated_at=1), again) == []


def test_a_second_job_between_the_same_tables_is_an_edge_more() -> None:
    first, second = edge("a>b", sql="1"), edge("a>b", sql="2")
    found = diff(snapshot_of(first), snapshot_of(first, second)).changes
    assert found == (Change(ENDS, ChangeKind.ADDED),)


def test_a_new_version_alone_is_no_difference() -> None:
    assert changes(replace(table("a"), version=0.1), replace(table("a"), version=0.2)) == []


def test_a_difference_carries_the_gaps_of_both() -> None:
    gaps = [Gap(GapKind.EDGES_NOT_READ, entity(name), "502") for name in "ab"]
    found = diff(snapshot_of(gaps[0]), snapshot_of(gaps[1]))
    assert set(found.gaps) == set(gaps)
    assert found.summary() == "no difference; 2 gaps: not complete"
