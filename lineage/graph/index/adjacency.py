"""Adjacency: which arcs leave each node, as compressed sparse rows.

An arc is what the graph's edges, mappings and containment become inside the index. Where it leads,
how much it proves and whether it is a hop stand in one number of four bytes: one look-up instead of
three, and half the memory.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage.errors import LineageError

__all__ = [
    "Adjacency",
    "Flags",
    "Ints",
    "Longs",
    "Strengths",
    "adjacency_from",
    "count_to",
    "encode_arcs",
    "end_of_code",
    "is_hop_code",
]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Strengths = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_STRENGTH = 0b0111
_HOP = 0b1000
_SHIFT = 4
_MOST = 1 << (31 - _SHIFT)
"""So many nodes have a number beside strength and flag in 32 bits."""

_NO_PLACES = np.empty(0, dtype=np.int64)
_NUMBERS = np.arange(1 << 13)
_NUMBERS.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Arcs in the order of the nodes they leave.

    Attributes
    ----------
    begin : array of int32
        For each node the place of its first arc; one more at the end.
    codes : array of int32
        The arcs; see `encode_arcs`.
    """

    begin: Ints
    codes: Ints

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.begin) - 1

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take, in bytes."""
        return self.begin.nbytes + self.codes.nbytes

    def starts(self) -> Ints:
        """Return the node that each arc leaves."""
        return np.arange(self.nodes, dtype=np.int32).repeat(np.diff(self.begin))

    def ends(self) -> Ints:
        """Return the node that each arc leads to."""
        return self.codes >> _SHIFT

    def strengths(self) -> Strengths:
        """Return how much each arc proves, as `Strength` numbers it."""
        return (self.codes & _STRENGTH).astype(np.uint8)

    def hops(self) -> Flags:
        """Return whether each arc is a hop; the others are free, within or between containers."""
        return (self.codes & _HOP) > 0

    def leaving(self, nodes: Longs) -> tuple[Longs, Longs]:
        """Find the arcs that leave some nodes.

        Returns
        -------
        counts : array of int64
            How many leave each of them.
        places : array of int64
            Their places, node by node.
        """
        # Machine words, here and below: numpy would widen anything else at each step.
        first = self.begin.take(nodes + 1).astype(np.int64)
        counts = first - self.begin.take(nodes)
        passed = np.add.accumulate(counts)  # which is faster than `cumsum`
        total = int(passed[-1]) if len(passed) else 0
        if not total:
            return counts, _NO_PLACES
        first -= passed
        places = first.repeat(counts)
        places += count_to(total)
        return counts, places

    def arcs_at(self, places: Longs) -> tuple[Longs, Strengths, Flags]:
        """Return where the arcs at some places lead, what they prove, and which are hops."""
        codes = self.codes.take(places).astype(np.int64)
        strengths = codes.astype(np.uint8)
        is_hop = (strengths & _HOP) > 0
        strengths &= _STRENGTH
        codes >>= _SHIFT
        return codes, strengths, is_hop

    def ends_at(self, places: Longs) -> tuple[Longs, Flags]:
        """Return where the arcs at some places lead, and which are hops."""
        codes = self.codes.take(places)
        is_hop = (codes & _HOP) > 0
        codes >>= _SHIFT
        return codes.astype(np.int64), is_hop

    def arc(self, place: int) -> tuple[int, int]:
        """Return where the arc at a place leads, and what it proves."""
        code: int = self.codes.data[place]
        return code >> _SHIFT, code & _STRENGTH

    def row(self, node: int) -> range:
        """Return the places of the arcs that leave one node."""
        return range(self.begin.data[node], self.begin.data[node + 1])

    def arcs_from(self, node: int) -> list[tuple[int, int, bool]]:
        """List where the arcs from one node lead, what they prove, and whether they are hops."""
        # Plain views, here and below: numpy would make an object of its own of each number.
        begin, codes = self.begin.data, self.codes.data
        row = codes[begin[node] : begin[node + 1]].tolist()
        return [(code >> _SHIFT, code & _STRENGTH, bool(code & _HOP)) for code in row]

    def codes_from(self, node: int) -> list[int]:
        """List the codes of the arcs from one node; `is_hop_code` and `end_of_code` read them."""
        begin, codes = self.begin.data, self.codes.data
        found: list[int] = codes[begin[node] : begin[node + 1]].tolist()
        return found


def is_hop_code(code: int) -> bool:
    """Whether an arc is a hop, by its code."""
    return bool(code & _HOP)


def end_of_code(code: int) -> int:
    """Return where an arc leads, by its code."""
    return code >> _SHIFT


def count_to(many: int) -> Longs:
    """Count from 0; the result must not be changed."""
    # A view of numbers that exist is eight times faster than making a thousand or two.
    return _NUMBERS[:many] if many <= len(_NUMBERS) else np.arange(many)


def encode_arcs(ends: NDArray[Any], strengths: Strengths, *, is_hop: bool) -> Ints:
    """Put where arcs lead, what they prove and whether they are hops into one number each.

    Examples
    --------
    >>> encode_arcs(np.array([1]), np.array([4], dtype=np.uint8), is_hop=True).tolist()
    [28]
    """
    codes = ends.astype(np.int32)
    codes <<= _SHIFT
    codes |= strengths
    if is_hop:
        codes |= _HOP
    return codes


def adjacency_from(starts: NDArray[Any], codes: Ints, *, nodes: int) -> tuple[Adjacency, Ints]:
    """Sort arcs by the node they leave; those of one node keep their order.

    Returns
    -------
    adjacency : Adjacency
    order : array of int32
        Which of the arcs given stands at each place.

    Raises
    ------
    LineageError
        There are more nodes than their numbers have room for.
    """
    if nodes > _MOST:
        message = f"an index holds at most {_MOST:,} nodes, not {nodes:,}: audit an edge table"
        raise LineageError(message)
    # One sort of whole numbers, node above place, is several times faster than argsort.
    keys = starts.astype(np.int64)
    keys <<= 32
    keys |= count_to(len(starts))
    keys.sort()
    order = keys.astype(np.int32)
    keys >>= 32
    begin = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(keys, minlength=nodes), out=begin[1:])
    return Adjacency(begin, codes.take(order)), order
