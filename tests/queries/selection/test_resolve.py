import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from lineage.errors import AmbiguousName, UnknownEntity
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.selection.expressions import (
    AllOf,
    AnyOf,
    Around,
    Between,
    Named,
    Not,
    Selection,
    Walk,
)
from lineage.queries.selection.pattern import Pattern
from lineage.queries.selection.resolve import resolve, select
from lineage.queries.traversal import downstream, upstream
from tests.builders import column, edge, entity, graph_of, model, table
from tests.examples import examples
from tests.queries.selection.alphabet import alphabet
from tests.queries.selection.strategies import selections
from tests.strategies import snapshots

CASES = json.loads(Path(__file__).with_name("selections.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return alphabet()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_selection_selects(graph: LineageGraph, case: dict[str, Any]) -> None:
    found = resolve(graph, case["selection"])
    answer = {"title": case["title"], "selection": case["selection"]}
    answer |= {"selected": [str(item) for item in found.references]}
    for key in ("doubtful", "gaps", "unmatched"):
        if getattr(found, key):
            answer[key] = [str(item) for item in getattr(found, key)]
    assert answer == case, json.dumps(answer)


def test_a_plain_name_is_looked_up_as_ever(graph: LineageGraph) -> None:
    with pytest.raises(UnknownEntity, match="did you mean"):
        select(graph, '"g tab"')
    with pytest.raises(AmbiguousName, match=r"column:a\.x, column:b\.x"):
        select(graph, "x")


def test_a_pattern_that_fits_nothing_is_said_with_what_is_near(graph: LineageGraph) -> None:
    (unmatched,) = resolve(graph, "tag:PII.Sens or a").unmatched
    assert str(unmatched) == "nothing is tag:PII.Sens; did you mean PII.Sensitive?"


def test_the_summary_says_what_is_known_and_what_is_not(graph: LineageGraph) -> None:
    assert resolve(graph, "+c").summary() == "+c: 4 entities and 3 parts; complete"
    found = resolve(graph, 'owner:bob.b or +"g table"')
    assert "1 gap: not complete" in found.summary()
    assert not found.is_complete
    assert len(found) == len(found.references) + len(found.doubtful)


@pytest.mark.parametrize("kind", [GapKind.ENTITIES_NOT_READ, GapKind.DOWNSTREAM_NOT_READ])
@pytest.mark.parametrize("text", ["kind:table", "owner:*", "table:*", "recorded-as:*", "roots()"])
def test_a_list_that_was_not_read_may_hold_more(kind: GapKind, text: str) -> None:
    gap = Gap(kind, None, "a page failed")
    assert resolve(graph_of(table("a"), edge("a>b"), table("b"), gap), text).gaps == (gap,)


@pytest.mark.parametrize("text", ["sinks()", "roots()", "a+", "+b", "kind:table"])
def test_what_is_counted_already_hides_nothing(text: str) -> None:
    note = Gap(GapKind.EVIDENCE_DISAGREES, entity("b"), "both count")
    assert resolve(graph_of(table("a"), table("b"), edge("a>b"), note), text).gaps == ()


def test_a_plain_name_needs_no_list() -> None:
    gap = Gap(GapKind.ENTITIES_NOT_READ, None, "a page failed")
    assert resolve(graph_of(table("a"), gap), "a").is_complete


def test_what_may_be_selected_may_be_walked_from() -> None:
    graph = graph_of(table("b"), edge("a>b"))
    found = resolve(graph, "owner:bob+")
    assert found.references == ()
    assert found.doubtful == (Reference(Kind.TABLE, "a"), Reference(Kind.TABLE, "b"))


def test_a_long_chain_is_walked() -> None:
    tables = [f"t{number}" for number in range(3000)]
    chain = [edge(f"{up}>{down}") for up, down in pairwise(tables)]
    assert len(select(graph_of(*chain), "t0+")) == 3000


@given(snapshots(), st.data())
@settings(max_examples=examples(60))
def test_walks_of_a_set_are_those_of_its_members_together(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    starts = data.draw(st.lists(st.sampled_from(graph.references()), min_size=1, max_size=3))
    depth = data.draw(st.sampled_from([None, 1, 2]))
    named = [Named(Pattern.literal(item.fqn), item.kind) for item in starts]
    several: Selection = AnyOf((named[0], *named))
    for walk, selection in (
        (upstream, Walk(several, depth, 0)),
        (downstream, Walk(several, 0, depth)),
    ):
        traces = [walk(graph, start, depth=depth, grain="part") for start in starts]
        traces += [walk(graph, start, depth=depth) for start in starts if not start.is_part]
        expected = {item for trace in traces for item in trace.references}
        assert set(select(graph, selection)) == expected | set(starts)


def entities_of(references: Iterable[Reference]) -> set[Reference]:
    return {item for item in references if not item.is_part}


@given(snapshots(plain=True))
@settings(max_examples=examples(60))
def test_entities_agree_with_networkx(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    network = graph.subgraph([item for item in graph if not item.is_part])
    entities = sorted(network)
    for first in entities:
        named = Named(Pattern.literal(first.fqn), first.kind)
        after = {first, *nx.descendants(network, first)}
        around = after.union(*(nx.ancestors(network, item) for item in after))
        assert entities_of(select(graph, Around(named))) == around
        for second in entities:
            other = Named(Pattern.literal(second.fqn), second.kind)
            between = after & {second, *nx.ancestors(network, second)}
            assert entities_of(select(graph, Between(named, other))) == between
    assert set(select(graph, "roots()")) == {
        item for item in network if not network.in_degree(item)
    }


@given(
    snapshots(),
    st.lists(selections(st.sampled_from([*map(Pattern, "abm*")])), min_size=2, max_size=2),
)
@settings(max_examples=examples(60))
def test_sets_obey_the_laws_of_sets(snapshot: Snapshot, drawn: list[Selection]) -> None:
    graph = build_graph(snapshot)
    try:
        left, right = (set(select(graph, item)) for item in drawn)
    except (UnknownEntity, AmbiguousName):
        reject()
    everything = set(graph.references())
    both, either = AllOf(tuple(drawn)), AnyOf(tuple(drawn))
    assert set(select(graph, both)) == left & right
    assert set(select(graph, either)) == left | right
    found = resolve(graph, Not(drawn[0]))
    assert set(found.references) | set(found.doubtful) | left == everything
    assert set(select(graph, Not(either))) == set(select(graph, AllOf(tuple(map(Not, drawn)))))


def test_a_model_with_the_name_of_a_table_is_recognised_by_its_kind() -> None:
    graph = graph_of(table("x.m"), model("m"))
    assert select(graph, "mlmodel:m") == (Reference(Kind.MLMODEL, "m"),)


def test_a_hop_beyond_the_depth_of_one_start_is_not_walked_for_another() -> None:
    graph = graph_of(table("a", "x y"), table("b", "x"), model("m", f="b.x"), edge("a>b", "y>x"))
    found = select(graph, "1+(column:a.x or feature:m.f)")
    assert column("a.y") not in found
    assert column("b.x") in found
