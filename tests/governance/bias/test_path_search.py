from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.bias.path_search import PathSearch, is_computed
from lineage.graph.build import build_graph
from lineage.model.edges import Strength
from lineage.model.reference import Kind
from lineage.model.snapshot import Snapshot
from tests.brute_force import strongest
from tests.builders import column, feature
from tests.examples import examples
from tests.notation import graph_from
from tests.strategies import snapshots


@settings(max_examples=examples(60))
@given(snapshots(), st.sampled_from(Strength))
def test_there_is_a_path_where_trying_every_path_finds_one(
    snapshot: Snapshot, at_least: Strength
) -> None:
    graph = build_graph(snapshot)
    for model in graph.references(Kind.MLMODEL):
        search = PathSearch(graph.part_index(), at_least=at_least)
        for target in graph.parts(model):
            for start in graph.references(Kind.COLUMN)[:4]:
                path = search.shortest([Sensitive(start, (), start)], frozenset({target}))
                best = strongest(graph, start, target)
                assert (path is not None) == (best is not None and best >= at_least)


@settings(max_examples=examples(60))
@given(snapshots())
def test_a_path_through_a_computed_column_is_found_if_there_is_one(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    search = PathSearch(graph.part_index(), at_least=Strength.VALUE)
    computed = [hop for hop in graph.hops() if hop.strength == Strength.VALUE and is_computed(hop)]
    for start in graph.references(Kind.COLUMN)[:4]:
        for target in graph.references(Kind.FEATURE):
            path = search.shortest(
                [Sensitive(start, (), start)],
                frozenset({target}),
                passing=lambda _strength, hop: hop is not None and is_computed(hop),
            )
            assert path is None or any(map(is_computed, path.hops))
            assert (path is not None) == any(
                strongest(graph, start, hop.upstream) == Strength.VALUE
                and strongest(graph, hop.downstream, target) == Strength.VALUE
                for hop in computed
            )


def test_a_path_may_be_longer_than_python_may_call() -> None:
    tables = [f"t{number}(x)" for number in range(3_000)]
    edges = [f"t{number}>t{number + 1}: x>x" for number in range(2_999)]
    graph = graph_from([*tables, *edges, "m(f=t2999.x)"])
    search = PathSearch(graph.part_index(), at_least=Strength.VALUE)
    start = column("t0.x")
    path = search.shortest([Sensitive(start, (), start)], frozenset({feature("m.f")}))
    assert path is not None
    assert len(path) == 3_000
