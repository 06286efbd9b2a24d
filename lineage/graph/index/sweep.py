"""Sweep few labels over everything at once, each node after all that leads to it.

Every node has a row with one cell for each label and strength: how many hops are left of the
most there can be, when the label has come there by arcs of that strength at least; 0 where it
has not. So a row is the greatest of the rows before it, less a hop. Paths are walked back from
the targets over cells that differ by a hop.
"""

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.arcs import Arcs, Flags, Longs, Strengths
from lineage.graph.index.carry import Seeds
from lineage.graph.index.order import Order, Segment, Stage
from lineage.graph.index.propagated import Propagated, join_hops
from lineage.graph.index.ways import Ways
from lineage.model.edges import Strength

__all__ = ["sweep"]

_STRENGTHS = len(Strength)
Cells = NDArray[np.unsignedinteger]


def sweep(order: Order, ways: Ways, seeds: Seeds, targets: Longs) -> Propagated:
    """Carry few labels to targets, with one shortest strongest path for each.

    Gives what `propagate` gives, in the same order.

    Parameters
    ----------
    order : Order
        The order of `ways`.
    """
    cells = _swept(order, seeds, ways.hops.nodes, np.dtype(np.uint8))
    if (cells == 1).any():  # there a count has run out, or nearly
        cells = _swept(order, seeds, ways.hops.nodes, np.dtype(np.uint32))
    ends = np.unique(targets)
    reached = cells[ends].reshape(len(ends), _STRENGTHS, seeds.label_count) > 0
    # What arrives with some strength arrives with all weaker ones: their number is the best.
    best = np.count_nonzero(reached, axis=1).T.astype(np.uint8)
    labels, rows = np.nonzero(best)
    back = _WayBack(order, ways, seeds, cells)
    return back.walk(labels, ends[rows], best[labels, rows])


def _swept(order: Order, seeds: Seeds, nodes: int, kind: "np.dtype[np.unsignedinteger]") -> Cells:
    """Fill the cells."""
    many = seeds.label_count
    cells = np.zeros((nodes, _STRENGTHS * many), dtype=kind)
    most = np.iinfo(kind).max
    for strength in range(_STRENGTHS):
        cells[seeds.nodes, strength * many + seeds.labels] = most
    # An arc lets pass what needs no more than its strength.
    weaker = np.arange(_STRENGTHS + 1)[:, None] >= np.arange(1, _STRENGTHS + 1)
    passing = np.where(weaker, most, 0).astype(kind).repeat(many, axis=1)
    for stage in order.stages:
        while _fill(stage, cells, passing) and stage.is_knot:
            pass
    return cells


def _fill(stage: Stage, cells: Cells, passing: Cells) -> bool:
    """Fill the rows of a stage from those before; tell whether anything is new."""
    rows = cells.take(stage.nodes, axis=0)
    for segment in stage.segments:
        coming = _coming(segment, cells, passing)
        rows[segment.rows] = np.maximum(rows[segment.rows], coming, out=coming)
    is_new = stage.is_knot and bool((rows != cells[stage.nodes]).any())
    cells[stage.nodes] = rows
    return is_new


def _coming(segment: Segment, cells: Cells, passing: Cells) -> Cells:
    coming = cells.take(segment.tails, axis=0)
    if segment.is_hop:
        np.maximum(coming, 1, out=coming)
        coming -= 1
    if len(segment.weak):
        coming[segment.weak] &= passing[segment.strengths]
    return coming if segment.starts is None else np.maximum.reduceat(coming, segment.starts)


class _WayBack:
    """Walks back from targets to seeds, all together."""

    def __init__(self, order: Order, ways: Ways, seeds: Seeds, cells: Cells) -> None:
        self.order, self.nodes = order, ways.hops.nodes
        self.many, self.width = seeds.label_count, cells.shape[1]
        self.cells = cells.reshape(-1)
        self.seeds = np.unique(seeds.labels * self.nodes + seeds.nodes)

    def walk(self, labels: Longs, targets: Longs, strengths: Strengths) -> Propagated:
        """Find one path for each label and target."""
        now = targets.copy()
        lanes = (strengths - 1).astype(np.int64) * self.many + labels
        going = np.arange(len(targets))
        steps = []
        while len(going := going[~self._begun(labels[going], now[going])]):
            tails, _ = self._step(self.order.inside, now[going], lanes[going], strengths[going])
            by_hop = going[tails < 0]
            before, places = self._step(
                self.order.hops, now[by_hop], lanes[by_hop], strengths[by_hop], hops=1
            )
            steps.append((by_hop, before, self.order.places.take(places).astype(np.int64)))
            tails[tails < 0] = before
            now[going] = tails
        return Propagated(labels, targets, strengths, now, *join_hops(steps[::-1], len(targets)))

    def _begun(self, labels: Longs, nodes: Longs) -> Flags:
        keys = labels * self.nodes + nodes
        places = np.searchsorted(self.seeds, keys)
        begun: Flags = np.append(self.seeds, -1)[places] == keys
        return begun

    def _step(
        self, arcs: Arcs, nodes: Longs, lanes: Longs, strengths: Strengths, *, hops: int = 0
    ) -> tuple[Longs, Longs]:
        """Find for each node one that is so many hops before, and by which arc; else -1."""
        counts, places = arcs.leaving(nodes)
        which = np.arange(len(nodes)).repeat(counts)
        tails, proven = arcs.both_at(places)
        before = self.cells.take(tails * self.width + lanes.repeat(counts))
        here = self.cells.take(nodes * self.width + lanes) + self.cells.dtype.type(hops)
        fits = before == here.repeat(counts)
        fits &= proven >= strengths.repeat(counts)
        found, by = np.full(len(nodes), -1), np.full(len(nodes), -1)
        found[which[fits]], by[which[fits]] = tails[fits], places[fits]
        return found, by
