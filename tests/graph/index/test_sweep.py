"""Sweeps over more than a handful of nodes: what propagation finds label by label."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph.index.arcs import Arcs, Longs, sort_arcs
from lineage.graph.index.carry import Seeds
from lineage.graph.index.order import Order, fill, put_in_order
from lineage.graph.index.propagate import propagate
from lineage.graph.index.screen import screen
from lineage.graph.index.segments import Segment
from lineage.graph.index.sweep import sweep
from lineage.graph.index.ways import Ways, make_ways

WIDE = 300
"""More nodes in a layer than are taken together."""


def in_order(ways: Ways, targets: Longs) -> Order:
    """Put what leads to some nodes in order; the arcs backwards are made of the others."""
    hops, inside = (
        sort_arcs(arcs.ends(), arcs.starts(), arcs.strengths(), nodes=arcs.nodes)[0]
        for arcs in (ways.hops, ways.inside)
    )
    return put_in_order(ways, make_ways(hops, inside), targets)


def ways_of(hops: Arcs, inside: Arcs) -> Ways:
    everywhere = np.ones(hops.nodes, dtype=np.bool_)
    return make_ways(hops, inside, leads=everywhere, is_open=everywhere)


def chance_arcs(chance: np.random.Generator, many: int, *, back: int = 0) -> Arcs:
    """Lead from one of four layers to a later one, and so often from anywhere to anywhere."""
    tails = chance.integers(0, 3 * WIDE, many)
    heads = (tails // WIDE + 1) * WIDE + chance.integers(0, 4 * WIDE, many) % WIDE
    heads[: many // 10] = 3 * WIDE + 1  # where very many lead
    anywhere = chance.integers(0, 4 * WIDE, (2, back))
    tails, heads = np.append(tails, anywhere[0]), np.append(heads, anywhere[1])
    strengths = chance.choice(np.array([1, 2, 3, 4, 4, 4, 4], np.uint8), len(tails))
    return sort_arcs(tails, heads, strengths, nodes=4 * WIDE)[0]


def ways_along(tails: Longs, heads: Longs) -> Ways:
    nodes, strong = int(max(tails.max(), heads.max())) + 1, np.full(len(tails), 4, dtype=np.uint8)
    none = np.empty(0, dtype=np.int64)
    inside, _ = sort_arcs(none, none, none.astype(np.uint8), nodes=nodes)
    return ways_of(sort_arcs(tails, heads, strong, nodes=nodes)[0], inside)


def line(nodes: int, *, is_ring: bool) -> Ways:
    tails = np.arange(nodes if is_ring else nodes - 1)
    return ways_along(tails, (tails + 1) % nodes)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 3]))
def test_a_sweep_of_wide_layers_and_many_labels_is_what_propagation_finds(
    seed: int, back: int
) -> None:
    chance = np.random.default_rng(seed)
    ways = ways_of(chance_arcs(chance, 3_000, back=back), chance_arcs(chance, 900))
    seeds = Seeds(chance.integers(0, 20, 60), chance.integers(0, 4 * WIDE, 60))
    targets = chance.integers(0, 4 * WIDE, 100)
    order = in_order(ways, targets)
    carried, swept = propagate(ways, seeds, targets), sweep(order, seeds, targets)
    for name in ("labels", "targets", "strengths", "hop_counts"):
        assert getattr(swept, name).tolist() == getattr(carried, name).tolist()
    assert all(
        swept.seeds[one] in seeds.nodes[seeds.labels == swept.labels[one]] for one in (0, -1)
    )
    found = screen(order, seeds, targets)
    assert [one.tolist() for one in found] == [
        one.tolist() for one in (swept.labels, swept.targets, swept.strengths)
    ]


@pytest.mark.parametrize("nodes", [127, 128, 129, 300, 33_000])
def test_no_number_of_hops_is_too_many(nodes: int) -> None:
    """Counts of hops run out of one byte, and of two."""
    end: Longs = np.array([nodes - 1])
    order = in_order(line(nodes, is_ring=False), end)
    found = sweep(order, Seeds(np.array([0]), np.array([0])), end)
    assert found.hop_counts.tolist() == [nodes - 1]


@pytest.mark.parametrize("nodes", [128, 300, 20_000])
def test_no_cycle_is_too_long(nodes: int) -> None:
    end: Longs = np.array([nodes - 1])
    order = in_order(line(nodes, is_ring=True), end)
    found = sweep(order, Seeds(np.array([0]), np.array([0])), end)
    assert found.hop_counts.tolist() == [nodes - 1]
    assert found.tails.tolist() == list(range(nodes - 1))


@pytest.mark.parametrize("cycle", [2, 64, 4_096])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_cycles_are_gone_through_a_few_times_and_not_once_for_each_of_their_nodes(
    cycle: int, seed: int | None
) -> None:
    many = 8_192
    number = np.arange(many) if seed is None else np.random.default_rng(seed).permutation(many)
    rings = number.reshape(-1, cycle)
    order = in_order(ways_along(rings.ravel(), np.roll(rings, -1, axis=1).ravel()), rings[:, 0])
    (knot,) = order.stages
    hops, joined = np.full(many, many), 0
    hops[order.rows[rings[:, cycle // 3]]] = 0

    def join(segment: Segment) -> None:
        nonlocal joined
        joined += len(segment.tails)
        hops[segment.rows] = np.minimum(hops[segment.rows], hops[segment.tails] + 1)

    fill(order, hops, join)
    assert np.bincount(hops).tolist() == [many // cycle] * cycle
    assert knot.is_knot
    assert joined <= 3 * many
