"""Propagation against networkx: best strength, then fewest hops, by every arc there is."""

from typing import NamedTuple

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph.index.arcs import Arcs, sort_arcs
from lineage.graph.index.carry import Seeds, carry
from lineage.graph.index.propagate import propagate, reached_labels
from lineage.graph.index.propagated import Propagated
from lineage.graph.index.screen import screen
from lineage.graph.index.sweep import sweep
from lineage.graph.index.ways import Ways, make_ways
from tests.graph.index.test_sweep import in_order

NODES = 8
LABELS = 3


class Arc(NamedTuple):
    tail: int
    head: int
    strength: int
    is_hop: bool


class Problem(NamedTuple):
    arcs: list[Arc]
    seeds: list[tuple[int, int]]
    targets: list[int]

    @property
    def ways(self) -> Ways:
        hops, inside = (
            arcs_of([arc for arc in self.arcs if arc.is_hop is wanted]) for wanted in (True, False)
        )
        return make_ways(hops, inside)

    @property
    def label_seeds(self) -> Seeds:
        labels, nodes = np.array(self.seeds, dtype=np.int64).reshape(-1, 2).T
        return Seeds(labels, nodes)


NODE = st.integers(0, NODES - 1)
# What is inside something never leads back to it, so free arcs lead from lower to higher.
HOP = st.builds(Arc, NODE, NODE, st.integers(1, 4), st.just(value=True))
FREE = HOP.filter(lambda arc: arc.tail < arc.head).map(lambda arc: arc._replace(is_hop=False))
PROBLEMS = st.builds(
    Problem,
    st.lists(HOP | FREE, max_size=20),
    st.lists(st.tuples(st.integers(0, LABELS - 1), NODE), min_size=1, max_size=6, unique=True),
    st.lists(NODE, max_size=4, unique=True),
)


def arcs_of(arcs: list[Arc]) -> Arcs:
    tails, heads, strengths = (
        np.array([arc[place] for arc in arcs], dtype=np.int64) for place in range(3)
    )
    return sort_arcs(tails, heads, strengths.astype(np.uint8), nodes=NODES)[0]


def lengths(problem: Problem, label: int, at_least: int) -> dict[int, int]:
    """Count the hops from a label's seeds over arcs of some strength, as networkx counts."""
    network: nx.DiGraph[int] = nx.DiGraph()
    network.add_nodes_from(range(NODES))
    for arc in sorted(problem.arcs, key=lambda arc: arc.is_hop, reverse=True):
        if arc.strength >= at_least:  # a free arc replaces a hop between the same nodes
            network.add_edge(arc.tail, arc.head, weight=int(arc.is_hop))
    seeds = {node for one, node in problem.seeds if one == label}
    found = nx.multi_source_dijkstra_path_length(network, seeds) if seeds else {}
    return {node: int(hops) for node, hops in found.items()}


def check_paths(problem: Problem, found: Propagated) -> None:
    ways = problem.ways
    free: nx.DiGraph[int] = nx.DiGraph()
    free.add_nodes_from(range(NODES))
    for number in range(len(found)):
        strength, place = int(found.strengths[number]), int(found.seeds[number])
        free.clear_edges()
        free.add_edges_from(
            arc[:2] for arc in problem.arcs if not arc.is_hop and arc.strength >= strength
        )
        assert (int(found.labels[number]), place) in problem.seeds
        for tail, hop in found.path(number):
            assert nx.has_path(free, place, tail)
            assert hop in ways.hops.row(tail)
            place, proven = ways.hops.arc(hop)
            assert proven >= strength
        assert nx.has_path(free, place, int(found.targets[number]))


def expected(problem: Problem) -> dict[tuple[int, int], tuple[int, int]]:
    """Give the strength and the hops of each label that reaches a target."""
    return {
        (label, target): (strength, found[target])
        for strength in (1, 2, 3, 4)
        for label in range(LABELS)
        for found in (lengths(problem, label, strength),)
        for target in problem.targets
        if target in found
    }


@settings(max_examples=300, deadline=None)
@given(PROBLEMS)
def test_strengths_and_hops_are_those_of_networkx(problem: Problem) -> None:
    found = propagate(problem.ways, problem.label_seeds, np.array(problem.targets, dtype=np.int64))
    pairs = list(zip(found.labels.tolist(), found.targets.tolist(), strict=True))
    values = zip(found.strengths.tolist(), found.hop_counts.tolist(), strict=True)
    assert dict(zip(pairs, values, strict=True)) == expected(problem)
    assert pairs == sorted(set(pairs))


