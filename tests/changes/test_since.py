from dataclasses import replace

import pytest

from lineage.changes.since import Since, since
from lineage.model.edges import Edge
from lineage.model.entities import Column, Entity, MlModel
from lineage.model.entity_history import History
from lineage.model.profile import Profile
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.views.since_markdown import render_since_markdown
from lineage.views.since_text import render_since
from tests.builders import column, edge, entity, feature, model, snapshot_of, table

NOON = 1_000_000


def at(item: Entity, version: float, *, by: str = "ann") -> Entity:
    """Date a version: those above 0.1 came after noon."""
    moment = NOON + int((version - 0.15) * 1_000_000)
    return replace(item, version=version, updated_at=moment, updated_by=by)


def typed(item: Entity, name: str, data_type: str) -> Entity:
    columns = tuple(
        replace(one, data_type=data_type) if one.name == name else one for one in item.columns
    )
    return replace(item, columns=columns)


def asked(
    *histories: tuple[Entity, ...],
    edges: tuple[Edge, ...] = (),
    others: tuple[Entity, ...] = (),
    kept: bool = True,
    gaps: tuple[Gap, ...] = (),
) -> Since:
    """Ask since noon; each history is newest first, and the last one is the model's."""
    now = snapshot_of(*(versions[0] for versions in histories), *edges, *others)
    then = snapshot_of(*(versions[-1] for versions in histories), *edges, *others)
    then = replace(then, read_at="1970-01-01T00:10:00+00:00")
    versions = {item[0].reference: item for item in histories}
    history = History(histories[-1][0].reference, NOON, versions, gaps)
    return since(now, history, kept=then if kept else None)


def said(answer: Since) -> list[tuple[str, str, str | None]]:
    return [
        (str(row.verdict), row.feature.fqn, None if row.made is None else str(row.made.change))
        for row in answer.rows
    ]


PEOPLE = at(table("a", "age city"), 0.1)
MODEL = (at(model("m", age="a.age", city="a.city"), 0.1),)


def test_a_column_that_went_breaks_its_feature_and_no_other() -> None:
    answer = asked((at(table("a", "city"), 1.1, by="bob"), PEOPLE), MODEL)
    assert said(answer) == [
        ("broken", "m.age", "drop column:a.age"),
        ("safe", "m.city", None),
    ]
    (row, _) = answer.to_records()
    assert row["versions"] == [1.1]
    assert row["by"] == ["bob"]
    assert row["at"] == ["1970-01-01T00:32:30Z"]
    assert answer.summary().endswith("2 features: 1 broken, 1 safe; complete")


def test_a_retyped_column_changes_its_feature_in_the_versions_that_made_it() -> None:
    newest = at(typed(table("a", "age city"), "age", "TEXT"), 2.1, by="bob")
    middle = at(typed(table("a", "age city"), "age", "INT"), 1.1)
    answer = asked((newest, middle, PEOPLE), MODEL)
    made = answer.rows[0].made
    assert made is not None
    assert str(made.change) == "retype column:a.age from VARCHAR to TEXT"
    assert [step.version for step in made.steps] == [1.1, 2.1]


def test_a_change_further_up_arrives_by_edges() -> None:
    raw = (at(table("r", "birth"), 1.1), at(table("r", "birth name"), 0.1))
    hops = (edge("r>a", "name>age"),)
    answer = asked(raw, MODEL, edges=hops, others=(PEOPLE,))
    assert ("broken", "m.age", "drop column:r.name") in said(answer)


def test_what_was_changed_and_changed_back_is_listed_apart() -> None:
    versions = (at(table("a", "age city"), 2.1), at(table("a", "city"), 1.1), PEOPLE)
    answer = asked(versions, MODEL)
    assert {verdict for verdict, _, _ in said(answer)} == {"safe"}
    (made,) = answer.undone
    assert made.change.subject == column("a.age")
    assert [step.version for step in made.steps] == [1.1, 2.1]
    assert "Changed, and changed back\n  drop column:a.age" in render_since(answer)


def test_what_reaches_no_feature_is_listed_apart() -> None:
    answer = asked((at(table("a", "age city new"), 0.2), PEOPLE), MODEL)
    assert [str(item.change) for item in answer.elsewhere] == ["add column:a.new to VARCHAR"]
    assert answer.worst == "safe"


def test_what_came_and_went_since_is_listed_apart() -> None:
    new = (at(table("n", "x"), 2.1), at(table("n", "x y"), 1.1))
    history = History(MODEL[0].reference, NOON, {new[0].reference: new, MODEL[0].reference: MODEL})
    answer = since(snapshot_of(new[0], PEOPLE, MODEL[0]), history)
    assert "drop column:n.y" in {str(item.change) for item in answer.elsewhere}


def test_a_source_that_nobody_measured_is_not_known_where_it_was_asked_for() -> None:
    history = History(MODEL[0].reference, NOON, {MODEL[0].reference: MODEL})
    now = snapshot_of(PEOPLE, MODEL[0])
    kept = replace(now, read_at="1970-01-01T00:10:00+00:00")
    twice = tuple(Profile(measured_at=NOON + step, null_share=0.1) for step in (-1, 1))
    measured = {column("a.age"): twice}
    assert since(now, history, kept=kept, profiles=measured).worst == "safe"
    answer = since(now, history, kept=kept, profiles={**measured, column("a.city"): ()})
    assert answer.worst == "unknown"
    assert answer.summary().endswith("complete; drift of 1 source not known")


