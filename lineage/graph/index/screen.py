"""Screen targets: which labels reach them, and how strong at best, without any path.

Every row of an order has one word with a bit for each strength and label. A row's word is all
that comes to it by the words before it, so one pass over the rows fills them all.
"""

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.arcs import Longs, Strengths
from lineage.graph.index.carry import Seeds
from lineage.graph.index.order import Order, fill
from lineage.graph.index.segments import Segment
from lineage.model.edges import Strength

__all__ = ["screen"]

_STRENGTHS = len(Strength)
_LABELS = 64 // _STRENGTHS
"""How many labels a word holds; more take another pass."""

Words = NDArray[np.uint64]


def screen(order: Order, seeds: Seeds, targets: Longs) -> tuple[Longs, Longs, Strengths]:
    """Tell which labels reach which targets, and how strong.

    Gives the labels, targets and strengths that `sweep` gives, in the same order.

    Parameters
    ----------
    order : Order
        The arcs in order.
    """
    ends = np.unique(targets)
    best = [
        _best(_screened(order, seeds, begin)[order.rows[ends]])
        for begin in range(0, max(1, seeds.label_count), _LABELS)
    ]
    table = np.concatenate(best)
    labels, numbers = np.nonzero(table)
    return labels, ends[numbers], table[labels, numbers]


def _best(words: Words) -> Strengths:
    """Count the strengths in which each label of a word has come; a row for each label."""
    lanes = np.arange(64, dtype=np.uint64).reshape(_STRENGTHS, _LABELS, 1)
    # What arrives with some strength arrives with all weaker ones: their number is the best.
    there: Strengths = ((words >> lanes) & np.uint64(1)).astype(np.uint8)
    best: Strengths = there.sum(axis=0, dtype=np.uint8)
    return best


def _screened(order: Order, seeds: Seeds, begin: int) -> Words:
    """Fill the words of all rows for the labels from `begin`."""
    words = np.zeros(len(order.nodes), dtype=np.uint64)
    rows, lanes = order.rows[seeds.nodes], seeds.labels - begin
    chosen = (lanes >= 0) & (lanes < _LABELS) & (rows >= 0)
    every = sum(1 << (strength * _LABELS) for strength in range(seeds.strength))
    coming = np.uint64(every) << lanes[chosen].astype(np.uint64)
    np.bitwise_or.at(words, rows[chosen], coming)
    passing = np.array([(1 << (one * _LABELS)) - 1 for one in range(_STRENGTHS + 1)], np.uint64)

    def join(segment: Segment) -> None:
        coming = words.take(segment.tails)
        if segment.strengths is not None:
            coming &= passing.take(segment.strengths)
        if segment.starts is not None:
            coming = np.bitwise_or.reduceat(coming, segment.starts)
        words[segment.rows] |= coming

    fill(order, words, join)
    return words
