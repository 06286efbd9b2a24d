"""Strongest paths: how strongest and how near each node is reached, and by which path.

All seeds walk together, one hop a round. A node is arrived at once for every strength that is new
there, the strongest that a round brings first, so no later round can bring the same by fewer hops.
Each arrival remembers the one it came from, which is never changed afterwards: walked back, it
gives a shortest path of that strength.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Adjacency, Longs, Strengths
from lineage.model.edges import Strength

__all__ = ["Arrivals", "Board", "strongest_paths"]

_TURN_BITS = 27


@dataclass(frozen=True)
class Arrivals:
    """What was arrived at, in the order it was.

    Attributes
    ----------
    nodes, strengths : array
        The node, and how strong. The last arrival at a node is the strongest, the first is the
        nearest.
    origins : array of int64
        The arrival it came from; -1 where it is a seed.
    places : array of int64
        The place of the arc it came by, if that is a hop; -1 where it came free.
    rounds : array of int64
        The number of the first arrival after 0, 1, 2, … hops.
    last, first : array of int64
        For each node, its last arrival and its first; sorted by the last.
    """

    nodes: Longs
    strengths: Strengths
    origins: Longs
    places: Longs
    rounds: Longs
    last: Longs
    first: Longs

    def __len__(self) -> int:
        return len(self.nodes)

    def hops(self, arrivals: Longs) -> Longs:
        """Count the hops to some arrivals."""
        return np.searchsorted(self.rounds, arrivals, side="right") - 1

    def strongest(self, nodes: Longs) -> Longs:
        """Find the last, and so the strongest, arrival at some nodes; -1 where there is none."""
        arrived, last = self._by_node
        places = np.searchsorted(arrived, nodes)
        is_there = arrived.take(places, mode="clip") == nodes
        return np.where(is_there, last.take(places, mode="clip"), -1)

    @cached_property
    def _by_node(self) -> tuple[Longs, Longs]:
        """The nodes that were arrived at, sorted, and the last arrival at each."""
        arrived = self.nodes[self.last]
        order = np.argsort(arrived)
        return arrived[order], self.last[order]

    def path_to(self, arrival: int) -> tuple[int, list[tuple[int, int]]]:
        """Walk back from an arrival.

        Returns
        -------
        seed : int
            The node where the path begins.
        hops : list of (int, int)
            The node that each hop leaves, and its place, in the direction of the walk.
        """
        hops = []
        while (before := int(self.origins[arrival])) >= 0:
            if (place := int(self.places[arrival])) >= 0:
                hops.append((int(self.nodes[before]), place))
            arrival = before
        return int(self.nodes[arrival]), hops[::-1]


class Board:
    """The strongest that has arrived at each node so far; may be used again."""

    def __init__(self, nodes: int) -> None:
        # A strength above the turn it came in, so that one look-up compares both.
        self._best = np.zeros(nodes, dtype=np.int32)

    def are_best(self, nodes: Longs, strengths: Strengths) -> Longs:
        """Choose the arrivals that are still the strongest at their node."""
        best: Longs = ((self._best.take(nodes) >> _TURN_BITS) == strengths).nonzero()[0]
        return best

    def admit(self, nodes: Longs, strengths: Strengths) -> Longs:
        """Admit what is stronger than all before it; of equals the first."""
        better = (strengths > self._best.take(nodes) >> _TURN_BITS).nonzero()[0]
        if not len(better):
            return better
        nodes = nodes.take(better)
        ranks = strengths.take(better).astype(np.int32)
        ranks <<= _TURN_BITS
        ranks += np.arange(len(nodes) - 1, -1, -1, dtype=np.int32)
        np.maximum.at(self._best, nodes, ranks)
        admitted: Longs = better[self._best.take(nodes) == ranks]
        return admitted

    def wipe(self, nodes: Longs, strengths: Strengths) -> tuple[Longs, Longs]:
        """Forget what was admitted; return which was the last at each node, and which the first."""
        last = self.are_best(nodes, strengths)
        self._best[nodes[::-1]] = np.arange(len(nodes) - 1, -1, -1, dtype=np.int32)
        first = self._best.take(nodes.take(last)).astype(np.int64)
        self._best[nodes] = 0
        return last, first


def strongest_paths(
    adjacency: Adjacency,
    seeds: Longs,
    *,
    strengths: Strengths | None = None,
    depth: int | None = None,
    board: Board | None = None,
) -> Arrivals:
    """Walk from some seeds as far as the arcs lead.

    Parameters
    ----------
    adjacency : Adjacency
        The arcs to follow.
    seeds : array of int64
        The nodes to begin at; of equal paths that from the first is found.
    strengths : array of uint8, optional
        What being at each seed proves; `value` unless given.
    depth : int, optional
        Go no further than so many hops.
    board : Board, optional
        A wiped one of at least as many nodes; wiped again afterwards.

    Returns
    -------
    Arrivals

    Examples
    --------
    >>> import numpy as np
    >>> from lineage.graph.index.adjacency import adjacency_from, encode_arcs
    >>> strengths = np.array([4, 4, 1], dtype=np.uint8)
    >>> codes = encode_arcs(np.array([1, 2, 2]), strengths, is_hop=True)
    >>> arcs, _ = adjacency_from(np.array([0, 1, 0]), codes, nodes=3)
    >>> arrived = strongest_paths(arcs, np.array([0]))
    >>> arrived.nodes.tolist(), arrived.strengths.tolist(), arrived.hops(np.arange(4)).tolist()
    ([0, 1, 2, 2], [4, 4, 1, 4], [0, 1, 1, 2])
    """
    walk = _Walk(adjacency, board or Board(adjacency.nodes))
    near = walk.begin(seeds, strengths)
    hops = 0
    while len(near.nodes):
        near, onward = walk.settle(near)
        if hops == depth:
            break
        near = walk.hop(near, onward)
        hops += 1
    return walk.end()


class _Near(NamedTuple):
    """Arrivals to go on from: their numbers, nodes and strengths."""

    numbers: Longs
    nodes: Longs
    strengths: Strengths


_NO_NUMBERS = np.empty(0, dtype=np.int64)
_NOTHING = _Near(_NO_NUMBERS, _NO_NUMBERS, np.empty(0, dtype=np.uint8))


class _Onward(NamedTuple):
    """Arcs that lead on from some arrivals: whence, by which place, where to, and how strong."""

    origins: Longs
    places: Longs
    ends: Longs
    strengths: Strengths

    def choose(self, chosen: Longs) -> "_Onward":
        origins, places, ends, strengths = self
        return _Onward(
            origins.take(chosen), places.take(chosen), ends.take(chosen), strengths.take(chosen)
        )


class _Walk:
    """The arrivals so far, in batches."""

    def __init__(self, adjacency: Adjacency, board: Board) -> None:
        self.adjacency, self.board = adjacency, board
        self.total = 0
        self.rounds = [0]
        self._batches: list[tuple[Longs, Strengths, Longs, Longs]] = []

    def begin(self, seeds: Longs, strengths: Strengths | None) -> _Near:
        """Arrive at the seeds."""
        if strengths is None:
            strengths = np.full(len(seeds), Strength.VALUE, dtype=np.uint8)
        new = self.board.admit(seeds, strengths)
        none = np.full(len(new), -1, dtype=np.int64)
        return self._arrive(seeds.take(new), strengths.take(new), none, none)

    def settle(self, near: _Near) -> tuple[_Near, _Onward]:
        """Go in and out of containers, which is free; keep what is best at its node by then.

        Returns
        -------
        near : _Near
            The arrivals to hop on from.
        onward : _Onward
            The hops that leave them.
        """
        batches, hops = [], []
        latest = near
        while len(latest.nodes):
            batches.append(latest)
            free, onward = self._onward(latest)
            hops.append(onward)
            latest = self._take(free._replace(places=np.full(len(free.places), -1)))
        if len(batches) == 1:
            return near, hops[0]
        joined = _Near(*map(np.concatenate, zip(*batches, strict=True)))
        onward = _Onward(*map(np.concatenate, zip(*hops, strict=True)))
        # What a stronger arrival has overtaken on the free arcs does not hop on.
        best = np.zeros(self.total, dtype=np.bool_)
        kept = self.board.are_best(joined.nodes, joined.strengths)
        best[joined.numbers[kept]] = True
        chosen = best.take(onward.origins).nonzero()[0]
        near = _Near(joined.numbers[kept], joined.nodes[kept], joined.strengths[kept])
        return near, onward.choose(chosen)

    def hop(self, near: _Near, onward: _Onward) -> _Near:
        """Take one hop from all that has settled."""
        self.rounds.append(self.total)
        return self._take(onward) if len(near.nodes) else _NOTHING

    def _onward(self, near: _Near) -> tuple[_Onward, _Onward]:
        """List the free arcs and the hops that leave some arrivals."""
        counts, places = self.adjacency.leaving(near.nodes)
        ends, proven, is_hop = self.adjacency.arcs_at(places)
        strengths = np.minimum(near.strengths.repeat(counts), proven)
        every = _Onward(near.numbers.repeat(counts), places, ends, strengths)
        return every.choose((~is_hop).nonzero()[0]), every.choose(is_hop.nonzero()[0])

    def _take(self, onward: _Onward) -> _Near:
        """Go by arcs to where they bring something stronger."""
        new = self.board.admit(onward.ends, onward.strengths)
        if not len(new):
            return _NOTHING
        origins, places, ends, strengths = onward.choose(new)
        return self._arrive(ends, strengths, origins, places)

    def _arrive(self, nodes: Longs, strengths: Strengths, origins: Longs, places: Longs) -> _Near:
        self._batches.append((nodes, strengths, origins, places))
        numbers = np.arange(self.total, self.total + len(nodes))
        self.total += len(nodes)
        return _Near(numbers, nodes, strengths)

    def end(self) -> Arrivals:
        """Put all batches together, and wipe the board."""
        columns = map(np.concatenate, zip(*self._batches, strict=True))
        nodes, strengths, origins, places = columns
        last, first = self.board.wipe(nodes, strengths)
        return Arrivals(nodes, strengths, origins, places, np.array(self.rounds), last, first)
