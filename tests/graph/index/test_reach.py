"""What is reached, and how near, against networkx; by few nodes a round and by many."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph.index.adjacency import Adjacency
from lineage.graph.index.reach import Marks, reach
from tests.examples import examples
from tests.graph.index.problems import NODE, NODES, PROBLEMS, Arc, Problem, adjacency_of, lengths

COPIES = 40  # so many starts make a round of many nodes


def copied(arcs: list[Arc]) -> Adjacency:
    """Repeat arcs on nodes of their own."""
    moved = [
        arc._replace(tail=arc.tail + copy * NODES, head=arc.head + copy * NODES)
        for copy in range(COPIES)
        for arc in arcs
    ]
    return adjacency_of(moved, nodes=NODES * COPIES)


@settings(max_examples=examples(200), deadline=None)
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
    one, many = problem.downstream, copied(problem.arcs)
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
    near = reach(Problem([], [], []).downstream, np.empty(0, dtype=np.int64))
    assert len(near.nodes) == len(near.hops()) == 0
