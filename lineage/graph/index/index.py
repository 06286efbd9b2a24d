"""The index of one grain of a graph: arrays to walk on, and the facts behind their numbers."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from lineage.graph.index.arcs import Longs
from lineage.graph.index.carry import Arrivals, Board, Seeds, carry
from lineage.graph.index.order import Order, put_in_order
from lineage.graph.index.overlay import Overlay
from lineage.graph.index.propagate import propagate, reached_labels
from lineage.graph.index.propagated import Propagated
from lineage.graph.index.reach import Marks, Reach, reach
from lineage.graph.index.screen import screen
from lineage.graph.index.sweep import sweep
from lineage.graph.index.topology import Topology, keep_ways_to
from lineage.graph.index.ways import Ways
from lineage.graph.storage import Columns
from lineage.model.edges import Hop, Strength
from lineage.model.reference import Reference

__all__ = ["Direction", "Index"]

Direction = Literal["upstream", "downstream"]


class Index:
    """A compiled graph. It is told in numbers of nodes, and tells references and hops.

    Attributes
    ----------
    topology : Topology
        The nodes and arcs.
    """

    def __init__(self, topology: Topology, columns: Columns) -> None:
        self.topology = topology
        self._columns = columns
        self._boards: list[Board] = []
        self._marks: list[Marks] = []
        self._overlay: Overlay | None = None
        self._order: tuple[Longs, Order] | None = None

    def add_hop(self, number: int, strength: Strength) -> bool:
        """Lay a hop of the graph over what was compiled; tell whether that could be done."""
        tail = self._columns.tails[number]
        head = int(self.topology.entries(np.array([self._columns.heads[number]]))[0])
        return self._changed(self._overlaid().add(tail, head, strength, number))

    def remove_hop(self, number: int) -> bool:
        """Take a hop out of what was compiled; tell whether that could be done."""
        return self._changed(self._overlaid().remove(self._columns.tails[number], number))

    def renumber(self, number: int, new: int) -> None:
        """Follow a hop to another number, wherever it was compiled to, if it was."""
        columns, overlay = self._columns, self._overlaid()
        tail = columns.tails[number]
        for node in (tail, columns.parents[tail]):  # any column of it may be meant
            if node >= 0:
                overlay.renumber(node, number, new)
        self.topology = overlay.topology

    def numbers_from(self, node: int) -> list[int]:
        """Tell the numbers of the hops that leave from a node."""
        row = self.topology.downstream.hops.row(node)
        numbers: list[int] = self.topology.hop_numbers[row.start : row.stop].tolist()
        return numbers

    def _overlaid(self) -> Overlay:
        if self._overlay is None:
            self._overlay = Overlay(self.topology)
        return self._overlay

    def _changed(self, done: bool) -> bool:  # noqa: FBT001 - the answer, handed on
        self._order = None
        self.topology = self._overlaid().topology
        return done

    def exit(self, reference: Reference) -> int:
        """Find the node where data leaves a reference."""
        return self._columns.numbers[reference]

    def entry(self, reference: Reference) -> int:
        """Find the node where data arrives at a reference."""
        number = np.array([self._columns.numbers[reference]])
        return int(self.topology.entries(number)[0])

    def reference(self, node: int) -> Reference:
        """Tell the reference of a node."""
        return self._columns.references[int(self.topology.owners(np.array([node]))[0])]

    def references(self, nodes: Longs) -> list[Reference]:
        """Tell the references of some nodes."""
        references = self._columns.references
        return [references[number] for number in self.topology.owners(nodes).tolist()]

    def ways(self, direction: Direction) -> Ways:
        """Give the arcs of a direction."""
        return self.topology.upstream if direction == "upstream" else self.topology.downstream

    def reach_from(self, nodes: Longs, direction: Direction, *, depth: int | None = None) -> Reach:
        """Walk from some nodes together as far as it goes, whatever it proves."""
        # Marks, like boards, are as large as the graph: a walk takes those another has left.
        marks = self._marks.pop() if self._marks else Marks(self.topology.nodes)
        reached = reach(self.ways(direction), nodes, marks=marks, depth=depth)
        self._marks.append(marks)
        return reached

    def carry_from(
        self, nodes: Longs, direction: Direction, *, depth: int | None = None
    ) -> Arrivals:
        """Walk from some nodes together as far as it goes."""
        # Boards are as large as the graph: a walk takes one that another has wiped.
        board = self._boards.pop() if self._boards else Board(self.topology.nodes)
        seeds = Seeds(np.zeros(len(nodes), dtype=np.int64), nodes)
        arrivals = carry(self.ways(direction), seeds, depth=depth, board=board)
        self._boards.append(board)
        return arrivals

    def propagate(self, seeds: Sequence[tuple[int, int]], targets: Sequence[int]) -> Propagated:
        """Carry labels from pairs of label and node to targets; see `propagate`."""
        ends = np.array(targets, dtype=np.int64)
        return propagate(self.ways_to(ends), _seeds(seeds, Strength.VALUE), ends)

    def sweep(self, seeds: Sequence[tuple[int, int]], targets: Sequence[int]) -> Propagated:
        """Carry few labels, of many seeds, to targets; see `sweep`."""
        ends = np.array(targets, dtype=np.int64)
        return sweep(self._order_of(ends), _seeds(seeds, Strength.VALUE), ends)

    def screen(
        self, seeds: Sequence[tuple[int, int]], targets: Sequence[int]
    ) -> Iterator[tuple[int, int, Strength]]:
        """Tell which of few labels reach which targets, and how strong, by no way; see `screen`."""
        ends = np.array(targets, dtype=np.int64)
        found = screen(self._order_of(ends), _seeds(seeds, Strength.VALUE), ends)
        for label, end, strength in zip(*(column.tolist() for column in found), strict=True):
            yield label, end, Strength(strength)

    def _order_of(self, ends: Longs) -> Order:
        """Put what leads to some nodes in order; kept for the next question about them."""
        if self._order is None or not np.array_equal(self._order[0], ends):
            self._order = ends, put_in_order(self.ways_to(ends), self.topology.upstream, ends)
        return self._order[1]

    def reached_labels(
        self, seeds: Sequence[tuple[int, int]], targets: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        """Tell which labels reach which targets by any hops, as pairs of label and node."""
        ends = np.array(targets, dtype=np.int64)
        weak = _seeds(seeds, Strength.TABLE)
        for labels, nodes in reached_labels(self.ways_to(ends), weak, ends):
            yield from zip(labels.tolist(), nodes.tolist(), strict=True)

    def ways_to(self, ends: Longs) -> Ways:
        """Give the arcs downstream, with all ways into some nodes."""
        return keep_ways_to(self.topology, self._columns.holders, ends)

    def hop(self, tail: int, place: int) -> Hop:
        """Tell the hop at a place of `topology.downstream.hops`, which leaves from a node."""
        topology, columns = self.topology, self._columns
        number = int(topology.hop_numbers[place])
        return Hop(
            upstream=self.reference(tail),
            downstream=columns.references[columns.heads[number]],
            strength=Strength(topology.downstream.hops.arc(place)[1]),
            edge=columns.edges[number],
            column_edge=columns.mappings[number],
        )

    def hops_between(self, nodes: Longs) -> list[Hop]:
        """Tell every hop that leads from one of some nodes to another of them."""
        arcs = self.topology.downstream.hops
        counts, places = arcs.leaving(nodes)
        inside = np.isin(arcs.ends_at(places), nodes)
        tails, chosen = nodes.repeat(counts)[inside], places[inside]
        return [self.hop(*hop) for hop in zip(tails.tolist(), chosen.tolist(), strict=True)]

    def hops_on(self, node: int, direction: Direction) -> list[tuple[int, int, int]]:
        """Find the hops that lead on from a node, or from what it is in or holds.

        Returns
        -------
        list of (int, int, int)
            Where each leaves, its place, and where it arrives.
        """
        ways, waiting, met, found = self.ways(direction), [node], {node}, []
        for one in waiting:  # which grows on the way
            hops = zip(ways.hops.row(one), ways.hops.ends_from(one), strict=True)
            found += [(one, place, end) for place, end in hops]
            new = [end for end in ways.inside.ends_from(one) if end not in met]
            waiting += new
            met.update(new)
        return found


def _seeds(pairs: Sequence[tuple[int, int]], strength: Strength) -> Seeds:
    labels = np.array([label for label, _ in pairs], dtype=np.int64)
    return Seeds(labels, np.array([node for _, node in pairs], dtype=np.int64), strength)
