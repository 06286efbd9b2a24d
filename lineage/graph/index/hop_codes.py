"""Codes: every hop of a graph as one whole number, sorted, so that two graphs compare fast."""

from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Flags, Ints, Longs, Strengths

__all__ = ["CodesDiff", "compare_codes", "have_ends", "make_codes", "read_codes"]

_STRENGTH_BITS, _NODE_BITS = 3, 29


class CodesDiff(NamedTuple):
    """The codes that only one of two graphs has; sorted."""

    removed: Longs
    added: Longs


def make_codes(tails: Ints, heads: Ints, strengths: Strengths) -> Longs:
    """Make the sorted codes of hops; what is there twice counts once.

    Two graphs whose codes are compared number the same references alike.

    Examples
    --------
    >>> one = np.array([1], dtype=np.int32)
    >>> make_codes(one, one, np.array([4], dtype=np.uint8)).tolist() == [(1 << 32) + (1 << 3) + 4]
    True
    """
    codes = tails.astype(np.int64) << (_NODE_BITS + _STRENGTH_BITS)
    codes |= heads.astype(np.int64) << _STRENGTH_BITS
    codes |= strengths
    codes.sort()
    is_new = np.ones(len(codes), dtype=np.bool_)
    np.not_equal(codes[1:], codes[:-1], out=is_new[1:])
    return codes[is_new]


def read_codes(codes: Longs) -> tuple[Ints, Ints, Strengths]:
    """Read tails, heads and strengths back from codes.

    Examples
    --------
    >>> one = np.array([1], dtype=np.int32)
    >>> [column.tolist() for column in read_codes(make_codes(one, one, one.astype(np.uint8)))]
    [[1], [1], [1]]
    """
    tails = (codes >> (_NODE_BITS + _STRENGTH_BITS)).astype(np.int32)
    heads = ((codes >> _STRENGTH_BITS) & ((1 << _NODE_BITS) - 1)).astype(np.int32)
    return tails, heads, (codes & ((1 << _STRENGTH_BITS) - 1)).astype(np.uint8)


def have_ends(codes: Longs, asked: Longs) -> Flags:
    """Return of each of the codes asked about whether any has its ends, whatever it proves.

    Examples
    --------
    >>> one = np.array([1], dtype=np.int32)
    >>> weak, strong = (make_codes(one, one, np.array([each], dtype=np.uint8)) for each in (1, 4))
    >>> have_ends(weak, strong).tolist(), have_ends(weak, strong + 8).tolist()
    ([True], [False])
    """
    ends = asked >> _STRENGTH_BITS
    if not len(codes):
        return np.zeros(len(ends), dtype=np.bool_)
    last = np.searchsorted(codes, (ends + 1) << _STRENGTH_BITS) - 1  # -1 is none of them
    found: Flags = codes[last] >> _STRENGTH_BITS == ends
    return found


def compare_codes(before: Longs, after: Longs) -> CodesDiff:
    """Find the codes that only one of two graphs has.

    Examples
    --------
    >>> compare_codes(np.array([1, 2]), np.array([2, 5]))
    CodesDiff(removed=array([1]), added=array([5]))
    """
    # The last bit says whose a code is. A stable sort merges two sorted runs in one pass.
    both = np.concatenate([before << 1, (after << 1) | 1])
    both.sort(kind="stable")
    codes = both >> 1
    differs = np.ones(len(both) + 1, dtype=np.bool_)
    np.not_equal(codes[1:], codes[:-1], out=differs[1:-1])
    alone = both[differs[1:] & differs[:-1]]
    is_after = (alone & 1).astype(np.bool_)
    return CodesDiff(alone[~is_after] >> 1, alone[is_after] >> 1)
