"""What can be reached, and after how many hops at least: one walk that asks for no strength.

Rounds of many nodes go through arrays; where few nodes are left, as on a long chain, plain
numbers are faster. Both mark what they have passed in the same place.
"""

from typing import NamedTuple

import numpy as np

from lineage.graph.index.arcs import Arcs, Longs, count_to
from lineage.graph.index.ways import Ways

__all__ = ["Marks", "Reach", "reach"]

_FEW = 16
"""Up to so many nodes a round goes faster node by node, as measured on chains and catalogs."""

_NO_NODES = np.empty(0, dtype=np.int64)


class Reach(NamedTuple):
    """What was reached, nearest first.

    Attributes
    ----------
    nodes : array of int64
        Each node once, the starts among them.
    rounds : tuple of int
        How many of them are reached within 0, 1, 2, … hops.
    """

    nodes: Longs
    rounds: tuple[int, ...]

    def hops(self) -> Longs:
        """Count the hops to each node."""
        return np.searchsorted(np.array(self.rounds), np.arange(len(self.nodes)), side="right")


class Marks:
    """Which nodes a walk has passed; wiped after it, and used again and again."""

    def __init__(self, nodes: int) -> None:
        # A byte each is itself the mask that chooses, and an eighth of what numbers would take.
        self._is_new = np.ones(nodes, dtype=np.bool_)
        self._plain = self._is_new.data
        self._places = np.empty(nodes, dtype=np.int64)

    def mark(self, nodes: Longs) -> Longs:
        """Mark nodes; give those that were not marked, each once."""
        new = nodes.compress(self._is_new.take(nodes))
        own = count_to(len(new))
        self._places[new] = own
        new = new.compress(self._places.take(new) == own)
        self._is_new[new] = False
        return new

    def mark_each(self, nodes: list[int]) -> Longs:
        """Mark a few nodes as `mark` does, one after the other."""
        is_new, new = self._plain, []
        for node in nodes:
            if is_new[node]:
                is_new[node] = False
                new.append(node)
        return np.array(new, dtype=np.int64) if new else _NO_NODES

    def wipe(self, nodes: Longs) -> None:
        """Forget all nodes that have been marked."""
        self._is_new[nodes] = True


def reach(ways: Ways, starts: Longs, *, marks: Marks, depth: int | None = None) -> Reach:
    """Walk from some nodes together as far as the arcs lead.

    Parameters
    ----------
    ways : Ways
        The arcs to follow.
    starts : array of int64
        Where to begin.
    marks : Marks
        Of as many nodes as there are, and wiped.
    depth : int, optional
        Go no further than so many hops.

    Returns
    -------
    Reach
    """
    near = marks.mark(starts)
    found: list[Longs] = []
    rounds: list[int] = []
    total = 0
    while len(near):
        near = _settle(ways, near, marks)
        found.append(near)
        total += len(near)
        rounds.append(total)
        if len(rounds) - 1 == depth:
            break
        near = _step(ways.hops, near, marks)
    nodes = np.concatenate(found) if found else _NO_NODES
    marks.wipe(nodes)
    return Reach(nodes, tuple(rounds))


def _settle(ways: Ways, near: Longs, marks: Marks) -> Longs:
    """Go in and out of entities from some nodes; give these and what that leads to."""
    settled = []
    while len(near):
        settled.append(near)
        # Most of many nodes lead nowhere inside, and one look at a byte tells which.
        going = near if len(near) <= _FEW else ways.going_inside(near)
        near = _step(ways.inside, going, marks)
    return settled[0] if len(settled) == 1 else np.concatenate(settled)


def _step(arcs: Arcs, nodes: Longs, marks: Marks) -> Longs:
    """Follow the arcs from some nodes to what is not marked."""
    if len(nodes) <= _FEW:
        return marks.mark_each(arcs.ends_from(*nodes.tolist()))
    _, places = arcs.leaving(nodes)
    return marks.mark(arcs.ends_at(places)) if len(places) else places
