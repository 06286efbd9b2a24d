"""Carry labels along arcs: where each arrives, how strong, after how many hops, and whence.

All labels walk together, one hop a round. A label arrives at a node once for every strength
that is new to it there, the strongest that a round brings first, so no later round can bring
the same any shorter. Each arrival remembers the one it came from, which is never changed
afterwards: walked back, it gives a shortest path of that strength.

This is the one algorithm behind traces, audits and gaps. It works on arrays alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lineage.graph.index.arcs import Arcs, Flags, Longs, Strengths
from lineage.graph.index.ways import Ways
from lineage.model.edges import Strength

__all__ = ["Arrivals", "Board", "Seeds", "carry", "carry_in_parts"]

_CELLS = 1 << 24
"""How many (label, node) pairs are on the board at once, unless one label takes more."""

_TURN_BITS = 27


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where each label starts, and how strong: two arrays of equal length.

    Labels are numbered from 0.
    """

    labels: Longs
    nodes: Longs
    strength: int = Strength.VALUE

    @property
    def label_count(self) -> int:
        """How many labels there are."""
        return int(self.labels.max()) + 1 if len(self.labels) else 0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived, in the order it did.

    Attributes
    ----------
    labels, nodes, strengths : array
        Which label arrived where, and how strong. The last arrival of a label at a node is
        the strongest, the first is the nearest.
    origins : array of int64
        The arrival it came from; -1 where it is a seed.
    places : array of int64
        The place of the hop it came by among `Ways.hops`; -1 where it came free.
    rounds : array of int64
        The number of the first arrival after 0, 1, 2, … hops.
    last, first : array of int64
        For each label and node it arrived at, its last arrival there, and its first.
    """

    labels: Longs
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

    def seeds(self, arrivals: Longs) -> Longs:
        """Find the seeds that some arrivals come from, all walking back together."""
        now = arrivals
        while ((before := self.origins.take(now)) >= 0).any():
            now = np.where(before >= 0, before, now)
        return now

    def walk_back(self, arrivals: Longs) -> tuple[Longs, Longs]:
        """Collect the hops that led to some arrivals, all walking back together.

        Returns
        -------
        which : array of int64
            For each hop, whose it is: a place in `arrivals`, in their order.
        hops : array of int64
            The arrivals by a hop, those of one path in the order they were walked.
        """
        which, now = np.arange(len(arrivals)), arrivals
        owners, found = [which[:0]], [now[:0]]
        while len(now):
            by_hop = self.places.take(now) >= 0
            owners.append(which[by_hop])
            found.append(now[by_hop])
            now = self.origins.take(now)
            begun = now >= 0
            which, now = which[begun], now[begun]
        whose, hops = np.concatenate(owners[::-1]), np.concatenate(found[::-1])
        order = np.argsort(whose, kind="stable")
        return whose[order], hops[order]


class Board:
    """The strongest that each label has brought to each node so far; may be used again."""

    def __init__(self, cells: int) -> None:
        # A strength above the turn it came in, so that one look-up compares both.
        self._best = np.zeros(cells, dtype=np.int32)

    def __len__(self) -> int:
        return len(self._best)

    def stands(self, keys: Longs, strengths: Strengths) -> Flags:
        """Tell which arrivals are still the strongest of their label at their node."""
        stands: Flags = (self._best.take(keys) >> _TURN_BITS) == strengths
        return stands

    def admit(self, keys: Longs, strengths: Strengths) -> Longs:
        """Admit what is stronger than all before it; of equals the first."""
        better = (strengths > self._best.take(keys) >> _TURN_BITS).nonzero()[0]
        if not len(better):
            return better
        keys = keys.take(better)
        ranks = strengths.take(better).astype(np.int32)
        ranks <<= _TURN_BITS
        ranks += np.arange(len(keys) - 1, -1, -1, dtype=np.int32)
        np.maximum.at(self._best, keys, ranks)
        admitted: Longs = better[self._best.take(keys) == ranks]
        return admitted

    def wipe(self, keys: Longs, strengths: Strengths) -> tuple[Longs, Longs]:
        """Forget what was admitted; tell which was the last of each key, and which the first."""
        last = self.stands(keys, strengths).nonzero()[0]
        self._best[keys[::-1]] = np.arange(len(keys) - 1, -1, -1, dtype=np.int32)
        first = self._best.take(keys.take(last)).astype(np.int64)
        self._best[keys] = 0
        return last, first


def carry(
    ways: Ways, seeds: Seeds, *, depth: int | None = None, board: Board | None = None
) -> Arrivals:
    """Carry every label from its seeds as far as the arcs lead.

    Parameters
    ----------
    ways : Ways
        The arcs to follow.
    seeds : Seeds
        Where each label starts.
    depth : int, optional
        Go no further than so many hops.
    board : Board, optional
        A wiped one of at least nodes times labels, to be used again; it is wiped afterwards.

    Returns
    -------
    Arrivals

    Examples
    --------
    >>> import numpy as np
    >>> from lineage.graph.index.arcs import sort_arcs
    >>> starts, ends = np.array([0, 1, 0]), np.array([1, 2, 2])
    >>> hops, _ = sort_arcs(starts, ends, np.array([4, 4, 1], dtype=np.uint8), nodes=3)
    >>> from lineage.graph.index.ways import make_ways
    >>> nothing = np.array([], dtype=np.int32)
    >>> inside, _ = sort_arcs(nothing, nothing, np.array([], dtype=np.uint8), nodes=3)
    >>> arrived = carry(make_ways(hops, inside), Seeds(labels=np.array([0]), nodes=np.array([0])))
    >>> arrived.nodes.tolist(), arrived.strengths.tolist(), arrived.hops(np.arange(4)).tolist()
    ([0, 1, 2, 2], [4, 4, 1, 4], [0, 1, 1, 2])
    """
    board = board or Board(ways.hops.nodes * seeds.label_count)
    carrying = _Carrying(ways, seeds, board)
    near = carrying.begin(seeds)
    hops = 0
    while len(near.nodes):
        near = carrying.settle(near)
        if hops == depth:
            break
        near = carrying.hop(near)
        hops += 1
    return carrying.end()


def carry_in_parts(ways: Ways, seeds: Seeds) -> Iterator[tuple[int, Arrivals]]:
    """Carry so many labels at once as the board may hold; give the first label of each part.

    In each part the labels are numbered from 0 again.
    """
    size = max(1, _CELLS // max(1, ways.hops.nodes))
    many = seeds.label_count
    board = Board(min(size, many) * ways.hops.nodes)
    for begin in range(0, many, size):
        chosen = ((seeds.labels >= begin) & (seeds.labels < begin + size)).nonzero()[0]
        part = Seeds(seeds.labels[chosen] - begin, seeds.nodes[chosen], seeds.strength)
        yield begin, carry(ways, part, board=board)


class _Near(NamedTuple):
    """Arrivals to go on from: their numbers, keys on the board, nodes and strengths."""

    numbers: Longs
    keys: Longs
    nodes: Longs
    strengths: Strengths


_NO_NUMBERS = np.empty(0, dtype=np.int64)
_NOTHING = _Near(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, np.empty(0, dtype=np.uint8))


class _Carrying:
    """The arrivals so far, in batches."""

    def __init__(self, ways: Ways, seeds: Seeds, board: Board) -> None:
        self.ways, self.board = ways, board
        self.is_one = seeds.label_count == 1
        self.total = 0
        self.rounds = [0]
        self._batches: list[tuple[Longs, Longs, Strengths, Longs, Longs]] = []

    def begin(self, seeds: Seeds) -> _Near:
        """Place the seeds."""
        nodes = seeds.nodes
        keys = nodes if self.is_one else seeds.labels * self.ways.hops.nodes + nodes
        strengths = np.full(len(keys), seeds.strength, dtype=np.uint8)
        new = self.board.admit(keys, strengths)
        nowhere = np.full(len(new), -1)
        return self._arrive(keys[new], nodes[new], strengths[new], nowhere, nowhere)

    def settle(self, near: _Near) -> _Near:
        """Go in and out of entities from all that has just arrived, and put it together."""
        batches = [near]
        while (latest := self._step(self.ways.inside, batches[-1])) is not _NOTHING:
            batches.append(latest)
        if len(batches) == 1:
            return near
        numbers, keys, nodes, strengths = map(np.concatenate, zip(*batches, strict=True))
        stands = self.board.stands(keys, strengths)
        return _Near(numbers[stands], keys[stands], nodes[stands], strengths[stands])

    def hop(self, near: _Near) -> _Near:
        """Go one hop from all that has settled."""
        self.rounds.append(self.total)
        return self._step(self.ways.hops, near)

    def _step(self, arcs: Arcs, near: _Near) -> _Near:
        counts, places = arcs.leaving(near.nodes)
        if not len(places):
            return _NOTHING
        nodes, proven = arcs.both_at(places)
        strengths = np.minimum(near.strengths.repeat(counts), proven)
        keys = nodes if self.is_one else nodes + (near.keys - near.nodes).repeat(counts)
        new = self.board.admit(keys, strengths)
        if not len(new):
            return _NOTHING
        origins = near.numbers.repeat(counts).take(new)
        came_by = places.take(new) if arcs is self.ways.hops else np.full(len(new), -1)
        return self._arrive(keys.take(new), nodes.take(new), strengths.take(new), origins, came_by)

    def _arrive(
        self, keys: Longs, nodes: Longs, strengths: Strengths, origins: Longs, places: Longs
    ) -> _Near:
        self._batches.append((keys, nodes, strengths, origins, places))
        numbers = np.arange(self.total, self.total + len(nodes))
        self.total += len(nodes)
        return _Near(numbers, keys, nodes, strengths)

    def end(self) -> Arrivals:
        """Put all batches together, and wipe the board."""
        columns = map(np.concatenate, zip(*self._batches, strict=True))
        keys, nodes, strengths, origins, places = columns
        last, first = self.board.wipe(keys, strengths)
        labels = (keys - nodes) // max(1, self.ways.hops.nodes)
        rounds = np.array(self.rounds)
        return Arrivals(labels, nodes, strengths, origins, places, rounds, last, first)
