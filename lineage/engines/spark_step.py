"""One step of the pass on arrays, for workers that hold some arcs and every node's bits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["arriving"]

Longs = NDArray[np.int64]
Arrays = tuple[NDArray[np.int32], Longs]


def arriving(arcs: Any, newest: Longs, seen: Longs, allowed: Longs) -> Arrays:
    """Find which new bits arrive at the heads of arcs.

    Parameters
    ----------
    arcs : Arrow record batch
        With the columns tail, head and strength.
    newest, seen : array of int64
        For each node the bits that go on from it, and those it has.
    allowed : array of int64
        For each strength the bits it lets pass.

    Returns
    -------
    nodes, bits : array

    Examples
    --------
    >>> from lineage.files.arrow_extra import pa
    >>> columns = {"tail": [0, 1], "head": [2, 2], "strength": [4, 1]}
    >>> arcs = pa.RecordBatch.from_pydict(columns)
    >>> newest, seen, allowed = np.array([3, 3, 0]), np.array([3, 3, 1]), np.array([0, 1, 1, 1, 3])
    >>> [array.tolist() for array in arriving(arcs, newest, seen, allowed)]
    [[2], [2]]
    """
    tail, head, strength = (
        arcs[name].to_numpy(zero_copy_only=False) for name in ("tail", "head", "strength")
    )
    bits = newest[tail] & allowed[strength] & ~seen[head]
    kept = bits.nonzero()[0]
    nodes, places = np.unique(head[kept], return_inverse=True)
    together = np.zeros(len(nodes), np.int64)
    np.bitwise_or.at(together, places, bits[kept])
    return nodes, together