@settings(max_examples=300, deadline=None)
@given(PROBLEMS)
def test_a_sweep_and_a_screen_find_the_same(problem: Problem) -> None:
    ways, seeds, targets = problem.ways, problem.label_seeds, np.array(problem.targets, np.int64)
    carried, swept = (
        propagate(ways, seeds, targets),
        sweep(in_order(ways, targets), seeds, targets),
    )
    for name in ("labels", "targets", "strengths", "hop_counts"):
        assert getattr(swept, name).tolist() == getattr(carried, name).tolist()
    check_paths(problem, swept)
    screened = screen(in_order(ways, targets), seeds, targets)
    assert [one.tolist() for one in screened] == [
        one.tolist() for one in (swept.labels, swept.targets, swept.strengths)
    ]


@settings(max_examples=300, deadline=None)
@given(PROBLEMS)
def test_each_path_leads_from_a_seed_to_its_target_over_arcs_strong_enough(
    problem: Problem,
) -> None:
    check_paths(
        problem,
        propagate(problem.ways, problem.label_seeds, np.array(problem.targets, dtype=np.int64)),
    )


@settings(max_examples=100, deadline=None)
@given(PROBLEMS, st.integers(0, 4))
def test_a_walk_of_some_depth_goes_where_so_many_hops_lead(problem: Problem, depth: int) -> None:
    arrived = carry(problem.ways, problem.label_seeds, depth=depth)
    firsts = zip(
        arrived.labels[arrived.first].tolist(), arrived.nodes[arrived.first].tolist(), strict=True
    )
    found = dict(zip(firsts, arrived.hops(arrived.first).tolist(), strict=True))
    assert found == {
        (label, node): hops
        for label in range(LABELS)
        for node, hops in lengths(problem, label, 1).items()
        if hops <= depth
    }


@settings(max_examples=100, deadline=None)
@given(PROBLEMS)
def test_labels_alone_reach_what_any_arcs_lead_to(problem: Problem) -> None:
    parts = reached_labels(
        problem.ways, problem.label_seeds, np.array(problem.targets, dtype=np.int64)
    )
    found = [pair for labels, nodes in parts for pair in zip(labels, nodes, strict=True)]
    assert sorted(found) == sorted(expected(problem))


def test_labels_carried_in_parts_are_the_same_labels() -> None:
    many = 30_000  # so many labels on so many nodes are more than a board holds
    chain = np.arange(1_000)
    hops, _ = sort_arcs(chain[:-1], chain[1:], np.full(999, 4, dtype=np.uint8), nodes=1_000)
    none = np.empty(0, dtype=np.int64)
    inside, _ = sort_arcs(none, none, none.astype(np.uint8), nodes=1_000)
    labels = np.arange(many)
    seeds = Seeds(labels, 990 + labels % 10)
    found = propagate(make_ways(hops, inside), seeds, np.array([999]))
    assert found.labels.tolist() == labels.tolist()
    assert found.hop_counts.tolist() == (9 - labels % 10).tolist()
    assert found.seeds.tolist() == seeds.nodes.tolist()


def test_more_labels_than_a_word_holds_are_screened() -> None:
    """A node of many arcs, each bringing labels of its own."""
    many = 40
    arcs = np.arange(many)
    hops, _ = sort_arcs(arcs, np.full(many, many), np.full(many, 3, np.uint8), nodes=many + 1)
    none = np.empty(0, dtype=np.int64)
    inside, _ = sort_arcs(none, none, none.astype(np.uint8), nodes=many + 1)
    ways, seeds, end = (
        make_ways(hops, inside),
        Seeds(arcs, arcs),
        np.array([many]),
    )
    order = in_order(ways, end)
    labels, targets, strengths = screen(order, seeds, end)
    assert labels.tolist() == arcs.tolist() == sweep(order, seeds, end).labels.tolist()
    assert set(targets.tolist()) == {many}
    assert set(strengths.tolist()) == {3}


def test_nothing_to_carry_reaches_nothing() -> None:
    none = Problem([], [], [1]).ways
    empty = np.empty(0, dtype=np.int64)
    assert len(propagate(none, Seeds(empty, empty), np.array([1]))) == 0
