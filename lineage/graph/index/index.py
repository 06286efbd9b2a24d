"""The index of one grain of a graph: arrays to walk on, and the facts behind their numbers."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from lineage.graph.index.adjacency import Adjacency, Flags, Longs, Strengths
from lineage.graph.index.expansion import Expansion
from lineage.graph.index.propagation import Propagated, Seeds, propagate
from lineage.graph.index.reach import Marks, Reach, reach
from lineage.graph.index.schedule import Schedule, make_schedule
from lineage.graph.index.strongest_paths import Arrivals, Board, strongest_paths
from lineage.graph.storage import Storage
from lineage.model.edges import Hop, Strength
from lineage.model.reference import Reference

__all__ = ["Direction", "Index"]

Direction = Literal["upstream", "downstream"]

_STRENGTHS = {int(strength): strength for strength in Strength}


class Index:
    """A compiled graph: questions are asked in numbers of nodes, answered in references and hops.

    Attributes
    ----------
    expansion : Expansion
        The nodes and arcs.
    """

    def __init__(self, expansion: Expansion, storage: Storage) -> None:
        self.expansion = expansion
        self._storage = storage
        self._boards: list[Board] = []
        self._marks: list[Marks] = []
        self._schedule: tuple[Longs, Schedule] | None = None
        self._leads: dict[Direction, Flags] = {}

    def exit(self, reference: Reference) -> int:
        """Find the node where data leaves a reference."""
        return self._storage.numbers[reference]

    def entry(self, reference: Reference) -> int:
        """Find the node where data arrives at a reference."""
        number = np.array([self._storage.numbers[reference]])
        return int(self.expansion.entries(number)[0])

    def origin(self, reference: Reference) -> int:
        """Find the node where what a reference holds begins.

        A part's value leaves from its exit. An entity as a whole holds its data in a part nobody
        knows, as if it had arrived there.
        """
        return self.exit(reference) if reference.is_part else self.entry(reference)

    def reference(self, node: int) -> Reference:
        """Return the reference of a node."""
        references = self._storage.references
        if node < len(references):
            return references[node]
        return references[int(self.expansion.owners(np.array([node]))[0])]

    def references(self, nodes: Longs) -> list[Reference]:
        """Return the references of some nodes."""
        references = self._storage.references
        return [references[number] for number in self.expansion.owners(nodes).tolist()]

    def adjacency(self, direction: Direction) -> Adjacency:
        """Return the arcs of a direction."""
        expansion = self.expansion
        return expansion.upstream if direction == "upstream" else expansion.downstream

    def leads_on(self, direction: Direction, *, among: Flags | None = None) -> Flags:
        """Return whether a hop leads on from each node, or from what it is in or contains.

        Parameters
        ----------
        direction : {"upstream", "downstream"}
        among : array of bool, optional
            By the number of a reference: only hops between these count.
        """
        if among is not None:
            return self._leads_on(direction, among)
        if direction not in self._leads:
            everything = np.ones(self.expansion.references, dtype=np.bool_)
            self._leads[direction] = self._leads_on(direction, everything)
        return self._leads[direction]

    def _leads_on(self, direction: Direction, among: Flags) -> Flags:
        adjacency, owners = self.adjacency(direction), self.expansion.owners
        starts, ends, is_hop = adjacency.starts(), adjacency.ends(), adjacency.hops()
        leads = np.zeros(adjacency.nodes, dtype=np.bool_)
        tails, heads = starts[is_hop], ends[is_hop]
        leads[tails[among[owners(tails)] & among[owners(heads)]]] = True
        starts, ends = starts[~is_hop], ends[~is_hop]
        while len(more := starts[leads[ends] & ~leads[starts]]):
            leads[more] = True
        return leads

    def reach(self, nodes: Longs, direction: Direction, *, depth: int | None = None) -> Reach:
        """Walk from some nodes together as far as it goes, whatever it proves."""
        # Marks, like boards, are as large as the graph: a walk takes those another has left.
        marks = self._marks.pop() if self._marks else Marks(self.expansion.nodes)
        reached = reach(self.adjacency(direction), nodes, marks=marks, depth=depth)
        self._marks.append(marks)
        return reached

    def strongest_paths(
        self,
        nodes: Longs,
        direction: Direction,
        *,
        strengths: Strengths | None = None,
        depth: int | None = None,
    ) -> Arrivals:
        """Walk from some nodes together, and find the strongest paths to whatever is reached."""
        board = self._boards.pop() if self._boards else Board(self.expansion.nodes)
        arrivals = strongest_paths(
            self.adjacency(direction), nodes, strengths=strengths, depth=depth, board=board
        )
        self._boards.append(board)
        return arrivals

    def propagate(self, seeds: Seeds, targets: Longs) -> Propagated:
        """Find which labels reach which targets, all in one pass; see `propagation`."""
        return propagate(self._schedule_of(targets), seeds, targets)

    def _schedule_of(self, targets: Longs) -> Schedule:
        """Put what leads to some nodes in order; kept for the next question about them."""
        if self._schedule is None or not np.array_equal(self._schedule[0], targets):
            downstream, upstream = self.expansion.downstream, self.expansion.upstream
            self._schedule = targets, make_schedule(downstream, upstream, targets)
        return self._schedule[1]

    def hop(self, tail: int, place: int) -> Hop:
        """Return the hop at a place of `expansion.downstream`, which leaves a node."""
        expansion, storage = self.expansion, self._storage
        number = int(expansion.hop_numbers[place])
        end, strength = expansion.downstream.arc(place)
        return Hop(
            upstream=self.reference(tail),
            downstream=self.reference(end),
            strength=Strength(strength),
            edge=storage.edges[number],
            column_edge=storage.mappings[number],
        )

    def hops_at(self, tails: Longs, places: Longs) -> Iterator[Hop]:
        """Iterate over the hops at some places, which leave some nodes."""
        storage = self._storage
        ends, strengths, _ = self.expansion.downstream.arcs_at(places)
        numbers = self.expansion.hop_numbers.take(places).tolist()
        columns = self.references(tails), self.references(ends), strengths.tolist(), numbers
        for tail, head, strength, number in zip(*columns, strict=True):
            yield Hop(
                upstream=tail,
                downstream=head,
                strength=_STRENGTHS[strength],
                edge=storage.edges[number],
                column_edge=storage.mappings[number],
            )

    def hops_between(self, nodes: Longs) -> tuple[Longs, Longs]:
        """Find every hop from one of some nodes to another of them: the tail and the place."""
        downstream = self.expansion.downstream
        counts, places = downstream.leaving(nodes)
        ends, is_hop = downstream.ends_at(places)
        inside = is_hop & np.isin(ends, nodes)
        return nodes.repeat(counts)[inside], places[inside]

    def within(self, node: int, direction: Direction) -> dict[int, int]:
        """Find the nodes that are reached from one without a hop, and how strong at best."""
        adjacency, best = self.adjacency(direction), {node: int(Strength.VALUE)}
        waiting = [node]
        for one in waiting:  # which grows on the way
            for end, proven, is_hop in adjacency.arcs_from(one):
                strength = min(best[one], proven)
                if not is_hop and strength > best.get(end, 0):
                    best[end] = strength
                    waiting.append(end)
        return best

    def hops_on(self, node: int, direction: Direction) -> list[tuple[int, int, int, int]]:
        """Find the hops that lead on from a node, or from what it is in or contains.

        Returns
        -------
        list of (int, int, int, int)
            The node that each leaves and how strong that is reached, the place of the hop, and
            where it arrives.
        """
        adjacency, found = self.adjacency(direction), []
        for one, strength in self.within(node, direction).items():
            arcs = zip(adjacency.row(one), adjacency.arcs_from(one), strict=True)
            found += [(one, strength, place, end) for place, (end, _, is_hop) in arcs if is_hop]
        return found

    def unmapped_entries(self, entity: Reference) -> list[int]:
        """Find where data arrives at the parts in an entity that no mapping gives a value.

        Of an entity whose parts are not known, that is where it arrives at the entity.
        """
        number = self._storage.numbers[entity]
        parts = np.fromiter(self._storage.nested(number), dtype=np.int64)
        if not len(parts):
            return [self.entry(entity)]
        entries: list[int] = self.expansion.entries(parts).tolist()
        return [entry for entry in entries if not self._is_mapped(entry)]

    def _is_mapped(self, entry: int) -> bool:
        arcs = self.expansion.upstream.arcs_from(entry)
        return any(is_hop and strength > Strength.INFLUENCE for _, strength, is_hop in arcs)
