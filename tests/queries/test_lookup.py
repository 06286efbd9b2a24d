import pytest

from lineage.errors import AmbiguousName, UnknownEntity
from lineage.model.reference import Reference
from lineage.queries.coverage import coverage
from lineage.queries.lookup import Models, find, find_model, find_models
from lineage.queries.paths import paths
from lineage.queries.traversal import downstream, upstream
from tests.builders import column, entity, graph_of, model, table

GRAPH = graph_of(table("shop.orders", "id"), table("crm.orders", "id"), model("ml.churn"))


def test_a_name_is_found_by_kind_by_full_name_by_short_name_and_in_any_case() -> None:
    for text in ("mlmodel:ml.churn", "ml.churn", "churn", "CHURN", "ML.Churn"):
        assert find(GRAPH, text) == entity("ml.churn")


def test_a_full_name_wins_over_a_short_one() -> None:
    assert find(GRAPH, "shop.orders") == entity("shop.orders")
    assert find(GRAPH, "column:shop.orders.id") == column("shop.orders.id")


def test_the_last_parts_of_a_name_are_enough_where_they_are_unique() -> None:
    graph = graph_of(table("pg.shop.orders", "id"), table("pg.crm.orders", "id"))
    assert find(graph, "shop.Orders.ID") == column("pg.shop.orders.id")


def test_a_short_name_of_several_is_ambiguous_and_names_them() -> None:
    with pytest.raises(AmbiguousName) as caught:
        find(GRAPH, "orders")
    assert caught.value.candidates == ("table:crm.orders", "table:shop.orders")


def test_a_miss_names_the_nearest() -> None:
    with pytest.raises(UnknownEntity) as caught:
        find_model(GRAPH, "chrun")
    assert "churn" in caught.value.nearest
    assert "did you mean" in str(caught.value)


def test_a_reference_is_its_own_name() -> None:
    churn = Reference("mlmodel", "ml.churn")
    assert find(GRAPH, churn) == find_model(GRAPH, churn) == churn
    for missing in (Reference("table", "ml.churn"), Reference("mlmodel", "churn")):
        with pytest.raises(UnknownEntity):
            find(GRAPH, missing)
    with pytest.raises(UnknownEntity):
        find_model(GRAPH, entity("shop.orders"))


def test_one_model_is_named_as_several_are_and_none_is_all() -> None:
    churn = entity("ml.churn")
    named: list[Models | None] = ["churn", churn, ["churn", churn], None]
    assert [find_models(GRAPH, models) for models in named] == [[churn]] * 4
    assert find_models(GRAPH, []) == []


def test_every_question_takes_a_name() -> None:
    assert upstream(GRAPH, "churn") == upstream(GRAPH, entity("ml.churn"))
    assert downstream(GRAPH, "shop.orders").start == entity("shop.orders")
    assert paths(GRAPH, "crm.orders", "churn").downstream == entity("ml.churn")
    assert coverage(GRAPH, models="churn") == coverage(GRAPH)
