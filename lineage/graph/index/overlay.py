"""Changes laid over a compiled topology: a hop more, a hop less, without compiling anew.

A row that grows moves to spare room at the end of its arrays, and one that shrinks closes up,
so a walk reads changed rows as it reads all others. Only the first change copies the arrays.
"""

from dataclasses import replace

import numpy as np

from lineage.graph.index.arcs import Arcs, Ints, encode_arc
from lineage.graph.index.topology import Topology
from lineage.graph.index.ways import Ways

__all__ = ["Overlay"]

_LEAST_ROOM = 1_024


class Overlay:
    """A topology that hops can be added to and taken from.

    It refuses what would change which nodes lead on: then the topology has to be compiled.

    Attributes
    ----------
    topology : Topology
        As it is now; its arrays are those of the overlay.
    """

    def __init__(self, topology: Topology) -> None:
        self._down = _Rows(topology.downstream.hops, topology.hop_numbers)
        self._up = _Rows(topology.upstream.hops)
        self.topology = topology
        self._renew()

    def add(self, tail: int, head: int, strength: int, number: int) -> bool:
        """Add a hop between two nodes; tell whether that could be done."""
        topology = self.topology
        if not (topology.downstream.leads_on(tail) and topology.upstream.leads_on(head)):
            return False
        self._down.insert(tail, (encode_arc(head, strength), number))
        self._up.insert(head, (encode_arc(tail, strength),))
        self._renew()
        return True

    def remove(self, tail: int, number: int) -> bool:
        """Take out a hop; tell whether that could be done."""
        down, up = self.topology.downstream, self.topology.upstream
        place = self.place(tail, number)
        head, strength = down.hops.arc(place)
        if not (_leads_without_one(down, tail) and _leads_without_one(up, head)):
            return False
        self._down.delete(tail, place)
        self._up.delete(head, up.hops.place(head, tail, strength))
        return True

    def renumber(self, tail: int, number: int, new: int) -> None:
        """Give a hop another number, if it leaves from a node."""
        row = self.topology.downstream.hops.row(tail)
        numbers = self.topology.hop_numbers[row.start : row.stop]
        numbers[numbers == number] = new

    def place(self, tail: int, number: int) -> int:
        """Find the place of a hop."""
        row = self.topology.downstream.hops.row(tail)
        numbers: list[int] = self.topology.hop_numbers[row.start : row.stop].tolist()
        return row[numbers.index(number)]

    def _renew(self) -> None:
        """Take over arrays that had to grow."""
        down, up = self._down, self._up
        if self.topology.downstream.hops is not down.arcs:
            downstream = replace(self.topology.downstream, hops=down.arcs)
            self.topology = replace(
                self.topology, downstream=downstream, hop_numbers=down.columns[1]
            )
        if self.topology.upstream.hops is not up.arcs:
            self.topology = replace(
                self.topology, upstream=replace(self.topology.upstream, hops=up.arcs)
            )


class _Rows:
    """Arcs by row, with what else is told of each of them, and room for more."""

    def __init__(self, arcs: Arcs, *more: Ints) -> None:
        self.columns = [arcs.codes, *more]
        self.arcs = replace(arcs, begin=arcs.begin.copy(), stop=arcs.stop.copy())
        self._used = len(arcs)
        self._make_room(0)

    def insert(self, node: int, values: tuple[int, ...]) -> None:
        """Put an arc at the end of a row."""
        old = slice(int(self.arcs.begin[node]), int(self.arcs.stop[node]))
        size = old.stop - old.start
        if self._used + size >= len(self.columns[0]):
            self._make_room(size)
        begin, end = self._used, self._used + size
        for column, value in zip(self.columns, values, strict=True):
            column[begin:end] = column[old]
            column[end] = value
        self.arcs.begin[node], self.arcs.stop[node] = begin, end + 1
        self._used = end + 1

    def delete(self, node: int, place: int) -> None:
        """Take an arc out of a row."""
        last = int(self.arcs.stop[node]) - 1
        for column in self.columns:
            column[place:last] = column[place + 1 : last + 1]
        self.arcs.stop[node] = last

    def _make_room(self, least: int) -> None:
        room = least + len(self.columns[0]) // 64 + _LEAST_ROOM
        self.columns = [np.append(one, np.zeros(room, dtype=one.dtype)) for one in self.columns]
        self.arcs = replace(self.arcs, codes=self.columns[0])


def _leads_without_one(ways: Ways, node: int) -> bool:
    """Tell whether a node leads on when one of its hops is gone."""
    return len(ways.hops.row(node)) > 1 or ways.leads_on(*ways.inside.ends_from(node))
