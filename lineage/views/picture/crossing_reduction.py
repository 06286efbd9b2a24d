"""Order: which slot of a layer stands above which, so that few arrows cross.

Sweeps from left to right and back set each slot at the barycentre of its neighbours, then
exchange neighbours where that helps; the best order seen is kept. What is not connected
never interleaves.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from lineage.views.picture.edge_routing import Fabric, Link, Stop

__all__ = ["count_crossings", "order_layers"]

_SWEEPS = 24
_PATIENCE = 6
"""Sweeps without any gain before giving up."""

_EXCHANGES = 4
_EXCHANGED_LINKS = 20_000
"""Above this many links neighbours are not exchanged: a hub would be compared too often."""

Layers = list[list[int]]


def order_layers(fabric: Fabric) -> Layers:
    """Order the slots of every layer from the top, with few crossings.

    Returns
    -------
    list of list of int
        Indices of slots, layer by layer.

    Examples
    --------
    >>> from lineage.views.picture.edge_routing import Slot, Wire, weave
    >>> boxes = [Slot(0, 9.0), Slot(0, 9.0), Slot(1, 9.0), Slot(1, 9.0)]
    >>> order_layers(weave(boxes, [Wire(0, 3, 4, 4), Wire(1, 2, 4, 4)]))
    [[0, 1], [3, 2]]
    """
    walk = _Walk(fabric)
    best = layers = walk.layers()
    fewest, idle = count_crossings(fabric, best), 0
    for sweep in range(_SWEEPS):
        if not fewest or idle == _PATIENCE:
            break
        layers = _sweep(fabric, walk.component, layers, rightwards=sweep % 2 == 0)
        if sum(map(len, fabric.links)) <= _EXCHANGED_LINKS:
            layers = _exchange(fabric, walk.component, layers)
        crossings = count_crossings(fabric, layers)
        idle = 0 if crossings < fewest else idle + 1
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def count_crossings(fabric: Fabric, layers: Layers) -> int:
    """Count how often links cross when the layers are ordered like this.

    Links are taken as straight lines that end where the arrows do, row by row, so that the
    order of the rows in a box counts as well.
    """
    ports = _Ports(fabric, layers)
    return sum(_inversions(ports.ends(between)) for between in fabric.links)


class _Walk:
    """A depth-first walk over all links: what hangs together comes close together."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self._near: list[list[int]] = [[] for _ in fabric.slots]
        for link in (link for between in fabric.links for link in between):
            self._near[link.left.slot].append(link.right.slot)
            self._near[link.right.slot].append(link.left.slot)
        self.component = [-1] * len(fabric.slots)
        self._visited: list[int] = []
        for slot in range(len(fabric.slots)):
            if self.component[slot] < 0:
                self._visit(slot)
        self._rank_components()

    def _visit(self, start: int) -> None:
        stack = [start]
        while stack:
            slot = stack.pop()
            if self.component[slot] < 0:
                self.component[slot] = start
                self._visited.append(slot)
                stack.extend(reversed(self._near[slot]))

    def _rank_components(self) -> None:
        sizes = Counter(self.component)
        ranked = sorted(sizes, key=lambda first: (-sizes[first], first))
        rank = {first: position for position, first in enumerate(ranked)}
        self.component = [rank[first] for first in self.component]

    def layers(self) -> Layers:
        slots = self._fabric.slots
        layers: Layers = [[] for _ in range(len(self._fabric.links) + 1)]
        for slot in sorted(self._visited, key=self.component.__getitem__):
            layers[slots[slot].layer].append(slot)
        return layers


