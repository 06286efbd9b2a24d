import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lineage.graph.index.adjacency import Longs
from lineage.graph.index.hop_codes import compare_codes, make_codes

HOPS = st.sets(
    st.tuples(st.integers(0, 2**29 - 1) | st.integers(0, 3), st.integers(0, 3), st.integers(1, 4))
)


def codes_of(hops: set[tuple[int, int, int]]) -> Longs:
    columns = np.array(sorted(hops), dtype=np.int32).reshape(-1, 3).T
    return make_codes(columns[0], columns[1], columns[2].astype(np.uint8))


@given(HOPS, HOPS)
def test_codes_show_the_hops_that_came_and_went(
    before: set[tuple[int, int, int]], after: set[tuple[int, int, int]]
) -> None:
    found = compare_codes(codes_of(before), codes_of(after))
    assert found.removed.tolist() == codes_of(before - after).tolist()
    assert found.added.tolist() == codes_of(after - before).tolist()


def test_a_hop_that_is_there_twice_counts_once() -> None:
    twice = np.array([7, 7], dtype=np.int32)
    assert len(make_codes(twice, twice, np.array([4, 4], dtype=np.uint8))) == 1
