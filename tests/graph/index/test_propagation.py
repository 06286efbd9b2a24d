"""Propagation against networkx, and against walks one by one on larger graphs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph.index.adjacency import Adjacency, Longs, adjacency_from, encode_arcs
from lineage.graph.index.propagation import Propagated, Seeds, propagate
from lineage.graph.index.schedule import make_schedule
from lineage.graph.index.strongest_paths import strongest_paths
from tests.examples import examples
from tests.graph.index.problems import PROBLEMS, Problem, expected

WIDE = 300
"""More nodes in a layer than there are labels in a word."""


def between(tails: Longs, heads: Longs, strengths: Longs) -> tuple[Adjacency, Adjacency]:
    """Make hops in both directions."""
    nodes, proven = int(max(tails.max(), heads.max())) + 1, strengths.astype(np.uint8)
    forward = encode_arcs(heads, proven, is_hop=True)
    backward = encode_arcs(tails, proven, is_hop=True)
    downstream, _ = adjacency_from(tails, forward, nodes=nodes)
    return downstream, adjacency_from(heads, backward, nodes=nodes)[0]


def found_by(propagated: Propagated, targets: Longs) -> set[tuple[int, int, int]]:
    places, labels, strengths = (column.tolist() for column in propagated.pairs())
    return set(zip(labels, targets[places].tolist(), strengths, strict=True))


@settings(max_examples=examples(300), deadline=None)
@given(PROBLEMS)
def test_strengths_are_those_of_networkx(problem: Problem) -> None:
    targets = np.array(problem.targets, dtype=np.int64)
    schedule = make_schedule(problem.downstream, problem.upstream, targets)
    propagated = propagate(schedule, problem.label_seeds, targets)
    found = expected(problem)
    assert found_by(propagated, targets) == {(*pair, best) for pair, (best, _) in found.items()}
    best = [max((s for (_, t), (s, _) in found.items() if t == one), default=0) for one in targets]
    assert propagated.best().tolist() == best
    for place, target in enumerate(targets.tolist()):
        labels, strengths = propagated.of_target(place)
        own = {label: s for (label, t), (s, _) in found.items() if t == target}
        assert dict(zip(labels.tolist(), strengths.tolist(), strict=True)) == own


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 3]))
def test_many_labels_over_wide_layers_arrive_as_each_does_alone(seed: int, back: int) -> None:
    chance = np.random.default_rng(seed)
    tails = chance.integers(0, 3 * WIDE, 3_000)
    heads = (tails // WIDE + 1) * WIDE + chance.integers(0, WIDE, 3_000)
    heads[:300] = 3 * WIDE + 1  # where very many lead
    anywhere = chance.integers(0, 4 * WIDE, (2, back))
    tails, heads = np.append(tails, anywhere[0]), np.append(heads, anywhere[1])
    strengths = chance.choice(np.array([1, 2, 3, 4, 4, 4, 4]), len(tails))
    downstream, upstream = between(tails, heads, strengths)
    labels = np.arange(90)  # more than a word holds
    nodes = chance.integers(0, downstream.nodes, len(labels))
    seeds = Seeds(labels, nodes, np.full(len(labels), 4, dtype=np.uint8))
    targets = np.unique(chance.integers(0, downstream.nodes, 100))
    propagated = propagate(make_schedule(downstream, upstream, targets), seeds, targets)
    alone = set()
    for label, node in enumerate(nodes.tolist()):
        arrived = strongest_paths(downstream, np.array([node]))
        for target, arrival in zip(targets, arrived.strongest(targets).tolist(), strict=True):
            if arrival >= 0:
                alone.add((label, int(target), int(arrived.strengths[arrival])))
    assert found_by(propagated, targets) == alone


@pytest.mark.slow
@pytest.mark.parametrize("is_ring", [False, True])
@pytest.mark.parametrize("nodes", [2, 300, 20_000])
def test_no_chain_and_no_cycle_is_too_long(nodes: int, is_ring: bool) -> None:  # noqa: FBT001
    tails = np.arange(nodes if is_ring else nodes - 1)
    arcs = between(tails, (tails + 1) % nodes, np.full(len(tails), 4))
    end = np.array([nodes - 1])
    seeds = Seeds(np.array([0]), np.array([0]), np.array([4], dtype=np.uint8))
    assert propagate(make_schedule(*arcs, end), seeds, end).best().tolist() == [4]


@pytest.mark.parametrize("cycle", [2, 64, 4_096])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_the_core_is_gone_through_a_few_times_and_not_once_for_each_node_of_a_cycle(
    cycle: int, seed: int | None
) -> None:
    many = 8_192
    number = np.arange(many) if seed is None else np.random.default_rng(seed).permutation(many)
    rings = number.reshape(-1, cycle)
    arcs = between(rings.ravel(), np.roll(rings, -1, axis=1).ravel(), np.full(many, 4))
    schedule = make_schedule(*arcs, rings[:, 0])
    assert len(schedule.core) == len(schedule.levels)
    # Rows come in the order of the levels: an arc that leads back, to an earlier row, takes
    # another round. Each ring has one.
    rows = schedule.rows[rings]
    back = (np.roll(rows, -1, axis=1) <= rows).sum(axis=1)
    assert back.tolist() == [1] * (many // cycle)


def test_nothing_to_propagate_reaches_nothing() -> None:
    none, targets = Problem([], [], [1]), np.array([1])
    schedule = make_schedule(none.downstream, none.upstream, targets)
    propagated = propagate(schedule, none.label_seeds, targets)
    assert propagated.best().tolist() == [0]
    assert found_by(propagated, targets) == set()


def test_no_target_is_reached_by_nothing() -> None:
    problem = Problem([], [(0, 1)], [])
    targets = np.array([], dtype=np.int64)
    schedule = make_schedule(problem.downstream, problem.upstream, targets)
    assert len(propagate(schedule, problem.label_seeds, targets).best()) == 0
