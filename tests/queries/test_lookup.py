import pytest

from lineage.errors import AmbiguousName, UnknownEntity
from lineage.queries.lookup import find, find_model
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
