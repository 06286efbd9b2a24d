"""What can be reached, and after how many hops at least: a walk that asks for no strength.

Rounds of many nodes go through arrays; where few nodes are left, as on a long chain, plain
numbers are faster. Both mark what they have passed in the same place.
"""

from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import (
    Adjacency,
    Flags,
    Longs,
    count_to,
    end_of_code,
    is_hop_code,
)

__all__ = ["Marks", "Reach", "reach", "reach_more"]

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
        """Mark nodes; return those that were not marked, each once."""
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

    def passed(self) -> Flags:
        """Return whether each node has been marked."""
        return ~self._is_new

    def wipe(self, nodes: Longs) -> None:
        """Forget all nodes that have been marked."""
        self._is_new[nodes] = True


def reach(
    adjacency: Adjacency, starts: Longs, *, marks: Marks | None = None, depth: int | None = None
) -> Reach:
    """Walk from some nodes together as far as the arcs lead.

    Parameters
    ----------
    adjacency : Adjacency
        The arcs to follow.
    starts : array of int64
        Where to begin.
    marks : Marks, optional
        Of as many nodes as there are, and wiped; used and wiped again.
    depth : int, optional
        Go no further than so many hops.

    Returns
    -------
    Reach
    """
    marks = marks or Marks(adjacency.nodes)
    reached = reach_more(adjacency, starts, marks, depth=depth)
    marks.wipe(reached.nodes)
    return reached


def reach_more(
    adjacency: Adjacency, starts: Longs, marks: Marks, *, depth: int | None = None
) -> Reach:
    """Walk on from some nodes to whatever is not marked, and leave it marked; see `reach`."""
    near = marks.mark(starts)
    found: list[Longs] = []
    rounds: list[int] = []
    total = 0
    while len(near):
        batches, onward = _settle(adjacency, near, marks)
        found += batches
        total += sum(map(len, batches))
        rounds.append(total)
        if len(rounds) - 1 == depth:
            break
        near = _NO_NODES
        if onward:
            ends = onward[0] if len(onward) == 1 else np.concatenate(onward)
            near = marks.mark(ends) if len(ends) > _FEW else marks.mark_each(ends.tolist())
    return Reach(np.concatenate(found) if found else _NO_NODES, tuple(rounds))


def _settle(adjacency: Adjacency, near: Longs, marks: Marks) -> tuple[list[Longs], list[Longs]]:
    """Go in and out of containers from some nodes, which is free.

    Returns
    -------
    batches : list of array
        These nodes, then what is reached from them without a hop.
    onward : list of array
        Where the hops from all of them lead.
    """
    batches, onward = [], []
    while len(near):
        batches.append(near)
        free, hops = _ends_from(adjacency, near)
        if len(hops):
            onward.append(hops)
        near = marks.mark(free) if len(free) > _FEW else marks.mark_each(free.tolist())
    return batches, onward


def _ends_from(adjacency: Adjacency, nodes: Longs) -> tuple[Longs, Longs]:
    """Return where free arcs lead from some nodes, and where hops do."""
    if len(nodes) <= _FEW:
        free: list[int] = []
        hops: list[int] = []
        for node in nodes.tolist():
            for code in adjacency.codes_from(node):
                (hops if is_hop_code(code) else free).append(end_of_code(code))
        return np.array(free, dtype=np.int64), np.array(hops, dtype=np.int64)
    _, places = adjacency.leaving(nodes)
    if not len(places):
        return _NO_NODES, _NO_NODES
    ends, is_hop = adjacency.ends_at(places)
    return ends.compress(~is_hop), ends.compress(is_hop)
