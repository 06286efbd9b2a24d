"""Levels: which nodes come before which, so that arcs lead from lower levels to higher ones.

What no cycle leads to is peeled off from the beginning, what leads to no cycle from the end. In
between lies the knot: what is on cycles, or between them. Its levels tell how far each node is
from where one gets in. Most arcs lead upwards there too, however long the cycles are; some lead
back.
"""

import numpy as np

from lineage.graph.index.arcs import Flags, Longs
from lineage.graph.index.ways import Ways

__all__ = ["find_levels"]


def find_levels(ways: Ways, back: Ways, wanted: Flags) -> tuple[Longs, range]:
    """Find the level of each node that is wanted.

    Parameters
    ----------
    ways, back : Ways
        The arcs with and against the direction of the data.
    wanted : array of bool
        The nodes that matter, with all that leads to one of them.

    Returns
    -------
    levels : array of int64
        One for each node; -1 where it is not wanted.
    knot : range
        The levels of what lies on cycles and between them.
    """
    level = np.where(wanted, -1, -2)
    first = _peel(level, ways)
    rest = np.where(level == -1, -1, -2)
    depth = _peel(rest, back)
    after = rest >= 0
    tangled = np.where(rest == -1, -1, -2)
    knot = range(first, first + _untangle(tangled, _led_in(level, ways, back, tangled), ways))
    inside = tangled >= 0
    level[inside] = knot.start + tangled[inside]
    level[after] = knot.stop + depth - 1 - rest[after]
    return np.maximum(level, -1), knot


def _peel(level: Longs, onward: Ways) -> int:
    """Take off what nothing leads to, again and again; tell how many rounds it took.

    Each node taken off gets the number of its round in `level`. Only nodes at -1 are taken.
    """
    ready = (level == -1).nonzero()[0]
    missing = np.bincount(_led_to(onward, ready), minlength=len(level))
    ready = ready[missing[ready] == 0]
    rounds = 0
    while len(ready):
        level[ready] = rounds
        rounds += 1
        heads = _led_to(onward, ready)
        np.subtract.at(missing, heads, 1)
        ready = np.sort(heads[(missing[heads] == 0) & (level[heads] == -1)])
        ready = ready[np.diff(ready, prepend=-1) > 0]
    return rounds


def _led_in(level: Longs, ways: Ways, back: Ways, tangled: Longs) -> Longs:
    """Find what arcs lead to from outside of the knot; more than what lies in it."""
    before = np.unique(_led_to(back, (tangled == -1).nonzero()[0]))
    return _led_to(ways, before[level[before] >= 0])


def _untangle(level: Longs, near: Longs, ways: Ways) -> int:
    """Tell how many arcs each node of the knot lies behind where one gets in; count the levels.

    Each node gets that number in `level`; only nodes at -1 do. Where nothing leads in, one node of
    each cycle is where it begins.
    """
    levels = _spread(level, near, ways)
    return max(levels, _spread(level, _beginnings(level, ways), ways))


def _spread(level: Longs, near: Longs, ways: Ways) -> int:
    """Go on from some nodes, round by round, to those at -1; tell how many rounds it took."""
    rounds = 0
    while len(near := np.unique(near[level[near] == -1])):
        level[near] = rounds
        rounds += 1
        near = _led_to(ways, near)
    return rounds


def _beginnings(level: Longs, ways: Ways) -> Longs:
    """Choose of the nodes at -1 those whose number is less than of all that lead to them."""
    nodes: Longs = (level == -1).nonzero()[0]
    if not len(nodes):
        return nodes
    counts = [arcs.counts[nodes] for arcs in (ways.hops, ways.inside)]
    tails, heads = np.concatenate([nodes.repeat(many) for many in counts]), _led_to(ways, nodes)
    least, known = np.arange(len(level)), np.empty(0, dtype=np.int64)
    while not np.array_equal(known, least[nodes]):
        known = least[nodes]
        np.minimum.at(least, heads, least[tails])
        least = least[least]  # what leads to the least there is leads on: twice as far each time
    chosen: Longs = nodes[known == nodes]
    return chosen


def _led_to(ways: Ways, nodes: Longs) -> Longs:
    """List what arcs from some nodes lead to, once for each arc."""
    ends = [arcs.ends_at(arcs.leaving(nodes)[1]) for arcs in (ways.hops, ways.inside)]
    return np.concatenate(ends)
