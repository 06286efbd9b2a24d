from lineage.changes.drift import find_drift
from lineage.model.edges import ColumnEdge
from tests.builders import edge, entity, graph_of, model, table


def test_a_declared_edge_that_is_not_recorded_is_drift() -> None:
    (drift,) = find_drift(graph_of(table("a", "x"), model("m", f="a.x")))
    assert (drift.upstream, drift.downstream) == (entity("a"), entity("m"))
    assert drift.recorded is None
    assert drift.missing == (ColumnEdge(upstream=("a.x",), downstream="m.f"),)


def test_a_recorded_edge_without_details_lacks_its_mappings() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.x"), edge("a>m", recorded_as=None))
    (drift,) = find_drift(graph)
    assert drift.recorded is not None
    assert len(drift.missing) == 1


def test_only_the_missing_columns_of_a_feature_are_drift() -> None:
    graph = graph_of(table("a", "x y"), model("m", f="a.x a.y"), edge("a>m", "x>f:log(x)"))
    (drift,) = find_drift(graph)
    assert drift.missing == (ColumnEdge(upstream=("a.y",), downstream="m.f"),)


def test_what_the_server_says_already_is_no_drift() -> None:
    graph = graph_of(table("a", "x y"), model("m", f="a.x a.y"), edge("a>m", "x+y>f"))
    assert find_drift(graph) == ()


def test_what_the_server_says_beyond_is_no_drift() -> None:
    graph = graph_of(table("a", "x y"), model("m", f="a.x"), edge("a>m", "x>f", "y>f"))
    assert find_drift(graph) == ()


def test_a_source_that_resolves_to_nothing_declares_the_edge_alone() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.nothing"))
    (drift,) = find_drift(graph)
    assert drift.missing == ()
    recorded = graph_of(table("a", "x"), model("m", f="a.nothing"), edge("a>m"))
    assert find_drift(recorded) == ()


def test_only_the_models_asked_for_are_compared() -> None:
    graph = graph_of(table("a", "x"), model("m1", f="a.x"), model("m2", f="a.x"))
    assert [item.downstream for item in find_drift(graph, models=[entity("m2")])] == [entity("m2")]


def test_a_feature_may_come_from_another_models_feature() -> None:
    graph = graph_of(table("a", "x"), model("m1", f="a.x"), model("m2", g="m1.f"), edge("m1>m2"))
    drift = {item.downstream: item for item in find_drift(graph)}[entity("m2")]
    assert drift.missing == (ColumnEdge(upstream=("m1.f",), downstream="m2.g"),)
