import numpy as np
import pytest

from lineage.errors import LineageError
from lineage.graph.index.adjacency import adjacency_from, encode_arcs

STRONG = np.array([4], dtype=np.uint8)


def test_more_nodes_than_numbers_have_room_for_are_refused() -> None:
    nothing = np.array([], dtype=np.int32)
    with pytest.raises(LineageError, match="at most 134,217,728 nodes, not 134,217,729"):
        adjacency_from(nothing, nothing, nodes=2**27 + 1)


def test_the_last_number_there_is_room_for_is_kept() -> None:
    last, first = np.array([2**27 - 1]), np.array([0])
    arcs, _ = adjacency_from(first, encode_arcs(last, STRONG, is_hop=True), nodes=1)
    assert arcs.arcs_from(0) == [(2**27 - 1, 4, True)]


def test_arcs_of_one_node_keep_their_order() -> None:
    ends = np.array([3, 1, 2, 0])
    codes = encode_arcs(ends, np.array([1, 2, 3, 4], dtype=np.uint8), is_hop=False)
    arcs, order = adjacency_from(np.array([1, 0, 1, 1]), codes, nodes=4)
    assert arcs.arcs_from(1) == [(3, 1, False), (2, 3, False), (0, 4, False)]
    assert order.tolist() == [1, 0, 2, 3]
    assert arcs.starts().tolist() == [0, 1, 1, 1]
    assert arcs.ends().tolist() == [1, 3, 2, 0]
    assert arcs.strengths().tolist() == [2, 1, 3, 4]
    assert not arcs.hops().any()
