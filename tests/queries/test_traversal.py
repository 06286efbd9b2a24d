import itertools

import networkx as nx
import pytest
from hypothesis import given

from lineage.errors import UnknownEntity
from lineage.evidence.evidence_body import part_of
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.traversal import downstream, roots, sinks, upstream
from tests.builders import column, edge, entity, feature, graph_of, model, table
from tests.strategies import CONTAINING, snapshots


def entities_of(graph: LineageGraph) -> list[Reference]:
    """List the entities that have no others in them."""
    return [item for item in graph.references() if not item.is_part | (item.kind in CONTAINING)]


@given(snapshots())
def test_upstream_is_what_networkx_calls_ancestors(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    containing = set(graph.references(*CONTAINING))
    for reference in entities_of(graph):
        above, below = nx.ancestors(graph, reference), nx.descendants(graph, reference)
        for trace, found in ((upstream, above), (downstream, below)):
            references = set(trace(graph, reference).references)
            assert references >= found  # what contains something that was reached is reached too
            assert references - containing == found - containing


@given(snapshots())
def test_an_edge_between_entities_is_a_route_between_their_parts_or_a_gap(
    snapshot: Snapshot,
) -> None:
    graph = build_graph(snapshot)
    lacking = {gap.subject for gap in graph.gaps}
    for hop in graph.hops():
        if hop.column_edge is None and hop.upstream != hop.downstream:
            inside = {hop.downstream, *graph.nested_parts(hop.downstream)}
            reached = set(downstream(graph, hop.upstream, grain="part").references)
            assert inside & (reached | lacking)


@given(snapshots() | snapshots(plain=True))
def test_a_mapping_is_a_route_to_its_column_or_a_gap_where_that_is_not_there(
    snapshot: Snapshot,
) -> None:
    graph = build_graph(snapshot)
    lacking = {gap.subject for gap in graph.gaps if gap.hides_upstream}
    for recorded in snapshot.edges:
        for mapping in recorded.column_edges:
            source = part_of(recorded.upstream, mapping.upstream[0])
            target = part_of(recorded.downstream, mapping.downstream)
            reached = {source, *downstream(graph, source, grain="part").references}
            is_there = graph.value(target) is not None
            assert {recorded.downstream, target} & lacking or (is_there and target in reached)


@given(snapshots())
def test_upstream_of_what_has_others_in_it_is_what_is_upstream_of_any(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    for reference in graph.references("dashboard", "container"):
        found = set(upstream(graph, reference).references)
        assert nx.ancestors(graph, reference) <= found
        inside = {item for item in graph if reference in graph.containers(item)}
        above = {one for item in inside for one in upstream(graph, item).references}
        assert found | inside | {reference} >= above


@given(snapshots(plain=True))
def test_depth_is_the_fewest_hops_networkx_counts(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    backwards = graph.reverse()
    for reference in entities_of(graph):
        expected = nx.single_source_shortest_path_length(backwards, reference)
        found = {item.reference: item.depth for item in upstream(graph, reference).reached}
        assert found == {key: length for key, length in expected.items() if key != reference}


@given(snapshots())
def test_a_deeper_walk_reaches_no_less(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    for reference in graph.references():
        shallow = set(upstream(graph, reference, depth=1, grain="part").references)
        assert shallow <= set(upstream(graph, reference, depth=2, grain="part").references)


@given(snapshots())
def test_upstream_and_downstream_of_columns_mirror_each_other(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    below = {
        reference: set(downstream(graph, reference).references)
        for reference in graph.references("column", "feature")
    }
    for reference in below:
        strong = [
            item.reference
            for item in upstream(graph, reference).reached
            if item.strength == Strength.VALUE and item.reference.kind == "column"
        ]
        assert all(reference in below[item] for item in strong if item != reference)


@given(snapshots())
def test_roots_and_sinks_are_what_networkx_says(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    plain = set(entities_of(graph))
    assert set(roots(graph)) & plain == {item for item in plain if not graph.in_degree(item)}
    assert set(sinks(graph)) & plain == {item for item in plain if not graph.out_degree(item)}


def test_edges_point_the_way_the_data_flows() -> None:
    graph = graph_of(table("raw"), table("clean"), edge("raw>clean"))
    assert upstream(graph, entity("clean")).references == (entity("raw"),)
    assert downstream(graph, entity("raw")).references == (entity("clean"),)


def test_the_start_is_left_out_even_in_a_cycle() -> None:
    graph = graph_of(table("a"), table("b"), edge("a>b"), edge("b>a"), edge("a>a"))
    assert upstream(graph, entity("a")).references == (entity("b"),)


def test_an_unknown_start_is_refused() -> None:
    with pytest.raises(UnknownEntity):
        upstream(graph_of(table("a")), entity("b"))


def test_a_model_is_traced_to_its_raw_columns() -> None:
    graph = graph_of(
        table("raw", "x y"),
        table("core", "x"),
        model("m", f="core.x"),
        edge("raw>core", "x>x"),
    )
    trace = upstream(graph, entity("m"), grain="part", kinds=frozenset({"column"}))
    assert trace.references == (column("core.x"), column("raw.x"))
    assert trace.ends == (column("raw.x"),)
    assert trace.gaps == ()
    everything = upstream(graph, entity("m"), grain="part").references
    assert everything == (column("core.x"), entity("core"), column("raw.x"), entity("raw"))


def test_a_column_does_not_feed_its_neighbour_in_the_same_table() -> None:
    graph = graph_of(
        table("a", "x"), table("b", "x y"), table("c", "y"),
        edge("a>b", "x>x"), edge("b>c", "y>y"),
    )  # fmt: skip
    assert column("c.y") not in downstream(graph, column("a.x")).references


def test_an_edge_without_mappings_carries_every_column_at_table_strength() -> None:
    graph = graph_of(
        table("a", "x"), table("b", "y"), table("c", "z"), edge("a>b"), edge("b>c", "y>z")
    )
    reached = {item.reference: item for item in downstream(graph, column("a.x")).reached}
    assert reached[entity("b")].strength == Strength.TABLE
    assert reached[column("c.z")].strength == Strength.TABLE
    assert reached[column("c.z")].depth == 2


def test_an_edge_with_some_mappings_carries_no_other_column() -> None:
    graph = graph_of(table("a", "x z"), table("b", "y"), edge("a>b", "x>y"))
    assert downstream(graph, column("a.z")).references == ()


def test_a_recorded_edge_without_details_is_spoken_for_by_declared_sources() -> None:
    graph = graph_of(table("a", "x secret"), model("m", f="a.x"), edge("a>m", recorded_as=None))
    assert downstream(graph, column("a.secret")).references == ()
    assert feature("m.f") in downstream(graph, column("a.x")).references


def test_depth_cuts_and_says_so() -> None:
    graph = graph_of(table("a"), table("b"), table("c"), edge("a>b"), edge("b>c"))
    trace = upstream(graph, entity("c"), depth=1)
    assert trace.references == (entity("b"),)
    assert [(gap.kind, gap.subject) for gap in trace.gaps] == [(GapKind.DEPTH_LIMIT, entity("b"))]
    assert "not complete" in trace.summary()
    assert upstream(graph, entity("c"), depth=2).gaps == ()


def test_kinds_choose_what_is_given_not_where_the_walk_goes() -> None:
    graph = graph_of(table("a"), model("m", f="a.x"), table("b"), edge("a>m"), edge("m>b"))
    assert upstream(graph, entity("b"), kinds=frozenset({"table"})).references == (entity("a"),)


def test_gaps_upstream_are_reported_and_gaps_elsewhere_are_not() -> None:
    here = Gap(GapKind.EDGES_NOT_READ, entity("a"), "failed")
    there = Gap(GapKind.EDGES_NOT_READ, entity("z"), "failed")
    everywhere = Gap(GapKind.ENTITIES_NOT_READ, None, "a page failed")
    graph = graph_of(
        table("a", "x"), table("b", "y"), table("z"), edge("a>b", "x>y"), here, there, everywhere
    )
    for start, grain in ((entity("b"), "entity"), (column("b.y"), "part")):
        assert set(upstream(graph, start, grain=grain).gaps) == {here, everywhere}  # type: ignore[arg-type]
    assert set(downstream(graph, entity("b")).gaps) == {here, there, everywhere}


@pytest.mark.parametrize(
    "kind", [GapKind.EVIDENCE_DISAGREES, GapKind.EVIDENCE_NOT_USED, GapKind.NOT_RECORDED]
)
def test_what_is_counted_already_hides_nothing_in_either_direction(kind: GapKind) -> None:
    graph = graph_of(table("a"), table("b"), edge("a>b"), Gap(kind, entity("b"), "seen"))
    assert upstream(graph, entity("b")).gaps == ()
    assert downstream(graph, entity("a")).gaps == ()


@pytest.mark.slow
def test_a_chain_of_fifty_thousand_hops_is_walked() -> None:
    names = [f"t{number}" for number in range(50_001)]
    steps = [f"{a}>{b}" for a, b in itertools.pairwise(names)]
    graph = graph_of(*map(table, names), *map(edge, steps))
    trace = upstream(graph, entity(names[-1]))
    assert (len(trace.reached), trace.reached[-1].depth) == (50_000, 50_000)


def test_an_answer_has_rows_a_repr_and_a_notebook_form() -> None:
    trace = upstream(graph_of(table("a"), table("b"), edge("a>b")), entity("b"))
    assert trace.to_records() == [
        {"depth": 1, "kind": "table", "fqn": "a", "strength": "table", "is_end": True}
    ]
    assert repr(trace) == "<Trace: 1 upstream of table:b, 1 hop at most; complete>"
    assert "<td>a</td>" in trace._repr_html_()


def test_a_notebook_shows_names_as_text_never_as_markup() -> None:
    graph = graph_of(table("<script>"), table("b"), edge("b>b"))
    hostile = upstream(graph, entity("b"))
    assert hostile.reached == ()
    rows = upstream(graph_of(table("<b"), table("c"), edge("<b>c")), entity("c"))
    assert "<td>&lt;b</td>" in rows._repr_html_()


def test_an_entity_counts_as_reached_where_one_of_its_parts_was() -> None:
    graph = graph_of(table("a", "x"), table("b", "x"), model("m", f="b.x"), edge("a>b", "x>x"))
    found = downstream(graph, column("a.x"), kinds=frozenset({"mlmodel", "table"})).reached
    assert [(item.reference, item.depth) for item in found] == [(entity("b"), 1), (entity("m"), 2)]


def test_a_gap_that_nobody_can_place_counts_everywhere() -> None:
    gap = Gap(GapKind.ENTITIES_NOT_READ, entity("never_seen"), "unreadable")
    assert upstream(graph_of(table("a"), gap), entity("a")).gaps == (gap,)


def test_a_source_that_names_no_column_is_known_by_its_table_alone() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.gone"))
    for start, grain in ((entity("m"), "entity"), (feature("m.f"), "part")):
        reached = upstream(graph, start, grain=grain).reached  # type: ignore[arg-type]
        assert {item.strength for item in reached} == {Strength.TABLE}
