"""Arcs: what leads from each node to which, as arrays sorted by where they start."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage.errors import LineageError

__all__ = [
    "Arcs",
    "Flags",
    "Ints",
    "Longs",
    "Strengths",
    "count_to",
    "encode_arc",
    "group_arcs",
    "sort_arcs",
]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Strengths = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_NO_PLACES = np.empty(0, dtype=np.int64)
_NUMBERS = np.arange(1 << 13)
_NUMBERS.flags.writeable = False
_STRENGTH_BITS = 3
_STRENGTH = (1 << _STRENGTH_BITS) - 1
_MOST = 1 << (31 - _STRENGTH_BITS)
"""So many nodes have a number beside a strength in 32 bits."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arcs in the order of the nodes they start from (compressed sparse rows).

    Attributes
    ----------
    begin, stop : array of int32
        For each node the place of its first arc, and the one after its last. As compiled each
        row follows the one before; one that has been changed may lie after all others.
    codes : array of int32
        Where each arc leads, and in the lowest bits how much it proves, as `Strength` numbers
        it; see `encode_arc`. Together they take one look-up, and four bytes instead of five.
    """

    begin: Ints
    stop: Ints
    codes: Ints

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.begin)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        rows = self.begin.nbytes + (0 if self._is_compiled else self.stop.nbytes)
        return rows + self.codes.nbytes

    @property
    def _is_compiled(self) -> bool:
        """Whether rows begin where those before them stop, so that one array tells both."""
        return self.begin.base is not None and self.begin.base is self.stop.base

    @property
    def counts(self) -> Ints:
        """How many arcs start from each node."""
        return self.stop - self.begin

    def starts(self) -> Ints:
        """Tell where each arc starts, row by row."""
        return np.arange(self.nodes, dtype=np.int32).repeat(self.counts)

    def ends(self) -> Longs:
        """Tell where each arc leads, row by row."""
        return self.ends_at(self.places())

    def strengths(self) -> Strengths:
        """Tell how much each arc proves, row by row."""
        return self.strengths_at(self.places())

    def places(self) -> Longs:
        """Tell the places of all arcs, row by row."""
        if self._is_compiled:
            return np.arange(len(self))
        return self.leaving(np.arange(self.nodes))[1]

    def leaving(self, nodes: Longs) -> tuple[Longs, Longs]:
        """Find the arcs that start from some nodes.

        Returns
        -------
        counts : array of int64
            How many start from each of them.
        places : array of int64
            The arcs.
        """
        # Whole machine words, here and below: numpy would widen anything else at each step.
        first = self.stop.take(nodes).astype(np.int64)
        counts = first - self.begin.take(nodes)
        passed = np.add.accumulate(counts)  # which is faster than `cumsum`
        total = int(passed[-1]) if len(passed) else 0
        if not total:
            return counts, _NO_PLACES
        first -= passed
        places = first.repeat(counts)
        places += count_to(total)
        return counts, places

    def ends_at(self, places: Longs) -> Longs:
        """Tell where some arcs lead."""
        ends = self.codes.take(places)
        ends >>= _STRENGTH_BITS
        return ends.astype(np.int64)

    def strengths_at(self, places: Longs) -> Strengths:
        """Tell how much some arcs prove."""
        return (self.codes.take(places) & _STRENGTH).astype(np.uint8)

    def both_at(self, places: Longs) -> tuple[Longs, Strengths]:
        """Tell where some arcs lead, and how much they prove."""
        codes = self.codes.take(places).astype(np.int64)
        strengths = codes.astype(np.uint8) & np.uint8(_STRENGTH)
        codes >>= _STRENGTH_BITS
        return codes, strengths

    def ends_from(self, *nodes: int) -> list[int]:
        """Tell where the arcs from a few nodes lead, one node after the other."""
        # Plain views: numpy would make an object of its own of each number.
        begin, stop, codes = self.begin.data, self.stop.data, self.codes.data
        return [
            code >> _STRENGTH_BITS
            for node in nodes
            for code in codes[begin[node] : stop[node]].tolist()
        ]

    def arc(self, place: int) -> tuple[int, int]:
        """Tell where one arc leads, and how much it proves."""
        code = self.codes.data[place]
        return code >> _STRENGTH_BITS, code & _STRENGTH

    def place(self, start: int, end: int, strength: int) -> int:
        """Find an arc; of several alike the first."""
        row = self.row(start)
        codes: list[int] = self.codes.data[row.start : row.stop].tolist()
        return row[codes.index(encode_arc(end, strength))]

    def row(self, node: int) -> range:
        """Give the places of the arcs that start from one node."""
        return range(self.begin.data[node], self.stop.data[node])


def count_to(many: int) -> Longs:
    """Count from 0; not to be changed."""
    # A view of numbers that are there is eight times faster than making a thousand or two.
    return _NUMBERS[:many] if many <= len(_NUMBERS) else np.arange(many)


def encode_arc(end: int, strength: int) -> int:
    """Put where an arc leads and how much it proves into one number.

    Examples
    --------
    >>> encode_arc(1, 4) == (1 << 3) + 4
    True
    """
    return end << _STRENGTH_BITS | strength


def _encode(ends: NDArray[Any], strengths: Strengths) -> Ints:
    codes = ends.astype(np.int32)
    codes <<= _STRENGTH_BITS
    codes |= strengths
    return codes


def sort_arcs(
    starts: NDArray[Any], ends: NDArray[Any], strengths: Strengths, *, nodes: int
) -> tuple[Arcs, Ints]:
    """Sort arcs by where they start; those of one node keep their order.

    Returns
    -------
    arcs : Arcs
    order : array of int32
        Which of the arcs given stands at each place.

    Raises
    ------
    LineageError
        There are more nodes than their numbers have room for.
    """
    # One sort of whole numbers, node above place, is several times faster than argsort.
    keys = _keys(starts, np.arange(len(starts), dtype=np.int32))
    order = keys.astype(np.int32)
    codes = _encode(ends, strengths).take(order)
    return _cut(keys, codes, nodes=nodes), order


def group_arcs(
    starts: NDArray[Any], ends: NDArray[Any], strengths: Strengths, *, nodes: int
) -> Arcs:
    """Sort arcs by where they start, those of one node by where they lead; see `sort_arcs`."""
    keys = _keys(starts, _encode(ends, strengths))
    return _cut(keys, keys.astype(np.int32), nodes=nodes)


def _keys(starts: NDArray[Any], below: Ints) -> Longs:
    """Sort arcs by where they start, then by something else that stays in the lower half."""
    keys = starts.astype(np.int64)
    keys <<= 32
    keys |= below
    keys.sort()
    return keys


def _cut(keys: Longs, codes: Ints, *, nodes: int) -> Arcs:
    """Cut sorted arcs into rows; uses up the keys."""
    if nodes > _MOST:
        message = f"an index holds at most {_MOST:,} nodes, not {nodes:,}: audit an edge table"
        raise LineageError(message)
    keys >>= 32
    first = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(keys, minlength=nodes), out=first[1:])
    return Arcs(first[:-1], first[1:], codes)
