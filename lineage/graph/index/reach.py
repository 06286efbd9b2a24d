"""What can be reached, and after how many hops at least: one walk that asks for no strength.

Rounds of many nodes go through arrays; where few nodes are left, as on a long chain, plain
numbers are faster. Both mark what they have passed in the same place.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lineage.graph.index.arcs import Arcs, Longs
from lineage.graph.index.ways import Ways

__all__ = ["Marks", "Reach", "reach"]

_FEW = 24
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
    """A number for each node, by which a walk knows what it has passed; used again and again.

    Numbers only grow, so nothing has to be wiped between two walks.
    """

    def __init__(self, nodes: int) -> None:
        self._marks = np.full(nodes, -1, dtype=np.int64)
        self._plain = self._marks.data
        self._begin = self._next = 0

    def begin(self) -> None:
        """Take nothing to be passed."""
        self._begin = self._next

    def mark(self, nodes: Longs) -> Longs:
        """Mark nodes; give those that were not marked, each once."""
        new = nodes.compress(self._marks.take(nodes) < self._begin)
        own = np.arange(self._next, self._next + len(new))
        self._marks[new] = own
        self._next += len(new)
        return new.compress(self._marks.take(new) == own)

    def mark_each(self, nodes: list[int]) -> Iterator[int]:
        """Mark nodes as `mark` does, one after the other."""
        for node in nodes:
            if self._plain[node] < self._begin:
                self._plain[node] = self._next
                yield node
        self._next += 1


def reach(ways: Ways, starts: Longs, *, marks: Marks, depth: int | None = None) -> Reach:
    """Walk from some nodes together as far as the arcs lead.

    Parameters
    ----------
    ways : Ways
        The arcs to follow.
    starts : array of int64
        Where to begin.
    marks : Marks
        Of as many nodes as there are.
    depth : int, optional
        Go no further than so many hops.

    Returns
    -------
    Reach
    """
    marks.begin()
    near = marks.mark(starts)
    found: list[Longs] = []
    rounds: list[int] = []
    total = 0
    while len(near):
        settled = [near]
        while len(near := _step(ways.inside, near, marks)):
            settled.append(near)
        near = settled[0] if len(settled) == 1 else np.concatenate(settled)
        found.append(near)
        total += len(near)
        rounds.append(total)
        if len(rounds) - 1 == depth:
            break
        near = _step(ways.hops, near, marks)
    return Reach(np.concatenate(found) if found else _NO_NODES, tuple(rounds))


def _step(arcs: Arcs, nodes: Longs, marks: Marks) -> Longs:
    """Follow the arcs from some nodes to what is not marked."""
    if len(nodes) > _FEW:
        return marks.mark(arcs.ends.take(arcs.leaving(nodes)[1]).astype(np.int64))
    ends = [end for node in nodes.tolist() for end in arcs.ends_from(node)]
    return np.array(list(marks.mark_each(ends)), dtype=np.int64) if ends else _NO_NODES
