"""A graph changed after it was compiled answers as one built with the change."""

from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lineage.errors import UnknownEntity
from lineage.governance.audit.audit import audit
from lineage.governance.audit.masking import find_masking
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence, Origin, Strength
from lineage.model.entities import Column, Entity, Tag
from lineage.model.reference import Kind, Reference
from lineage.queries.traversal import downstream, roots, sinks, upstream
from tests import builders

TABLES = [Reference(Kind.TABLE, f"t{number}") for number in range(4)]
MODEL = Reference(Kind.MLMODEL, "m")
NAMES = ("a", "b")


class Change(NamedTuple):
    """An edge, with or without a mapping, that comes or goes."""

    tail: int
    head: int
    columns: tuple[str, str] | None
    influence: bool
    declared: bool
    removed: bool

    @property
    def hops(self) -> list[tuple[Reference, Reference, Edge, ColumnEdge | None]]:
        above, below = TABLES[self.tail], [*TABLES, MODEL][self.head]
        mappings: tuple[ColumnEdge, ...] = ()
        if self.columns is not None and below != MODEL:
            ends = (f"{above.fqn}.{self.columns[0]}", f"{below.fqn}.{self.columns[1]}")
            influence = Influence.JOIN if self.influence else None
            mappings = (ColumnEdge(upstream=ends[:1], downstream=ends[1], influence=influence),)
        evidence = Evidence(origin=Origin.DECLARED if self.declared else Origin.RECORDED)
        edge = Edge(upstream=above, downstream=below, column_edges=mappings, evidence=evidence)
        parts = [
            (
                Reference(Kind.COLUMN, *one.upstream),
                Reference(Kind.COLUMN, one.downstream),
                edge,
                one,
            )
            for one in mappings
        ]
        return [(above, below, edge, None), *parts]


CHANGES = st.lists(
    st.builds(
        Change,
        st.integers(0, 3),
        st.integers(0, 4),
        st.none() | st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=15,
)


BARE = Change(0, 0, None, influence=False, declared=False, removed=False)
TAKEN = BARE._replace(removed=True)
RENUMBERED = [BARE, BARE, TAKEN, TAKEN, BARE._replace(columns=("a", "a")), TAKEN]
"""What removes a mapping that no index of edges has heard of, and gives on its number."""


def empty() -> LineageGraph:
    graph = LineageGraph()
    for table in TABLES:
        columns = [Column(name=name, fqn=f"{table.fqn}.{name}") for name in NAMES]
        if table.fqn == "t0":
            columns[0] = Column(name="a", fqn="t0.a", tags=(Tag(fqn="PII.Sensitive"),))
        graph.add_value(table, Entity(reference=table, columns=tuple(columns)))
        for column in columns:
            graph.add_value(Reference(Kind.COLUMN, column.fqn), column, parent=table)
    graph.add_value(MODEL, None)
    return graph


def answers(graph: LineageGraph) -> list[object]:
    """Ask much, of all the ways there are to compile."""
    traces = [
        (trace.reached, sorted(trace.hops, key=repr))
        for reference in graph.references()
        for ask in (upstream, downstream)
        for trace in (ask(graph, reference),)
    ]
    found = audit(graph)
    findings = [
        (one.verdict, one.sensitive, one.target, one.strength, len(one.path.hops))
        for assessed in (*found.models, *found.features)
        for one in assessed.findings
    ]
    return [traces, findings, roots(graph), sinks(graph)]


def built(changes: list[Change], *, asked: bool) -> LineageGraph:
    """Make the changes; ask after each, so that there is something to lay them over."""
    graph, there = empty(), []
    for change in changes:
        if not change.removed:
            for hop in change.hops:
                graph.add_edge(*hop)
            there.append(change)
        elif there:
            gone = there.pop(change.tail % len(there))
            for hop in gone.hops:
                graph.remove_edge(*hop)
        if asked:
            answers(graph)
    return graph


@settings(max_examples=25, deadline=None)
@given(CHANGES)
@example(RENUMBERED)
def test_a_graph_changed_between_questions_answers_as_one_that_was_not_asked(
    changes: list[Change],
) -> None:
    assert answers(built(changes, asked=True)) == answers(built(changes, asked=False))


def test_an_edge_between_nodes_that_lead_on_is_laid_over_the_index() -> None:
    first = Change(0, 1, ("a", "a"), influence=False, declared=False, removed=False)
    changes = [first, first._replace(tail=1, head=2), first._replace(tail=2, head=3)]
    graph = built(changes, asked=True)
    compiled = graph.part_index(), graph.entity_index()
    more = first._replace(tail=0, head=3)
    for _ in range(2):
        for hop in more.hops:
            graph.add_edge(*hop)
        assert answers(graph) == answers(built([*changes, more], asked=False))
        for hop in more.hops:
            graph.remove_edge(*hop)
        assert answers(graph) == answers(built(changes, asked=False))
    assert (graph.part_index(), graph.entity_index()) == compiled


def test_a_declared_edge_that_takes_the_number_of_a_removed_one_stays_compiled() -> None:
    first = Change(0, 1, ("a", "a"), influence=False, declared=False, removed=False)
    others = [first._replace(head=2), first._replace(tail=2)]
    changes = [first, *others, first._replace(tail=2, head=3, declared=True)]
    graph = built(changes, asked=True)
    compiled = graph.part_index(), graph.entity_index()
    for hop in first.hops:
        graph.remove_edge(*hop)
    assert (graph.part_index(), graph.entity_index()) == compiled
    assert answers(graph) == answers(built(changes[1:], asked=False))


def test_many_edges_are_more_than_the_room_there_is() -> None:
    one = Change(0, 1, ("a", "a"), influence=False, declared=False, removed=False)
    graph, many = built([one], asked=True), [one] * 1_500
    compiled = graph.part_index()
    for change in many:
        for hop in change.hops:
            graph.add_edge(*hop)
    assert graph.part_index() is compiled
    assert answers(graph) == answers(built([one, *many], asked=False))


def test_an_edge_that_is_not_there_cannot_be_removed() -> None:
    hop = Change(0, 1, None, influence=False, declared=False, removed=False).hops[0]
    with pytest.raises(UnknownEntity, match="t0"):
        empty().remove_edge(*hop)


def test_what_masks_is_found_out_anew_once_an_edge_undoes_it() -> None:
    hidden = builders.edge("a>b", "x>x:aes_encrypt(x, key)")
    graph = builders.graph_of(
        builders.table("a", "x:PII.Sensitive"),
        builders.table("b", "x"),
        builders.table("c", "x"),
        hidden,
    )
    assert find_masking(graph)(hidden, hidden.column_edges[0]) == Strength.MASKED
    shown = builders.edge("b>c", "x>x:aes_decrypt(x, key)")
    graph.add_edge(shown.upstream, shown.downstream, shown)
    graph.add_edge(builders.column("b.x"), builders.column("c.x"), shown, shown.column_edges[0])
    assert find_masking(graph)(hidden, hidden.column_edges[0]) == Strength.VALUE
