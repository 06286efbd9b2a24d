import json
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given

from lineage.errors import UnknownEntity
from lineage.graph.build import build_graph
from lineage.model.edges import Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.multi import PathsBetween
from lineage.queries.paths import paths
from lineage.views.paths_text import render_paths
from lineage.views.records import render_json
from tests.builders import column, edge, entity, feature, graph_of, model, table
from tests.strategies import snapshots


@given(snapshots(plain=True))
def test_paths_between_entities_are_the_simple_paths_of_networkx(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    ends = [item for item in graph.references() if not item.is_part]
    for start in ends[:3]:
        for end in ends[-3:]:
            if start == end:
                continue
            expected = sorted(tuple(edges) for edges in nx.all_simple_edge_paths(graph, start, end))
            found = paths(graph, start, end, limit=10_000)
            steps = [[(hop.upstream, hop.downstream) for hop in path.hops] for path in found.paths]
            assert not found.is_cut
            assert sorted(steps) == sorted([step[:2] for step in path] for path in expected)
            assert [len(path) for path in found.paths] == sorted(map(len, found.paths))


def test_the_shorter_of_two_routes_comes_first() -> None:
    graph = graph_of(
        table("a", "x"), table("b", "x"), table("c", "x"), table("d", "x"),
        edge("a>b", "x>x"), edge("b>d", "x>x"),
        edge("b>c", "x>x"), edge("c>d", "x>x"),
    )  # fmt: skip
    found = paths(graph, column("a.x"), column("d.x"))
    assert [str(path) for path in found.paths] == [
        "a.x → b.x → d.x",
        "a.x → b.x → c.x → d.x",
    ]


def test_each_hop_carries_its_evidence() -> None:
    job = Reference("pipeline", "etl")
    graph = graph_of(
        table("a", "x"),
        model("m", f="a.x"),
        edge("a>m", "x>f:log(x)", pipeline=job, sql="select 1", updated_by="bot", updated_at=5),
    )
    recorded, declared = paths(graph, column("a.x"), feature("m.f")).paths
    assert recorded.hops[0].function == "log(x)"
    assert recorded.hops[0].edge.evidence.pipeline == job
    assert declared.hops[0].edge.evidence.origin == "declared"


def test_a_path_over_a_bare_edge_is_marked_and_not_turned_into_columns() -> None:
    graph = graph_of(table("a", "x y"), table("b", "y"), edge("a>b"))
    found = paths(graph, column("a.x"), column("b.y"))
    (path,) = found.paths
    assert path.strength == Strength.TABLE
    assert path.references == (entity("a"), entity("b"))


def test_more_paths_than_asked_for_are_not_called_all() -> None:
    graph = graph_of(table("a"), table("b"), table("c"), edge("a>c"), edge("a>b"), edge("b>c"))
    assert not paths(graph, entity("a"), entity("c"), limit=1).complete
    assert paths(graph, entity("a"), entity("c"), limit=2).complete


def test_paths_that_the_limit_left_out_are_a_gap_of_the_answer() -> None:
    graph = graph_of(table("a"), table("b"), table("c"), edge("a>c"), edge("a>b"), edge("b>c"))
    found = paths(graph, entity("a"), entity("c"), limit=1)
    reason = "there are more paths from table:a than the 1 asked for"
    assert found.gaps == (Gap(GapKind.PATH_LIMIT, entity("c"), reason),)
    assert found.summary() == (
        "the first 1 path from table:a to table:c, 1 hop; 1 gap: not complete"
    )
    assert json.loads(render_json(found))["gaps"] == [str(found.gaps[0])]
    assert PathsBetween((found,)).summary().startswith("the first 1 path, ")


def test_no_path_is_an_empty_answer() -> None:
    graph = graph_of(table("a"), table("b"))
    assert paths(graph, entity("a"), entity("b")).paths == ()


def test_a_limit_below_one_and_unknown_ends_are_refused() -> None:
    graph = graph_of(table("a"))
    with pytest.raises(ValueError, match="limit is 0"):
        paths(graph, entity("a"), entity("a"), limit=0)
    with pytest.raises(UnknownEntity):
        paths(graph, entity("a"), entity("b"))


def test_rows_have_one_line_a_hop() -> None:
    graph = graph_of(table("a"), table("b"), edge("a>b", sql="select 1"))
    (row,) = paths(graph, entity("a"), entity("b")).to_records()
    assert (row["path"], row["hop"], row["sql"]) == (1, 1, "select 1")


def test_a_dense_cycle_does_not_hang() -> None:
    names = [f"t{number}" for number in range(12)]
    steps = [edge(f"{a}>{b}") for a in names for b in names]
    graph = graph_of(*map(table, names), *steps)
    found = paths(graph, entity("t0"), entity("t11"), limit=50)
    assert len(found.paths) == 50
    assert not found.complete
    (gap,) = paths(graph, entity("t0"), entity("t11"), limit=1_000_000).gaps
    assert gap.kind == GapKind.PATH_LIMIT
    assert "partial paths" in gap.reason


def test_no_path_is_not_the_last_word_where_something_upstream_was_not_read() -> None:
    whole = (table("a", "x"), table("b", "x"), table("c", "x"), edge("b>c", "x>x"))
    hidden = Gap(GapKind.EDGES_NOT_READ, entity("b"), "the server refused")
    elsewhere = Gap(GapKind.EDGES_NOT_READ, entity("a"), "the server refused")
    assert paths(graph_of(*whole), column("a.x"), column("c.x")).summary() == (
        "0 paths from column:a.x to column:c.x"
    )
    found = paths(graph_of(*whole, hidden), column("a.x"), column("c.x"))
    assert found.gaps == (hidden,)
    assert not found.complete
    assert found.summary() == "0 paths from column:a.x to column:c.x; 1 gap: not complete"
    assert str(hidden) in render_paths(found)
    assert paths(graph_of(*whole, elsewhere), column("a.x"), column("c.x")).gaps == ()
    between = PathsBetween((found, found))
    assert between.gaps == (hidden,)
    assert between.summary().endswith("; 1 gap: not complete")


def test_very_many_shortest_paths_do_not_keep_the_first_from_being_found() -> None:
    layers = [[f"l{layer}n{number}" for number in range(5)] for layer in range(12)]
    steps = [edge(f"{a}>{b}") for above, below in pairwise(layers) for a in above for b in below]
    graph = graph_of(*(table(name) for layer in layers for name in layer), *steps)
    found = paths(graph, entity("l0n0"), entity("l11n0"), limit=3)
    ends = [[hop.downstream.fqn for hop in path.hops[-3:]] for path in found.paths]
    assert ends == [["l9n0", f"l10n{last}", "l11n0"] for last in range(3)]
    assert {len(path) for path in found.paths} == {11}
