"""Silence, read from an edge table: which edges may hide an influence on a target.

Whether any may is written with each target; which they are, few ask. Then the arcs are read again
and again, until nothing new is upstream. One such reading serves 64 targets, a bit for each, and
takes sixteen bytes a node, however many arcs there are.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage.files.arrow_extra import pa, pc
from lineage.files.parquet_tables import Tables
from lineage.files.parquet_values import from_row
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.silence import silent_gaps

__all__ = ["StoredSilence"]

_AT_ONCE = 64

Ints = NDArray[np.int32]
Words = NDArray[np.uint64]


class StoredSilence:
    """The edges that may hide an influence of something sensitive.

    Parameters
    ----------
    table : Tables
        The edge table.
    targets : sequence of int
        The nodes of the targets that may be asked about.
    """

    def __init__(self, table: Tables, targets: Sequence[int]) -> None:
        self._table, self._targets = table, targets
        self._places = {node: place for place, node in enumerate(targets)}
        self._above: dict[int, Words] = {}

    def gaps(self, target: int) -> tuple[Gap, ...]:
        """Name the edges whose hidden influence may arrive at a target; sorted."""
        block, bit = divmod(self._places[target], _AT_ONCE)
        if block not in self._above:
            self._above[block] = self._find_above(self._targets[block * _AT_ONCE :][:_AT_ONCE])
        is_above = self._above[block] >> np.uint64(bit) & np.uint64(1)
        rows = self._silent.filter(pc.and_(self._silent["hiding"], pa.array(is_above > 0)))
        ends = (
            [from_row(Reference, row) for row in rows[end].to_pylist()]
            for end in ("upstream", "downstream")
        )
        return silent_gaps(zip(*ends, strict=True))

    @cached_property
    def _silent(self) -> Any:
        return self._table.read("silent")

    def _find_above(self, targets: Sequence[int]) -> Words:
        """Find for each silent edge, as bits, the targets it is upstream of."""
        passed = np.zeros(self._table.read("nodes").num_rows, np.uint64)
        bits = np.left_shift(np.uint64(1), np.arange(len(targets), dtype=np.uint64))
        np.bitwise_or.at(passed, targets, bits)
        before = np.zeros_like(passed)
        while not np.array_equal(before, passed):
            before[:] = passed
            for tails, heads in self._arcs():
                np.bitwise_or.at(passed, tails, passed[heads])
        above: Words = passed[self._silent["head"].to_numpy()]
        return above

    def _arcs(self) -> Iterator[tuple[Ints, Ints]]:
        """Iterate over the ends of the silent edges, and of all arcs."""
        for batch in (self._silent, *self._table.batches("arcs", "tail", "head")):
            yield batch["tail"].to_numpy(), batch["head"].to_numpy()
