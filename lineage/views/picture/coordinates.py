"""Heights: how far down each slot stands, so that arrows run straight and nothing overlaps.

Each slot is drawn to where its links would be level. The order within a layer is given, so
the nearest places that keep it and leave room between slots are an isotonic regression,
solved layer by layer by pooling adjacent violators, sweep after sweep.
"""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from math import inf
from statistics import fmean
from typing import NamedTuple

from lineage.views.picture.edge_routing import Fabric, Link, Slot

__all__ = ["place_slots"]

_SWEEPS = 60
_STILL = 0.05
"""A sweep that moves nothing further than this is the last one."""

_BOX_GAP, _BEND_GAP = 24.0, 9.0

# Bends are straightened before boxes are aligned: a long arrow should look like one line.
_WEIGHTS = (1.0, 2.0, 16.0)
_INERTIA = 0.05
"""How much a slot without any pull holds on to where it is."""


class _Pull(NamedTuple):
    """A link seen from one end: where the other end is, and how far below this would be."""

    other: int
    shift: float
    weight: float


def place_slots(fabric: Fabric, layers: list[list[int]]) -> list[float]:
    """Give each slot its top, the topmost at zero.

    Parameters
    ----------
    layers : list of list of int
        The slots of each layer, in order from the top.

    Returns
    -------
    list of float
        By index of the slot.

    Examples
    --------
    >>> from lineage.views.picture.edge_routing import Slot, Wire, weave
    >>> boxes = [Slot(0, 20.0), Slot(0, 20.0), Slot(1, 20.0)]
    >>> fabric = weave(boxes, [Wire(0, 2, 10, 10), Wire(1, 2, 10, 10)])
    >>> [round(top) for top in place_slots(fabric, [[0, 1], [2]])]
    [0, 44, 22]
    """
    if not fabric.slots:
        return []
    leftward, rightward = _pulls(fabric)
    both = [[*left, *right] for left, right in zip(leftward, rightward, strict=True)]
    depths = [_depths(fabric.slots, layer) for layer in layers]
    tops = [0.0] * len(fabric.slots)
    for layer, depth in zip(layers, depths, strict=True):
        for slot, top in zip(layer, depth, strict=True):
            tops[slot] = top
    for pulls in _schedule(leftward, rightward, both):
        moved = 0.0
        order = range(len(layers)) if pulls is not rightward else reversed(range(len(layers)))
        for number in order:
            moved = max(moved, _settle(layers[number], depths[number], pulls, tops))
        if moved < _STILL and pulls is both:
            break
    _straighten(fabric, layers, tops)
    highest = min(tops)
    return [top - highest for top in tops]


def _schedule(
    leftward: list[list[_Pull]], rightward: list[list[_Pull]], both: list[list[_Pull]]
) -> Iterator[list[list[_Pull]]]:
    for _ in range(2):
        yield leftward
        yield rightward
    for _ in range(_SWEEPS):
        yield both


def _pulls(fabric: Fabric) -> tuple[list[list[_Pull]], list[list[_Pull]]]:
    leftward: list[list[_Pull]] = [[] for _ in fabric.slots]
    rightward: list[list[_Pull]] = [[] for _ in fabric.slots]
    for link in (link for between in fabric.links for link in between):
        (left, left_offset), (right, right_offset) = link
        weight = _WEIGHTS[_bends(fabric.slots, link)]
        leftward[right].append(_Pull(left, left_offset - right_offset, weight))
        rightward[left].append(_Pull(right, right_offset - left_offset, weight))
    return leftward, rightward


def _bends(slots: tuple[Slot, ...], link: Link) -> int:
    return slots[link.left.slot].is_bend + slots[link.right.slot].is_bend


def _depths(slots: tuple[Slot, ...], layer: list[int]) -> list[float]:
    """How far below the layer's first slot each stands when they are packed together."""
    steps = (_step(slots, upper, lower) for upper, lower in pairwise(layer))
    return list(accumulate(steps, initial=0.0)) if layer else []


def _step(slots: tuple[Slot, ...], upper: int, lower: int) -> float:
    """How far a slot's top must be below that of the one above it, at least."""
    both_bend = slots[upper].is_bend and slots[lower].is_bend
    return slots[upper].height + (_BEND_GAP if both_bend else _BOX_GAP)


def _settle(
    layer: list[int], depths: list[float], pulls: list[list[_Pull]], tops: list[float]
) -> float:
    goals = []
    for slot, depth in zip(layer, depths, strict=True):
        weight, total = _INERTIA, _INERTIA * tops[slot]
        for other, shift, strength in pulls[slot]:
            weight += strength
            total += strength * (tops[other] + shift)
        goals.append((total / weight - depth, weight))
    moved = 0.0
    for slot, depth, level in zip(layer, depths, _isotonic(goals), strict=True):
        moved = max(moved, abs(level + depth - tops[slot]))
        tops[slot] = level + depth
    return moved


def _straighten(fabric: Fabric, layers: list[list[int]], tops: list[float]) -> None:
    """Level all bends of an arrow, where the slots around them leave room for that."""
    slots = fabric.slots
    above = {lower: upper for layer in layers for upper, lower in pairwise(layer)}
    below = {upper: lower for lower, upper in above.items()}
    chains = {tuple(stop.slot for stop in t if slots[stop.slot].is_bend) for t in fabric.threads}
    for chain in sorted(chains - {()}, key=lambda chain: (-len(chain), chain)):
        highest, lowest = -inf, inf
        for slot in chain:
            if slot in above:
                highest = max(highest, tops[above[slot]] + _step(slots, above[slot], slot))
            if slot in below:
                lowest = min(lowest, tops[below[slot]] - _step(slots, slot, below[slot]))
        if highest <= lowest:
            level = min(max(fmean(tops[slot] for slot in chain), highest), lowest)
            for slot in chain:
                tops[slot] = level


def _isotonic(goals: list[tuple[float, float]]) -> list[float]:
    """Find the values nearest to weighted goals of which none is below the one before."""
    blocks: list[tuple[float, float, int]] = []
    for goal, weight in goals:
        value, mass, count = goal, weight, 1
        while blocks and blocks[-1][0] > value:
            above, more, others = blocks.pop()
            value = (value * mass + above * more) / (mass + more)
            mass, count = mass + more, count + others
        blocks.append((value, mass, count))
    return [value for value, _, count in blocks for _ in range(count)]
