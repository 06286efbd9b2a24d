from dataclasses import replace

import pytest

from lineage.changes.schema_changes import schema_changes
from lineage.graph.build import build_graph
from lineage.model.entities import Column, Entity, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.impact.impact import impact
from tests.builders import edge, model, snapshot_of, table

A = table("a", "x y")
BEFORE = (A, table("b", "x"), model("m", f="b.x"), edge("a>b", "x>x:md5(x)"))


def changed(*after: object) -> list[str]:
    return [str(one) for one in schema_changes(snapshot_of(*BEFORE), snapshot_of(*after)).changes]  # type: ignore[arg-type]


def with_columns(entity: Entity, *columns: Column) -> Entity:
    return replace(entity, columns=columns)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (BEFORE, []),
        ((*BEFORE[1:],), ["drop table:a"]),
        ((with_columns(A, A.columns[0]), *BEFORE[1:]), ["drop column:a.y"]),
        (
            (with_columns(A, replace(A.columns[0], data_type="INT"), A.columns[1]), *BEFORE[1:]),
            ["retype column:a.x from VARCHAR to INT"],
        ),
        (
            (
                with_columns(A, replace(A.columns[0], tags=(Tag(fqn="PII"),)), A.columns[1]),
                *BEFORE[1:],
            ),
            ["tag column:a.x with PII"],
        ),
        ((replace(A, tags=(Tag(fqn="PII"),)), *BEFORE[1:]), ["tag table:a with PII"]),
        ((replace(A, deleted=True), *BEFORE[1:]), ["drop table:a"]),
        ((replace(A, description="new"), *BEFORE[1:]), []),
        (
            (*BEFORE[:3], edge("a>b", "x>x")),
            ["recompute column:b.x from a.x by md5(x) to a.x"],
        ),
        (
            (*BEFORE[:3], edge("a>b", "y>x")),
            ["recompute column:b.x from a.x by md5(x) to a.y"],
        ),
        (BEFORE[:3], ["recompute column:b.x from a.x by md5(x)", "recompute table:b from a"]),
        (
            (A, BEFORE[1], model("m", f="a.x"), BEFORE[3]),
            [
                "recompute feature:m.f to other sources",
                "recompute feature:m.f from b.x to a.x",
                "recompute mlmodel:m from b to a",
            ],
        ),
    ],
)
def test_what_was_done_between_two_snapshots(after: tuple[object, ...], said: list[str]) -> None:
    assert changed(*after) == said


def test_what_only_the_second_could_not_read_is_a_gap() -> None:
    shared = Gap(GapKind.NO_SOURCES, Reference(Kind.TABLE, "b"), "both lack it")
    new = Gap(GapKind.EDGES_NOT_READ, Reference(Kind.TABLE, "b"), "the server failed")
    before, after = snapshot_of(*BEFORE, shared), snapshot_of(*BEFORE, shared, new)
    assert schema_changes(before, after).gaps == (new,)


def test_a_mapping_that_no_longer_masks_changes_what_comes_of_it() -> None:
    before, after = snapshot_of(*BEFORE), snapshot_of(*BEFORE[:3], edge("a>b", "x>x"))
    answer = impact(build_graph(before), schema_changes(before, after).changes)
    assert {hit.reference.fqn: str(hit.verdict) for hit in answer.hits if hit.hops} == {
        "m": "changed",
        "m.f": "changed",
    }


def test_what_goes_and_comes_with_a_name_alike_is_offered_as_a_rename() -> None:
    new = Column(name="x_new", fqn="a.x_new", data_type="VARCHAR")
    before = snapshot_of(*BEFORE)
    after = snapshot_of(with_columns(A, new, A.columns[1]), *BEFORE[1:])
    answer = impact(build_graph(before), schema_changes(before, after).changes)
    assert list(map(str, answer.renames)) == ["column:a.x may be renamed to x_new"]
    assert str(answer.worst) == "broken"


def test_of_another_type_or_in_another_table_no_rename_is_offered() -> None:
    before = snapshot_of(*BEFORE)
    other = Column(name="x_new", fqn="a.x_new", data_type="DATE")
    elsewhere = Column(name="x_new", fqn="b.x_new", data_type="VARCHAR")
    b = table("b", "x")
    for after in (
        (with_columns(A, other, A.columns[1]), *BEFORE[1:]),
        (with_columns(A, A.columns[1]), with_columns(b, b.columns[0], elsewhere), *BEFORE[2:]),
    ):
        changes = schema_changes(before, snapshot_of(*after)).changes
        assert impact(build_graph(before), changes).renames == ()


def test_two_equal_readings_are_no_change_whatever_their_order() -> None:
    assert schema_changes(Snapshot(), Snapshot()).changes == ()
    assert changed(*reversed(BEFORE)) == []
