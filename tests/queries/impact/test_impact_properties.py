"""Impact against a naive reading of the same semantics, and against networkx."""

from dataclasses import replace

import networkx as nx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lineage.graph.build import build_graph
from lineage.graph.flow_graph import FlowNode, flow_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Strength
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.impact.hits import Impact
from lineage.queries.impact.impact import impact
from lineage.queries.impact.verdicts import ImpactVerdict
from tests.brute_force import may_be_influenced, strongest
from tests.examples import examples
from tests.strategies import snapshots

VERDICTS = {
    Strength.VALUE: ImpactVerdict.CHANGED,
    Strength.MASKED: ImpactVerdict.CHANGED,
    Strength.INFLUENCE: ImpactVerdict.INFLUENCED,
    Strength.TABLE: ImpactVerdict.POSSIBLE,
}


def columns_of(graph: LineageGraph) -> list[Reference]:
    return graph.references(Kind.COLUMN)


def nullable(column: Reference) -> ProposedChange:
    return ProposedChange(action=Action.NULLABLE, subject=column)


def dropped(reference: Reference) -> ProposedChange:
    return ProposedChange(action=Action.DROP, subject=reference)


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_what_an_altered_column_reaches_is_what_a_naive_walk_finds(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    column = data.draw(st.sampled_from(columns_of(graph)))
    answer = impact(graph, nullable(column))
    around = {column, *containers(graph, column), *graph.nested_parts(column)}
    begun = [column, *graph.nested_parts(column)]
    for target in graph:
        if target in around or target.kind in {Kind.FEATURE_SOURCE, Kind.DOMAIN}:
            continue
        found = (strongest(graph, start, target) for start in begun)
        best = max((one for one in found if one is not None), default=None)
        if target.kind == Kind.PIPELINE:  # what it carries counts too
            assert best is None or severity(answer.verdict(target)) >= severity(VERDICTS[best])
        elif best is None:
            assert answer.verdict(target) in {ImpactVerdict.UNKNOWN, ImpactVerdict.SAFE}
        else:
            assert answer.verdict(target) == VERDICTS[best]


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_nothing_is_safe_that_a_silent_edge_may_influence(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    column = data.draw(st.sampled_from(columns_of(graph)))
    answer = impact(graph, nullable(column))
    for hit in answer.hits:
        if hit.verdict == ImpactVerdict.SAFE:
            assert not may_be_influenced(graph, [column], hit.reference)


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_what_is_downstream_of_a_dropped_column_in_networkx_is_hit_and_nothing_that_is_not(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    column = data.draw(st.sampled_from(columns_of(graph)))
    flow = flow_graph(graph)
    below = {node.reference for node in nx.descendants(flow, FlowNode(column, "exit"))}
    answer = impact(graph, nullable(column))
    around = {column, *containers(graph, column), *graph.nested_parts(column)}
    nested = (FlowNode(part, "exit") for part in graph.nested_parts(column))
    below |= {node.reference for start in nested for node in nx.descendants(flow, start)}
    ends = {item for item in below if FlowNode(item, "exit") in leaving(flow, graph, column)}
    groups = {Kind.DATABASE_SCHEMA, Kind.DOMAIN}
    expected = {item for item in ends - around if item.kind not in groups}
    assert {hit for hit in hit_by(graph, answer) if hit not in around} == expected


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_many_changes_do_what_the_worst_of_them_does_alone(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    chosen = data.draw(st.lists(st.sampled_from(columns_of(graph)), min_size=1, max_size=4))
    makers = data.draw(st.lists(st.sampled_from([dropped, nullable]), min_size=4, max_size=4))
    changes = [make(column) for make, column in zip(makers, chosen, strict=False)]
    together = impact(graph, changes)
    alone = [impact(graph, change) for change in changes]
    changed = {item for column in chosen for item in (column, *graph.nested_parts(column))}
    for hit in together.hits:
        if hit.reference not in changed:
            worst = max((one.verdict(hit.reference) for one in alone), key=severity)
            assert severity(hit.verdict) >= severity(worst)
            if hit.verdict not in {ImpactVerdict.UNKNOWN, ImpactVerdict.SAFE}:
                assert hit.verdict == worst


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_each_thing_is_there_once_the_worst_first_with_a_path_that_ends_there(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    column = data.draw(st.sampled_from(columns_of(graph)))
    hits = impact(graph, dropped(column)).hits
    assert len({hit.reference for hit in hits}) == len(hits)
    order = [(-severity(hit.verdict), hit.hops or 0, hit.reference) for hit in hits]
    assert order == sorted(order)
    for hit in hits:
        if hit.shown is not None and hit.hops is not None:
            assert len(hit.shown.path) >= hit.hops >= 1
            assert hit.shown.change.subject == column


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_what_reaches_a_thing_is_what_reaches_it_alone(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    chosen = data.draw(st.lists(st.sampled_from(columns_of(graph)), min_size=2, unique=True))
    changes = [nullable(column) for column in chosen]
    together = impact(graph, changes)
    alone = {change: impact(graph, change) for change in changes}
    for hit in together.hits:
        if hit.reference not in chosen and hit.reference.kind != Kind.PIPELINE:
            reaching = dict(together.changes_reaching(hit.reference))
            for change in changes:
                verdict = alone[change].verdict(hit.reference)
                assert reaching.get(change, verdict) == verdict


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_what_goes_is_never_better_than_what_only_arrives_otherwise(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    column = data.draw(st.sampled_from(columns_of(graph)))
    gone, altered = impact(graph, dropped(column)), impact(graph, nullable(column))
    for hit in altered.hits:
        if hit.reference != column:
            assert severity(gone.verdict(hit.reference)) >= severity(hit.verdict)


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_what_is_hit_is_not_safe_where_an_edge_was_not_read(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    column = data.draw(st.sampled_from(columns_of(graph)))
    answer = impact(graph, nullable(column))
    assume(snapshot.edges)
    lost = data.draw(st.sampled_from(snapshot.edges))
    gap = Gap(GapKind.EDGES_NOT_READ, lost.downstream, "lost")
    kept = tuple(edge for edge in snapshot.edges if edge != lost)
    poorer = build_graph(replace(snapshot, edges=kept, gaps=(gap,)))
    less = impact(poorer, nullable(column))
    for hit in answer.hits:
        if hit.reference in poorer and hit.hops is not None and hit.reference.kind != Kind.PIPELINE:
            assert less.verdict(hit.reference) != ImpactVerdict.SAFE


def severity(verdict: ImpactVerdict) -> int:
    return verdict.severity


def containers(graph: LineageGraph, reference: Reference) -> set[Reference]:
    """List everything that a reference is in: what leaves it leaves these, without a hop."""
    found: set[Reference] = set()
    waiting = [reference]
    for item in waiting:
        parent = graph.parent(item)
        around = [parent] if parent is not None else list(graph.containers(item))
        waiting += [one for one in around if one not in found]
        found.update(around)
    return found


def leaving(
    flow: "nx.MultiDiGraph[FlowNode]", graph: LineageGraph, column: Reference
) -> set[FlowNode]:
    starts = [FlowNode(item, "exit") for item in (column, *graph.nested_parts(column))]
    return {node for start in starts for node in nx.descendants(flow, start)}


def hit_by(graph: LineageGraph, answer: Impact) -> set[Reference]:
    """List what is hit of what the graph has as nodes of its own."""
    proven = {ImpactVerdict.UNKNOWN, ImpactVerdict.SAFE}
    return {
        hit.reference
        for hit in answer.hits
        if hit.verdict not in proven and answer_is_by_node(graph, answer, hit.reference)
    }


def answer_is_by_node(graph: LineageGraph, answer: Impact, reference: Reference) -> bool:
    """Whether something arrives at a thing itself, and it does not only carry what is hit."""
    return reference in graph and (
        reference.kind != Kind.PIPELINE or bool(answer.changes_reaching(reference))
    )
