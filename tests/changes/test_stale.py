from lineage.changes.stale import Staleness, find_stale
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.model.snapshot import Disagreement, Gap, GapKind
from lineage.writes.plan import make_plan
from lineage.writes.stale_removals import stale_removals
from lineage.writes.step import Action
from tests.builders import edge, entity, graph_of, model, table

TABLES = (table("a", "x y"), table("b", "z"), table("dead", "v", deleted=True))


def test_nothing_is_stale_in_a_catalog_that_is_whole() -> None:
    graph = graph_of(*TABLES[:2], model("m", age="b.z"), edge("a>b", "x>z"), edge("b>m", "z>age"))
    assert find_stale(graph).edges == ()
    assert find_stale(graph).summary() == "0 stale edges"


def test_a_mapping_loses_the_columns_that_are_gone_and_no_other() -> None:
    recorded = edge("a>b", "x+old>z:concat", "x>gone", recorded_as="QueryLineage")
    (found,) = find_stale(graph_of(*TABLES, recorded)).edges
    assert found.staleness == Staleness.COLUMN_GONE
    assert found.reason == "gone: a.old, b.gone"
    assert [(item.upstream, item.downstream) for item in found.mappings or ()] == [
        (("a.old",), "b.z"),
        (("a.x",), "b.gone"),
    ]


def test_a_feature_that_is_gone_is_found_too() -> None:
    graph = graph_of(table("a", "x"), model("m", age="a.x"), edge("a>m", "x>size"))
    assert find_stale(graph).edges[0].reason == "gone: m.size"


def test_a_table_that_was_not_read_is_not_taken_for_gone() -> None:
    answer = find_stale(graph_of(table("b", "z"), edge("hidden>b", "x>z")))
    assert answer.edges == ()
    assert [gap.kind for gap in answer.gaps] == [GapKind.ENTITY_NOT_FOUND]
    assert "1 gap" in answer.summary()


def test_a_failed_page_is_carried_as_a_gap() -> None:
    gap = Gap(GapKind.EDGES_NOT_READ, None, "503")
    assert find_stale(graph_of(*TABLES, gap)).gaps == (gap,)


def test_declared_edges_are_never_stale() -> None:
    assert find_stale(graph_of(table("a", "x"), model("m", age="a.gone"))).edges == ()


def test_edges_at_deleted_entities_are_found() -> None:
    answer = find_stale(graph_of(*TABLES, edge("dead>b", "v>z"), edge("a>dead")))
    assert [(str(item.edge.upstream), item.staleness) for item in answer.edges] == [
        ("table:dead", "entity-deleted"),
        ("table:a", "entity-deleted"),
    ]


def test_age_is_recognised_by_the_last_write_and_only_where_it_is_asked_for() -> None:
    old = edge("a>b", "x>z", created_at=10, updated_at=20)
    undated = edge("b>a")
    graph = graph_of(*TABLES, old, undated)
    assert find_stale(graph).edges == ()
    assert find_stale(graph, older_than=20).edges == ()
    answer = find_stale(graph, older_than=21)
    assert [(item.edge, item.staleness) for item in answer.edges] == [(old, Staleness.TOO_OLD)]
    assert answer.undated == 1


def test_edges_can_be_found_by_how_they_are_recorded() -> None:
    graph = graph_of(*TABLES, edge("a>b", recorded_as="DbtLineage"), edge("b>a"))
    (found,) = find_stale(graph, recorded_as=["DbtLineage"]).edges
    assert found.edge.upstream == entity("a")


def test_edges_of_the_index_alone_are_listed_and_never_removed() -> None:
    graph = graph_of(*TABLES)
    lost = Disagreement(entity("a"), entity("b"), "index")
    unseen = Disagreement(entity("b"), entity("a"), "database")
    answer = find_stale(graph, disagreements=[lost, unseen])
    assert [item.staleness for item in answer.edges] == [Staleness.INDEX_ONLY]
    assert stale_removals(answer, named={entity("a")}) == ()


def test_edges_that_the_index_does_not_show_as_they_are_are_listed_and_never_removed() -> None:
    lost, late, long = edge("a>b", "x>z"), edge("b>a"), edge("dead>b", sql="select 1")
    graph = graph_of(*TABLES, lost, late, long)
    a, b, dead = map(entity, ("a", "b", "dead"))
    known = [
        Disagreement(a, b, "database"),
        Disagreement(b, a, "index", "mapping", "b.z -> a.x"),
        Disagreement(dead, b, "database", "sql", "select 1"),  # the index leaves out what is long
        Disagreement(b, dead, "index"),
    ]
    found = [one for one in find_stale(graph, disagreements=known).edges if one.edge != long]
    assert [(one.edge, one.staleness) for one in found if one.edge in {lost, late}] == [
        (late, Staleness.UNINDEXED),
        (lost, Staleness.UNINDEXED),
    ]
    assert not any(one.is_manual for one in found)
    again = find_stale(graph, disagreements=known[:3])
    assert {one.edge for one in stale_removals(again, named={a, b})} <= {long}


def test_manual_edges_are_proposed_for_removal_only_where_named() -> None:
    drawn: Edge = edge("dead>b", recorded_as="Manual", created_by="a person")
    answer = find_stale(graph_of(*TABLES, drawn))
    assert answer.edges[0].is_manual
    assert stale_removals(answer) == ()
    assert [item.is_named for item in stale_removals(answer, named={entity("dead")})] == [True]
    assert stale_removals(answer, named={Reference("table", "a")}) == ()


def test_what_others_wrote_is_refused_by_the_plan_unless_named() -> None:
    foreign = edge("a>b", "old>z", "x>z", recorded_as="QueryLineage", updated_by="somebody")
    graph = graph_of(*TABLES, foreign)
    answer = find_stale(graph)
    plan = make_plan(graph, desired=(), remove=stale_removals(answer))
    assert plan.steps == ()
    assert "name it to remove it" in plan.refused[0].reason
    (step,) = make_plan(
        graph, desired=(), remove=stale_removals(answer, named={entity("b")})
    ).edge_steps
    assert step.action == Action.REMOVE_MAPPINGS
    assert [item.upstream for item in step.removed] == [("a.old",)]
