"""What is reached, and how near, against networkx; by few nodes a round and by many."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph.index.arcs import Arcs, sort_arcs
from lineage.graph.index.reach import Marks, reach
from lineage.graph.index.ways import make_ways
from tests.graph.index.test_propagate import NODE, NODES, PROBLEMS, Problem, lengths

COPIES = 40  # so many starts make a round of many nodes


def copied(arcs: Arcs) -> Arcs:
    """Repeat arcs on nodes of their own."""
    copies = np.arange(COPIES).repeat(len(arcs)) * NODES
    starts, ends = np.tile(arcs.starts(), COPIES) + copies, np.tile(arcs.ends(), COPIES) + copies
    return sort_arcs(starts, ends, np.tile(arcs.strengths(), COPIES), nodes=NODES * COPIES)[0]


@settings(max_examples=200, deadline=None)
@given(PROBLEMS, NODE, st.none() | st.integers(0, 4))
def test_what_is_reached_is_what_networkx_reaches(
    problem: Problem, start: int, depth: int | None
) -> None:
    problem = problem._replace(seeds=[(0, start)])
    found = {
        node: hops
        for node, hops in lengths(problem, 0, 1).items()
        if depth is None or hops <= depth
    }
    one = problem.ways
    many = make_ways(copied(one.hops), copied(one.inside))
    few, more = Marks(NODES), Marks(NODES * COPIES)
    for _ in range(2):
        near = reach(one, np.array([start]), marks=few, depth=depth)
        assert dict(zip(near.nodes.tolist(), near.hops().tolist(), strict=True)) == found
        starts = start + np.arange(COPIES) * NODES
        wide = reach(many, starts, marks=more, depth=depth)
        hops = dict(zip(wide.nodes.tolist(), wide.hops().tolist(), strict=True))
        assert hops == {
            node + copy * NODES: far for node, far in found.items() for copy in range(COPIES)
        }


def test_nowhere_to_begin_reaches_nothing() -> None:
    ways = Problem([], [], []).ways
    near = reach(ways, np.empty(0, dtype=np.int64), marks=Marks(NODES))
    assert len(near.nodes) == len(near.hops()) == 0
