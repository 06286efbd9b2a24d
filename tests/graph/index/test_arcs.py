import numpy as np
import pytest

from lineage.errors import LineageError
from lineage.graph.index.arcs import group_arcs, sort_arcs


@pytest.mark.parametrize("put_in_rows", [sort_arcs, group_arcs])
def test_more_nodes_than_numbers_have_room_for_are_refused(put_in_rows: type) -> None:
    nothing = np.array([], dtype=np.int32)
    with pytest.raises(LineageError, match="at most 268,435,456 nodes, not 268,435,457"):
        put_in_rows(nothing, nothing, nothing.astype(np.uint8), nodes=2**28 + 1)


def test_the_last_number_there_is_room_for_is_kept() -> None:
    last, first = np.array([2**28 - 1], dtype=np.int32), np.array([0], dtype=np.int32)
    arcs = group_arcs(first, last, np.array([4], dtype=np.uint8), nodes=1)
    assert arcs.arc(0) == (2**28 - 1, 4)
