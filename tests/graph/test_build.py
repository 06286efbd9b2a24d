import networkx as nx
import pytest

from lineage.graph.build import build_graph
from lineage.model.edges import ColumnEdge, Edge, Strength
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot
from tests.builders import column, edge, entity, feature, graph_of, model, table


def nested_table(name: str) -> Entity:
    lat = Column(name="lat", fqn=f"{name}.address.geo.lat")
    geo = Column(name="geo", fqn=f"{name}.address.geo", children=(lat,))
    address = Column(name="address", fqn=f"{name}.address", children=(geo,))
    return Entity(reference=entity(name), id=f"id-{name}", columns=(address,))


def test_a_source_resolves_to_the_column_of_exactly_its_name() -> None:
    graph = graph_of(table("a", "age AGE"), model("m", f="a.AGE"))
    assert [hop.upstream for hop in graph.hops() if hop.column_edge] == [column("a.AGE")]
    assert not graph.gaps


def test_a_source_resolves_by_case_where_only_one_column_fits() -> None:
    graph = graph_of(table("a", "Age"), model("m", f="a.aGE"))
    assert [hop.upstream for hop in graph.hops() if hop.column_edge] == [column("a.Age")]


def test_a_source_that_fits_several_columns_by_case_is_a_gap() -> None:
    graph = graph_of(table("a", "Age AGE"), model("m", f="a.age"))
    assert [(gap.kind, gap.subject) for gap in graph.gaps] == [
        (GapKind.SOURCE_NOT_RESOLVED, feature("m.f"))
    ]


def test_a_source_that_names_no_column_is_a_node_and_a_gap() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.nothing"))
    assert Reference(Kind.FEATURE_SOURCE, "a.nothing") in graph
    assert graph.parent(Reference(Kind.FEATURE_SOURCE, "a.nothing")) == entity("a")
    assert graph.gaps[0].kind == GapKind.SOURCE_NOT_RESOLVED


def test_a_source_finds_nested_columns_by_path_and_by_name() -> None:
    graph = graph_of(nested_table("a"), model("m", f="a.address.geo.lat", g="a.lat"))
    found = {hop.upstream for hop in graph.hops() if hop.column_edge}
    assert found == {column("a.address.geo.lat")}


def test_a_source_is_found_by_id_when_its_entity_was_renamed() -> None:
    source = FeatureSource(name="x", entity=entity("old"), entity_id="id-a")
    churn = MlModel(
        reference=entity("m"), features=(Feature(name="f", fqn="m.f", sources=(source,)),)
    )
    graph = graph_of(table("a", "x"), churn)
    assert [hop.upstream for hop in graph.hops() if hop.column_edge] == [column("a.x")]


def test_a_source_without_an_entity_is_a_gap_and_no_edge() -> None:
    source = FeatureSource(name="free text")
    churn = MlModel(
        reference=entity("m"), features=(Feature(name="f", fqn="m.f", sources=(source,)),)
    )
    graph = graph_of(churn)
    assert not list(graph.hops())
    assert graph.gaps[0].subject == feature("m.f")


def test_models_and_features_without_sources_are_gaps() -> None:
    graph = graph_of(model("m1"), model("m2", f=""))
    assert [(gap.kind, gap.subject) for gap in graph.gaps] == [
        (GapKind.NO_SOURCES, feature("m2.f")),
        (GapKind.NO_SOURCES, entity("m1")),
    ]


def test_a_feature_without_a_source_that_is_mapped_is_no_gap() -> None:
    graph = graph_of(table("a", "x"), model("m", f="", g=""), edge("a>m", "x>f", "x>g:filter"))
    assert [(gap.kind, gap.subject) for gap in graph.gaps] == [(GapKind.NO_SOURCES, feature("m.g"))]


def test_an_entity_that_only_an_edge_names_is_a_gap() -> None:
    graph = graph_of(table("a"), edge("a>hidden"))
    assert graph.value(entity("hidden")) is None
    assert [gap.subject for gap in graph.gaps] == [entity("hidden")]


def test_a_mapping_to_a_column_that_is_gone_is_a_gap_and_still_an_edge() -> None:
    graph = graph_of(table("a", "x"), table("b", "x"), edge("a>b", "x>gone"))
    assert graph.gaps[0].kind == GapKind.COLUMN_NOT_FOUND
    assert any(hop.downstream == column("b.gone") for hop in graph.hops())


def test_a_mapping_finds_its_column_in_another_case() -> None:
    graph = graph_of(table("a", "X"), table("b", "y"), edge("a>b", "x>Y"))
    mapped = [hop for hop in graph.hops() if hop.column_edge]
    assert [(hop.upstream, hop.downstream) for hop in mapped] == [(column("a.X"), column("b.y"))]
    assert not graph.gaps


