from itertools import pairwise

import pytest

from lineage.model.entities import Column, Entity
from lineage.model.reference import Reference
from lineage.queries.traversal import downstream, upstream
from lineage.views.trace_text import render_tree
from tests.builders import column, edge, entity, graph_of, model, table


def test_a_trace_by_columns_goes_from_model_to_feature_to_raw_column() -> None:
    graph = graph_of(
        table("raw", "x:PII.Sensitive"), table("core", "x"), model("m", f="core.x"),
        edge("raw>core", "x>x:md5(x)", pipeline=Reference("pipeline", "air.etl")),
    )  # fmt: skip
    tree = render_tree(graph, upstream(graph, entity("m"), grain="part"))
    assert tree.splitlines()[:4] == [
        "mlmodel m",
        "└─ feature m.f",
        "   └─ column core.x  [declared]",
        "      └─ column raw.x  #PII.Sensitive  [md5(x) · etl · Manual · masked]",
    ]


def test_what_was_unfolded_is_not_unfolded_twice() -> None:
    graph = graph_of(
        table("a"), table("b"), table("c"), table("d"),
        edge("a>b"), edge("b>c"), edge("b>d"), edge("c>d"),
    )  # fmt: skip
    lines = render_tree(graph, upstream(graph, entity("d"))).splitlines()
    assert sum("table a" in line for line in lines) == 1
    assert any("table b" in line and "see above" in line for line in lines)


def test_a_bare_edge_leads_on_from_the_table_as_a_whole() -> None:
    graph = graph_of(
        table("a", "x"), table("b", "y"), table("c", "z"), edge("a>b", "x>y"), edge("b>c")
    )
    lines = render_tree(graph, upstream(graph, column("c.z"))).splitlines()
    assert lines[:4] == [
        "column c.z",
        "└─ table b  [Manual · table]",
        "   └─ column b.y",
        "      └─ column a.x  [Manual]",
    ]


def test_a_nested_column_hangs_under_what_holds_it() -> None:
    street = Column(name="street", fqn="a.address.street")
    address = Column(name="address", fqn="a.address", children=(street,))
    nested = Entity(reference=entity("a"), columns=(address,))
    graph = graph_of(nested, table("b", "y"), edge("a>b", "address.street>y"))
    lines = render_tree(graph, downstream(graph, column("a.address"))).splitlines()
    assert lines[:3] == [
        "column a.address",
        "└─ column a.address.street",
        "   └─ column b.y  [Manual]",
    ]


def test_deleted_entities_and_hostile_names_are_shown_harmlessly() -> None:
    graph = graph_of(table("a\n\x1b[31m", deleted=True), table("b"), edge("a\n\x1b[31m>b"))
    tree = render_tree(graph, upstream(graph, entity("b")))
    assert "table a\\n\\x1b[31m  (deleted)" in tree
    assert "\x1b" not in tree


def test_a_long_tree_is_cut_and_says_so() -> None:
    names = [f"t{number}" for number in range(30)]
    graph = graph_of(*map(table, names), table("end"), *(edge(f"{name}>end") for name in names))
    tree = render_tree(graph, upstream(graph, entity("end")), limit=10)
    assert "… 21 more lines" in tree


def test_many_gaps_are_counted_after_the_first() -> None:
    names = [f"hidden{number}" for number in range(30)]
    graph = graph_of(table("end"), *(edge(f"{name}>end") for name in names))
    assert "… and 10 more gaps" in render_tree(graph, upstream(graph, entity("end")))


@pytest.mark.slow
def test_a_chain_of_ten_thousand_hops_is_drawn() -> None:
    names = [f"t{number}" for number in range(10_001)]
    steps = [edge(f"{a}>{b}") for a, b in pairwise(names)]
    graph = graph_of(*map(table, names), *steps)
    trace = upstream(graph, entity(names[-1]))
    assert len(render_tree(graph, trace, limit=20_000).splitlines()) == 10_003
