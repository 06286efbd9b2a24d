"""Threads: every arrow cut into hops between neighbouring layers.

An arrow that spans several layers gets a *bend* in each layer between, a slot of its own that
keeps the boxes away from it. An arrow that flows backward leaves its box at the right, turns
into a lane below it, and comes out of a lane below the box it ends in, to turn into that at
the left; the lanes count as part of the box's height, so nothing else is set there. Arrows
between the same two boxes share their bends, side by side.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

__all__ = ["LANE", "Fabric", "Link", "Slot", "Stop", "Thread", "Wire", "weave"]

LANE = 7.0
"""How far apart arrows run that share a bend."""

_CLEARANCE = 6.0
"""Between a box and the first lane below it."""


class Slot(NamedTuple):
    """What takes up room in a layer: a box with the lanes below it, or a bend."""

    layer: int
    height: float
    is_bend: bool = False


class Wire(NamedTuple):
    """An arrow between two slots, by index, with how far below their tops it is fixed."""

    upstream: int
    downstream: int
    upstream_offset: float
    downstream_offset: float
    is_backward: bool = False


class Stop(NamedTuple):
    """A place an arrow passes: a slot, and how far below its top."""

    slot: int
    offset: float


class Link(NamedTuple):
    """A hop between neighbouring layers, whichever way the data flows along it."""

    left: Stop
    right: Stop


Thread = tuple[Stop, ...]
"""All stops of an arrow, along the flow of the data."""


@dataclass(frozen=True, slots=True)
class Fabric:
    """Slots in layers, with all links between each two neighbouring layers.

    Attributes
    ----------
    slots : tuple of Slot
        First the boxes in the order they were given, then the bends.
    threads : tuple of tuple of Stop
        One per wire.
    links : tuple of tuple of Link
        At position n, those between layers n and n + 1.
    """

    slots: tuple[Slot, ...]
    threads: tuple[Thread, ...]
    links: tuple[tuple[Link, ...], ...]


def weave(boxes: Sequence[Slot], wires: Sequence[Wire]) -> Fabric:
    """Cut wires into hops, and make the slots they need on the way.

    Parameters
    ----------
    boxes : sequence of Slot
        The boxes, without lanes.
    wires : sequence of Wire
        In the order in which those between the same two boxes are to run, from the top.

    Examples
    --------
    >>> boxes = [Slot(0, 30.0), Slot(1, 30.0), Slot(2, 30.0)]
    >>> fabric = weave(boxes, [Wire(0, 1, 15, 15), Wire(0, 2, 15, 15)])
    >>> fabric.slots[3:], [len(links) for links in fabric.links]
    ((Slot(layer=1, height=7.0, is_bend=True),), [2, 1])
    """
    slots = list(boxes)
    threads: dict[int, Thread] = {}
    bundles = defaultdict[tuple[int, int], list[int]](list)
    for number, wire in enumerate(wires):
        bundles[wire.upstream, wire.downstream].append(number)
    for _, bundle in sorted(bundles.items()):
        weave_one = _weave_backward if wires[bundle[0]].is_backward else _weave_forward
        threads.update(
            zip(bundle, weave_one(slots, [wires[number] for number in bundle]), strict=True)
        )
    ordered = tuple(threads[number] for number in range(len(wires)))
    return Fabric(tuple(slots), ordered, _links(slots, ordered))


def _weave_forward(slots: list[Slot], bundle: list[Wire]) -> list[Thread]:
    start, end, _, _, _ = bundle[0]
    bends = _add_bends(slots, slots[start].layer + 1, slots[end].layer, len(bundle))
    return [
        (
            Stop(start, wire.upstream_offset),
            *(Stop(bend, (lane + 0.5) * LANE) for bend in bends),
            Stop(end, wire.downstream_offset),
        )
        for lane, wire in enumerate(bundle)
    ]


def _weave_backward(slots: list[Slot], bundle: list[Wire]) -> list[Thread]:
    start, end, _, _, _ = bundle[0]
    leaving = _add_lanes(slots, start, len(bundle))
    bends = _add_bends(slots, slots[end].layer + 1, slots[start].layer, len(bundle))[::-1]
    arriving = leaving if start == end else _add_lanes(slots, end, len(bundle))
    return [
        (
            Stop(start, wire.upstream_offset),
            Stop(start, leaving + lane * LANE),
            *(Stop(bend, (lane + 0.5) * LANE) for bend in bends),
            *((Stop(end, arriving + lane * LANE),) if start != end else ()),
            Stop(end, wire.downstream_offset),
        )
        # The topmost takes the lowest lane: each then turns around the one below it.
        for lane, wire in zip(reversed(range(len(bundle))), bundle, strict=True)
    ]


def _add_bends(slots: list[Slot], first: int, end: int, lanes: int) -> range:
    before = len(slots)
    slots.extend(Slot(layer, lanes * LANE, is_bend=True) for layer in range(first, end))
    return range(before, len(slots))


def _add_lanes(slots: list[Slot], box: int, lanes: int) -> float:
    height = slots[box].height
    slots[box] = slots[box]._replace(height=height + _CLEARANCE + lanes * LANE)
    return height + _CLEARANCE + LANE / 2


def _links(slots: list[Slot], threads: tuple[Thread, ...]) -> tuple[tuple[Link, ...], ...]:
    layers = 1 + max((slot.layer for slot in slots), default=0)
    links: list[list[Link]] = [[] for _ in range(layers - 1)]
    for thread in threads:
        for here, there in pairwise(thread):
            step = slots[there.slot].layer - slots[here.slot].layer
            if step:
                left, right = (here, there) if step > 0 else (there, here)
                links[slots[left.slot].layer].append(Link(left, right))
    return tuple(tuple(sorted(between)) for between in links)
