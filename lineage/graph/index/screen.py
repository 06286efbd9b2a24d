"""Screen targets: which labels reach them, and how strong at best, without any path.

Every node has one word with a bit for each strength and label. A node's word is all that comes
to it by the words before it, so one pass over the nodes in order fills them all.
"""

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.arcs import Longs, Strengths
from lineage.graph.index.carry import Seeds
from lineage.graph.index.order import Order, Segment, Stage
from lineage.model.edges import Strength

__all__ = ["screen"]

_STRENGTHS = len(Strength)
_LABELS = 64 // _STRENGTHS
"""How many labels a word holds; more take another pass."""

Words = NDArray[np.uint64]


def screen(
    order: Order, seeds: Seeds, targets: Longs, *, nodes: int
) -> tuple[Longs, Longs, Strengths]:
    """Tell which labels reach which targets, and how strong.

    Gives the labels, targets and strengths that `sweep` gives, in the same order.

    Parameters
    ----------
    order : Order
        The arcs in order.
    nodes : int
        How many nodes there are.
    """
    ends = np.unique(targets)
    best = [
        _best(_screened(order, seeds, begin, nodes)[ends])
        for begin in range(0, max(1, seeds.label_count), _LABELS)
    ]
    table = np.concatenate(best)
    labels, rows = np.nonzero(table)
    return labels, ends[rows], table[labels, rows]


def _best(words: Words) -> Strengths:
    """Count the strengths in which each label of a word has come; a row for each label."""
    lanes = np.arange(64, dtype=np.uint64).reshape(_STRENGTHS, _LABELS, 1)
    # What arrives with some strength arrives with all weaker ones: their number is the best.
    there: Strengths = ((words >> lanes) & np.uint64(1)).astype(np.uint8)
    best: Strengths = there.sum(axis=0, dtype=np.uint8)
    return best


def _screened(order: Order, seeds: Seeds, begin: int, nodes: int) -> Words:
    """Fill the words of all nodes for the labels from `begin`."""
    words = np.zeros(nodes, dtype=np.uint64)
    chosen = (seeds.labels >= begin) & (seeds.labels < begin + _LABELS)
    lanes = (seeds.labels[chosen] - begin).astype(np.uint64)
    every = sum(1 << (strength * _LABELS) for strength in range(seeds.strength))
    np.bitwise_or.at(words, seeds.nodes[chosen], np.uint64(every) << lanes)
    passing = np.array([(1 << (one * _LABELS)) - 1 for one in range(_STRENGTHS + 1)], np.uint64)
    for stage in order.stages:
        while _fill(stage, words, passing) and stage.is_knot:
            pass
    return words


def _fill(stage: Stage, words: Words, passing: Words) -> bool:
    """Fill the words of a stage from those before; tell whether anything is new."""
    old = words.take(stage.nodes)
    new = old.copy()
    for segment in stage.segments:
        _join(segment, new, words, passing)
    words[stage.nodes] = new
    return stage.is_knot and bool((new != old).any())


def _join(segment: Segment, new: Words, words: Words, passing: Words) -> None:
    coming = words.take(segment.tails)
    if len(segment.weak):
        coming[segment.weak] &= passing[segment.strengths]
    if segment.starts is not None:
        coming = np.bitwise_or.reduceat(coming, segment.starts)
    new[segment.rows] |= coming