class _Ports:
    """Where links end, counted in slots from the top of the layer."""

    def __init__(self, fabric: Fabric, layers: Layers) -> None:
        self._slots = fabric.slots
        self.rank = [0] * len(fabric.slots)
        for layer in layers:
            self.renumber(layer)

    def renumber(self, layer: list[int]) -> None:
        for position, slot in enumerate(layer):
            self.rank[slot] = position

    def of(self, stop: Stop) -> float:
        return self.rank[stop.slot] + stop.offset / self._slots[stop.slot].height

    def ends(self, links: Iterable[Link]) -> list[tuple[float, float]]:
        return [(self.of(left), self.of(right)) for left, right in links]


def _inversions(ends: list[tuple[float, float]]) -> int:
    """Count pairs in opposite order left and right; those with an end in common never cross."""
    ranks = {end: rank for rank, end in enumerate(sorted({right for _, right in ends}), start=1)}
    fenwick, crossings = [0] * (len(ranks) + 1), 0
    # Links with one left end come with growing right ends, so none of them counts another.
    for seen, (_, right) in enumerate(sorted(ends)):
        at = ranks[right]
        crossings += seen - _sum_to(fenwick, at)
        while at < len(fenwick):
            fenwick[at] += 1
            at += at & -at
    return crossings


def _sum_to(fenwick: list[int], at: int) -> int:
    total = 0
    while at:
        total += fenwick[at]
        at &= at - 1
    return total


def _sweep(fabric: Fabric, component: list[int], layers: Layers, *, rightwards: bool) -> Layers:
    ordered = [list(layer) for layer in layers]
    ports = _Ports(fabric, ordered)
    gaps = range(len(fabric.links))
    for gap in gaps if rightwards else reversed(gaps):
        fixed, moving = (gap, gap + 1) if rightwards else (gap + 1, gap)
        pulls: dict[int, list[float]] = {slot: [] for slot in ordered[moving]}
        for left, right in fabric.links[gap]:
            here, there = (right, left) if rightwards else (left, right)
            pulls[here.slot].append(ports.of(there) / len(ordered[fixed]))
        goals = {
            slot: (component[slot], fmean(pull) if pull else (rank + 0.5) / len(pulls))
            for rank, (slot, pull) in enumerate(pulls.items())
        }
        ordered[moving].sort(key=goals.__getitem__)
        ports.renumber(ordered[moving])
    return ordered


def _exchange(fabric: Fabric, component: list[int], layers: Layers) -> Layers:
    ordered = [list(layer) for layer in layers]
    ports = _Ports(fabric, ordered)
    for _ in range(_EXCHANGES):
        gains = [
            _exchange_in(ordered[layer], component, _ends_by_slot(fabric, layer, ports), ports)
            for layer in range(len(ordered))
        ]
        if not any(gains):
            break
    return ordered


Ends = dict[int, list[list[float]]]
"""For each slot of a layer, where its links end on the left and on the right, sorted."""


def _ends_by_slot(fabric: Fabric, layer: int, ports: _Ports) -> Ends:
    ends: Ends = {}
    if layer:
        for left, right in fabric.links[layer - 1]:
            ends.setdefault(right.slot, [[], []])[0].append(ports.of(left))
    if layer < len(fabric.links):
        for left, right in fabric.links[layer]:
            ends.setdefault(left.slot, [[], []])[1].append(ports.of(right))
    for sides in ends.values():
        for side in sides:
            side.sort()
    return ends


def _exchange_in(layer: list[int], component: list[int], ends: Ends, ports: _Ports) -> int:
    gain = 0
    for position in range(len(layer) - 1):
        above, below = layer[position], layer[position + 1]
        if component[above] != component[below] or not {above, below} <= ends.keys():
            continue
        saved = sum(
            _crossed(upper, lower) - _crossed(lower, upper)
            for upper, lower in zip(ends[above], ends[below], strict=True)
        )
        if saved > 0:
            layer[position : position + 2] = below, above
            gain += saved
    ports.renumber(layer)
    return gain


def _crossed(above: Sequence[float], below: Sequence[float]) -> int:
    """Count pairs of ends in which that of the upper slot lies lower."""
    return sum(bisect_left(below, end) for end in above)