def test_a_mapping_without_a_source_column_is_a_gap() -> None:
    nothing = ColumnEdge(upstream=(), downstream="b.y")
    bare = Edge(upstream=entity("a"), downstream=entity("b"), column_edges=(nothing,))
    graph = graph_of(table("a"), table("b", "y"), bare)
    assert [gap.subject for gap in graph.gaps] == [column("b.y")]


def test_a_mapping_may_end_at_a_chart() -> None:
    chart = Entity(reference=Reference("chart", "bi.sales"))
    board = Reference("dashboard", "bi.board")
    mapping = ColumnEdge(upstream=("a.x",), downstream="bi.sales")
    onto = Edge(upstream=entity("a"), downstream=board, column_edges=(mapping,))
    graph = build_graph(
        Snapshot(entities=(table("a", "x"), chart, Entity(reference=board)), edges=(onto,))
    )
    assert any(hop.downstream == chart.reference for hop in graph.hops())
    assert not graph.gaps


def test_two_jobs_between_one_pair_stay_two_edges() -> None:
    first = edge("a>b", pipeline=Reference("pipeline", "p1"))
    second = edge("a>b", pipeline=Reference("pipeline", "p2"))
    graph = graph_of(table("a"), table("b"), first, second)
    assert len(graph.edges_between(entity("a"), entity("b"))) == 2


def test_an_influence_on_rows_ends_at_the_entity_itself() -> None:
    graph = graph_of(table("a", "x"), table("b", "y"), edge("a>b", "x>:filter"))
    (hop,) = (hop for hop in graph.hops() if hop.column_edge)
    assert (hop.upstream, hop.downstream) == (column("a.x"), entity("b"))
    assert (hop.strength, hop.is_on_rows) == (Strength.INFLUENCE, True)
    assert not graph.gaps


def test_networkx_gets_an_influence_on_rows_as_one_on_each_column() -> None:
    graph = graph_of(table("a", "x"), table("b", "y z"), edge("a>b", "x>:filter"))
    assert nx.descendants(graph, column("a.x")) == {column("b.y"), column("b.z")}


def test_an_edge_with_influences_alone_is_known_by_its_tables_alone() -> None:
    graph = graph_of(table("a", "x"), table("b", "y"), edge("a>b", "x>:join"))
    assert [hop.strength for hop in graph.hops() if not hop.column_edge] == [Strength.TABLE]


def test_networkx_sees_lineage_and_no_containment() -> None:
    graph = graph_of(table("a", "x z"), table("b", "y"), edge("a>b", "x>y:lower(x)"))
    assert nx.descendants(graph, entity("a")) == {entity("b")}
    assert nx.descendants(graph, column("a.x")) == {column("b.y")}
    assert nx.descendants(graph, column("a.z")) == set()


def test_networkx_keeps_every_fact_of_an_edge() -> None:
    facts = {
        "recorded_as": "DbtLineage",
        "pipeline": Reference("pipeline", "p"),
        "sql": "select 1",
        "description": "why",
        "created_at": 1,
        "created_by": "bot",
        "updated_at": 2,
        "updated_by": "me",
    }
    graph = graph_of(table("a", "x"), table("b", "y"), edge("a>b", "x>y:lower(x)", **facts))
    entity_edge, column_edge = (data for _, _, data in graph.edges(data=True))
    assert entity_edge == {
        **facts,
        "kind": "entity",
        "origin": "recorded",
        "strength": "value",
        "function": None,
        "influence": None,
        "influences_known": False,
        "implied": False,
    }
    assert column_edge["function"] == "lower(x)"


def test_a_graph_does_not_change_and_a_copy_may() -> None:
    graph = graph_of(table("a"), table("b"), edge("a>b"))
    with pytest.raises(nx.NetworkXError, match=r"change a copy, nx\.MultiDiGraph\(graph\)"):
        graph.remove_node(entity("a"))
    copy: nx.MultiDiGraph[Reference] = nx.MultiDiGraph(graph)
    copy.remove_node(entity("a"))
    assert entity("a") in graph


def test_building_does_not_depend_on_the_order_of_reading() -> None:
    items: list[Entity | Edge] = [
        table("a", "x"),
        table("b", "y"),
        model("m", f="b.y"),
        edge("a>b", "x>y"),
    ]
    forward, backward = graph_of(*items), graph_of(*reversed(items))
    assert list(forward.hops()) == list(backward.hops())
    assert forward.references() == backward.references()
