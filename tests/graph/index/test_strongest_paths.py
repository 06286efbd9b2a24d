"""The strongest paths against networkx: best strength, then fewest hops, by arcs there are."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph.index.strongest_paths import Arrivals, Board, strongest_paths
from tests.examples import examples
from tests.graph.index.problems import LABELS, NODES, PROBLEMS, Problem, expected, lengths


def walked(problem: Problem, label: int, **options: int | Board) -> Arrivals:
    seeds = [node for one, node in problem.seeds if one == label]
    return strongest_paths(problem.downstream, np.array(seeds, dtype=np.int64), **options)  # type: ignore[arg-type]  # each option is of its own type


def check_path(problem: Problem, label: int, target: int, strength: int, hops: int) -> None:
    """Follow a path hop by hop, with free arcs between the hops."""
    downstream, arrived = problem.downstream, walked(problem, label)
    free: nx.DiGraph[int] = nx.DiGraph()
    free.add_nodes_from(range(NODES))
    free.add_edges_from(a[:2] for a in problem.arcs if not a.is_hop and a.strength >= strength)
    arrival = int(arrived.strongest(np.array([target]))[0])
    assert int(arrived.strengths[arrival]) == strength
    place, path = arrived.path_to(arrival)
    assert (label, place) in problem.seeds
    assert len(path) == hops
    for tail, hop in path:
        assert nx.has_path(free, place, tail)
        assert hop in downstream.row(tail)
        (place,), (proven,), (is_hop,) = (a.tolist() for a in downstream.arcs_at(np.array([hop])))
        assert is_hop
        assert proven >= strength
    assert nx.has_path(free, place, target)


@settings(max_examples=examples(300), deadline=None)
@given(PROBLEMS)
def test_each_path_is_a_shortest_of_the_strongest(problem: Problem) -> None:
    for (label, target), (strength, hops) in expected(problem).items():
        check_path(problem, label, target, strength, hops)


@settings(max_examples=examples(100), deadline=None)
@given(PROBLEMS)
def test_what_no_arcs_lead_to_is_not_arrived_at(problem: Problem) -> None:
    found = expected(problem)
    targets = np.array(problem.targets, dtype=np.int64)
    for label in range(LABELS):
        if any(one == label for one, _ in problem.seeds):
            arrived = walked(problem, label).strongest(targets).tolist()
            for target, arrival in zip(problem.targets, arrived, strict=True):
                assert (arrival >= 0) == ((label, target) in found)


@settings(max_examples=examples(100), deadline=None)
@given(PROBLEMS, st.integers(0, 4))
def test_a_walk_of_some_depth_goes_where_so_many_hops_lead(problem: Problem, depth: int) -> None:
    board = Board(NODES)
    for label in {one for one, _ in problem.seeds}:
        arrived = walked(problem, label, depth=depth, board=board)
        nodes, hops = arrived.nodes[arrived.first], arrived.hops(arrived.first)
        assert dict(zip(nodes.tolist(), hops.tolist(), strict=True)) == {
            node: hops for node, hops in lengths(problem, label, 1).items() if hops <= depth
        }


def test_seeds_may_prove_less_than_a_value() -> None:
    problem = Problem([], [(0, 1), (0, 2)], [])
    strengths = np.array([2, 3], dtype=np.uint8)
    arrived = strongest_paths(problem.downstream, np.array([1, 2]), strengths=strengths)
    assert arrived.strengths.tolist() == [2, 3]