def test_a_feature_that_the_model_lost_or_got_is_a_row_of_its_own() -> None:
    newest = at(model("m", city="a.city", new="a.age"), 0.2, by="bob")
    answer = asked((PEOPLE,), (newest, *MODEL))
    assert said(answer)[:2] == [
        ("broken", "m.age", "drop feature:m.age"),
        ("changed", "m.new", "add feature:m.new"),
    ]
    assert answer.rows[0].source == feature("m.age")


def test_a_table_that_a_kept_snapshot_has_and_the_catalog_lost_breaks_its_features() -> None:
    kept = replace(snapshot_of(PEOPLE, MODEL[0]), read_at="1970-01-01T00:10:00+00:00")
    answer = since(snapshot_of(*MODEL), History(entity("m"), NOON, {entity("m"): MODEL}), kept=kept)
    assert ("broken", "m.age", "drop table:a") in said(answer)
    assert "its versions are gone with it" in render_since(answer)


def test_a_renamed_table_is_found_under_its_present_name() -> None:
    old = at(table("b", "age city"), 0.1)
    old = replace(old, id="id-a")
    answer = asked((at(table("a", "age city"), 0.2), old), MODEL, kept=False)
    assert ("broken", "m.age", "rename table:a from b to a") in said(answer)
    assert not any("drop" in (change or "") for _, _, change in said(answer))


def test_without_a_kept_snapshot_nothing_is_called_safe() -> None:
    answer = asked((at(table("a", "city"), 1.1), PEOPLE), MODEL, kept=False)
    assert {verdict for verdict, _, _ in said(answer)} == {"broken", "unknown"}
    assert [gap.kind for gap in answer.gaps] == [GapKind.EDGES_NOT_READ]
    assert "name a snapshot kept before" in render_since(answer)


@pytest.mark.parametrize("read_at", ["1970-01-01T01:00:00+00:00", ""])
def test_a_snapshot_from_later_says_nothing_of_the_edges_of_then(read_at: str) -> None:
    kept = replace(snapshot_of(PEOPLE, *MODEL), read_at=read_at)
    history = History(entity("m"), NOON, {entity("m"): MODEL})
    answer = since(snapshot_of(PEOPLE, *MODEL), history, kept=kept)
    assert "the kept snapshot was read at" in str(answer.gaps[0])
    assert answer.worst == "unknown"


def test_versions_that_were_not_read_leave_their_features_unknown() -> None:
    gap = Gap(GapKind.ENTITIES_NOT_READ, entity("a"), "its versions were not read")
    answer = asked((PEOPLE,), MODEL, gaps=(gap,))
    assert {verdict for verdict, _, _ in said(answer)} == {"unknown"}
    assert answer.gaps == (gap,)
    assert answer.unread == (gap,)


def test_gaps_of_other_models_are_no_gaps_of_this_one() -> None:
    answer = asked((PEOPLE,), MODEL, others=(model("m2", lost=""),))
    assert answer.gaps == ()
    assert answer.worst == "safe"


def test_the_order_in_which_versions_were_read_changes_nothing() -> None:
    raw = (at(table("r", "birth"), 1.1), at(table("r", "birth name"), 0.1))
    people = (at(table("a", "city"), 1.1), PEOPLE)
    hops = (edge("r>a", "name>age"),)
    one, other = (asked(*order, MODEL, edges=hops) for order in ((raw, people), (people, raw)))
    assert one.to_records() == other.to_records()


def test_a_column_within_a_column_keeps_what_is_new_beside_it() -> None:
    def nested(version: float, *names: str) -> Entity:
        children = tuple(Column(name=name, fqn=f"a.s.{name}") for name in names)
        made = Column(name="s", fqn="a.s", data_type="STRUCT", children=children)
        return at(replace(table("a"), columns=(made,)), version)

    answer = asked((nested(1.1, "new"), nested(0.1, "x")), (at(model("m", f="a.s.x"), 0.1),))
    assert [str(row.made.change) for row in answer.rows if row.made] == ["drop column:a.s.x"]
    assert [item.change.subject.fqn for item in answer.elsewhere] == ["a.s.new"]


def test_markdown_keeps_hostile_names_in_their_cells() -> None:
    hostile = replace(MODEL[0], updated_by="a|b")
    assert isinstance(hostile, MlModel)
    text = render_since_markdown(asked((at(table("a", "city"), 1.1, by="a|b"), PEOPLE), (hostile,)))
    rows = [line for line in text.splitlines() if line.startswith("| broken")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 6


def test_a_model_without_changes_is_an_answer() -> None:
    answer = since(
        Snapshot(entities=MODEL), History(Reference(Kind.MLMODEL, "m"), NOON, {entity("m"): MODEL})
    )
    assert {verdict for verdict, _, _ in said(answer)} == {"unknown"}
    assert len(answer) == len(answer.rows)
