"""Sweep few labels over everything at once, each row after all that leads to it.

Every row of an order has one cell for each label and strength: after how many hops at least
the label comes there by arcs of that strength at least. So a row is the least of the rows
before it, and a hop more. Paths are walked back from the targets over cells that differ by a
hop.
"""

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.arcs import Flags, Longs, Strengths
from lineage.graph.index.carry import Seeds
from lineage.graph.index.order import Order, fill
from lineage.graph.index.propagated import Part, Propagated, join_hops, join_parts
from lineage.graph.index.segments import Segment
from lineage.model.edges import Strength

__all__ = ["sweep"]

_STRENGTHS, _LABELS = len(Strength), 8
_WIDTH = _STRENGTHS * _LABELS
"""The cells of a row: as many bytes as a processor moves at once. More labels, more passes."""

_AT_ONCE = 4
"""So many arcs of a row are tried first; then twice as many, and so on."""

Cells = NDArray[np.unsignedinteger]
_Kind = np.dtype[np.unsignedinteger]

_KINDS: tuple[_Kind, ...] = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.uint32))
"""What cells are made of: the next where a count of hops has run out."""


def sweep(order: Order, seeds: Seeds, targets: Longs) -> Propagated:
    """Carry few labels to targets, with one shortest strongest path for each.

    Gives what `propagate` gives, in the same order.

    Parameters
    ----------
    order : Order
        The ways in order.
    """
    rows = order.rows[np.unique(targets)].astype(np.int64)
    begins = range(0, max(1, seeds.label_count), _LABELS)
    return join_parts([_swept(order, seeds, begin, rows) for begin in begins])


def _swept(order: Order, seeds: Seeds, begin: int, ends: Longs) -> Part:
    """Sweep the labels from `begin` to some rows."""
    rows, labels = order.rows[seeds.nodes].astype(np.int64), seeds.labels - begin
    chosen = ((labels >= 0) & (labels < _LABELS) & (rows >= 0)).nonzero()[0]
    begun = Seeds(labels[chosen], rows[chosen], seeds.strength)
    cells = _filled_enough(order, begun)
    reached = cells[ends].reshape(len(ends), _STRENGTHS, _LABELS) < _far(cells.dtype)
    # What arrives with some strength arrives with all weaker ones: their number is the best.
    best = np.count_nonzero(reached, axis=1).T.astype(np.uint8)
    found, which = np.nonzero(best)
    part = _WayBack(order, begun, cells).walk(found, ends[which], best[found, which])
    return part._replace(labels=found + begin)


def _far(kind: _Kind) -> int:
    """Give what stands for out of reach: half of what a cell holds, so a hop more is as far."""
    return (np.iinfo(kind).max >> 1) + 1


def _filled_enough(order: Order, seeds: Seeds) -> Cells:
    """Fill the cells so that no count of hops has run out."""
    *kinds, widest = _KINDS
    for kind in kinds:
        cells = _filled(order, seeds, kind)
        if not (cells == _far(kind) - 1).any():
            return cells
    return _filled(order, seeds, widest)


def _filled(order: Order, seeds: Seeds, kind: _Kind) -> Cells:
    """Fill the cells from seeds in rows."""
    cells = np.full((len(order.nodes), _WIDTH), _far(kind), dtype=kind)
    for strength in range(seeds.strength):
        cells[seeds.nodes, strength * _LABELS + seeds.labels] = 0
    fill(order, cells, _Joining(order, cells))
    return cells


class _Joining:
    """Takes the least of what comes by arcs and of what is there."""

    def __init__(self, order: Order, cells: Cells) -> None:
        self.cells = cells
        # Room that is used again and again, since new room costs more than what is done in it.
        self.room = np.empty((2, order.widest, _WIDTH), dtype=cells.dtype)
        # An arc stops what needs more than its strength.
        needed = np.arange(1, _STRENGTHS + 1).repeat(_LABELS)
        stops = needed > np.arange(_STRENGTHS + 1)[:, None]
        self.stopping = np.where(stops, _far(cells.dtype), 0).astype(cells.dtype)

    def __call__(self, segment: Segment) -> None:
        coming, stopped = self.room[:, : len(segment.tails)]
        # No place is out of range; to check that, numpy would make room of its own.
        self.cells.take(segment.tails, axis=0, out=coming, mode="clip")
        if segment.is_hop:
            coming += 1
        if segment.strengths is not None:
            coming |= self.stopping.take(segment.strengths, axis=0, out=stopped, mode="clip")
        if segment.starts is not None:
            coming = np.minimum.reduceat(coming, segment.starts)
        self.cells[segment.rows] = np.minimum(self.cells[segment.rows], coming, out=coming)


class _WayBack:
    """Walks back from targets to seeds, all together."""

    def __init__(self, order: Order, seeds: Seeds, cells: Cells) -> None:
        self.order, self.cells = order, cells.reshape(-1)
        self.seeds = np.append(np.unique(seeds.labels * len(order.nodes) + seeds.nodes), -1)

    def walk(self, labels: Longs, targets: Longs, strengths: Strengths) -> Part:
        """Find one path for each label and target row."""
        order, rows = self.order, targets.copy()
        lanes = (strengths - 1).astype(np.int64) * _LABELS + labels
        going = np.arange(len(targets))
        steps = []
        while len(going := going[~self._begun(labels[going], rows[going], lanes[going])]):
            by = self._arcs(rows[going], lanes[going], strengths[going])
            rows[going] = order.back.ends_at(by)
            by_hop = (order.places.take(by) >= 0).nonzero()[0]
            hopped, places = going[by_hop], order.places.take(by[by_hop]).astype(np.int64)
            steps.append((hopped, order.nodes[rows[hopped]], places))
        counts, tails, at = join_hops(steps[::-1], len(targets))
        nodes = order.nodes
        return Part(labels, nodes[targets], strengths, nodes[rows], counts, tails, at)

    def _begun(self, labels: Longs, rows: Longs, lanes: Longs) -> Flags:
        """Tell where a label has its seed."""
        begun: Flags = self.cells.take(rows * _WIDTH + lanes) == 0
        near = begun.nonzero()[0]  # or nothing but free arcs away
        keys = labels[near] * len(self.order.nodes) + rows[near]
        begun[near] = self.seeds[np.searchsorted(self.seeds[:-1], keys)] == keys
        return begun

    def _arcs(self, rows: Longs, lanes: Longs, strengths: Strengths) -> Longs:
        """Find for each row an arc by which what is in one of its lanes came there."""
        back = self.order.back
        found = np.empty(len(rows), dtype=np.int64)
        first, last = back.begin.take(rows).astype(np.int64), back.stop.take(rows) - 1
        here = self.cells.take(rows * _WIDTH + lanes)
        left, many = np.arange(len(rows)), _AT_ONCE
        while len(left):
            # A row for each turn: long rows are what numpy is fast on.
            arcs = np.minimum(first + np.arange(many)[:, None], last)
            ends, proven = back.both_at(arcs)
            before = self.cells.take(ends * _WIDTH + lanes)
            before += self.order.places.take(arcs) >= 0
            fits = (before == here) & (proven >= strengths)
            turn, which = fits.argmax(axis=0), np.arange(len(left))
            fit = fits[turn, which]
            found[left] = arcs[turn, which]
            left, first, last, many = left[~fit], first[~fit] + many, last[~fit], many * 2
            lanes, strengths, here = lanes[~fit], strengths[~fit], here[~fit]
        return found
